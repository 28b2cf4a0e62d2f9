/**
 * The search index by itself: 100,000 letters, a fifth of them announcements to many; how fast they are indexed, how large
 * that is, and how long questions take.
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '#base/log.ts';
import type { AccountId } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { Indexer } from '#search/indexer.ts';
import { parseQuery } from '#search/query.ts';
import { Search } from '#search/search.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';
import type { OpenedStore } from '#store/opened-store.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { letterWriter } from './letters.ts';
import { median, type Report } from './target.ts';

const MESSAGES = 100_000;
/** Accounts an announcement goes to; the first has all mail of its own as well. */
const ACCOUNTS = 20;
const APPENDED_AT_ONCE = 100;
const QUESTIONS: Readonly<Record<string, string>> = {
  'common word': '会议',
  character: '会',
  'two words': '会议 考试',
  phrase: '期末考试',
  'common phrase': '各位同学',
  latin: 'seminar',
  'latin phrase': '"please have"',
  rare: '朱镕基',
  nothing: '悬空寺庙',
};

export async function measureSearch(folder: string, report: Report): Promise<void> {
  const dataDir = join(folder, 'search');
  const store = await openSqliteStore({ dataDir });
  try {
    await measureIndex(store, async () => statSync(join(dataDir, 'search.db')).size, MESSAGES, report);
  } finally {
    await store.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** On an empty store. `indexBytes`: what the index takes by now. */
export async function measureIndex(
  store: OpenedStore,
  indexBytes: () => Promise<number>,
  messages: number,
  report: Report,
): Promise<void> {
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
      waiting.push(mail.deliver(mail.prepareMessage(octets), n % 5 === 0 ? accountIds : accountIds.slice(0, 1), n));
    }
    await Promise.all(waiting);
  }
  const indexer = new Indexer({
    index: store.search,
    source: store.mail.reader,
    readFiles: async () => '',
    log: silentLog,
  });
  const startedAt = performance.now();
  while ((await indexer.step()) > 0);
  const seconds = (performance.now() - startedAt) / 1_000;
  const bytes = await indexBytes();
  report('search_indexing', {
    messages_per_s: Math.round(messages / seconds),
    text_mb: Math.round(textBytes / 1e6),
    index_mb: Math.round(bytes / 1e6),
    percent: Math.round((bytes / textBytes) * 100),
  });
  const search = new Search(store.search, store.mail.reader);
  for (const [question, text] of Object.entries(QUESTIONS)) {
    const query = parseQuery(text);
    const ask = async (accountId: AccountId, limit?: number): Promise<{ ms: number; hits: number }> => {
      let hits = 0;
      const ms = await medianMs(async () => {
        hits = (await search.find(accountId, query, limit)).length;
      });
      return { ms, hits };
    };
    const page = await ask(1 as AccountId, 50);
    const ofShared = await ask(2 as AccountId, 50);
    const all = await ask(1 as AccountId);
    const account = mail.account(1 as AccountId);
    /** As JMAP asks: a page of conversations by their time. */
    const list = (calculateTotal: boolean): Promise<number> =>
      medianMs(() =>
        account.queryEmails({ filter: { text }, collapseThreads: true }, { limit: 50, calculateTotal }, () =>
          search.match(1 as AccountId, query),
        ),
      );
    report('search_question', {
      question,
      hits: all.hits,
      page_ms: page.ms,
      shared_page_ms: ofShared.ms,
      all_ms: all.ms,
      list_ms: await list(false),
      list_total_ms: await list(true),
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
  return Math.round(median(times) * 10) / 10;
}
