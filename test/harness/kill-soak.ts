/**
 * Kills a real server at random moments under load, again and again, and then looks whether every message that was
 * answered 250 is there, once for each recipient.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapTestClient, openSmtp, sendMessage, type LineClient } from './line-client.ts';
import { mustRun, startServerProcess, type ServerProcess } from './server-process.ts';

export interface KillSoakOptions {
  readonly dataDir: string;
  readonly kills: number;
  readonly connections: number;
  /** How long the server lives at most before each kill, milliseconds. */
  readonly lifeMs: number;
  /** 0 … 1, so that a failing run can be repeated. */
  readonly random: () => number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly report?: (text: string) => void;
}

export interface KillSoakResult {
  readonly kills: number;
  /** Messages answered 250. */
  readonly acknowledged: number;
  /** Message ids answered 250 that some recipient lacks. */
  readonly lost: readonly string[];
  /** Message ids that some recipient has twice though they were sent once. */
  readonly doubled: readonly string[];
  /** Messages that are there although the connection died before an answer: allowed, and counted. */
  readonly unanswered: number;
}

const USERS = ['zhang.san', 'li.si', 'wang.wu'] as const;
const DOMAIN = 'kust.example';
const PASSWORD = 'soak-password';

export async function runKillSoak(options: KillSoakOptions): Promise<KillSoakResult> {
  const { dataDir, settings = {}, report = () => undefined } = options;
  await mustRun(dataDir, ['domain', 'add', DOMAIN], settings);
  for (const user of USERS) {
    await mustRun(dataDir, ['account', 'create', `${user}@${DOMAIN}`, '--password', PASSWORD], settings);
  }
  /** Message id -> recipients it was acknowledged for. */
  const acknowledged = new Map<string, readonly string[]>();
  const offered = new Set<string>();
  for (let kill = 1; kill <= options.kills; kill++) {
    const server = await startServerProcess(dataDir, settings);
    const load = runLoad(server, options, kill, acknowledged, offered);
    await sleep(options.random() * options.lifeMs);
    await server.kill();
    await load;
    report(`kill ${kill}: ${acknowledged.size} acknowledged so far`);
  }
  const server = await startServerProcess(dataDir, settings);
  const found = new Map<string, Map<string, number>>();
  let code: number | null;
  try {
    for (const user of USERS) found.set(user, await countMessages(server, `${user}@${DOMAIN}`));
  } finally {
    code = await server.stop();
  }
  if (code !== 0) throw new Error(`the last server ended with ${code}:\n${server.log()}`);

  const lost: string[] = [];
  for (const [id, users] of acknowledged) {
    if (users.some((user) => found.get(user)?.get(id) === undefined)) lost.push(id);
  }
  const doubled = [...offered].filter((id) => USERS.some((user) => (found.get(user)?.get(id) ?? 0) > 1));
  const unanswered = [...offered].filter(
    (id) => !acknowledged.has(id) && USERS.some((user) => found.get(user)?.has(id)),
  );
  return { kills: options.kills, acknowledged: acknowledged.size, lost, doubled, unanswered: unanswered.length };
}

/** Sends on several connections until the server dies. */
async function runLoad(
  server: ServerProcess,
  { connections, random }: KillSoakOptions,
  kill: number,
  acknowledged: Map<string, readonly string[]>,
  offered: Set<string>,
): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      let client: LineClient | undefined;
      try {
        client = await openSmtp(server.ports['smtp'] as number);
        for (let i = 0; ; i++) {
          const id = `k${kill}c${connection}m${i}@soak.example`;
          const users = i % 3 === 0 ? USERS : [USERS[i % USERS.length] as string];
          const filler = 'x'.repeat(Math.floor(random() * 8000));
          const message = `From: <a@soak.example>\r\nMessage-ID: <${id}>\r\nSubject: soak\r\n\r\n${filler}\r\n`;
          offered.add(id);
          const addresses = users.map((user) => `${user}@${DOMAIN}`);
          const { code } = await sendMessage(client, 'a@soak.example', addresses, message);
          if (code === 250) acknowledged.set(id, users);
        }
      } catch {
        // The server was killed: that is the point.
      } finally {
        client?.close();
      }
    }),
  );
}

/** Message id -> how often the inbox holds it; every message is also read whole. */
export async function countMessages(
  server: ServerProcess,
  login: string,
  password = PASSWORD,
): Promise<Map<string, number>> {
  const imap = await ImapTestClient.open(server.ports['imap'] as number, login, password);
  try {
    const counts = new Map<string, number>();
    const selected = await imap.command('SELECT INBOX');
    // A sequence set needs a message.
    if (selected.includes('* 0 EXISTS')) return counts;
    for (const response of await imap.command('FETCH 1:* (BODY.PEEK[])')) {
      const id = /Message-ID: <([^>]+)>/.exec(response)?.[1];
      if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  } finally {
    imap.close();
  }
}
