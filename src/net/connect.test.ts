import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import { testContext } from '#test/harness/certificate.ts';

import { connectTo } from './connect.ts';
import { PeerStream } from './stream.ts';

const timeout = 10_000;

describe('connectTo', () => {
  it('connects, from where it is told, and says why it cannot', { timeout }, async () => {
    const clock = new FakeClock();
    const context = await testContext();
    const froms: (string | undefined)[] = [];
    const secured: Promise<boolean>[] = [];
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      froms.push(socket.remoteAddress);
      secured.push(new PeerStream(socket, clock).startTls(() => context, 1000));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const to = { address: '127.0.0.1', port, timeoutMs: 1000 };

    const connected = await connectTo({ ...to, localAddress: '127.0.0.2' }, clock);
    assert.ok(connected.kind === 'connected');
    const described = await connected.stream.startTlsAsClient({ serverName: 'mail.example.edu' }, 1000);
    assert.ok(described.kind === 'secured');
    assert.equal(described.version, 'TLSv1.3');
    assert.equal(described.chain.length, 1);
    assert.equal(described.chainError, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    assert.equal(await secured[0], true);
    assert.deepEqual(froms, ['127.0.0.2']);
    connected.stream.destroy();

    const elsewhere = await connectTo({ ...to, localAddress: '192.0.2.1' }, clock);
    assert.equal(elsewhere.kind === 'failed' && elsewhere.why, 'local');
    server.close();
    await once(server, 'close');
    const refused = await connectTo(to, clock);
    assert.equal(refused.kind === 'failed' && refused.why, 'refused');
    // The clock runs out before the system has an answer: it comes no earlier than the next turn.
    const late = connectTo(to, clock);
    clock.advance(1000);
    assert.deepEqual(await late, { kind: 'failed', why: 'timeout', message: 'no connection within 1 s' });
  });
});
