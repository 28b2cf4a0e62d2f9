/** IDLE: how soon a client hears of new mail, and what thousands of waiting clients cost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeMessage } from './campus-mail.ts';
import { ImapLoad, SmtpLoad } from './clients.ts';
import { addressOf, IDLE_CONNECTIONS, IDLER, idleUser } from './names.ts';
import { median, type Report, type Target } from './target.ts';

const PINGS = 30;
/** Opened at the same time: a campus does not come one by one. */
const OPEN_AT_ONCE = 20;
const SETTLE_MS = 5_000;
const WATCH_MS = 10_000;

export interface IdleSize {
  readonly connections: number;
  readonly pings: number;
  readonly settleMs: number;
  readonly watchMs: number;
}

const FULL: IdleSize = { connections: IDLE_CONNECTIONS, pings: PINGS, settleMs: SETTLE_MS, watchMs: WATCH_MS };

export async function measureIdleLatency(target: Target, report: Report, size: IdleSize = FULL): Promise<void> {
  report('idle_latency', await latency(target, size.pings));
}

export async function measureIdleMemory(target: Target, report: Report, size: IdleSize = FULL): Promise<void> {
  const { connections, settleMs, watchMs } = size;
  await sleep(settleMs);
  report('idle_memory_0', { pss_mb: target.usage.memoryMb() });
  const cpu = target.usage.cpuSeconds();
  const sessions: ImapLoad[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: OPEN_AT_ONCE }, async () => {
      for (let index = next++; index < connections; index = next++) {
        sessions.push(await openIdle(target, idleUser(index)));
      }
    }),
  );
  const openCpu = target.usage.cpuSeconds() - cpu;
  await sleep(settleMs);
  const idleCpu = target.usage.cpuSeconds();
  await sleep(watchMs);
  report(`idle_memory_${connections}`, {
    open: sessions.length,
    pss_mb: target.usage.memoryMb(),
    cpu_open_s: openCpu,
    cpu_10s_idle: target.usage.cpuSeconds() - idleCpu,
  });
  report(`idle_latency_with_${connections}`, await latency(target, Math.min(size.pings, 8)));
  for (const session of sessions) session.close();
}

async function openIdle(target: Target, user: string): Promise<ImapLoad> {
  const session = await ImapLoad.open(target.imapPort, user);
  await session.select();
  session.send('I IDLE\r\n');
  await session.readUntil('+');
  return session;
}

/** From the 250 to the untagged EXISTS. */
async function latency(target: Target, pings: number): Promise<{ p50_ms: number; max_ms: number }> {
  const idler = await openIdle(target, IDLER);
  const smtp = await SmtpLoad.open(target.smtpPort);
  const waits: number[] = [];
  for (let index = 0; index < pings; index++) {
    const heard = idler.readUntil(' EXISTS').then(() => performance.now());
    await smtp.send('a@load.test', [addressOf(IDLER)], makeMessage(index, 500));
    const accepted = performance.now();
    // It may be heard before the 250 is read: the two come by different connections.
    waits.push(Math.max(0, (await heard) - accepted));
    await sleep(50);
  }
  smtp.close();
  idler.close();
  return { p50_ms: median(waits), max_ms: Math.max(...waits) };
}
