import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { FakeClock } from '#base/clock.ts';
import { testContext } from '#test/harness/certificate.ts';

import { READ_AHEAD_BYTES } from './limits.ts';
import { PeerStream } from './stream.ts';

const timeout = 10_000;

interface Pair extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly stream: PeerStream;
  /** Our side's socket, under the stream. */
  readonly ours: Socket;
  readonly peer: Socket;
}

async function openPair(): Promise<Pair> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, allowHalfOpen: true });
  const [ours] = (await once(server, 'connection')) as [Socket];
  const clock = new FakeClock();
  const stream = new PeerStream(ours, clock);
  return {
    clock,
    stream,
    ours,
    peer,
    async [Symbol.asyncDispose]() {
      peer.destroy();
      stream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readText(stream: PeerStream, length: number): Promise<string> {
  let text = '';
  while (text.length < length) {
    const chunk = await stream.read();
    if (chunk === undefined) break;
    text += chunk.toString('latin1');
  }
  return text;
}

/** Lets what is on the loopback come through. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('PeerStream', () => {
  it('gives what came before the peer closed its side, and then the end', { timeout }, async () => {
    await using pair = await openPair();
    pair.peer.end('归档');
    assert.equal(await readText(pair.stream, 100), Buffer.from('归档').toString('latin1'));
    assert.equal(await pair.stream.read(), undefined);
    assert.equal(pair.stream.isClosed, false);
    await pair.stream.write(['a', Buffer.from('b'), 'é'], 1000);
    assert.equal(String((await once(pair.peer, 'data'))[0]), 'abé');
  });

  it('reads no further ahead than it may', { timeout }, async () => {
    await using pair = await openPair();
    const octets = Buffer.alloc(32 * READ_AHEAD_BYTES, 'x');
    pair.peer.write(octets);
    while (!pair.ours.isPaused()) await settle();
    await settle();
    assert.ok(pair.ours.bytesRead < 4 * READ_AHEAD_BYTES, `${pair.ours.bytesRead} octets read`);
    assert.equal((await readText(pair.stream, octets.length)).length, octets.length);
  });

  it('waits while the peer does not take what is written, and hangs up in the end', { timeout }, async () => {
    await using pair = await openPair();
    pair.peer.pause();
    const octets = Buffer.alloc(64 * 1024 * 1024);
    let isWritten = false;
    const written = pair.stream.write([octets], 5000).then(() => (isWritten = true));
    await settle();
    pair.clock.advance(4999);
    await settle();
    assert.equal(isWritten, false);
    pair.clock.advance(1);
    await written;
    assert.ok(pair.stream.isClosed);
  });

  it('goes on writing once the peer takes it', { timeout }, async () => {
    await using pair = await openPair();
    const octets = Buffer.alloc(8 * 1024 * 1024);
    const written = pair.stream.write([octets], 5000);
    pair.peer.resume();
    await written;
    assert.equal(pair.stream.isClosed, false);
  });

  it('gives up reading when interrupted', { timeout }, async () => {
    await using pair = await openPair();
    const read = pair.stream.read();
    pair.stream.interrupt();
    assert.equal(await read, undefined);
    pair.peer.write('late');
    await settle();
    assert.equal(pair.stream.hasWaiting, false);
  });

  it('ends after its last words, throwing away what still comes, and lingers only so long', { timeout }, async () => {
    await using pair = await openPair();
    pair.peer.write('x'.repeat(3 * READ_AHEAD_BYTES));
    await pair.stream.write(['bye'], 1000);
    const ended = pair.stream.end(5000);
    assert.equal(String((await once(pair.peer, 'data'))[0]), 'bye');
    await once(pair.peer, 'end');
    while (pair.peer.writableLength > 0) await settle();
    assert.equal(pair.stream.isClosed, false);
    pair.clock.advance(5000);
    await ended;
    assert.ok(pair.stream.isClosed);
  });

  it('changes to TLS, and forgets what came in plaintext', { timeout }, async () => {
    await using pair = await openPair();
    pair.peer.write('STARTTLS\r\n');
    assert.equal(await readText(pair.stream, 10), 'STARTTLS\r\n');
    pair.peer.write('injected');
    await settle();
    const tls = await testContext();
    const secured = pair.stream.startTls(() => tls, 60_000);
    const secure = connectTls({ socket: pair.peer, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    assert.ok(await secured);
    assert.match(pair.stream.tls ?? '', /^TLSv1\.3 TLS_\w+$/);
    secure.end('secret');
    assert.equal(await readText(pair.stream, 6), 'secret');
    assert.equal(await pair.stream.read(), undefined);
    await pair.stream.write(['answer'], 1000);
    assert.equal(String((await once(secure, 'data'))[0]), 'answer');
    pair.stream.destroy();
    assert.match(pair.stream.tls ?? '', /^TLSv1\.3 TLS_\w+$/);
  });

  const failures: [string, (pair: Pair) => void][] = [
    ['is no handshake', ({ peer }) => void peer.write('USER a\r\n'.repeat(10))],
    ['ends at once', ({ peer }) => void peer.end()],
    ['is cut off', ({ peer }) => void peer.resetAndDestroy()],
    ['was cut off before', ({ ours }) => void ours.destroy()],
    ['takes too long', ({ clock }) => clock.advance(60_000)],
    ['we give up', ({ stream }) => stream.destroy()],
  ];
  for (const [what, fail] of failures) {
    it(`hangs up when the handshake ${what}`, { timeout }, async () => {
      await using pair = await openPair();
      const tls = await testContext();
      if (what.endsWith('before')) fail(pair);
      const secured = pair.stream.startTls(() => tls, 60_000);
      if (!what.endsWith('before')) fail(pair);
      assert.equal(await secured, false);
      assert.ok(pair.stream.isClosed);
      assert.equal(pair.stream.tls, undefined);
      assert.ok(pair.ours.destroyed);
      assert.equal(await pair.stream.read(), undefined);
    });
  }
});
