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
import { FILLED, type FilledUser } from './names.ts';
import type { Report } from './target.ts';

const INBOX = 1 as MailboxId;
const PAGE = 50;
const REPETITIONS = 200;
const UNREAD = 50;
const MESSAGES = 64;
const THREAD_LENGTH = 3;

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

/** Conversations of three, all read but the last 50 of every so many. */
async function fill(mail: Mail, account: MailAccount, count: number): Promise<void> {
  const letters = Array.from({ length: MESSAGES }, (_, n) =>
    mail.prepareMessage(
      Buffer.from(`From: Li <li${n}@bench.test>\r\nSubject: 会议 ${n}\r\n\r\n${'text '.repeat(100)}${n}\r\n`),
    ),
  );
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
      return { message, mailboxes: [INBOX], keywords, receivedAt: 1_568_606_400_000 + n * 60_000 };
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
  const jmap = { openAccount: async () => account, maxDelayedSend: 0, applicationServerKey: '' };
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
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const page = { accountId: `A${accountId}`, filter: { inMailbox: `M${accountId}-${INBOX}` } };
  const methodCalls = [
    ['Email/query', { ...page, collapseThreads: true, limit: PAGE, calculateTotal: true }, 'q'],
    [
      'Email/get',
      { accountId: page.accountId, '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' }, properties: SHOWN },
      'g',
    ],
  ];
  const body = JSON.stringify({ using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'], methodCalls });
  const ask = async (): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = { 'content-type': 'application/json' };
    const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/jmap/api', headers }, (response) => {
      text(response).then(resolve, reject);
    });
    sent.on('error', reject).end(body);
    return promise;
  };
  try {
    if (!(await ask()).includes('"preview"')) throw new Error('the page has no rows');
    const times: number[] = [];
    const before = process.cpuUsage();
    for (let n = 0; n < REPETITIONS; n++) {
      const start = performance.now();
      await ask();
      times.push(performance.now() - start);
    }
    const { user, system } = process.cpuUsage(before);
    return { ...summarise(times), cpuMs: Number(((user + system) / 1000 / REPETITIONS).toFixed(2)) };
  } finally {
    agent.destroy();
    await server.close({ drainMs: 0 });
  }
}
