import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import type { Random } from '#base/random.ts';
import { systemRandom } from '#base/random.ts';
import { SaslExchange } from './exchange.ts';
import type { SaslStep } from './exchange.ts';
import type { AuthResult, SaslAuthority, SaslConnection, SaslMechanism } from './mechanism.ts';
import { createScram } from './mechanisms/scram.ts';
import { listMechanismNames, startSasl } from './registry.ts';
import type { ScramVerifier } from './scram-verifier.ts';
import { deriveScramVerifier, SHA256 } from './scram-verifier.ts';

const RIGHT: AuthResult = { ok: true, accountId: 7 as AccountId, loginAddress: 'zhang@kust.edu.cn' };
const WRONG: AuthResult = { ok: false, reason: 'invalidCredentials' };
const MALFORMED: SaslStep = { kind: 'done', outcome: { ok: false, reason: 'malformed' } };

/** Knows one password, notes what it was asked. */
class RecordingAuthority implements SaslAuthority {
  readonly asked: string[] = [];
  readonly #password: string;
  readonly #verifier: ScramVerifier | undefined;

  constructor(password: string, verifier?: ScramVerifier) {
    this.#password = password;
    this.#verifier = verifier;
  }

  async verifyPassword(login: string, password: string, authzid: string): Promise<AuthResult> {
    this.asked.push(`${authzid}|${login}|${password}`);
    return password === this.#password ? RIGHT : WRONG;
  }

