import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { employee } from '#directory/testing/person.ts';
import { systemRandom } from '#base/random.ts';
import { PASSWORD, type ImpatientClock } from '#directory/testing/campus.ts';
import { realm } from '#directory/testing/realm.ts';
import { Passkeys } from './passkeys.ts';
import { Authenticator } from './testing/authenticator.ts';
import { withStrong, type Browser, type Given, type Json } from './testing/strong.ts';

const DAY_MS = 86_400_000;

/** What an old system has of a password that none would be today. */
const WEAK = 'password1';
const WEAK_VERIFIER = `{SHA}${createHash('sha1').update(WEAK).digest('base64')}`;
/** Sets the app up in a signed-in browser; answers what shows the code of now. */
async function setUpTotp(browser: Browser, clock: ImpatientClock): Promise<() => string> {
  const begun = await browser.post('/auth/security/totp/begin');
  const totp = new TOTP({ secret: Secret.fromBase32(String(begun['secret'])) });
  assert.equal(
    begun['uri'],
    `otpauth://totp/%E6%98%86%E6%98%8E%E7%90%86%E5%B7%A5%E5%A4%A7%E5%AD%A6:zhang%40kust.edu.cn?issuer=%E6%98%86%E6%98%8E%E7%90%86%E5%B7%A5%E5%A4%A7%E5%AD%A6&secret=${String(begun['secret'])}&algorithm=SHA1&digits=6&period=30`,
  );
  const code = () => totp.generate({ timestamp: clock.now() });
  assert.equal(
    (await browser.post('/auth/security/totp', { token: begun['token'], code: 'abcdef' }))['error'],
    'wrongCode',
  );
  assert.equal((await browser.post('/auth/security/totp', { token: begun['token'], code: code() })).status, 204);
  clock.advance(30_000);
  return code;
}

async function setUpPasskey(browser: Browser, origin: string): Promise<Authenticator> {
  const key = new Authenticator(origin);
  const options = await browser.post('/auth/security/passkeys/begin');
  const response = key.create(options as unknown as Parameters<Authenticator['create']>[0]);
  assert.equal((await browser.post('/auth/security/passkeys', { name: '我的手机', response })).status, 204);
  // A key may be made and shown in one second; a challenge of the same instant is none from later.
  return key;
}

describe('codes by the time', () => {
  test('are asked for after the password, and only then is there a session', () =>
    withStrong(async ({ open, clock }) => {
      const first = open();
      assert.equal((await first.signIn()).status, 200);
      const code = await setUpTotp(first, clock);
      const browser = open();
      const asked = await browser.signIn();
      assert.deepEqual(asked, { status: 401, error: 'secondStepRequired', steps: ['totp'] });
      assert.equal(await browser.isSignedIn(), false);
      assert.equal((await browser.post('/auth/second-step', { kind: 'totp', code: '000000' }))['error'], 'wrongCode');
      assert.equal(await browser.isSignedIn(), false);
      const done = await browser.post('/auth/second-step', { kind: 'totp', code: code() });
      assert.equal(done.status, 200);
      assert.equal(done['login'], 'zhang@kust.edu.cn');
      assert.ok(await browser.isSignedIn());
      assert.equal(await first.isSignedIn(), true, 'who set it up stays');
    }));

  test('are good once, also of two at one moment, and before and after a step', () =>
    withStrong(async ({ open, clock }) => {
      const first = open();
      await first.signIn();
      const code = await setUpTotp(first, clock);
      const browsers = [open(), open()] as const;
      for (const browser of browsers) await browser.signIn();
      const shown = code();
      const done = await Promise.all(
        browsers.map((one) => one.post('/auth/second-step', { kind: 'totp', code: shown })),
      );
      assert.deepEqual(
        done.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 401],
      );
      clock.advance(30_000);
      const late = open();
      await late.signIn();
      assert.equal((await late.post('/auth/second-step', { kind: 'totp', code: shown }))['error'], 'wrongCode');
      const last = code();
      clock.advance(30_000);
      assert.equal((await late.post('/auth/second-step', { kind: 'totp', code: last })).status, 200, 'one step late');
    }));

  test('cannot be guessed: ten wrong ones, and not even the right one is looked at', () =>
    withStrong(async ({ open, clock }) => {
      const first = open();
      await first.signIn();
      const code = await setUpTotp(first, clock);
      const browser = open();
      await browser.signIn();
      for (let guess = 0; guess < 10; guess++)
        assert.equal((await browser.post('/auth/second-step', { kind: 'totp', code: `00000${guess}` })).status, 401);
      const another = open();
      await another.signIn();
      const locked = await another.post('/auth/second-step', { kind: 'totp', code: code() });
      assert.deepEqual([locked.status, locked['error']], [429, 'tooManyAttempts']);
    }));

  test('what was begun is over after ten minutes, and with a new password', () =>
    withStrong(async ({ open, clock, directory, zhang }) => {
      const first = open();
      await first.signIn();
      const code = await setUpTotp(first, clock);
      const slow = open();
      await slow.signIn();
      const overtaken = open();
      clock.advance(9 * 60_000);
      await overtaken.signIn();
      clock.advance(61_000);
      assert.equal((await slow.post('/auth/second-step', { kind: 'totp', code: code() }))['error'], 'notSignedIn');
      await directory.setPassword(zhang, 'another one');
      assert.equal((await overtaken.post('/auth/second-step', { kind: 'totp', code: code() }))['error'], 'notSignedIn');
    }));
});

