import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MailError } from '#base/errors.ts';
import { systemRandom } from '#base/random.ts';
import type { AuthResult, SaslAuthority, SaslConnection, SaslOutcome } from '#sasl/mechanism.ts';
import { startSasl } from '#sasl/registry.ts';
import { ScramClient } from '#test/harness/scram-client.ts';
import type { SignInSource } from './sign-in.ts';
import { openCampus, PASSWORD } from './testing/campus.ts';

const WRONG: AuthResult = { ok: false, reason: 'invalidCredentials' };
const HOUR_MS = 3_600_000;

test('one signs in by any address in any spelling, and is known by the one that was typed', async () => {
  const { signIn, zhang } = await openCampus();
  for (const [login, loginAddress] of [
    ['zhang@kust.edu.cn', 'zhang@kust.edu.cn'],
    ['ＺＨＡＮＧ＠ＫＵＳＴ．ＥＤＵ．ＣＮ', 'zhang@kust.edu.cn'],
    [' Zhang.San@KUST.edu.cn\u3000', 'zhang.san@kust.edu.cn'],
    ['zhang@kmust.edu.cn', 'zhang@kmust.edu.cn'],
  ] as const) {
    assert.deepEqual(await signIn({ login }), { ok: true, accountId: zhang, loginAddress }, login);
  }
});

test('a password typed full-width is the same password', async () => {
  const { signIn } = await openCampus();
  assert.equal((await signIn({ login: 'zhang@kust.edu.cn', password: 'Ｋｕｓｔ－１２３１００２Ｘ－密码' })).ok, true);
  assert.equal((await signIn({ login: 'zhang@kust.edu.cn', password: PASSWORD.toLowerCase() })).ok, false);
});

test('a bare name is taken in the default domain', async () => {
  const { signIn, directory, zhang } = await openCampus({ defaultDomain: 'KUST.edu.cn' });
  await directory.createAccount('li@kmust.edu.cn', PASSWORD);
  assert.deepEqual(await signIn({ login: 'ＺＨＡＮＧ' }), {
    ok: true,
    accountId: zhang,
    loginAddress: 'zhang@kust.edu.cn',
  });
  assert.deepEqual(await signIn({ login: 'li' }), WRONG);
  assert.equal((await signIn({ login: 'li@kmust.edu.cn' })).ok, true);
});

test('without a default domain a bare name must be one account', async () => {
  const { signIn, directory, zhang } = await openCampus();
  assert.deepEqual(await signIn({ login: 'zhang' }), {
    ok: true,
    accountId: zhang,
    loginAddress: 'zhang@kmust.edu.cn',
  });
  await directory.createAccount('li@kust.edu.cn', PASSWORD);
  assert.equal((await signIn({ login: 'li' })).ok, true);
  await directory.createAccount('li@kmust.edu.cn', PASSWORD);
  assert.deepEqual(await signIn({ login: 'li' }), WRONG);
});

