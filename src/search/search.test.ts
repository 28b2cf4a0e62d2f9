import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { eachStore, type TestStore } from '#test/harness/stores.ts';
import { FileReader } from './file-reader.ts';
import { Indexer, type ReadFiles } from './indexer.ts';
import type { SearchIndex } from './ports/search-index.ts';
import { parseQuery } from './query.ts';
import { Search } from './search.ts';

const LI = 7 as AccountId;
const NO_FILES = async (): Promise<string> => '';

async function deliver(store: TestStore, text: string, accountIds: readonly AccountId[] = [LI]): Promise<void> {
  const mail = new Mail(store.mail);
  for (const accountId of accountIds) await mail.account(accountId).provision();
  await mail.deliver(mail.prepareMessage(Buffer.from(text)), accountIds, 0);
}

const makeIndexer = (store: TestStore, index: SearchIndex = store.search, readFiles: ReadFiles = NO_FILES): Indexer =>
  new Indexer({ index, source: store.mail.reader, readFiles, log: silentLog });

async function indexAll(indexer: Indexer): Promise<void> {
  while ((await indexer.step()) > 0);
}

const LETTER = [
  'From: =?UTF-8?B?5p2O5Lyf?= <li.wei@ylut.example>',
  'To: wang@stu.ylut.example',
  'Subject: =?GBK?B?udjT2sbawdY=?= exam',
  'X-Note: =?UTF-8?B?5aSH5rOo?=',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p>请各位<b>同</b>学 &lt;确认&gt; r&eacute;sum&eacute;</p><style>隐藏</style>',
  '',
].join('\r\n');

eachStore('a message is found at once, and the same by the index', async (store) => {
  await deliver(store, LETTER);
  await deliver(store, 'Subject: 别的\r\n\r\n没有\r\n');
  const search = new Search(store.search, store.mail.reader);
  const find = (text: string) => search.find(LI, parseQuery(text));
  const check = async (): Promise<void> => {
    for (const text of ['同学', '请', '确认 resume', '李伟', 'li.wei@ylut.example', 'stu', 'EXAM', '关于期', '备注'])
      assert.deepEqual(await find(text), [1], text);
    for (const text of ['隐藏', '同学确', 'ylu', '别的同']) assert.deepEqual(await find(text), [], text);
    assert.deepEqual(await find(''), [2, 1]);
    assert.deepEqual(await search.find(LI, [], 1), [2]);
  };
  await check();
  const indexer = makeIndexer(store);
  assert.equal(await indexer.step(), 2);
  assert.equal(await indexer.step(), 0);
  await check();
  await deliver(store, LETTER.replace('exam', 'again'));
  assert.deepEqual(await find('同学'), [3, 1]);
  assert.deepEqual(await search.find(LI, parseQuery('同学'), 1), [3]);
});

eachStore('an index that fails, or dies with its process, goes on where it was', async (store) => {
  for (let n = 0; n < 7; n++) await deliver(store, `Subject: 会议 ${n}\r\n\r\n第${n}次\r\n`);
  let writes = 0;
  const failing: SearchIndex = {
    find: (...args) => store.search.find(...args),
    mend: () => store.search.mend(),
    backlog: (limit) => store.search.backlog(limit),
    sharedBlobs: (blobKeys) => store.search.sharedBlobs(blobKeys),
    forget: (accountId) => store.search.forget(accountId),
    tidy: () => store.search.tidy(),
    async write(slices) {
      if (writes++ === 0) throw new Error('no room');
      await store.search.write(slices);
    },
  };
  await assert.rejects(makeIndexer(store, failing).step(), /no room/);
  const again = await store.reopen();
  assert.equal((await again.search.backlog(1)).waiting, 7);
  await indexAll(makeIndexer(again));
  assert.equal((await again.search.find(LI, parseQuery('会议'))).emailIds.length, 7);
});

