import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text as readToEnd } from 'node:stream/consumers';
import { describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';

import { Listener } from './listener.ts';
import type { AddressInfo, ConnectionPeer, ConnectionSession, ListenerOptions, Socket } from './listener.ts';

const timeout = 10_000;

class TestSession implements ConnectionSession {
  readonly peer: ConnectionPeer;
  readonly #socket: Socket;
  hasDrained = false;

  constructor(socket: Socket, peer: ConnectionPeer) {
    this.#socket = socket;
    this.peer = peer;
  }

  async run(): Promise<void> {
    this.#socket.write('hello\n');
    this.#socket.resume();
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => this.#socket.end());
    await once(this.#socket, 'close');
  }

  drain(): void {
    this.hasDrained = true;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

interface TestListener extends AsyncDisposable {
  readonly listener: Listener<TestSession>;
  readonly metrics: string[];
  readonly clock: FakeClock;
  connect(): Promise<Socket>;
}

async function start(options: Partial<ListenerOptions<TestSession>> = {}): Promise<TestListener> {
  const metrics: string[] = [];
  const clock = new FakeClock();
  const listener = new Listener<TestSession>({
    engine: 'test',
    labels: { protocol: 'p' },
    maxConnections: 10,
    maxConnectionsPerAddress: 1,
    implicitTls: false,
    log: silentLog,
    clock,
    metrics: {
      count: (name, labels) => void metrics.push(`${name} ${labels?.['protocol']}`),
      gauge: (name, by) => void metrics.push(`${name} ${by}`),
      observe() {},
    },
    openSession: (socket, peer) => new TestSession(socket, peer),
    formatRefusal: (why) => `${why}\n`,
    ...options,
  });
  const { port } = await listener.listen({ host: '127.0.0.1', port: 0 });
  const sockets: Socket[] = [];
  return {
    listener,
    metrics,
    clock,
    async connect() {
      const socket = connect({ host: '127.0.0.1', port });
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = listener.close({ drainMs: 0 });
      clock.advance(0);
      await closed;
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

describe('Listener', () => {
  it('counts who is there, and gives places back', { timeout }, async () => {
    await using host = await start({ maxConnections: 1 });
    const first = await host.connect();
    assert.equal(String((await once(first, 'data'))[0]), 'hello\n');
    const [session] = host.listener.sessions;
    assert.equal(session?.peer.address, '127.0.0.1');
    assert.equal(await readToEnd(await host.connect()), 'tooMany\n');
    first.end();
    await until(() => host.listener.sessions.size === 0);
    await once(await host.connect(), 'data');
    assert.deepEqual(host.metrics, [
      'campusmail_test_connections_total p',
      'campusmail_test_sessions 1',
      'campusmail_test_turned_away_total p',
      'campusmail_test_sessions -1',
      'campusmail_test_connections_total p',
      'campusmail_test_sessions 1',
    ]);
  });

  it('limits one address, save loopback', { timeout }, async () => {
    await using host = await start();
    for (let i = 0; i < 3; i++) await once(await host.connect(), 'data');
    const elsewhere = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      Object.defineProperty(socket, 'remoteAddress', { value: '::ffff:192.0.2.1' });
      host.listener.accept(socket);
    });
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    const first = connect({ host: '127.0.0.1', port });
    assert.equal(String((await once(first, 'data'))[0]), 'hello\n');
    assert.equal([...host.listener.sessions].at(-1)?.peer.address, '192.0.2.1');
    assert.equal(await readToEnd(connect({ host: '127.0.0.1', port })), 'tooManyFromAddress\n');
    first.end();
    elsewhere.close();
    await once(elsewhere, 'close');
  });

  it('tells nothing in plaintext to who expects TLS', { timeout }, async () => {
    await using host = await start({ maxConnections: 0, implicitTls: true });
    assert.equal(await readToEnd(await host.connect()), '');
  });

  it('rejects when the port is taken', { timeout }, async () => {
    await using host = await start();
    const { port } = await host.listener.listen({ host: '127.0.0.1', port: 0 });
    await assert.rejects(host.listener.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
  });

  it('drains, then hangs up, and may be closed twice', { timeout }, async () => {
    await using host = await start();
    const socket = await host.connect();
    await once(socket, 'data');
    const [session] = host.listener.sessions;
    const closed = Promise.all([host.listener.close({ drainMs: 1000 }), host.listener.close({ drainMs: 2000 })]);
    assert.ok(session?.hasDrained);
    await assert.rejects(host.connect(), { code: 'ECONNREFUSED' });
    assert.equal(host.listener.sessions.size, 1);
    host.clock.advance(1000);
    await closed;
    assert.equal(host.listener.sessions.size, 0);
  });
});