test('whatever is wrong, it looks and costs the same: equal look-ups and one password check', async () => {
  const { signIn, directory, hasher, store } = await openCampus({ defaultDomain: 'kust.edu.cn' });
  await directory.createAccount('li@kust.edu.cn', PASSWORD);
  await directory.disableAccount(await directory.createAccount('wang@kust.edu.cn', PASSWORD));
  let i = 0;
  for (const login of ['li@kust.edu.cn', 'li', 'nobody@kust.edu.cn', 'nobody', 'li@example.org', 'wang@kust.edu.cn']) {
    hasher.verified.length = 0;
    store.reads.length = 0;
    assert.deepEqual(await signIn({ login, password: `wrong ${++i}` }), WRONG, login);
    assert.equal(hasher.verified.length, 1, login);
    assert.deepEqual(store.reads, ['address', 'account', 'credentialsOf', 'factorsOf'], login);
    assert.match(hasher.verified[0] ?? '', /^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
  }
});

test('nothing odd in a login or password does more than fail', async () => {
  const { signIn } = await openCampus();
  for (const login of [
    '',
    '@',
    'zhang@',
    '\0',
    'x'.repeat(100_000),
    `${'ﷺ'.repeat(5000)}@kust.edu.cn`,
    '\ud800@kust.edu.cn',
  ]) {
    assert.deepEqual(await signIn({ login }), WRONG);
  }
  for (const password of ['', '\u0007', '\ud800', `${PASSWORD}\0`, PASSWORD.repeat(1000)]) {
    assert.deepEqual(await signIn({ login: 'zhang@kust.edu.cn', password, remoteAddress: '203.0.113.5' }), WRONG);
  }
});

test('a disabled account is told so only to who knows the password', async () => {
  const { signIn, directory, zhang } = await openCampus();
  await directory.disableAccount(zhang);
  assert.deepEqual(await signIn({ login: 'zhang@kust.edu.cn' }), { ok: false, reason: 'disabled' });
  assert.deepEqual(await signIn({ login: 'zhang@kust.edu.cn', password: 'x' }), WRONG);
  await directory.enableAccount(zhang);
  assert.equal((await signIn({ login: 'zhang@kust.edu.cn' })).ok, true);
});

test('one may act as oneself under any address, and as nobody else', async () => {
  const { signIn, directory } = await openCampus();
  await directory.createAccount('li@kust.edu.cn', 'x');
  const login = 'zhang@kust.edu.cn';
  assert.equal((await signIn({ login, authzid: 'Zhang.San@kust.edu.cn' })).ok, true);
  for (const authzid of ['li@kust.edu.cn', 'nobody@kust.edu.cn', 'root', '@']) {
    assert.deepEqual(await signIn({ login, authzid }), { ok: false, reason: 'forbidden' });
    assert.deepEqual(await signIn({ login, authzid, password: 'x' }), WRONG);
  }
});

test('a proven password costs no second hash, until an hour unused', async () => {
  const { signIn, hasher, clock } = await openCampus();
  const login = 'zhang@kust.edu.cn';
  await signIn({ login });
  await signIn({ login: 'zhang.san@kust.edu.cn', remoteAddress: '2001:db8::1', protocol: 'smtp' });
  for (let i = 0; i < 3; i++) {
    clock.advance(HOUR_MS - 1);
    await signIn({ login });
  }
  assert.equal(hasher.verified.length, 1);
  clock.advance(HOUR_MS);
  await signIn({ login });
  assert.equal(hasher.verified.length, 2);
  await signIn({ login, password: 'x' });
  assert.equal(hasher.verified.length, 3);
});

for (const notifies of [true, false]) {
  test(`a changed password counts at once, ${notifies ? 'told by the store' : 'even while the store has not told us'}`, async () => {
    const { signIn, directory, store, zhang } = await openCampus();
    const login = 'zhang@kust.edu.cn';
    assert.equal((await signIn({ login })).ok, true);
    store.notifies = notifies;
    await directory.setPassword(zhang, 'Neu-2019');
    assert.deepEqual(await signIn({ login }), WRONG);
    assert.equal((await signIn({ login, password: 'Neu-2019' })).ok, true);
    // To the old one and back: the old proof is not good for the new verifier of the same password.
    await directory.setPassword(zhang, PASSWORD);
    assert.equal((await signIn({ login })).ok, true);
    await directory.deleteAccount(zhang);
    assert.deepEqual(await signIn({ login, remoteAddress: '203.0.113.9' }), WRONG);
  });
}

test('five connections at once cost one hash', async () => {
  const { signIn, hasher } = await openCampus();
  const login = 'zhang@kust.edu.cn';
  const results = await Promise.all(Array.from({ length: 5 }, () => signIn({ login })));
  assert.ok(results.every(({ ok }) => ok));
  assert.equal(hasher.verified.length, 1);
  await Promise.all(Array.from({ length: 5 }, () => signIn({ login, password: 'old' })));
  assert.equal(hasher.verified.length, 2);
});

test('more checks than can wait are unavailable, and are no failures', async () => {
  const { signIn, hasher } = await openCampus({ maxPasswordChecks: 1, maxPasswordChecksWaiting: 1 });
  let open: () => void = () => undefined;
  hasher.gate = new Promise((resolve) => (open = resolve));
  const login = 'zhang@kust.edu.cn';
  const first = signIn({ login, remoteAddress: '192.0.2.1' });
  const second = signIn({ login: 'nobody@kust.edu.cn' });
  for (let i = 0; i < 12; i++) {
    assert.deepEqual(await signIn({ login, password: `guess ${i}` }), { ok: false, reason: 'unavailable' });
  }
  open();
  assert.equal((await first).ok, true);
  assert.deepEqual(await second, WRONG);
  assert.deepEqual(await signIn({ login, password: 'guess 0' }), WRONG);
  assert.equal((await signIn({ login, remoteAddress: '203.0.113.1' })).ok, true);
});

test('ten wrong guesses lock the account, whether it exists or not; the right password from home goes on', async () => {
  const { signIn, hasher } = await openCampus();
  assert.equal((await signIn({ login: 'zhang@kust.edu.cn', remoteAddress: '10.1.1.1' })).ok, true);
  for (const login of ['zhang@kust.edu.cn', 'nobody@kust.edu.cn']) {
    const reasons: string[] = [];
    for (let i = 0; i < 12; i++) {
      const result = await signIn({ login, password: `guess ${i}`, remoteAddress: '203.0.113.1' });
      reasons.push(result.ok ? 'ok' : result.reason);
    }
    assert.deepEqual(reasons, [...Array.from({ length: 10 }, () => 'invalidCredentials'), 'limited', 'limited'], login);
  }
  hasher.verified.length = 0;
  const locked = await signIn({ login: 'ZHANG.SAN@kust.edu.cn', remoteAddress: '203.0.113.1' });
  assert.deepEqual(locked, { ok: false, reason: 'limited', retryAfterMs: 900_000 });
  assert.equal((await signIn({ login: 'zhang@kust.edu.cn', remoteAddress: '10.1.1.1' })).ok, true);
  assert.equal(hasher.verified.length, 0);
});

test('an old password repeated by a phone locks nobody out and costs one hash', async () => {
  const { signIn, hasher, clock } = await openCampus();
  const login = 'zhang@kust.edu.cn';
  for (let i = 0; i < 40; i++) assert.deepEqual(await signIn({ login, password: 'the old one' }), WRONG);
  assert.equal(hasher.verified.length, 1);
  assert.equal(clock.delaysMs.length, 39);
  assert.equal((await signIn({ login })).ok, true);
});

test('an outage of the store rejects, and is no failure', async () => {
  const { signIn, store } = await openCampus();
  const login = 'zhang@kust.edu.cn';
  store.fault = new MailError('unavailable', 'no database');
  for (let i = 0; i < 12; i++) await assert.rejects(signIn({ login }), /no database/);
  store.fault = undefined;
  assert.equal((await signIn({ login })).ok, true);
});

test('what is typed as a login is not logged', async () => {
  const { signIn, log } = await openCampus();
  await signIn({ login: 'my-secret-passphrase', password: 'zhang' });
  assert.ok(log.lines.length > 0);
  assert.doesNotMatch(JSON.stringify(log.lines), /passphrase/);
});

function connectionOf(authority: SaslAuthority): SaslConnection {
  return { authority, allowsPlaintext: true, random: systemRandom };
}

/** The client's side of SCRAM-SHA-256, up to the outcome. */
async function signInByScram(
  authority: SaslAuthority,
  login: string,
  password: string,
  beforeProof?: () => Promise<void>,
) {
  const exchange = startSasl('SCRAM-SHA-256', connectionOf(authority));
  assert.ok(typeof exchange === 'object');
  const client = new ScramClient({ login, password });
  const first = await exchange.respond(Buffer.from(client.first));
  assert.equal(first.kind, 'challenge');
  const { salt, iterations, message, serverFinal } = client.answer(first.challenge.toString());
  await beforeProof?.();
  const last = await exchange.respond(Buffer.from(message));
  if (last.kind === 'done') return { salt, iterations, outcome: last.outcome };
  assert.equal(last.challenge.toString(), serverFinal);
  const done = await exchange.respondLine('');
  assert.equal(done.kind, 'done');
  return { salt, iterations, outcome: done.outcome };
}

const SOURCE = { protocol: 'imap', remoteAddress: '192.0.2.1' } as const;

test('SCRAM signs in without a hash', async () => {
  const { directory, hasher, zhang } = await openCampus();
  const { outcome } = await signInByScram(directory.saslAuthority(SOURCE), 'Zhang.San@kust.edu.cn', PASSWORD);
  assert.deepEqual(outcome, { ok: true, accountId: zhang, loginAddress: 'zhang.san@kust.edu.cn' });
  assert.equal(hasher.verified.length, 0);
});

test('SCRAM does not tell who exists: salts look alike and stay the same', async () => {
  const { directory } = await openCampus();
  const authority = directory.saslAuthority(SOURCE);
  const real = await signInByScram(authority, 'zhang@kust.edu.cn', 'x');
  const made = await signInByScram(authority, 'nobody@kust.edu.cn', 'x');
  const again = await signInByScram(authority, 'ＮＯＢＯＤＹ@kust.edu.cn', 'x');
  const other = await signInByScram(authority, 'nobody2@kust.edu.cn', 'x');
  assert.equal(made.salt, again.salt);
  assert.notEqual(made.salt, other.salt);
  assert.equal(made.salt.length, real.salt.length);
  assert.equal(made.iterations, real.iterations);
  assert.deepEqual([real.outcome, made.outcome], [WRONG, WRONG]);
  // After a restart too.
  const restarted = (await openCampus()).directory.saslAuthority(SOURCE);
  assert.equal((await signInByScram(restarted, 'nobody@kust.edu.cn', 'x')).salt, made.salt);
});

test('SCRAM obeys the same limits and states as passwords do', async () => {
  const { directory, signIn, zhang } = await openCampus();
  const authority = directory.saslAuthority(SOURCE);
  for (const login of ['zhang@kust.edu.cn', 'nobody@kust.edu.cn']) {
    for (let i = 0; i < 5; i++) {
      assert.deepEqual((await signInByScram(authority, login, `x${i}`)).outcome, WRONG);
      assert.deepEqual(await signIn({ login, password: `y${i}` }), WRONG);
    }
    const { outcome } = await signInByScram(authority, login, PASSWORD);
    assert.deepEqual(outcome, { ok: false, reason: 'limited', retryAfterMs: 900_000 });
  }
  await directory.disableAccount(zhang);
  assert.deepEqual((await signInByScram(authority, 'zhang@kust.edu.cn', PASSWORD)).outcome, {
    ok: false,
    reason: 'disabled',
  });
});

test('SCRAM: a password changed between salt and proof is no longer good', async () => {
  const { directory, zhang } = await openCampus();
  const change = () => directory.setPassword(zhang, PASSWORD);
  const { outcome } = await signInByScram(directory.saslAuthority(SOURCE), 'zhang@kust.edu.cn', PASSWORD, change);
  assert.deepEqual(outcome, WRONG);
});

describe('SCRAM and client passwords', () => {
  const LOGIN = 'zhang@kust.edu.cn';

  async function openStrict() {
    const campus = await openCampus({ clientPasswordDomains: new Set(['kust.edu.cn', 'kmust.edu.cn']) });
    const by = (password: string, source: Partial<SignInSource> = {}, beforeProof?: () => Promise<void>) =>
      signInByScram(campus.directory.saslAuthority({ ...SOURCE, ...source }), LOGIN, password, beforeProof);
    return { ...campus, by };
  }

  const reasonOf = ({ outcome }: { readonly outcome: SaslOutcome }) => (outcome.ok ? 'ok' : outcome.reason);

  test('any of the account’s, as it was shown or without its hyphens, and the server proves that it knows it', async () => {
    const { directory, zhang, by, hasher } = await openStrict();
    const passwords = [];
    for (const name of ['手机', '平板', '电脑'])
      passwords.push(await directory.makeClientPassword(zhang, name, ['imap']));
    for (const password of passwords) {
      assert.equal(reasonOf(await by(password)), 'ok');
      assert.equal(reasonOf(await by(password.replaceAll('-', ''))), 'ok');
    }
    assert.equal(reasonOf(await by('abcd-efgh-ijkm-nopq')), 'invalidCredentials');
    assert.equal(hasher.verified.length, 0);
  });

  test('for what it was made for, of an account that may sign in, and not once it is gone', async () => {
    const { directory, zhang, by } = await openStrict();
    const password = await directory.makeClientPassword(zhang, '打印机', ['smtp']);
    await directory.makeClientPassword(zhang, '手机', ['imap']);
    assert.equal(reasonOf(await by(password, { protocol: 'smtp' })), 'ok');
    assert.equal(reasonOf(await by(password)), 'clientPasswordRequired');
    await nextTurn();
    const printer = (await directory.factorsOf(zhang)).find(({ name }) => name === '打印机');
    assert.equal(printer?.usedFrom, '192.0.2.1 smtp');
    const revoke = async () => void (await directory.removeFactors(zhang, ['client'], printer?.factorId));
    assert.equal(reasonOf(await by(password, { protocol: 'smtp' }, revoke)), 'invalidCredentials');
    const other = await directory.makeClientPassword(zhang, '另一台', ['imap']);
    await directory.disableAccount(zhang);
    assert.equal(reasonOf(await by(other)), 'disabled');
  });

  test('one salt for all of them, made as an unknown user’s and with as many iterations', async () => {
    const { directory, zhang, by } = await openStrict();
    const before = await by('x');
    await directory.makeClientPassword(zhang, '手机', ['imap']);
    const first = await by('x');
    await directory.makeClientPassword(zhang, '平板', ['imap']);
    const second = await by('x');
    const unknown = await signInByScram(directory.saslAuthority(SOURCE), 'nobody@kust.edu.cn', 'x');
    assert.equal(first.salt, second.salt);
    assert.notEqual(first.salt, before.salt);
    assert.equal(first.salt.length, unknown.salt.length);
    assert.deepEqual([first.iterations, unknown.iterations], [before.iterations, before.iterations]);
  });

  test('the account’s own is what a proof is checked by as long as it opens programs', async () => {
    const { directory, zhang, signIn } = await openCampus();
    const by = (password: string) => signInByScram(directory.saslAuthority(SOURCE), LOGIN, password);
    const password = await directory.makeClientPassword(zhang, '手机', ['imap']);
    assert.equal(reasonOf(await by(PASSWORD)), 'ok');
    assert.equal(reasonOf(await by(password)), 'invalidCredentials');
    const totp = { factorId: 'totp', kind: 'totp', name: '', secret: '{}', usedAt: null, usedFrom: '' } as const;
    await directory.addFactor({ accountId: zhang, ...totp });
    assert.equal(reasonOf(await by(password)), 'ok');
    assert.equal(reasonOf(await by(PASSWORD)), 'invalidCredentials');
    assert.equal((await signIn({ login: LOGIN, password })).ok, true);
  });

  test('without any, the account’s own shows its owner what is missing', async () => {
    assert.equal(reasonOf(await (await openStrict()).by(PASSWORD)), 'clientPasswordRequired');
  });

  test('one from before there was SCRAM for them goes on by PLAIN', async () => {
    const { directory, zhang, signIn, by } = await openStrict();
    const password = await directory.makeClientPassword(zhang, '手机', ['imap']);
    const [client] = await directory.factorsOf(zhang);
    assert.ok(client);
    const to = client.secret.split(' ').slice(0, 2).join(' ');
    await directory.useFactor({ ...client, from: client.secret, to });
    assert.equal((await signIn({ login: LOGIN, password })).ok, true);
    assert.equal(reasonOf(await by(password)), 'invalidCredentials');
    assert.equal(reasonOf(await by(await directory.makeClientPassword(zhang, '平板', ['imap']))), 'ok');
  });
});

test('PLAIN by way of the authority', async () => {
  const { directory, zhang } = await openCampus({ defaultDomain: 'kust.edu.cn' });
  const begin = (message: string) => {
    const exchange = startSasl('PLAIN', connectionOf(directory.saslAuthority(SOURCE)));
    assert.ok(typeof exchange === 'object');
    return exchange.begin(Buffer.from(message).toString('base64'));
  };
  assert.deepEqual(await begin(`\0zhang\0${PASSWORD}`), {
    kind: 'done',
    outcome: { ok: true, accountId: zhang, loginAddress: 'zhang@kust.edu.cn' },
  });
  assert.deepEqual(await begin(`li\0zhang\0${PASSWORD}`), {
    kind: 'done',
    outcome: { ok: false, reason: 'forbidden' },
  });
});
