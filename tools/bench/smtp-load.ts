/** Messages a second over SMTP, accepted and visible by IMAP, spread over many mailboxes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeMessage } from './campus-mail.ts';
import { ImapLoad, SmtpLoad } from './clients.ts';
import { addressOf, SMTP_CONNECTIONS, SPREAD_USERS, smtpBase, spreadUser, type RunShape } from './names.ts';
import { median, type Report, type Target } from './target.ts';

export interface SmtpLoadSize {
  readonly messages: number;
  readonly sizeBytes: number;
  readonly users: number;
}

const FULL: SmtpLoadSize = { messages: 5_000, sizeBytes: 10_240, users: SPREAD_USERS };
/** Mailboxes looked at while mail arrives; all are counted afterwards. */
const SAMPLE = 25;

export async function measureSmtp(
  target: Target,
  shape: RunShape,
  round: number,
  report: Report,
  size: SmtpLoadSize = FULL,
): Promise<void> {
  const base = smtpBase(shape, round);
  for (const connections of SMTP_CONNECTIONS) {
    const runs: RunFigures[] = [];
    for (let run = 0; run < shape.runs; run++) {
      const users = Array.from({ length: size.users }, (_, index) => spreadUser(base, connections, run, index));
      runs.push(await runOnce(target, connections, users, size));
    }
    const middle = (field: keyof RunFigures): number => median(runs.map((figures) => figures[field]));
    report(`smtp_spread${size.users}_c${connections}`, {
      accept_per_s: middle('acceptPerS'),
      delivered_per_s: middle('deliveredPerS'),
      cpu_ms_per_msg: middle('cpuMs'),
      lat_p50_ms: middle('latencyP50Ms'),
    });
  }
}

interface RunFigures {
  readonly acceptPerS: number;
  readonly deliveredPerS: number;
  readonly cpuMs: number;
  readonly latencyP50Ms: number;
}

async function runOnce(
  target: Target,
  connections: number,
  users: readonly string[],
  { messages, sizeBytes }: SmtpLoadSize,
): Promise<RunFigures> {
  const octets = Array.from({ length: messages }, (_, index) => makeMessage(index, sizeBytes));
  const sessions = await Promise.all(Array.from({ length: connections }, () => SmtpLoad.open(target.smtpPort)));
  const latencies: number[] = [];
  const cpu = target.usage.cpuSeconds();
  const start = performance.now();
  let next = 0;
  await Promise.all(
    sessions.map(async (session) => {
      for (let index = next++; index < messages; index = next++) {
        const began = performance.now();
        await session.send(
          'load@load.test',
          [addressOf(users[index % users.length] as string)],
          octets[index] as Buffer,
        );
        latencies.push(performance.now() - began);
      }
    }),
  );
  const acceptedMs = performance.now() - start;
  for (const session of sessions) session.close();
  const wanted = (index: number): number => Math.floor((messages - index - 1) / users.length) + 1;
  const step = Math.max(1, Math.floor(users.length / SAMPLE));
  await waitUntilThere(target, users, (index) => (index % step === 0 ? wanted(index) : 0));
  const visibleMs = performance.now() - start;
  const cpuMs = ((target.usage.cpuSeconds() - cpu) * 1_000) / messages;
  await waitUntilThere(target, users, wanted);
  return {
    acceptPerS: messages / (acceptedMs / 1_000),
    deliveredPerS: messages / (visibleMs / 1_000),
    cpuMs,
    latencyP50Ms: median(latencies),
  };
}

const PATIENCE_MS = 120_000;

/** Resolves when each user's INBOX has at least that many messages; 0 is not looked at. */
export async function waitUntilThere(
  target: Target,
  users: readonly string[],
  wanted: (index: number) => number,
): Promise<void> {
  const start = performance.now();
  for (const [index, user] of users.entries()) {
    const least = wanted(index);
    if (least === 0) continue;
    const imap = await ImapLoad.open(target.imapPort, user);
    for (let count = await imap.count(); count < least; count = await imap.count()) {
      if (performance.now() - start > PATIENCE_MS) throw new Error(`${user} has ${count} of ${least} messages`);
      await sleep(20);
    }
    imap.close();
  }
}
