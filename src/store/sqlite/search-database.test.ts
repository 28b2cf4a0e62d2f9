/** An index that is lost or damaged costs time, never a start and never mail. */
import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { Mail } from '#mail/mail.ts';
import { Indexer } from '#search/indexer.ts';
import { parseQuery } from '#search/query.ts';
import { Search } from '#search/search.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';
import type { OpenedStore } from '#store/opened-store.ts';

const LI = 7 as AccountId;

async function openIndexed(t: TestContext): Promise<{ dataDir: string; path: string; store: OpenedStore }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'campusmail-index-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const store = await openSqliteStore({ dataDir });
  const mail = new Mail(store.mail);
  await mail.account(LI).provision();
  // Enough of them that the file is more than its first pages.
  for (let n = 0; n < 40; n++) {
    const text = Array.from({ length: 400 }, (_, at) => String.fromCodePoint(0x4e00 + ((n * 400 + at) % 18_000))).join(
      '',
    );
    await mail.deliver(mail.prepareMessage(Buffer.from(`Subject: 会议\r\n\r\n${text}\r\n`)), [LI], n);
  }
  await indexAll(store);
  return { dataDir, path: join(dataDir, 'search.db'), store };
}

async function indexAll(store: OpenedStore): Promise<void> {
  const source = store.mail.reader;
  const indexer = new Indexer({ index: store.search, source, readFiles: async () => '', log: silentLog });
  while ((await indexer.step()) > 0);
}

async function countHits(store: OpenedStore): Promise<number> {
  return (await new Search(store.search, store.mail.reader).find(LI, parseQuery('会议'))).length;
}

for (const [title, spoil] of [
  ['missing', (path: string) => rmSync(path)],
  ['empty', (path: string) => truncateSync(path, 0)],
  ['no database at all', (path: string) => writeFileSync(path, 'x'.repeat(100_000))],
  ['cut', (path: string) => truncateSync(path, 8_192)],
] as const) {
  test(`a server starts where the index is ${title}, and makes it anew`, async (t) => {
    const { dataDir, path, store } = await openIndexed(t);
    await store.close();
    spoil(path);
    const again = await openSqliteStore({ dataDir });
    assert.equal(await countHits(again), 40);
    await indexAll(again);
    assert.equal((await again.search.backlog(1)).waiting, 0);
    assert.equal((await again.search.find(LI, parseQuery('会议'))).emailIds.length, 40);
    await again.close();
  });
}

test('damage found while it is used: the next step makes it anew, and readers see that', async (t) => {
  const { dataDir, path, store } = await openIndexed(t);
  await store.close();
  const bytes = statSync(path).size;
  const again = await openSqliteStore({ dataDir });
  // All but the beginning, which is all that is looked at when it is opened.
  const sound = 4 * 8_192;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes - sound, 0x5a), 0, bytes - sound, sound);
  closeSync(file);
  const everything = Array.from({ length: 400 }, (_, n) => String.fromCodePoint(0x4e00 + n * 40)).join(' ');
  await assert.rejects(again.search.find(LI, parseQuery(everything)), /malformed|corrupt/i);
  // Searches read the messages meanwhile.
  const search = new Search(again.search, again.mail.reader);
  assert.deepEqual(await search.find(LI, parseQuery(`会议 ${String.fromCodePoint(0x4e00)}`)), [1]);
  await indexAll(again);
  assert.ok(existsSync(`${path}.damaged`));
  assert.equal((await again.search.backlog(1)).waiting, 0);
  assert.equal((await again.search.find(LI, parseQuery('会议'))).emailIds.length, 40);
  await again.close();
});
