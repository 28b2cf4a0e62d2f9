import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { AccountId } from '#base/ids.ts';
import { systemRandom } from '#base/random.ts';
import type { AuthResult, SaslAuthority } from '#sasl/mechanism.ts';
import { startSasl } from '#sasl/registry.ts';
import { deriveScramVerifier } from '#sasl/scram-verifier.ts';

import { startFakeServer } from './testing/fake-server.ts';
import type { FakePeer, FakeServer } from './testing/fake-server.ts';

const timeout = 10_000;
const LOGIN = '张三=,@example.edu';
const PASSWORD = 'p\u00e4ss wört';

const authority: SaslAuthority = {
  async verifyPassword(login, password) {
    return judge(login === LOGIN && password === PASSWORD);
  },
  async beginScram(login) {
    const verifier = await deriveScramVerifier(PASSWORD, Buffer.from('salt'), 4096);
    return { verifiers: [verifier], finish: async (fitting) => judge(fitting === 0 && login === LOGIN) };
  },
};

function judge(isRight: boolean): AuthResult {
  return isRight
    ? { ok: true, accountId: 1 as AccountId, loginAddress: LOGIN }
    : { ok: false, reason: 'invalidCredentials' };
}

/** A server that offers one mechanism, as our own house speaks it. */
function startRelay(mechanism: string): Promise<FakeServer> {
  return startFakeServer(async (peer) => {
    peer.say('220 x\r\n');
    await peer.hear();
    peer.say(`250-x\r\n250 AUTH GSSAPI ${mechanism}\r\n`);
    const [, name = '', initial] = (await peer.hear())?.split(' ') ?? [];
    const exchange = startSasl(name, { authority, allowsPlaintext: true, random: systemRandom });
    if (typeof exchange === 'string') return peer.say('504 5.5.4 No\r\n');
    let step = await exchange.begin(initial);
    while (step.kind === 'challenge') {
      peer.say(`334 ${step.challenge.toString('base64')}\r\n`);
      step = await exchange.respondLine((await peer.hear()) ?? '*');
    }
    peer.say(step.outcome.ok ? '235 2.7.0 Welcome\r\n' : '535 5.7.8 No\r\n');
    await peer.hear();
    peer.socket.end();
  });
}

describe('signing in', () => {
  for (const mechanism of ['PLAIN', 'LOGIN', 'SCRAM-SHA-256']) {
    for (const [password, expected] of [
      [PASSWORD, 'open'],
      ['wrong', 'auth reply 535'],
    ] as const) {
      it(`${mechanism}: ${expected}`, { timeout }, async () => {
        await using server = await startRelay(mechanism);
        const result = await server.open({ credential: { login: LOGIN, password, inPlaintext: true } });
        assert.equal(result.kind === 'open' ? 'open' : `${result.stage} ${result.why} ${result.reply?.code}`, expected);
        if (result.kind === 'open') result.connection.destroy();
      });
    }
  }

  const failures: [string, (peer: FakePeer) => Promise<void>, boolean, string][] = [
    ['not in plaintext', async () => {}, false, 'auth noMechanism'],
    ['a challenge to PLAIN', async (peer) => peer.say('334 x\r\n'), true, 'auth garbage'],
    ['temporary trouble', async (peer) => peer.say('454 4.7.0 Later\r\n'), true, 'auth reply'],
  ];
  for (const [what, answer, inPlaintext, expected] of failures) {
    it(what, { timeout }, async () => {
      await using server = await startFakeServer(async (peer) => {
        peer.say('220 x\r\n');
        await peer.hear();
        peer.say('250-x\r\n250 AUTH PLAIN\r\n');
        if ((await peer.hear()) === undefined) return;
        await answer(peer);
        await peer.hear();
        peer.say('501 x\r\n');
      });
      const result = await server.open({ credential: { login: LOGIN, password: PASSWORD, inPlaintext } });
      assert.equal(result.kind === 'open' ? 'open' : `${result.stage} ${result.why}`, expected);
      assert.equal(
        server.heard.some((line) => line.startsWith('AUTH')),
        inPlaintext,
      );
    });
  }

  it('no mechanism in common', { timeout }, async () => {
    await using server = await startFakeServer({ keywords: ['AUTH GSSAPI NTLM'] });
    const result = await server.open({ credential: { login: LOGIN, password: PASSWORD, inPlaintext: true } });
    assert.equal(result.kind === 'open' ? 'open' : result.message, 'cannot sign in: the server offers GSSAPI NTLM');
  });

  it('a server that says SCRAM has succeeded and has proved nothing', { timeout }, async () => {
    await using server = await startFakeServer({ keywords: ['AUTH SCRAM-SHA-256'], answers: { AUTH: '235 Welcome' } });
    const result = await server.open({ credential: { login: LOGIN, password: PASSWORD, inPlaintext: true } });
    assert.equal(result.kind === 'open' ? 'open' : `${result.stage} ${result.why}`, 'auth garbage');
  });
});
