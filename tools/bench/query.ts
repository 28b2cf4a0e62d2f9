/**
 * What a page of a message list costs a thread of the server: the query, collapsed by thread, with its total, and the
 * rows to show; and what JMAP makes of it, asked over a connection that stays open. On an embedded store of its own.
 */
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { FakeClock, systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import { HttpServer } from '#http/server.ts';
import type { JmapServices } from '#jmap/core/method.ts';
import { jmapRoutes } from '#jmap/routes.ts';
import type { MailAccount } from '#mail/account.ts';
import type { EmailQuery } from '#mail/email-query.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { Mail } from '#mail/mail.ts';
import type { AccountId, MailboxId, PreparedMessage } from '#mail/types.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';
import { ImapLoad } from './clients.ts';
import { CYRUS_HTTP_PORT, CYRUS_IMAP_PORT, startCyrus } from './cyrus.ts';
import { FILLED, PASSWORD, type FilledUser } from './names.ts';
import type { Report } from './target.ts';

const INBOX = 1 as MailboxId;
const PAGE = 50;
const REPETITIONS = 200;
const UNREAD = 50;
const MESSAGES = 64;
const THREAD_LENGTH = 3;
const APPENDED_AT_ONCE = 50;
/** When the oldest came. */
const FIRST_MS = 1_568_606_400_000;

export async function measureQueries(dataDir: string, users: readonly FilledUser[], report: Report): Promise<void> {
  const store = await openSqliteStore({ clock: new FakeClock(), log: silentLog, dataDir: join(dataDir, 'query') });
  try {
    const mail = new Mail(store.mail);
    for (const [index, user] of users.entries()) {
      const account = mail.account((index + 1) as AccountId);
      await fill(mail, account, FILLED[user]);
      const newest: EmailQuery = { filter: { inMailbox: INBOX }, collapseThreads: true };
      const unread: EmailQuery = { filter: { inMailbox: INBOX, notKeyword: '$seen' }, collapseThreads: true };
      report(`query ${user} page`, await time(account, newest, 0, true));
      report(`query ${user} unread`, await time(account, unread, 0, false));
      report(`query ${user} deep`, await time(account, newest, 1_000, true));
      report(`query ${user} jmap`, await timeJmap(mail, account));
    }
  } finally {
    await store.close();
  }
}

/** The same page asked of Cyrus, whose mailboxes are filled by IMAP with the same mail. */
export async function measureCyrusQueries(
  dataDir: string,
  users: readonly FilledUser[],
  report: Report,
): Promise<void> {
  const cyrus = await startCyrus(join(dataDir, 'cyrus'), users);
  try {
    for (const user of users) {
      await fillByImap(user);
      const headers = { authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}` };
      const target = { port: CYRUS_HTTP_PORT, path: '/jmap/', headers };
      const inbox = /"ids":\["([^"]+)"\]/.exec(
        await ask(target, [['Mailbox/query', { accountId: user, filter: { role: 'inbox' } }, 'm']]),
      )?.[1];
      if (inbox === undefined) throw new Error(`Cyrus has no inbox for ${user}`);
      report(`query ${user} jmap`, await timePage(target, user, inbox, () => cyrus.usage.cpuSeconds()));
    }
  } finally {
    await cyrus.stop();
  }
}

async function fillByImap(user: FilledUser): Promise<void> {
  const imap = await ImapLoad.open(CYRUS_IMAP_PORT, user);
  await imap.command('CREATE INBOX').catch(() => undefined);
  const [count, readEvery] = [FILLED[user], Math.floor(FILLED[user] / UNREAD)];
  for (let from = 0; from < count; from += APPENDED_AT_ONCE) {
    const pieces: Buffer[] = [Buffer.from('APPEND INBOX')];
    for (let n = from; n < Math.min(count, from + APPENDED_AT_ONCE); n++) {
      const thread = Math.floor(n / THREAD_LENGTH);
      const octets = Buffer.from(
        `Message-ID: <${n}@bench.test>\r\nReferences: <thread${thread}@bench.test>\r\n${letterText(thread % MESSAGES)}`,
      );
      const flags = n % readEvery === 0 ? '' : '\\Seen';
      const date = new Date(FIRST_MS + n * 60_000).toUTCString().slice(5, 25).replace(' ', '-').replace(' ', '-');
      pieces.push(Buffer.from(` (${flags}) "${date} +0000" {${octets.length}+}\r\n`), octets);
    }
    await imap.command(pieces);
  }
  imap.close();
}

function letterText(n: number): string {
  return `From: Li <li${n}@bench.test>\r\nSubject: 会议 ${n}\r\n\r\n${'text '.repeat(100)}${n}\r\n`;
}

/** Conversations of three, all read but the last 50 of every so many. */
async function fill(mail: Mail, account: MailAccount, count: number): Promise<void> {
  const letters = Array.from({ length: MESSAGES }, (_, n) => mail.prepareMessage(Buffer.from(letterText(n))));
  const readEvery = Math.floor(count / UNREAD);
  for (let from = 0; from < count; from += MAIL_LIMITS.operationEmails) {
    const length = Math.min(MAIL_LIMITS.operationEmails, count - from);
    const items = Array.from({ length }, (_, at) => {
      const n = from + at;
      const references = [`thread ${Math.floor(n / THREAD_LENGTH)}`];
      const message: PreparedMessage = {
        ...(letters[n % MESSAGES] as PreparedMessage),
        threadKeys: { references, subjectHash: 's' },
      };
      const keywords = n % readEvery === 0 ? [] : ['$seen'];
      return { message, mailboxes: [INBOX], keywords, receivedAt: FIRST_MS + n * 60_000 };
    });
    await account.append({ items, source: 'migration' });
  }
}

async function time(
  account: MailAccount,
  query: EmailQuery,
  position: number,
  calculateTotal: boolean,
): Promise<{ readonly p50Ms: number; readonly p95Ms: number }> {
  const times: number[] = [];
  for (let n = 0; n < REPETITIONS; n++) {
    const start = performance.now();
    const page = await account.queryEmails(query, { position, limit: PAGE, calculateTotal });
    if (page === 'anchorNotFound') throw new Error('there was no anchor');
    await account.emails(page.emailIds);
    await account.listRows(page.emailIds);
    times.push(performance.now() - start);
  }
  return summarise(times);
}

function summarise(times: readonly number[]): { readonly p50Ms: number; readonly p95Ms: number } {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Number((sorted[Math.floor(times.length * share)] ?? 0).toFixed(2));
  return { p50Ms: at(0.5), p95Ms: at(0.95) };
}

const CALLER = {
  login: 'li@bench.test',
  owner: 'bench',
  way: 'web' as const,
  agent: '',
  remoteAddress: '127.0.0.1',
  admit: () => true,
  watch: () => () => {},
};
const SHOWN = 'threadId mailboxIds keywords from to subject receivedAt size hasAttachment preview'.split(' ');

/** From the request's first octet to the answer's last, server and client in one process; `cpuMs` is what both use. */
async function timeJmap(
  mail: Mail,
  account: MailAccount,
): Promise<{ readonly p50Ms: number; readonly p95Ms: number; readonly cpuMs: number }> {
  const { accountId } = account;
  const services = { clock: systemClock, random: systemRandom, log: silentLog, mail };
  const directory = { sharedWith: async () => [] };
  const helpDesk = { address: null };
  const jmap = { helpDesk, directory, openAccount: async () => account, maxDelayedSend: 0, applicationServerKey: '' };
  const { routes } = jmapRoutes({
    // A list asks for nothing else.
    services: { ...services, ...jmap } as unknown as JmapServices,
    authenticate: async () => ({ ...CALLER, accountId }),
    nameOf: async () => 'Li',
    maxUploadBytes: 1_000_000,
  });
  const rates = { requestsPerMinute: 1_000_000, octetsPerMinute: 1_000_000_000 };
  const server = new HttpServer({
    ...services,
    routes,
    limits: { maxConnections: 10, maxConnectionsPerAddress: 10, rates },
    metrics: noMetrics,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const target = { port, path: '/jmap/api', headers: {} };
  try {
    return await timePage(target, `A${accountId}`, `M${accountId}-${INBOX}`, () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
  } finally {
    agent.destroy();
    await server.close({ drainMs: 0 });
  }
}

interface Asked {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function ask({ port, path, headers }: Asked, methodCalls: readonly unknown[]): Promise<string> {
  const body = JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { agent, port, host: '127.0.0.1', method: 'POST', path };
  const sent = request({ ...options, headers: { ...headers, 'content-type': 'application/json' } }, (response) => {
    text(response).then(resolve, reject);
  });
  sent.on('error', reject).end(body);
  return promise;
}

/** `cpuMs`: of whatever `cpuSeconds` tells. */
async function timePage(
  target: Asked,
  accountId: string,
  inMailbox: string,
  cpuSeconds: () => number,
): Promise<{ readonly p50Ms: number; readonly p95Ms: number; readonly cpuMs: number }> {
  const query = { accountId, filter: { inMailbox }, sort: [{ property: 'receivedAt', isAscending: false }] };
  const ids = { resultOf: 'q', name: 'Email/query', path: '/ids' };
  const page = [
    ['Email/query', { ...query, collapseThreads: true, limit: PAGE, calculateTotal: true }, 'q'],
    ['Email/get', { accountId, '#ids': ids, properties: SHOWN }, 'g'],
  ];
  const first = await ask(target, page);
  if (!first.includes('"preview"')) throw new Error(`the page has no rows: ${first.slice(0, 300)}`);
  const times: number[] = [];
  const before = cpuSeconds();
  for (let n = 0; n < REPETITIONS; n++) {
    const start = performance.now();
    await ask(target, page);
    times.push(performance.now() - start);
  }
  const cpuMs = Number((((cpuSeconds() - before) * 1_000) / REPETITIONS).toFixed(2));
  return { ...summarise(times), cpuMs };
}
