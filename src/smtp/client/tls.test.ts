import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import { testContext } from '#test/harness/certificate.ts';

import type { OpenResult, SmtpConnectionOptions } from './connection.ts';
import { derOf, makeAuthority } from '#test/harness/authority.ts';
import type { TestAuthority } from '#test/harness/authority.ts';
import { makeMessage, startFakeServer } from './testing/fake-server.ts';
import type { Manners } from './testing/fake-server.ts';
import { createTlsTrust } from './tls.ts';
import type { TlsTrust } from './tls.ts';

const timeout = 10_000;
const serverName = 'mx.example.net';
const keywords = ['PIPELINING', 'STARTTLS'];

let authority: TestAuthority;
let trust: TlsTrust;

before(async () => {
  authority = await makeAuthority();
  trust = createTlsTrust([authority.ca]);
});

async function open(manners: Manners, options: Partial<SmtpConnectionOptions>): Promise<OpenResult> {
  await using server = await startFakeServer({ keywords, ...manners });
  const result = await server.open({ serverName, trust, ...options });
  if (result.kind === 'open') result.connection.destroy();
  return result;
}

/** `open webpki`, `open - certificate-expired`, or the failure with its result type. */
function describeResult(result: OpenResult): string {
  const tls = result.kind === 'open' ? result.connection.tls : result.tls;
  const problem = tls?.problem === undefined ? '' : ` ${tls.problem.result}`;
  if (result.kind === 'open') return `open ${tls?.version === undefined ? 'clear' : (tls.verifiedBy ?? '-')}${problem}`;
  return `${result.stage} ${result.why}${problem}`;
}