describe('recovery codes', () => {
  test('stand in for the rest, each once, and cannot be guessed', () =>
    withStrong(async ({ open, clock }) => {
      const first = open();
      await first.signIn();
      assert.equal((await first.post('/auth/security/recovery-codes'))['error'], 'noSecondStep');
      await setUpTotp(first, clock);
      const { codes } = (await first.post('/auth/security/recovery-codes')) as unknown as { codes: string[] };
      assert.equal(new Set(codes).size, 10);
      const browser = open();
      assert.deepEqual((await browser.signIn())['steps'], ['totp', 'recovery']);
      const [one = ''] = codes;
      const typed = one.toUpperCase().replace('-', ' ');
      assert.equal((await browser.post('/auth/second-step', { kind: 'recovery', code: typed })).status, 200);
      assert.equal((await first.ask('GET', '/auth/security')).json['recoveryCodesLeft'], 9);
      const thief = open();
      await thief.signIn();
      assert.equal((await thief.post('/auth/second-step', { kind: 'recovery', code: one }))['error'], 'wrongCode');
      for (let guess = 1; guess < 10; guess++)
        await thief.post('/auth/second-step', { kind: 'recovery', code: `aaaaa-aaaa${guess}` });
      const right = await thief.post('/auth/second-step', { kind: 'recovery', code: codes[1] });
      assert.equal(right['error'], 'tooManyAttempts');
    }));
});

