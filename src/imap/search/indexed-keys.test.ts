import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { silentLog } from '#base/log.ts';
import { startServer } from '#imap/testing/test-server.ts';
import { Indexer } from '#search/indexer.ts';
import { Search } from '#search/search.ts';
import { openTestStore } from '#test/harness/stores.ts';

const BODIES = [
  '关于启用新版电子邮件系统的通知，请周知。',
  '關於啟用新版電子郵件系統的通知',
  '会\r\n议 final exam schedule',
  'FINAL EXAM, schedule; 会议',
  'Résumé 重跑gen-itgc',
  'network 会议通知会议',
  // Cut in the midst of the last word.
  `${'x'.repeat(60)}network`,
];

test('searches find the same with the index, without it, and while it lags', async (t) => {
  const store = await openTestStore('sqlite');
  let reads = 0;
  const { reader } = store.mail;
  const counting = new Proxy(reader, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'readMessage') reads++;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const search = new Search(store.search, reader);
  const plain = await startServer({ mail: store.mail, close: async () => {} });
  const server = await startServer(
    { mail: { ...store.mail, reader: counting }, close: () => store.close() },
    { search },
  );
  t.after(async () => {
    await plain[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  const append = async (body: string, n: number): Promise<void> => {
    const text = `From: =?UTF-8?B?5p2O5Lyf?= <li${n}@x.example>\r\nTo: =?UTF-8?B?5YWo5L2T?=: a@b.example;\r\nSubject: =?UTF-8?B?${Buffer.from(body.slice(0, 6)).toString('base64')}?=\r\nX-A: =?UTF-8?B?5aSH5rOo?=\r\n\r\n${body}\r\n`;
    const octets = Buffer.from(text.replace('\r\n\r\n', '\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'));
    const message = server.mail.prepareMessage(octets);
    await server.account.append({
      items: [{ message, mailboxes: ['inbox'], keywords: [], receivedAt: 0 }],
      source: 'smtp',
    } as never);
  };
  const indexer = new Indexer({ index: store.search, source: reader, readFiles: async () => '', log: silentLog });
  for (const [n, body] of BODIES.entries()) await append(body, n);
  const [withIndex, without] = [await server.open('SELECT INBOX'), await plain.open('SELECT INBOX')];
  const keys = [
    '会',
    '会议',
    '通知',
    '电子邮件',
    '議',
    '全体',
    '李伟',
    '备注',
    'exam',
    'net',
    'l exam s',
    'xnet',
    'network',
    'gen',
    '跑gen',
    '会议 f',
    '，',
  ];
  const unit = fc.constantFrom(...Array.from('关于启用新版电子邮件系统的通知会议exam ,-'));
  keys.push(...fc.sample(fc.string({ unit, minLength: 1, maxLength: 4 }), { seed: 7, numRuns: 12 }));
  const check = async (): Promise<void> => {
    for (const key of keys) {
      for (const field of ['SUBJECT', 'FROM', 'TO', 'BODY', 'TEXT', 'NOT BODY']) {
        const command = `UID SEARCH CHARSET UTF-8 ${field} {${Buffer.byteLength(key)}+}\r\n${key}`;
        const [a, b] = [await withIndex.ask(command), await without.ask(command)];
        assert.deepEqual(a, b, command);
      }
    }
  };
  await check();
  while ((await indexer.step()) > 0);
  await append('后来的会议', BODIES.length);
  await withIndex.ask('NOOP');
  await without.ask('NOOP');
  await check();
  while ((await indexer.step()) > 0);
  for (const [command, expected, expectedReads] of [
    ['TEXT {6+}\r\n会议', '4 6 8', 0],
    ['BODY {9+}\r\n通知会', '6', 0],
    // What stands in messages with words that were cut is read.
    ['BODY etwor', '6 7', 1],
    ['BODY "l exam s"', '3', 3],
  ] as const) {
    reads = 0;
    const [hits = ''] = await withIndex.ask(`UID SEARCH CHARSET UTF-8 ${command}`);
    assert.equal(hits, `* SEARCH ${expected}`);
    assert.equal(reads, expectedReads, command);
  }
  await check();
});