describe('TLS', () => {
  const cases: [string, () => Promise<Manners>, Record<'never' | 'opportunistic' | 'verified', string>][] = [
    [
      'not offered',
      async () => ({ keywords: ['PIPELINING'] }),
      {
        never: 'open clear',
        opportunistic: 'open clear starttls-not-supported',
        verified: 'starttls tls starttls-not-supported',
      },
    ],
    [
      'offered and refused',
      async () => ({ answers: { STARTTLS: '454 4.7.0 Not now' } }),
      {
        never: 'open clear',
        opportunistic: 'open clear starttls-not-supported',
        verified: 'starttls tls starttls-not-supported',
      },
    ],
    [
      'a good certificate',
      async () => ({ tls: await authority.issue(serverName) }),
      { never: 'open clear', opportunistic: 'open webpki', verified: 'open webpki' },
    ],
    [
      'a wildcard',
      async () => ({ tls: await authority.issue('*.example.net') }),
      { never: 'open clear', opportunistic: 'open webpki', verified: 'open webpki' },
    ],
    [
      'another name',
      async () => ({ tls: await authority.issue('mx.example.org') }),
      {
        never: 'open clear',
        opportunistic: 'open - certificate-host-mismatch',
        verified: 'starttls tls certificate-host-mismatch',
      },
    ],
    [
      'expired',
      async () => ({ tls: await authority.issue(serverName, { isExpired: true }) }),
      {
        never: 'open clear',
        opportunistic: 'open - certificate-expired',
        verified: 'starttls tls certificate-expired',
      },
    ],
    [
      'of nobody we trust',
      async () => ({ tls: await testContext() }),
      {
        never: 'open clear',
        opportunistic: 'open - certificate-not-trusted',
        verified: 'starttls tls certificate-not-trusted',
      },
    ],
    [
      'a handshake that is none',
      async () => ({ injected: 'SSH-2.0-OpenSSH\r\n'.repeat(9) }),
      {
        never: 'open clear',
        opportunistic: 'starttls tls validation-failure',
        verified: 'starttls tls validation-failure',
      },
    ],
  ];
  for (const [what, manners, expected] of cases) {
    for (const kind of ['never', 'opportunistic', 'verified'] as const) {
      it(`${what}: ${kind}`, { timeout }, async () => {
        if (what.startsWith('a handshake') && kind !== 'never') {
          // What came with the 220 is thrown away, so it is sent in place of the handshake.
          await using server = await startFakeServer(async (peer) => {
            peer.say('220 x\r\n');
            await peer.hear();
            peer.say('250-x\r\n250 STARTTLS\r\n');
            await peer.hear();
            peer.say('220 x\r\n');
            peer.socket.removeAllListeners('data').once('data', () => peer.socket.write('SSH-2.0-OpenSSH\r\n'));
          });
          assert.equal(describeResult(await server.open({ tls: { kind } })), expected[kind]);
          return;
        }
        assert.equal(describeResult(await open(await manners(), { tls: { kind } })), expected[kind]);
      });
    }
  }

  it('encrypted by whomever, where TLS is promised and proof is not', { timeout }, async () => {
    const tls = await authority.issue('mx.example.org');
    const policy = { tls: { kind: 'encrypted' } } as const;
    assert.equal(describeResult(await open({ tls }, policy)), 'open - certificate-host-mismatch');
    await using plain = await startFakeServer({});
    assert.equal(describeResult(await plain.open(policy)), 'starttls tls starttls-not-supported');
    await using refusing = await startFakeServer({ keywords, answers: { STARTTLS: '454 4.7.0 Not now' } });
    assert.equal(describeResult(await refusing.open(policy)), 'starttls tls starttls-not-supported');
  });

  it('names that the policy has go before the server’s', { timeout }, async () => {
    const tls = await authority.issue('mx.example.org');
    const result = await open({ tls }, { tls: { kind: 'verified', names: ['a.example', 'mx.example.org'] } });
    assert.equal(describeResult(result), 'open webpki');
    const noName = await startFakeServer({ keywords, tls });
    assert.equal(
      describeResult(await noName.open({ trust, tls: { kind: 'verified' } })),
      'starttls tls certificate-host-mismatch',
    );
    await noName[Symbol.asyncDispose]();
  });

  it('by DANE: the judge sees what was presented, whatever WebPKI says', { timeout }, async () => {
    const tls = await authority.issue('irrelevant.example', { isExpired: true });
    let seen: readonly Buffer[] = [];
    const see = (chain: readonly Buffer[]): undefined => void (seen = chain);
    const good = await open({ tls }, { tls: { kind: 'dane', judge: see }, trust: createTlsTrust([]) });
    assert.equal(describeResult(good), 'open dane');
    assert.equal(seen.length, 2);
    assert.ok(seen[1]?.equals(derOf(authority.ca)));
    const judge = (): { result: 'tlsa-invalid'; detail: string } => ({ result: 'tlsa-invalid', detail: 'no match' });
    const bad = await open({ tls }, { tls: { kind: 'dane', judge } });
    assert.equal(describeResult(bad), 'starttls tls tlsa-invalid');
    assert.equal(
      describeResult(await open({ keywords: [] }, { tls: { kind: 'dane', judge } })),
      'starttls tls starttls-not-supported',
    );
  });

  it('what was injected before it is thrown away, and EHLO is said again', { timeout }, async () => {
    const tls = await authority.issue(serverName);
    await using server = await startFakeServer({ keywords, tls, injected: '250-evil\r\n250 AUTH PLAIN\r\n' });
    const connection = await server.mustOpen({ serverName, trust, tls: { kind: 'verified' } });
    assert.equal(connection.capabilities.keywords.has('AUTH'), false);
    assert.match(`${connection.tls?.version} ${connection.tls?.cipher}`, /^TLSv1\.3 TLS_\w+$/);
    const result = await connection.send(
      makeMessage(['b@x.example'], Buffer.alloc(300_000, `.${'x'.repeat(9000)}\r\n`)),
    );
    assert.equal(result.recipients[0]?.kind, 'accepted');
    await connection.quit();
    assert.deepEqual(
      server.heard.map((line) => line.split(' ', 1)[0]),
      ['EHLO', 'STARTTLS', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'content', 'QUIT'],
    );
  });

  it('from the first octet', { timeout }, async () => {
    const context = await authority.issue(serverName);
    await using server = await startFakeServer(async (peer) => {
      await peer.startTls(context);
      await peer.serve({ keywords });
    });
    const connection = await server.mustOpen({ serverName, trust, implicitTls: true, tls: { kind: 'verified' } });
    assert.equal(connection.tls?.verifiedBy, 'webpki');
    await connection.quit();
    assert.deepEqual(server.heard, ['EHLO mail.example.edu', 'QUIT']);
    await using plain = await startFakeServer({});
    assert.equal(
      describeResult(await plain.open({ implicitTls: true, tls: { kind: 'opportunistic' } })),
      'tls tls validation-failure',
    );
  });

  it('a handshake that does not come has its time', { timeout }, async () => {
    const clock = new FakeClock();
    await using server = await startFakeServer(async (peer) => {
      await peer.hear();
      clock.advance(60_000);
    });
    // The client's first octets hold an LF or they do not: the server waits for any.
    const opening = server.open({ clock, implicitTls: true, tls: { kind: 'opportunistic' } });
    while (server.sockets.length === 0) await new Promise((resolve) => void setImmediate(resolve));
    for (let i = 0; i < 50; i++) await new Promise((resolve) => void setImmediate(resolve));
    clock.advance(60_000);
    const result = await opening;
    assert.equal(result.kind === 'open' ? 'open' : `${result.stage} ${result.why}`, 'tls timeout');
  });

  it('REQUIRETLS goes to a verified server that offers it, and to no other', { timeout }, async () => {
    const tls = await authority.issue(serverName);
    const message = makeMessage(['b@x.example'], 'x: y\r\n', {
      reversePath: { address: 'a@example.edu', smtpUtf8: false, requireTls: true, dsn: {} },
    });
    for (const [offered, expected] of [
      [[...keywords, 'REQUIRETLS'], 'accepted'],
      [keywords, '5.7.30'],
    ] as const) {
      await using server = await startFakeServer({ keywords: offered, tls });
      const connection = await server.mustOpen({ serverName, trust, tls: { kind: 'opportunistic' } });
      const { recipients } = await connection.send(message);
      const [outcome] = recipients;
      assert.equal(outcome?.kind === 'refused' ? outcome.reply.enhanced : outcome?.kind, expected);
      assert.equal(server.heard.includes('MAIL FROM:<a@example.edu> REQUIRETLS'), expected === 'accepted');
      connection.destroy();
    }
  });
});