describe('passkeys', () => {
  test('are the second step, or the whole sign-in', () =>
    withStrong(async ({ open, clock, origin }) => {
      const first = open();
      await first.signIn();
      const key = await setUpPasskey(first, origin);
      clock.advance(1);
      const browser = open();
      assert.deepEqual((await browser.signIn())['steps'], ['passkey']);
      const options = await browser.post('/auth/second-step/passkey');
      const response = key.get({ challenge: String(options['challenge']) });
      assert.equal((await browser.post('/auth/second-step', { kind: 'passkey', response })).status, 200);
      clock.advance(1);
      const alone = open();
      const { challenge } = await alone.post('/auth/passkey/options');
      const done = await alone.post('/auth/passkey', { response: key.get({ challenge: String(challenge) }) });
      assert.deepEqual([done.status, done['login']], [200, 'zhang@kust.edu.cn']);
    }));

  test('a challenge is answered once, in its browser, by a key that the account knows', () =>
    withStrong(async ({ open, clock, origin, directory }) => {
      const first = open();
      await first.signIn();
      const key = await setUpPasskey(first, origin);
      clock.advance(1);
      const browser = open();
      await browser.signIn();
      const options = await browser.post('/auth/second-step/passkey');
      const thief = browser.clone();
      const response = key.get({ challenge: String(options['challenge']) });
      const other = new Authenticator(origin).get({ challenge: String(options['challenge']) });
      const elsewhere = open();
      await elsewhere.signIn();
      await elsewhere.post('/auth/second-step/passkey');
      const show = (one: Browser, shown: object) => one.post('/auth/second-step', { kind: 'passkey', response: shown });
      assert.equal((await show(browser, other))['error'], 'wrongCode');
      assert.equal((await show(elsewhere, response))['error'], 'wrongCode');
      assert.equal((await show(browser, response)).status, 200);
      assert.equal((await show(thief, response))['error'], 'wrongCode', 'replayed');
      // Nor does it open what belongs to somebody else.
      const wu = await directory.createAccount('wu@kust.edu.cn', PASSWORD);
      await directory.addFactor({
        accountId: wu,
        factorId: 'totp',
        kind: 'totp',
        name: '',
        secret: '{}',
        usedAt: null,
        usedFrom: '',
      });
      const asWu = open();
      await asWu.signIn(PASSWORD, { login: 'wu@kust.edu.cn' });
      const theirs = await asWu.post('/auth/second-step/passkey');
      const shown = key.get({ challenge: String(theirs['challenge']) });
      assert.equal((await show(asWu, shown))['error'], 'wrongCode');
    }));

  /** One made for the account, without its owner's password. */
  async function giveKey({ directory, zhang, clock, origin }: Given): Promise<Authenticator> {
    const key = new Authenticator(origin);
    const passkeys = new Passkeys({ clock, random: systemRandom });
    const host = { host: 'localhost', origin };
    const { options, challenge } = await passkeys.beginMaking(
      host,
      { accountId: zhang, login: 'zhang@kust.edu.cn', name: '' },
      'campusmail',
      [],
    );
    const response = key.create(options);
    const made = await passkeys.finishMaking(host, challenge, response);
    assert.ok(made);
    await directory.addFactor({ accountId: zhang, ...made, kind: 'passkey', name: '', usedAt: null, usedFrom: '' });
    return key;
  }

  async function showAlone(
    { open, clock }: Given,
    key: Authenticator,
  ): Promise<Json & { readonly isSignedIn: boolean }> {
    clock.advance(1);
    const browser = open();
    const { challenge } = await browser.post('/auth/passkey/options');
    const said = await browser.post('/auth/passkey', { response: key.get({ challenge: String(challenge) }) });
    return { ...said, isSignedIn: await browser.isSignedIn() };
  }

  test('alone they open what the password would, and otherwise say why not', () =>
    withStrong(async (given) => {
      const { directory, zhang } = given;
      const key = await giveKey(given);
      assert.equal((await showAlone(given, key)).isSignedIn, true);
      const refusals = [
        ['disabled', () => directory.disableAccount(zhang), 'suspended'],
        ['enabled', () => directory.enableAccount(zhang), undefined],
        ['pending', () => directory.setStage(zhang, 'pending'), 'notActivated'],
        ['suspended', () => directory.setStage(zhang, 'suspended'), 'suspended'],
        ['deleting', () => directory.setStage(zhang, 'deleting'), 'suspended'],
        ['receive-only', () => directory.setStage(zhang, 'receive-only'), undefined],
      ] as const;
      for (const [what, change, error] of refusals) {
        await change();
        const said = await showAlone(given, key);
        assert.deepEqual([what, said['error'], said.isSignedIn], [what, error, error === undefined]);
      }
      await directory.deleteAccount(zhang);
      assert.equal((await showAlone(given, key))['error'], 'invalidCredentials');
    }));

  test('alone they open nothing as long as the password has to be changed', () =>
    withStrong(async (given) => {
      const { directory } = given;
      const zhang = await directory.createAccountByVerifier('old@kust.edu.cn', WEAK_VERIFIER);
      const key = await giveKey({ ...given, zhang });
      await directory.signIn({
        login: 'old@kust.edu.cn',
        password: WEAK,
        protocol: 'imap',
        remoteAddress: '192.0.2.1',
      });
      const said = await showAlone(given, key);
      assert.deepEqual([said['error'], said.isSignedIn], ['passwordChangeRequired', false]);
    }));

  test('alone at the wrong host they lead to the right one, and never to a session', () => {
    const old = realm('old', 'kmust.edu.cn', { webHosts: ['localhost'], hosts: ['localhost'] });
    const realms = [realm('staff', 'kust.edu.cn'), old];
    return withStrong(
      async (given) => {
        const said = await showAlone(given, await giveKey(given));
        assert.deepEqual(
          [said['error'], said['place'], said.isSignedIn],
          ['wrongDoor', { title: '教师邮件系统', englishTitle: 'staff mail' }, false],
        );
        assert.match(String(said['url']), /^https?:\/\/mail\.kust\.edu\.cn/);
      },
      { settings: { realms } },
    );
  });

  test('from another site’s page they open nothing', () =>
    withStrong(async ({ open, clock, origin }) => {
      const first = open();
      await first.signIn();
      const key = await setUpPasskey(first, origin);
      clock.advance(1);
      const phished = open();
      const { challenge } = await phished.post('/auth/passkey/options');
      const answered = key.get({ challenge: String(challenge) }) as { response: { clientDataJSON: string } };
      const clientData = Buffer.from(answered.response.clientDataJSON, 'base64url').toString();
      answered.response.clientDataJSON = Buffer.from(clientData.replace('localhost', 'evil.host')).toString(
        'base64url',
      );
      assert.equal((await phished.post('/auth/passkey', { response: answered }))['error'], 'invalidCredentials');
      for (const response of [undefined, null, {}, [], { id: 5 }, { response: { userHandle: 'x' } }])
        assert.equal((await phished.post('/auth/passkey', { response }))['error'], 'invalidCredentials');
    }));
});

