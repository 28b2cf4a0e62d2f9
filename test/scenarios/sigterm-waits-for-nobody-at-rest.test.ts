import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { openCampus, ZHANG } from '#test/harness/campus.ts';

/** Far below what a drain takes when somebody is waited for (10 s), far above what it takes when nobody is. */
const BOUND_MS = 5_000;

const IMPLICIT_TLS = ['imaps', 'pop3s'];
const STARTTLS: Readonly<Record<string, readonly string[]>> = {
  smtp: ['EHLO client.example', 'STARTTLS'],
  imap: ['a STARTTLS'],
  pop3: ['STLS'],
};
const PLAIN = ['smtp', 'lmtp', 'imap', 'pop3'];

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** A client that never closes its side, whatever is said to it. */
async function greeted(port: number): Promise<Socket> {
  const socket = await open(port);
  await once(socket, 'data');
  return socket;
}

async function secured(socket: Socket): Promise<Socket> {
  const secure = connectTls({ socket, rejectUnauthorized: false });
  secure.on('error', () => {});
  await once(secure, 'secureConnect');
  return secure;
}

async function askStartTls(port: number, name: string): Promise<Socket> {
  const socket = await greeted(port);
  for (const command of STARTTLS[name] ?? []) {
    socket.write(`${command}\r\n`);
    await once(socket, 'data');
  }
  return socket;
}

/** A TLS client that begins its handshake and says no more. */
function beginHandshake(socket: Socket): void {
  // The header of a handshake record of 512 octets, and nothing of what it announces.
  socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
}

type Clients = (ports: Readonly<Record<string, number>>) => Promise<Socket[]>;

const each =
  (names: readonly string[], client: (port: number, name: string) => Promise<Socket>): Clients =>
  (ports) =>
    Promise.all(names.map((name) => client(ports[name] as number, name)));

const CASES: Readonly<Record<string, Clients>> = {
  'that never speak': each(PLAIN, greeted),
  'that never speak where TLS or a request is due': each([...IMPLICIT_TLS, 'http'], open),
  'that closed their side': each([...PLAIN, ...IMPLICIT_TLS, 'http'], async (port) => (await open(port)).end()),
  'that stopped in the middle of a handshake': each(IMPLICIT_TLS, async (port) => {
    const socket = await open(port);
    beginHandshake(socket);
    return socket;
  }),
  'that asked for TLS and said no more': each(Object.keys(STARTTLS), askStartTls),
  'that stopped in the middle of a handshake they asked for': each(Object.keys(STARTTLS), async (port, name) => {
    const socket = await askStartTls(port, name);
    beginHandshake(socket);
    return socket;
  }),
  'that looked at the certificate': each(IMPLICIT_TLS, async (port) => secured(await open(port))),
  'that looked at the certificate they asked for': each(Object.keys(STARTTLS), async (port, name) =>
    secured(await askStartTls(port, name)),
  ),
  'that sent half a line': each(PLAIN, async (port) => {
    const socket = await greeted(port);
    socket.write('NOO');
    return socket;
  }),
  'that sent half a request, or one and no more': async (ports) => {
    const [half, whole] = [await open(ports['http'] as number), await open(ports['http'] as number)];
    half.write('GET /healthz HTTP/1.1\r\nHost: x');
    whole.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(whole, 'data');
    return [half, whole];
  },
  'that were told goodbye': async (ports) => {
    const socket = await greeted(ports['smtp'] as number);
    socket.write('QUIT\r\n');
    await once(socket, 'data');
    return [socket];
  },
};

for (const [who, openClients] of Object.entries(CASES)) {
  test(`SIGTERM does not wait for clients ${who}`, { timeout: 60_000 }, async (t) => {
    const campus = await openCampus();
    t.after(() => campus[Symbol.asyncDispose]());
    const sockets = await openClients(campus.server.ports);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    const startedAt = performance.now();
    assert.equal(await campus.server.stop(), 0);
    const tookMs = Math.round(performance.now() - startedAt);
    assert.ok(tookMs < BOUND_MS, `${tookMs} ms`);
    t.diagnostic(`${tookMs} ms`);
  });
}

test('SIGTERM closes the store in good order: no file of an open database is left', async () => {
  await using campus = await openCampus();
  await campus.deliver(ZHANG, 'Subject: 归档\r\n\r\nx\r\n');
  assert.ok((await readdir(campus.dataDir)).includes('mail.db-wal'));
  assert.equal(await campus.server.stop(), 0);
  const left = (await readdir(campus.dataDir)).filter((name) => /-(wal|shm)$/.test(name));
  assert.deepEqual(left, []);
  assert.equal(campus.server.log(), '');
});
