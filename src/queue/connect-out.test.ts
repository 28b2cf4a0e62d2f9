import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { startFakeServer } from '#smtp/client/testing/fake-server.ts';
import type { FakePeer, Manners } from '#smtp/client/testing/fake-server.ts';
import type { Zone } from '#dns/testing/zone.ts';

import { connectOut } from './connect-out.ts';
import type { ConnectResult, OutwardSettings } from './connect-out.ts';
import type { Route } from './routes.ts';
import { OPPORTUNISTIC } from './plan-tls.ts';
import type { TlsPlan, TlsSkip } from './plan-tls.ts';
import { MINUTE, openSending, turns, until } from './testing/sending.ts';

async function connect(
  destination: string,
  { zone = {}, needsProof = false, ...patch }: Partial<OutwardSettings> & { zone?: Zone; needsProof?: boolean },
): Promise<ConnectResult> {
  await using sending = await openSending({ zone });
  const result = await connectOut(destination, { ...sending.outward, ...patch }, needsProof);
  if (result.kind === 'open') result.connection.destroy();
  return result;
}

const relay = (...relays: Route['relays']): readonly Route[] => [{ domains: ['*'], relays, security: 'opportunistic' }];

describe('connectOut', { timeout: 20_000 }, () => {
  it('goes to the servers of the domain in order until one takes it', async () => {
    await using server = await startFakeServer({});
    const zone: Zone = {
      'x.example': { mx: [1, 2].map((n) => ({ exchange: `mx${n}.example`, preference: n })) },
      // Nobody listens on this address: the server is bound to 127.0.0.1 alone.
      'mx1.example': { a: ['127.0.0.2'] },
      'mx2.example': { a: ['127.0.0.1'] },
    };
    const result = await connect('x.example', { zone, port: server.port });
    assert.equal(result.kind === 'open' && result.host.name, 'mx2.example');
  });

  it('goes by the relay that a route names, whatever the DNS says of the domain', async () => {
    await using server = await startFakeServer({});
    const zone: Zone = { 'relay.example': { a: ['127.0.0.1'] } };
    const routes = relay({ host: 'relay.example', port: server.port });
    const result = await connect('nowhere.example', { zone, routes, allowsPrivate: false });
    assert.equal(result.kind, 'open');
  });

  it('waits for a relay that has no address', async () => {
    const result = await connect('x.example', { routes: relay({ host: 'relay.example', port: 25 }) });
    assert.deepEqual(result, {
      kind: 'none',
      isPermanent: false,
      enhanced: '4.4.4',
      text: 'No relay has an address (relay.example)',
    });
  });

  it('says what kept it from the last server', async () => {
    await using server = await startFakeServer({ greeting: '554 5.7.1 Not you' });
    const result = await connect('[127.0.0.1]', { port: server.port });
    assert.equal(result.kind === 'unreachable' && result.failure.reply?.text, 'Not you');
  });

  it('leaves out servers that the domain does not stand by', async () => {
    await using server = await startFakeServer({});
    const planTls = async () => ({ basis: 'sts', skip: 'validation-failure', text: 'not in the policy' }) as const;
    const result = await connect('[127.0.0.1]', { port: server.port, planTls });
    assert.equal(result.kind === 'unreachable' && result.failure.message, 'not in the policy');
    assert.equal(server.sockets.length, 0);
  });

  it('tries so many addresses at a time, and goes on with others the next time', async () => {
    await using server = await startFakeServer({});
    const dead = Array.from({ length: 12 }, (_, i) => `127.0.1.${i + 1}`);
    const zone: Zone = {
      'x.example': { mx: [1, 2, 3, 4].map((n) => ({ exchange: `mx${n}.example`, preference: n })) },
      'mx1.example': { a: dead.slice(0, 4) },
      'mx2.example': { a: dead.slice(4, 8) },
      'mx3.example': { a: dead.slice(8, 12) },
      'mx4.example': { a: ['127.0.0.1'] },
    };
    await using sending = await openSending({ zone });
    const settings = { ...sending.outward, port: server.port };
    const first = await connectOut('x.example', settings);
    assert.equal(first.kind === 'unreachable' && first.untried, 3);
    const second = await connectOut('x.example', settings);
    if (second.kind !== 'open') assert.fail();
    assert.equal(second.host.name, 'mx4.example');
    second.connection.destroy();
    // In half an hour all begins anew.
    sending.clock.advance(30 * MINUTE + 1);
    const third = await connectOut('x.example', settings);
    assert.equal(third.kind === 'unreachable' && third.host.address, '127.0.1.1');
  });

  it('has an end, however many servers say nothing, and then begins with those that were not tried', async () => {
    const silent = async (): Promise<void> => undefined;
    await using one = await startFakeServer(silent);
    await using two = await startFakeServer(silent, { address: '127.0.0.2', port: one.port });
    await using three = await startFakeServer({}, { address: '127.0.0.3', port: one.port });
    const zone: Zone = {
      'x.example': { mx: [1, 2, 3].map((n) => ({ exchange: `mx${n}.example`, preference: n })) },
      'mx1.example': { a: ['127.0.0.1'] },
      'mx2.example': { a: ['127.0.0.2'] },
      'mx3.example': { a: ['127.0.0.3'] },
    };
    await using sending = await openSending({ zone });
    const settings = { ...sending.outward, port: one.port };
    const startedMs = sending.clock.now();
    const first = connectOut('x.example', settings);
    for (const server of [one, two]) {
      await until(() => server.sockets.length === 1);
      await turns();
      sending.clock.advance(5 * MINUTE);
    }
    const failed = await first;
    assert.ok(failed.kind === 'unreachable' && failed.failure.why === 'timeout' && failed.untried === 1);
    assert.equal(sending.clock.now() - startedMs, 10 * MINUTE);
    const second = await connectOut('x.example', settings);
    if (second.kind !== 'open') assert.fail();
    assert.equal(second.host.name, 'mx3.example');
    second.connection.destroy();
    assert.deepEqual([one.sockets.length, two.sockets.length, three.sockets.length], [1, 1, 1]);
  });

  it('goes on at once from IPv6 that is dead to IPv4, and begins there the next time', async () => {
    await using server = await startFakeServer({});
    const zone: Zone = { 'x.example': { a: ['127.0.0.1'], aaaa: ['::1'] } };
    await using sending = await openSending({ zone });
    const settings = { ...sending.outward, port: server.port, prefersIPv6: true };
    for (let time = 0; time < 2; time++) {
      const result = await connectOut('x.example', settings);
      if (result.kind !== 'open') assert.fail();
      assert.equal(result.host.address, '127.0.0.1');
      result.connection.destroy();
      const ordered = settings.troubles.putLast([{ ...result.host, address: '::1' }, result.host]);
      assert.equal(ordered[0]?.address, '127.0.0.1');
    }
  });

  it('keeps the order of the domain where servers answer, were it only no', async () => {
    await using busy = await startFakeServer({ greeting: '421 4.3.2 Too many connections' });
    await using backup = await startFakeServer({}, { address: '127.0.0.2', port: busy.port });
    const zone: Zone = {
      'x.example': { mx: [1, 2].map((n) => ({ exchange: `mx${n}.example`, preference: n })) },
      'mx1.example': { a: ['127.0.0.1'] },
      'mx2.example': { a: ['127.0.0.2'] },
    };
    await using sending = await openSending({ zone });
    for (let time = 0; time < 2; time++) {
      const result = await connectOut('x.example', { ...sending.outward, port: busy.port });
      if (result.kind === 'open') result.connection.destroy();
    }
    assert.deepEqual([busy.sockets.length, backup.sockets.length], [2, 2]);
  });

  it('tells of the server that came furthest', async () => {
    await using server = await startFakeServer({ greeting: '554 5.7.1 Not you' });
    const zone: Zone = {
      'x.example': { mx: [1, 2, 3].map((n) => ({ exchange: `mx${n}.example`, preference: n })) },
      'mx1.example': { a: ['127.0.0.2'] },
      'mx2.example': { a: ['127.0.0.1'] },
      'mx3.example': { a: ['127.0.0.3'] },
    };
    const result = await connect('x.example', { zone, port: server.port });
    assert.equal(result.kind === 'unreachable' && result.host.name, 'mx2.example');
  });

  describe('where TLS does not come about', () => {
    const keywords = ['STARTTLS'];
    /** Says yes to STARTTLS, and then does not know what that is. */
    const broken = async (peer: FakePeer): Promise<void> => {
      if (peer.heard.includes('STARTTLS')) return peer.serve({});
      peer.say('220 x\r\n');
      await peer.hear();
      peer.say('250-x\r\n250 STARTTLS\r\n');
      await peer.hear();
      peer.say('220 x\r\n');
      peer.socket.removeAllListeners('data').once('data', () => peer.socket.end('SSH-2.0-OpenSSH\r\n'));
    };
    const sts = { basis: 'sts', wantsProof: true } as const;
    const cases: readonly (readonly [
      string,
      Manners | typeof broken,
      TlsPlan | TlsSkip,
      result: string,
      observed: string[],
    ])[] = [
      ['nothing is asked for', broken, { ...OPPORTUNISTIC, basis: 'no-policy-found' }, 'open', ['validation-failure']],
      ['proof is asked for', broken, { ...sts, policy: { kind: 'verified' } }, 'starttls', ['validation-failure']],
      ['it is not offered', {}, { ...sts, policy: { kind: 'verified' } }, 'starttls', ['starttls-not-supported']],
      [
        'it is refused',
        { keywords, answers: { STARTTLS: '454 4.7.0 Not now' } },
        { ...sts, policy: { kind: 'encrypted' } },
        'starttls',
        ['starttls-not-supported'],
      ],
      ['a policy is tested', {}, { ...sts, policy: { kind: 'opportunistic' } }, 'open', ['starttls-not-supported']],
      [
        'nobody stands by the server',
        {},
        { basis: 'tlsa', skip: 'dnssec-invalid', text: 'x' },
        'none',
        ['dnssec-invalid'],
      ],
      ['nobody wants to hear', {}, OPPORTUNISTIC, 'open', []],
    ];
    for (const [what, script, plan, expected, results] of cases) {
      it(`${what}: ${expected}`, async () => {
        await using server = await startFakeServer(script);
        await using sending = await openSending({ zone: { 'x.example': { a: ['127.0.0.1'] } } });
        const settings = { ...sending.outward, port: server.port, planTls: async () => plan };
        const result = await connectOut('x.example', settings);
        if (result.kind === 'open') result.connection.destroy();
        assert.equal(result.kind === 'unreachable' ? result.failure.stage : result.kind, expected);
        assert.deepEqual(
          sending.observed,
          results.map((word) => ({
            policyDomain: 'x.example',
            policyType: plan.basis,
            mxHost: 'x.example',
            result: word,
            receivingIp: '127.0.0.1',
          })),
        );
      });
    }
  });

  it('takes no server without proof where the route says so', async () => {
    await using server = await startFakeServer({});
    const routes: readonly Route[] = [{ domains: ['x.example'], relays: [], security: 'required' }];
    const zone: Zone = { 'x.example': { a: ['127.0.0.1'] } };
    const result = await connect('x.example', { port: server.port, routes, zone });
    assert.equal(result.kind === 'unreachable' && result.failure.why, 'tls');
  });

  it('takes no server without proof where proof is needed', async () => {
    await using server = await startFakeServer({});
    const result = await connect('[127.0.0.1]', { port: server.port, needsProof: true });
    assert.equal(result.kind === 'unreachable' && result.failure.why, 'tls');
    assert.equal(server.heard.includes('MAIL'), false);
  });
});