eachStore('what attachments say is found', async (store) => {
  const docx = zipSync({ 'word/document.xml': strToU8('<w:p><w:t>经费预算</w:t></w:p>') });
  await deliver(
    store,
    `Subject: x\r\nContent-Type: application/octet-stream; name="a.docx"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(docx).toString('base64')}\r\n`,
  );
  const files = new FileReader(systemClock, silentLog);
  await indexAll(makeIndexer(store, store.search, files.readFiles));
  await files.close();
  const find = async (...args: Parameters<typeof parseQuery>) =>
    (await store.search.find(LI, parseQuery(...args))).emailIds;
  assert.deepEqual(await find('预算'), [1]);
  assert.deepEqual(await find('预算', ['fileText']), [1]);
  assert.deepEqual(await find('预算', ['body']), []);
  assert.deepEqual(await find('a.docx', ['fileName']), [1]);
});

eachStore('many accounts and one announcement, a step at a time', async (store) => {
  const everybody = Array.from({ length: 150 }, (_, n) => (n + 1) as AccountId);
  await deliver(store, LETTER, everybody);
  await indexAll(makeIndexer(store));
  for (const accountId of everybody)
    assert.deepEqual((await store.search.find(accountId, parseQuery('同学'))).emailIds, [1]);
});

test('snippets mark what was found, and escape the rest', async () => {
  const { makeSnippet } = await import('./snippet.ts');
  const needles = (text: string): string[] => parseQuery(text).map(({ needle }) => needle);
  assert.equal(makeSnippet('请各位同学确认選課結果。', needles('选课')), '请各位同学确认<mark>選課</mark>結果。');
  assert.equal(
    makeSnippet('a <b>Résumé</b> & b', needles('resume')),
    'a &lt;b&gt;<mark>Résumé</mark>&lt;/b&gt; &amp; b',
  );
  assert.equal(makeSnippet('重跑gen-itgc', needles('gen-itgc 跑')), '重<mark>跑gen-itgc</mark>');
  assert.equal(makeSnippet('examination', needles('exam')), null);
  const long = makeSnippet(`${'前'.repeat(500)}会议${'后'.repeat(500)}`, needles('会议')) ?? '';
  assert.match(long, /^前+<mark>会议<\/mark>后+$/);
  assert.ok(Buffer.byteLength(long) <= 255);
});

eachStore(
  'snippets of a page of hits',
  async (store) => {
    await deliver(store, LETTER);
    const search = new Search(store.search, store.mail.reader);
    const [only] = await search.snippets(LI, [1 as EmailId, 2 as EmailId], parseQuery('关于 同学'));
    assert.deepEqual(only, {
      emailId: 1,
      subject: '<mark>关于</mark>期林 exam',
      preview: '请各位<mark>同学</mark> &lt;确认&gt; résumé',
    });
  },
  { kinds: ['memory'] },
);

eachStore('what is about the words comes before what mentions them, if that is asked for', async (store) => {
  await deliver(store, 'Subject: 会议\r\n\r\n没有\r\n');
  await deliver(store, 'From: 会议 <a@x.example>\r\nSubject: 别的\r\n\r\n没有\r\n');
  await deliver(store, 'Subject: 别的\r\n\r\n会议 纪要\r\n');
  await deliver(store, 'Subject: 会议\r\n\r\n纪要 会议\r\n');
  await indexAll(makeIndexer(store));
  const search = new Search(store.search, store.mail.reader);
  const account = new Mail(store.mail).account(LI);
  const ask = async (text: string, isAscending = false): Promise<readonly EmailId[]> => {
    const sort = [{ property: 'relevance', isAscending } as const];
    const answer = await account.queryEmails({ filter: { text }, sort }, { limit: 10 }, () =>
      search.match(LI, parseQuery(text)),
    );
    assert.ok(answer !== 'anchorNotFound');
    return answer.emailIds;
  };
  assert.deepEqual(await ask('会议'), [4, 1, 2, 3]);
  assert.deepEqual(await ask('会议', true), [3, 2, 1, 4]);
  assert.deepEqual(await ask('会议 纪要'), [4, 3]);
  assert.deepEqual(
    [...(await (await search.match(LI, parseQuery('会议 别的'))).weigh())].toSorted(([a], [b]) => a - b),
    [
      [1, 4],
      [2, 7],
      [3, 4],
      [4, 4],
    ],
  );
});
