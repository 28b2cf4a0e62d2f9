/**
 * Mail for elsewhere: how fast it leaves while it comes in, how fast a full queue empties, and what a large backlog
 * for a dead destination does to the rest. The far end is smtp-sink on loopback.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeMessage } from './campus-mail.ts';
import { SmtpLoad } from './clients.ts';
import { addressOf, destinationNames, DOMAIN, OUTBOUND_BYTES, PASSWORD, WRITER } from './names.ts';
import { OUR_PORTS, OurServer } from './our-server.ts';
import { POSTFIX_PORT, startPostfixRelay } from './postfix-relay.ts';
import { Sink } from './sink.ts';
import type { Report } from './target.ts';
import type { ProcessUsage } from './usage.ts';

const SINK_PORT = 25326;
/** Where nobody listens. */
const DEAD_PORT = 1;
const DEAD_DESTINATION = 'dead.test';
const CONNECTIONS = 10;
/** Of the backlog, for the destination that is dead. */
const DEAD_SHARE = 0.8;
const MEMORY_EVERY_MS = 500;

/** Whither, by the name of its test. */
const spreads = (): readonly (readonly [test: string, destinations: readonly string[]])[] => [
  ['outbound_one', destinationNames().slice(0, 1)],
  ['outbound_spread200', destinationNames()],
];

interface Relay {
  readonly usage: ProcessUsage;
  release(): Promise<void>;
  stop(): Promise<void>;
}

/** `folder`: for data, which is removed before each run. */
export async function measureOurOutbound(
  folder: string,
  logFile: string,
  messages: number,
  report: Report,
  profileDir?: string,
): Promise<void> {
  const open = async (): Promise<OurServer> => {
    await rm(folder, { recursive: true, force: true });
    return openOurs(folder, logFile, profileDir);
  };
  for (const [test, destinations] of spreads()) {
    const ours = await open();
    await ours.command(['domain', 'add', DOMAIN]);
    await ours.command(['account', 'create', addressOf(WRITER), '--password', PASSWORD]);
    const passing = await ours.start();
    const through = await measurePassing(passing, messages, destinations, OUR_PORTS.submission, WRITER);
    const filled = await open();
    await filled.fillQueue(messages, destinations, 'held');
    const server = await filled.start();
    const draining: Relay = {
      usage: server.usage,
      stop: () => server.stop(),
      release: () => filled.command(['queue', 'release', '--all']),
    };
    report(test, { ...through, ...(await measureDraining(draining, messages)) });
  }
}

export async function measurePostfixOutbound(folder: string, messages: number, report: Report): Promise<void> {
  for (const [test, destinations] of spreads()) {
    const passing = await startPostfixRelay(folder, SINK_PORT, { holds: false });
    const through = await measurePassing(passing, messages, destinations, POSTFIX_PORT);
    const draining = await startPostfixRelay(folder, SINK_PORT, { holds: true });
    await send(POSTFIX_PORT, messages, destinations);
    report(test, { ...through, ...(await measureDraining(draining, messages)) });
  }
}

/** Our server alone: how soon after a start the first leaves, and how fast the living part of a backlog does. */
export async function measureBacklog(folder: string, logFile: string, backlog: number, report: Report): Promise<void> {
  const living = Math.round(backlog * (1 - DEAD_SHARE));
  for (const dead of [0, backlog - living]) {
    await rm(folder, { recursive: true, force: true });
    const ours = openOurs(folder, logFile);
    if (dead > 0) await ours.fillQueue(dead, [DEAD_DESTINATION]);
    await ours.fillQueue(living, destinationNames());
    const sink = await Sink.start(SINK_PORT);
    try {
      const start = performance.now();
      const server = await ours.start();
      try {
        const memory = watchMemory(server.usage);
        await sink.reaches(1);
        const first = performance.now();
        await sink.reaches(living);
        const drainMs = performance.now() - first;
        report(dead > 0 ? 'backlog_dead80' : 'backlog_alive', {
          first_s: (first - start) / 1_000,
          drain_per_s: living / (drainMs / 1_000),
          pss_mb: memory.peakMb(),
        });
      } finally {
        await server.stop();
      }
    } finally {
      await sink.stop();
    }
  }
}

function openOurs(folder: string, logFile: string, profileDir?: string): OurServer {
  return new OurServer(join(folder, 'data'), logFile, profileDir, {
    CAMPUSMAIL_QUEUE_ROUTES: `${DEAD_DESTINATION} via 127.0.0.1:${DEAD_PORT}, * via 127.0.0.1:${SINK_PORT}`,
    CAMPUSMAIL_CLASS_STAFF_OUTSIDE_PER_HOUR: '1000000',
    CAMPUSMAIL_CLASS_STAFF_OUTSIDE_PER_DAY: '1000000',
    CAMPUSMAIL_CLASS_STAFF_NEW_PER_DAY: '1000000',
  });
}

/** From the first command of the first message to the last 250 of the sink. */
async function measurePassing(
  server: Pick<Relay, 'usage' | 'stop'>,
  messages: number,
  destinations: readonly string[],
  port: number,
  user?: string,
): Promise<Readonly<Record<string, number>>> {
  const sink = await Sink.start(SINK_PORT);
  try {
    const cpu = server.usage.cpuSeconds();
    const start = performance.now();
    await send(port, messages, destinations, user);
    const acceptedMs = performance.now() - start;
    await sink.reaches(messages);
    const sentMs = performance.now() - start;
    return {
      accept_per_s: messages / (acceptedMs / 1_000),
      sent_per_s: messages / (sentMs / 1_000),
      cpu_ms_per_msg: ((server.usage.cpuSeconds() - cpu) * 1_000) / messages,
    };
  } finally {
    await server.stop();
    await sink.stop();
  }
}

async function measureDraining(server: Relay, messages: number): Promise<Readonly<Record<string, number>>> {
  const sink = await Sink.start(SINK_PORT);
  const memory = watchMemory(server.usage);
  try {
    const cpu = server.usage.cpuSeconds();
    const start = performance.now();
    await server.release();
    await sink.reaches(messages);
    const drainMs = performance.now() - start;
    return {
      drain_per_s: messages / (drainMs / 1_000),
      drain_cpu_ms_per_msg: ((server.usage.cpuSeconds() - cpu) * 1_000) / messages,
      drain_pss_mb: memory.peakMb(),
    };
  } finally {
    await server.stop();
    await sink.stop();
  }
}

/** `user`: who signs in first. */
async function send(port: number, messages: number, destinations: readonly string[], user?: string): Promise<void> {
  const from = addressOf(WRITER);
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const session = await SmtpLoad.open(port);
      if (user !== undefined) await session.signIn(user);
      for (let index = next++; index < messages; index = next++) {
        const to = `p${index}@${destinations[index % destinations.length]}`;
        await session.send(from, [to], makeMessage(index, OUTBOUND_BYTES, from));
      }
      session.close();
    }),
  );
}

/** The most it had at any of the moments it was looked at. */
function watchMemory(usage: ProcessUsage): { peakMb(): number } {
  let peak = usage.memoryMb();
  const timer = setInterval(() => (peak = Math.max(peak, usage.memoryMb())), MEMORY_EVERY_MS);
  return {
    peakMb() {
      clearInterval(timer);
      return Math.max(peak, usage.memoryMb());
    },
  };
}
