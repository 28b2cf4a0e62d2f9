/**
 * Kills a real server at random moments while people send mail elsewhere, again and again, and then looks at what came
 * there: everything that was answered 250, and twice only what had been answered 250 there and was not recorded yet.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { SENDER_LIMITS } from '#queue/sender.ts';
import { splitAddress } from '#smtp/address.ts';
import type { Receiver } from '#smtp/receiver.ts';
import { createSmtpServer } from '#smtp/server.ts';
import { eventually } from './campus.ts';
import { countMessages, type KillSoakOptions } from './kill-soak.ts';
import { openSmtp, sendMessage, smtpCommand, type LineClient } from './line-client.ts';
import { mustRun, startServerProcess, type ServerProcess } from './server-process.ts';

export interface QueueKillSoakResult {
  readonly kills: number;
  /** Messages for one destination each that were answered 250. */
  readonly acknowledged: number;
  /** Those of them that never came. */
  readonly lost: readonly string[];
  /** How often something came again: allowed for the last messages of a connection that the kill cut. */
  readonly repeated: number;
  /** What came again though it should have been recorded. */
  readonly doubled: readonly string[];
  /** Messages to somebody here, too, that came only here or only elsewhere. */
  readonly halves: readonly string[];
}

const USER = 'zhang.san@kust.example';
const PASSWORD = 'soak-password';
/** A message to all of them is to somebody here, too: answered or not, it is everywhere or nowhere. */
const DESTINATIONS = ['x.example', 'y.example', 'z.example'];
/** Within which a dead server's messages are taken over where several may share the queue, and sent. */
const PATIENCE_MS = 2 * SENDER_LIMITS.aliveMs + 60_000;

/** What came, in order: `life`, by which run of the server; `session`, over which connection. */
interface Sighting {
  readonly key: string;
  readonly life: number;
  readonly session: string;
}

export async function runQueueKillSoak(options: KillSoakOptions): Promise<QueueKillSoakResult> {
  const { dataDir, report = () => undefined } = options;
  const sightings: Sighting[] = [];
  const came = new Set<string>();
  let life = 1;
  const receiver: Receiver = {
    mail: async () => undefined,
    rcpt: async () => undefined,
    async data({ peer, forwardPaths }, message) {
      const id = /^Subject: (.*)\r$/m.exec(message.toString('latin1'))?.[1] ?? '';
      const { domain } = splitAddress(forwardPaths[0]?.address ?? '');
      const key = `${id} ${domain}`;
      sightings.push({ key, life, session: peer.sessionId });
      came.add(key);
      return forwardPaths.map(() => ({ code: 250, enhanced: '2.0.0', text: 'Taken' }));
    },
  };
  const parts = { hostname: 'mx.elsewhere.example', log: silentLog, clock: systemClock, random: systemRandom };
  const elsewhere = createSmtpServer({ protocol: 'smtp', receiver, ...parts });
  const { port } = await elsewhere.listen({ host: '127.0.0.1', port: 0 });
  const settings = {
    ...options.settings,
    CAMPUSMAIL_LISTEN_SUBMISSION: '127.0.0.1:0',
    CAMPUSMAIL_QUEUE_ROUTES: `* via 127.0.0.1:${port}`,
    CAMPUSMAIL_CLASS_STAFF_OUTSIDE_PER_HOUR: '10000000',
    CAMPUSMAIL_CLASS_STAFF_OUTSIDE_PER_DAY: '10000000',
    CAMPUSMAIL_CLASS_STAFF_NEW_PER_DAY: '10000000',
  };
  const acknowledged = new Set<string>();
  const offeredHere = new Set<string>();
  let here = new Map<string, number>();
  try {
    await mustRun(dataDir, ['domain', 'add', 'kust.example'], settings);
    await mustRun(dataDir, ['account', 'create', USER, '--password', PASSWORD], settings);
    for (; life <= options.kills; life++) {
      const server = await startServerProcess(dataDir, settings);
      const load = submitUntilDead(server, options, life, { acknowledged, offeredHere });
      await sleep(options.random() * options.lifeMs);
      await server.kill();
      await load;
      report(`kill ${life}: ${acknowledged.size} acknowledged so far`);
    }
    const server = await startServerProcess(dataDir, settings);
    try {
      // Looked at here first, for a command each time would keep the server from its work; what is lost is told below.
      await eventually('all mail', () => acknowledged.isSubsetOf(came), PATIENCE_MS).catch(() => undefined);
      await eventually(
        'an empty queue',
        async () => (await mustRun(dataDir, ['queue', 'list', '--limit', '1'], settings)).startsWith('0 messages'),
        PATIENCE_MS,
      );
      here = await countMessages(server, USER, PASSWORD);
    } finally {
      await server.stop();
    }
  } finally {
    await elsewhere.close({ drainMs: 0 });
  }
  const repeats = findRepeats(sightings);
  return {
    kills: options.kills,
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((key) => !came.has(key)),
    repeated: repeats.length,
    doubled: repeats.filter(({ isAllowed }) => !isAllowed).map(({ key }) => key),
    halves: [...offeredHere].filter((id) => {
      const places = [here.has(id), ...DESTINATIONS.map((domain) => came.has(`${id} ${domain}`))];
      return new Set(places).size > 1;
    }),
  };
}

/** What came and came again: allowed among the last messages of a session, when it was another life that repeated it. */
function findRepeats(sightings: readonly Sighting[]): { readonly key: string; readonly isAllowed: boolean }[] {
  const bySession = Map.groupBy(sightings, ({ session }) => session);
  return [...Map.groupBy(sightings, ({ key }) => key)].flatMap(([key, seen]) =>
    seen.slice(0, -1).map((sighting, index) => {
      const isLast = bySession.get(sighting.session)?.slice(-SENDER_LIMITS.unsettledAtOnce).includes(sighting) ?? false;
      return { key, isAllowed: isLast && sighting.life !== seen[index + 1]?.life };
    }),
  );
}

async function submitUntilDead(
  server: ServerProcess,
  { connections, random }: KillSoakOptions,
  life: number,
  {
    acknowledged,
    offeredHere,
  }: {
    readonly acknowledged: Set<string>;
    readonly offeredHere: Set<string>;
  },
): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      let client: LineClient | undefined;
      try {
        client = await openSmtp(server.ports['submission'] as number);
        const identity = Buffer.from(`\0${USER}\0${PASSWORD}`).toString('base64');
        await smtpCommand(client, `AUTH PLAIN ${identity}`, '235');
        for (let count = 0; ; count++) {
          const id = `l${life}c${connection}m${count}`;
          const domains = count % 4 === 0 ? DESTINATIONS : [DESTINATIONS[count % DESTINATIONS.length] as string];
          const filler = 'x'.repeat(Math.floor(random() * 8000));
          const message = `From: <${USER}>\r\nMessage-ID: <${id}>\r\nSubject: ${id}\r\n\r\n${filler}\r\n`;
          const addresses = domains.map((domain) => `friend@${domain}`);
          if (domains === DESTINATIONS) {
            addresses.unshift(USER);
            offeredHere.add(id);
          }
          const { code } = await sendMessage(client, USER, addresses, message);
          if (code === 250) for (const domain of domains) acknowledged.add(`${id} ${domain}`);
        }
      } catch {
        // The server was killed: that is the point.
      } finally {
        client?.close();
      }
    }),
  );
}
