import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { startFakeServer } from '#smtp/client/testing/fake-server.ts';
import type { Zone } from '#dns/testing/zone.ts';

import { connectOut } from './connect-out.ts';
import type { ConnectResult, OutwardSettings } from './connect-out.ts';
import type { Route } from './routes.ts';
import { openSending } from './testing/sending.ts';

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

  it('takes no server without proof where proof is needed', async () => {
    await using server = await startFakeServer({});
    const result = await connect('[127.0.0.1]', { port: server.port, needsProof: true });
    assert.equal(result.kind === 'unreachable' && result.failure.why, 'tls');
    assert.equal(server.heard.includes('MAIL'), false);
  });
});