test('codes by SMS go to the telephone that is bound', () =>
  withStrong(async ({ open, sent }) => {
    const first = open();
    await first.signIn();
    assert.equal((await first.post('/auth/security/sms')).status, 204);
    const browser = open();
    const asked = await browser.signIn();
    assert.deepEqual([asked['steps'], asked['phone']], [['sms'], '138****1234']);
    assert.equal((await browser.post('/auth/second-step/sms')).status, 204);
    const code = sent[0];
    assert.equal((await browser.post('/auth/second-step', { kind: 'sms', code: '111111' }))['error'], 'wrongCode');
    assert.equal((await browser.post('/auth/second-step', { kind: 'sms', code })).status, 200);
    await open().post('/auth/second-step/sms');
    const again = open();
    await again.signIn();
    assert.equal((await again.post('/auth/second-step/sms')).status, 204);
    assert.equal((await again.post('/auth/second-step/sms')).status, 204);
    assert.equal((await again.post('/auth/second-step/sms')).status, 429);
  }));

test('a trusted browser is asked again after 30 days, when it is struck off, or for another account', () =>
  withStrong(async ({ open, clock, directory, zhang }) => {
    const first = open();
    await first.signIn();
    const code = await setUpTotp(first, clock);
    const browser = open();
    await browser.signIn();
    await browser.post('/auth/second-step', { kind: 'totp', code: code(), trust: true });
    await browser.post('/auth/sign-out');
    assert.equal((await browser.signIn()).status, 200);
    const wu = await directory.createAccount('wu@kust.edu.cn', PASSWORD);
    const totp = (await directory.factorsOf(zhang)).find(({ kind }) => kind === 'totp');
    assert.ok(totp);
    await directory.addFactor({ ...totp, accountId: wu });
    assert.equal((await browser.signIn(PASSWORD, { login: 'wu@kust.edu.cn' }))['error'], 'secondStepRequired');
    const { devices } = (await first.ask('GET', '/auth/security')).json as { devices: { id: string; name: string }[] };
    assert.equal(devices[0]?.name, 'Firefox');
    clock.advance(30 * DAY_MS - 1000);
    assert.equal((await browser.signIn()).status, 200);
    clock.advance(1000);
    assert.equal((await browser.signIn())['error'], 'secondStepRequired');
  }));