  async beginScram(login: string, authzid: string) {
    this.asked.push(`${authzid}|${login}`);
    assert.ok(this.#verifier);
    return {
      verifiers: [this.#verifier] as const,
      finish: async (fitting: number) => {
        this.asked.push(`proof ${fitting === 0}`);
        return fitting === 0 ? RIGHT : WRONG;
      },
    };
  }
}

function connectionOf(authority: SaslAuthority, more: Partial<SaslConnection> = {}): SaslConnection {
  return { authority, allowsPlaintext: true, random: systemRandom, ...more };
}

function start(name: string, authority: SaslAuthority): SaslExchange {
  const exchange = startSasl(name, connectionOf(authority));
  assert.ok(typeof exchange === 'object');
  return exchange;
}

function challenge(text: string): SaslStep {
  return { kind: 'challenge', challenge: Buffer.from(text) };
}

test('mechanisms are listed strongest first, and only where the connection has what they need', () => {
  const authority = new RecordingAuthority('');
  const withTokens: SaslAuthority = {
    verifyPassword: () => assert.fail(),
    beginScram: () => assert.fail(),
    bearer: () => assert.fail(),
  };
  const bindChannel = () => undefined;
  const list = (given: SaslAuthority, more: Partial<SaslConnection> = {}) =>
    listMechanismNames(connectionOf(given, more)).join(' ');
  assert.equal(list(authority), 'SCRAM-SHA-256 PLAIN LOGIN');
  assert.equal(list(withTokens, { allowsPlaintext: false }), 'SCRAM-SHA-256');
  assert.equal(list(withTokens), 'SCRAM-SHA-256 OAUTHBEARER XOAUTH2 PLAIN LOGIN');
  assert.equal(list(authority, { bindChannel }), 'SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN');
});

test('a mechanism that is not listed cannot be had, and why is told apart', () => {
  const open = connectionOf(new RecordingAuthority(''), { allowsPlaintext: false });
  for (const name of ['GSSAPI', 'constructor', '', 'SCRAM-SHA-256-PLUS', 'OAUTHBEARER', 'XOAUTH2']) {
    assert.equal(startSasl(name, open), 'unknown', name);
  }
  assert.equal(startSasl('plain', open), 'needsTls');
  assert.equal(startSasl('LOGIN', open), 'needsTls');
});

test('a dialogue ends with an outcome, or without one when no more lines come', async () => {
  const asked: string[] = [];
  const answers = ['emhhbmc=', 'Z2VoZWlt'];
  const converse = () =>
    start('LOGIN', new RecordingAuthority('geheim')).converse(undefined, async (text) => {
      asked.push(text);
      return answers.shift();
    });
  assert.deepEqual(await converse(), RIGHT);
  assert.equal(await converse(), undefined);
  assert.deepEqual(asked, ['VXNlcm5hbWU6', 'UGFzc3dvcmQ6', 'VXNlcm5hbWU6']);
});

test('PLAIN with an initial response', async () => {
  const authority = new RecordingAuthority('密码😀');
  const initial = Buffer.from('\0zhang@kust.edu.cn\0密码😀').toString('base64');
  assert.deepEqual(await start('PLAIN', authority).begin(initial), { kind: 'done', outcome: RIGHT });
  assert.deepEqual(authority.asked, ['|zhang@kust.edu.cn|密码😀']);
});

test('PLAIN without one asks by an empty challenge', async () => {
  const authority = new RecordingAuthority('x');
  const exchange = start('plain', authority);
  assert.deepEqual(await exchange.begin(), challenge(''));
  const line = Buffer.from('li\0zhang\0wrong').toString('base64');
  assert.deepEqual(await exchange.respondLine(line), { kind: 'done', outcome: WRONG });
  assert.deepEqual(authority.asked, ['li|zhang|wrong']);
});

test('PLAIN refuses what RFC 4616 does not allow, and asks nobody', async () => {
  const tooLong = 'x'.repeat(1025);
  for (const bad of [
    '',
    'zhang',
    '\0zhang',
    '\0\0pw',
    '\0zhang\0',
    '\0zhang\0p\0w',
    `\0${tooLong}\0pw`,
    `\0a\0${tooLong}`,
  ]) {
    const authority = new RecordingAuthority('pw');
    assert.deepEqual(await start('PLAIN', authority).respond(Buffer.from(bad)), MALFORMED, JSON.stringify(bad));
    assert.deepEqual(authority.asked, []);
  }
  const gbk = Buffer.from([0, 0x7a, 0, 0xc3, 0xdc, 0xc2, 0xeb]);
  assert.deepEqual(await start('PLAIN', new RecordingAuthority('')).respond(gbk), MALFORMED);
});

test('LOGIN asks twice, or once when the user name came with the command', async () => {
  const authority = new RecordingAuthority('geheim');
  const slow = start('LOGIN', authority);
  assert.deepEqual(await slow.begin(), challenge('Username:'));
  assert.deepEqual(await slow.respondLine('emhhbmc='), challenge('Password:'));
  assert.deepEqual(await slow.respondLine('Z2VoZWlt'), { kind: 'done', outcome: RIGHT });
  const fast = start('LOGIN', authority);
  assert.deepEqual(await fast.begin('emhhbmc='), challenge('Password:'));
  assert.deepEqual(await fast.respondLine(Buffer.from('Z2VoZWlt')), { kind: 'done', outcome: RIGHT });
  assert.deepEqual(authority.asked, ['|zhang|geheim', '|zhang|geheim']);
});

test('a star cancels, bad base64 ends, and an ended exchange stays ended', async () => {
  const cancelled = start('LOGIN', new RecordingAuthority(''));
  await cancelled.begin();
  assert.deepEqual(await cancelled.respondLine('*'), { kind: 'done', outcome: { ok: false, reason: 'cancelled' } });
  await assert.rejects(cancelled.respondLine('emhhbmc='), /done exchange/);
  assert.deepEqual(await start('PLAIN', new RecordingAuthority('')).begin('!!!!'), MALFORMED);
});

test('a fault of the authority rejects and ends the exchange', async () => {
  const authority: SaslAuthority = {
    verifyPassword: () => Promise.reject(new Error('disk on fire')),
    beginScram: () => Promise.reject(new Error('disk on fire')),
  };
  const exchange = start('PLAIN', authority);
  await assert.rejects(exchange.respond(Buffer.from('\0a\0b')), /disk on fire/);
  await assert.rejects(exchange.respond(Buffer.from('\0a\0b')), /done exchange/);
});

interface Vector {
  readonly mechanism: SaslMechanism;
  readonly verifier: ScramVerifier;
  readonly lines: readonly [clientFirst: string, serverFirst: string, clientFinal: string, serverFinal: string];
}

const SHA1 = { name: 'sha1', octets: 20 } as const;

/** RFC 7677 §3 and RFC 5802 §5: user `user`, password `pencil`. */
const vectors: Vector[] = [
  {
    mechanism: createScram({
      name: 'SCRAM-SHA-256',
      hash: SHA256,
      isBound: false,
      makeNonce: () => '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    }),
    verifier: await deriveScramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'), 4096),
    lines: [
      'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
      'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    ],
  },
  {
    mechanism: createScram({ name: 'SCRAM-SHA-1', hash: SHA1, isBound: false, makeNonce: () => '3rfcNHYJY1ZVvWVs7j' }),
    verifier: await deriveScramVerifier('pencil', Buffer.from('QSXCR+Q6sek8bf92', 'base64'), 4096, SHA1),
    lines: [
      'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
      'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
      'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    ],
  },
];

const noRandom: Random = { bytes: () => assert.fail('the nonce is given') };

for (const { mechanism, verifier, lines } of vectors) {
  const [clientFirst, serverFirst, clientFinal, serverFinal] = lines;

  test(`${mechanism.name}: the RFC's exchange`, async () => {
    const authority = new RecordingAuthority('', verifier);
    const exchange = new SaslExchange(mechanism.run({ random: noRandom }), authority);
    assert.deepEqual(await exchange.respond(null), challenge(''));
    assert.deepEqual(await exchange.respond(Buffer.from(clientFirst)), challenge(serverFirst));
    assert.deepEqual(await exchange.respond(Buffer.from(clientFinal)), challenge(serverFinal));
    assert.deepEqual(await exchange.respondLine(''), { kind: 'done', outcome: RIGHT });
    assert.deepEqual(authority.asked, ['|user', 'proof true']);
  });

  test(`${mechanism.name}: a final message changed anywhere is refused`, async () => {
    for (let at = 0; at < clientFinal.length; at++) {
      const exchange = new SaslExchange(mechanism.run({ random: noRandom }), new RecordingAuthority('', verifier));
      await exchange.respond(Buffer.from(clientFirst));
      const changed = Buffer.from(clientFinal);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const step = await exchange.respond(changed);
      assert.equal(step.kind === 'done' && step.outcome.ok, false, changed.toString());
      assert.equal(step.kind, 'done');
    }
  });
}

test('SCRAM: the server signature must be acknowledged by nothing', async () => {
  const [{ mechanism, verifier, lines }] = vectors as [Vector];
  const exchange = new SaslExchange(mechanism.run({ random: noRandom }), new RecordingAuthority('', verifier));
  await exchange.respond(Buffer.from(lines[0]));
  await exchange.respond(Buffer.from(lines[2]));
  assert.deepEqual(await exchange.respond(Buffer.from('x')), MALFORMED);
});

test('SCRAM: names are unescaped, the authorization identity is passed on', async () => {
  const [{ verifier }] = vectors as [Vector];
  const authority = new RecordingAuthority('', verifier);
  const step = await start('SCRAM-SHA-256', authority).respond(Buffer.from('y,a=b=2Cc,n=张=3D=2C,r=abc,x=later'));
  assert.equal(step.kind, 'challenge');
  assert.deepEqual(authority.asked, ['b,c|张=,']);
});

test('SCRAM: first messages that are refused', async () => {
  const bad = [
    '',
    'n',
    'n,',
    'n,,',
    'n,,n=user',
    'n,,n=,r=abc',
    'n,,n=us=er,r=abc',
    'n,,n=user,r=',
    'n,,n=user,r=a b',
    'n,,m=x,n=user,r=abc',
    'p=tls-exporter,,n=user,r=abc',
    'x,,n=user,r=abc',
    'n,b=c,n=user,r=abc',
    'n,,r=abc,n=user',
    'n,,n=us\0er,r=abc',
    `n,,n=user,r=${'a'.repeat(257)}`,
    `n,,n=${'a'.repeat(1025)},r=abc`,
  ];
  for (const text of bad) {
    const authority = new RecordingAuthority('');
    assert.deepEqual(await start('SCRAM-SHA-256', authority).respond(Buffer.from(text)), MALFORMED, text);
    assert.deepEqual(authority.asked, []);
  }
});
