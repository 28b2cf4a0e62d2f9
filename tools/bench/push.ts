/** JMAP's event source: how soon a client hears of new mail, and what thousands of waiting clients cost. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeMessage } from './campus-mail.ts';
import { SmtpLoad } from './clients.ts';
import { addressOf, IDLE_CONNECTIONS, IDLER, idleUser, PASSWORD } from './names.ts';
import { OUR_PORTS } from './our-server.ts';
import type { Report, Target } from './target.ts';

const PINGS = 100;
/** Opened at the same time: a campus does not come one by one. */
const OPEN_AT_ONCE = 20;
const SETTLE_MS = 5_000;

export async function measurePush(target: Target, report: Report): Promise<void> {
  report('push_latency', await latency(target));
  await sleep(SETTLE_MS);
  const before = target.usage.memoryMb();
  const cpu = target.usage.cpuSeconds();
  const sockets: Socket[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: OPEN_AT_ONCE }, async () => {
      for (let index = next++; index < IDLE_CONNECTIONS; index = next++) {
        sockets.push((await openEvents(idleUser(index))).socket);
      }
    }),
  );
  const openCpu = target.usage.cpuSeconds() - cpu;
  await sleep(SETTLE_MS);
  const after = target.usage.memoryMb();
  report(`push_memory_${IDLE_CONNECTIONS}`, {
    open: sockets.length,
    pss_mb: after,
    grown_mb: after - before,
    cpu_open_s: openCpu,
  });
  report(`push_latency_with_${IDLE_CONNECTIONS}`, await latency(target));
  for (const socket of sockets) socket.removeAllListeners('close').destroy();
}

/** Resolves when the stream has begun. */
async function openEvents(user: string) {
  const socket = connect(OUR_PORTS.http, '127.0.0.1');
  const credentials = Buffer.from(`${addressOf(user)}:${PASSWORD}`).toString('base64');
  const lines = [
    'GET /jmap/events?types=*&closeafter=no&ping=0 HTTP/1.1',
    'host: mail.bench.test',
    `authorization: Basic ${credentials}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  socket.setEncoding('latin1');
  let text = '';
  let heard = Promise.withResolvers<void>();
  socket.on('data', (chunk: string) => {
    text += chunk;
    heard.resolve();
  });
  socket.once('close', () => heard.reject(new Error(`closed after ${JSON.stringify(text.slice(0, 200))}`)));
  const readUntil = async (mark: string): Promise<void> => {
    while (!text.includes(mark)) {
      await heard.promise;
      heard = Promise.withResolvers();
    }
    text = text.slice(text.indexOf(mark) + mark.length);
  };
  await once(socket, 'connect');
  await readUntil(': welcome');
  return { socket, readUntil };
}

/** From the 250 to the event. */
async function latency(target: Target): Promise<Readonly<Record<'p50_ms' | 'p95_ms' | 'max_ms', number>>> {
  const { socket, readUntil } = await openEvents(IDLER);
  const smtp = await SmtpLoad.open(target.smtpPort);
  const waits: number[] = [];
  for (let index = 0; index < PINGS; index++) {
    const heard = readUntil('EmailDelivery').then(() => performance.now());
    await smtp.send('a@load.test', [addressOf(IDLER)], makeMessage(index, 500));
    const accepted = performance.now();
    // It may be heard before the 250 is read: the two come by different connections.
    waits.push(Math.max(0, (await heard) - accepted));
    await sleep(20);
  }
  smtp.close();
  socket.removeAllListeners('close').destroy();
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.floor(share * (PINGS - 1))] ?? Number.NaN).toFixed(2));
  return { p50_ms: at(0.5), p95_ms: at(0.95), max_ms: at(1) };
}