test('what protects an account is changed only with a fresh proof', () =>
  withStrong(async ({ open, clock }) => {
    const browser = open();
    await browser.signIn();
    clock.advance(10 * 60_000);
    const path = '/auth/security/client-passwords';
    const asked = await browser.post(path, { name: '手机', scopes: ['imap'] });
    assert.deepEqual(asked, { status: 403, error: 'proofRequired', steps: ['password'] });
    assert.equal((await browser.post('/auth/proof', { password: 'wrong' }))['error'], 'invalidCredentials');
    const before = browser.clone();
    assert.equal((await browser.post('/auth/proof', { password: PASSWORD })).status, 204);
    const made = await browser.post(path, { name: '手机', scopes: ['imap', 'smtp', 'odd'] });
    assert.match(String(made['password']), /^\w{4}(-\w{4}){3}$/);
    assert.equal((await before.post(path, { name: 'x', scopes: ['imap'] }))['error'], 'proofRequired');
    const { clientPasswords } = (await browser.ask('GET', '/auth/security')).json as { clientPasswords: Json[] };
    assert.deepEqual(clientPasswords[0]?.['scopes'], ['imap', 'smtp']);
    const code = await setUpTotp(browser, clock);
    clock.advance(10 * 60_000);
    const remove = () => browser.ask('DELETE', '/auth/security/totp');
    assert.deepEqual((await remove()).json, { error: 'proofRequired', steps: ['totp'] });
    assert.equal((await browser.post('/auth/proof', { password: PASSWORD }))['error'], 'invalidRequest');
    assert.equal((await browser.post('/auth/proof', { kind: 'totp', code: code() })).status, 204);
    assert.equal((await remove()).status, 204);
    assert.equal((await browser.ask('DELETE', '/auth/security/totp')).status, 404);
    for (const body of [{}, { name: '' }, { name: 'a', scopes: [] }, { name: 5, scopes: ['imap'] }])
      assert.equal((await browser.post(path, body)).status, 400);
  }));

test('a password is changed with the one before, ends other browsers, and has to be a good one', () =>
  withStrong(async ({ open, clock }) => {
    const [browser, other] = [open(), open()] as const;
    await browser.signIn();
    await other.signIn();
    clock.advance(1000);
    const change = (password: string, newPassword: string) => browser.post('/auth/password', { password, newPassword });
    assert.equal((await change('wrong', 'v9#Lq2!xTz'))['error'], 'invalidCredentials');
    assert.deepEqual((await change(PASSWORD, 'zhang1'))['faults'], ['tooShort', 'tooSimple', 'holdsAccount', 'common']);
    assert.deepEqual((await change(PASSWORD, PASSWORD))['faults'], ['used']);
    assert.equal((await change(PASSWORD, 'v9#Lq2!xTz')).status, 200);
    assert.ok(await browser.isSignedIn());
    assert.equal(await other.isSignedIn(), false);
    assert.equal((await other.signIn())['error'], 'invalidCredentials');
    assert.equal((await other.signIn('v9#Lq2!xTz')).status, 200);
  }));

test('who has to change the password does so while signing in, and shows the second step first', () =>
  withStrong(async ({ open, clock, directory }) => {
    await directory.enrolPeople([
      {
        person: employee('2023001', '尉迟雪'),
        account: {
          address: '2023001@kust.edu.cn',
          stage: 'active',
          initialPasswords: ['Kust1231002X'],
          initialExpiresAt: null,
        },
      },
    ]);
    const browser = open();
    const signIn = (more: object = {}) => browser.signIn('Kust1231002X', { login: '2023001@kust.edu.cn', ...more });
    assert.equal((await signIn())['error'], 'passwordChangeRequired');
    assert.deepEqual((await signIn({ newPassword: 'YuchiXue-202x' }))['faults'], ['holdsName']);
    assert.equal(await browser.isSignedIn(), false);
    assert.equal((await signIn({ newPassword: 'v9#Lq2!xTz' })).status, 200);
    assert.ok(await browser.isSignedIn());
    assert.equal((await signIn())['error'], 'invalidCredentials');
    // Nobody else's password is set so.
    const other = open();
    assert.equal((await other.signIn(PASSWORD, { newPassword: 'v9#Lq2!xTz' })).status, 200);
    clock.advance(1);
    assert.equal((await other.signIn()).status, 200, 'it was not changed');
  }));

test('one password sprayed over 200 accounts closes the range to strangers, codes or not', () =>
  withStrong(async ({ open, directory }) => {
    for (let number = 0; number < 200; number++) await directory.createAccount(`s${number}@kust.edu.cn`, PASSWORD);
    const browser = open();
    const seen = new Map<unknown, number>();
    for (let number = 0; number < 200; number++) {
      const { error } = await browser.signIn('Kust-12345678', { login: `s${number}@kust.edu.cn` });
      seen.set(error, (seen.get(error) ?? 0) + 1);
    }
    assert.deepEqual(Object.fromEntries(seen), { invalidCredentials: 50, tooManyAttempts: 150 });
  }));
