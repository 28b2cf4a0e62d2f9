/**
 * The search index by itself: letters in one account, some of them announcements that others have too; what indexing one
 * costs, how large the index is, and how long questions take as JMAP and IMAP ask them.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { startServer } from '#imap/testing/test-server.ts';
import { Mail } from '#mail/mail.ts';
import { Indexer } from '#search/indexer.ts';
import { parseQuery } from '#search/query.ts';
import { Search } from '#search/search.ts';
import { letterWriter } from '#test/harness/letters.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { openTestStore, type TestStore } from '#test/harness/stores.ts';
import { median, type Report } from './target.ts';

const MESSAGES = { sqlite: 100_000, postgres: 20_000 } as const;
/** Accounts an announcement goes to; the first has all other mail as well. */
const ACCOUNTS = 20;
const LETTERS_AN_ANNOUNCEMENT = 50;
const APPENDED_AT_ONCE = 100;
/** Whose mail it is: the one who signs in to the test's IMAP server. */
const ANNA = 1 as AccountId;
/** What is typed into a search box, and what an IMAP client makes of it. */
const QUESTIONS: Readonly<Record<string, string>> = {
  会: 'BODY 会',
  会议: 'BODY 会议',
  '会议 考试': 'BODY 会议 BODY 考试',
  期末考试: 'BODY 期末考试',
  各位同学: 'BODY 各位同学',
  朱镕基: 'TEXT 朱镕基',
  悬空寺庙: 'TEXT 悬空寺庙',
  the: 'BODY the',
  seminar: 'BODY seminar',
  '"please have"': 'BODY "please have"',
};

/** On a fresh store that is gone afterwards. */
export async function measureSearch(kind: keyof typeof MESSAGES, report: Report): Promise<void> {
  const store = await openTestStore(kind);
  try {
    const textBytes = await fill(store, MESSAGES[kind]);
    const started = { at: performance.now(), cpu: process.cpuUsage() };
    const source = store.mail.reader;
    const indexer = new Indexer({ index: store.search, source, readFiles: async () => '', log: silentLog });
    while ((await indexer.step()) > 0);
    const { user, system } = process.cpuUsage(started.cpu);
    const indexBytes = kind === 'sqlite' ? statSync(join(store.dataDir, 'search.db')).size : undefined;
    report(`search_indexing ${kind}`, {
      messages: MESSAGES[kind],
      messages_per_s: Math.round(MESSAGES[kind] / ((performance.now() - started.at) / 1_000)),
      cpu_ms: round((user + system) / 1_000 / MESSAGES[kind]),
      text_mb: Math.round(textBytes / 1e6),
      ...(indexBytes === undefined ? {} : { percent: Math.round((indexBytes / textBytes) * 100) }),
    });
    await ask(store, (question, figures) => report(`search_question ${kind}`, { question, ...figures }));
  } finally {
    await store.discard();
  }
}

/** Octets of the letters' texts. */
async function fill(store: TestStore, messages: number): Promise<number> {
  const mail = new Mail(store.mail);
  const accountIds = Array.from({ length: ACCOUNTS }, (_, n) => (n + 1) as AccountId);
  for (const accountId of accountIds) await mail.account(accountId).provision();
  const writeLetter = letterWriter(seededRandom(1));
  let textBytes = 0;
  for (let done = 0; done < messages; done += APPENDED_AT_ONCE) {
    const waiting: Promise<unknown>[] = [];
    for (let n = done; n < done + APPENDED_AT_ONCE; n++) {
      const { from, subject, text } = writeLetter(n);
      const header = `From: ${n === 777 ? '朱镕基 <zhu@uni.example>' : from}\r\nSubject: ${subject}`;
      textBytes += Buffer.byteLength(text) + Buffer.byteLength(header);
      const octets = Buffer.from(`${header}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`);
      const receivers = n % LETTERS_AN_ANNOUNCEMENT === 0 ? accountIds : [ANNA];
      waiting.push(mail.deliver(mail.prepareMessage(octets), receivers, n));
    }
    await Promise.all(waiting);
  }
  return textBytes;
}

async function ask(store: TestStore, report: Report): Promise<void> {
  const search = new Search(store.search, store.mail.reader);
  const account = new Mail(store.mail).account(ANNA);
  await using server = await startServer({ mail: store.mail, close: async () => {} }, { search });
  const imap = await server.open('SELECT INBOX');
  for (const [text, command] of Object.entries(QUESTIONS)) {
    const query = parseQuery(text);
    /** As JMAP asks: a page of conversations by their time. */
    const page = (calculateTotal: boolean): Promise<number> =>
      medianMs(() =>
        account.queryEmails({ filter: { text }, collapseThreads: true }, { limit: 50, calculateTotal }, () =>
          search.match(ANNA, query),
        ),
      );
    const criteria = command.replace(/[^\x00-\x7f]+/g, (key) => `{${Buffer.byteLength(key)}+}\r\n${key}`);
    report(text, {
      hits: (await search.findIndexed(ANNA, query)).emailIds.length,
      index_ms: await medianMs(() => search.findIndexed(ANNA, query)),
      page_ms: await page(false),
      page_total_ms: await page(true),
      imap_ms: await medianMs(() => imap.ask(`UID SEARCH RETURN (COUNT) CHARSET UTF-8 ${criteria}`)),
    });
  }
}

/** Of five times. */
async function medianMs(action: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) {
    const from = performance.now();
    await action();
    times.push(performance.now() - from);
  }
  return round(median(times));
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
