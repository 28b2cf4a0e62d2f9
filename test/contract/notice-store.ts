/** What every NoticeStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import type { PublishArgs } from '#notices/operations.ts';
import type { NoticeStore } from '#notices/ports/notice-store.ts';
import type { NoticeHead } from '#notices/types.ts';
import type { TestStore } from '#test/harness/stores.ts';

const DRAFT: PublishArgs = {
  number: '信息〔2026〕12 号',
  title: '关于启用新版 𠮷 电子邮件系统的通知',
  body: '各部门、各学院：\n\n请致电 65915868。',
  realm: null,
  files: [],
};
const LAST = Number.MAX_SAFE_INTEGER;

export function noticeStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (store: NoticeStore, clock: FakeClock) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.notices, opened.clock as FakeClock);
      } finally {
        await opened.close();
      }
    });
  };
  const ids = (heads: readonly NoticeHead[]): readonly number[] => heads.map(({ noticeId }) => noticeId);

  describe(`NoticeStore contract: ${name}`, () => {
    withStore('notices are numbered, shown to whom they are for, and withdrawn once', async (store, clock) => {
      const publishedAt = clock.now();
      assert.equal(await store.run('publish', DRAFT), 1);
      assert.equal(await store.run('publish', { ...DRAFT, realm: 'staff' }), 2);
      assert.equal(await store.run('publish', { ...DRAFT, number: '', realm: 'student' }), 3);
      assert.equal(await store.run('publish', DRAFT), 4);
      const { files: _files, ...text } = DRAFT;
      const first = { ...text, noticeId: 1, publishedAt, editedAt: null, withdrawnAt: null, views: 0 };
      assert.deepEqual(await store.reader.notice(1), first);
      const { body: _body, ...head } = first;
      assert.deepEqual(await store.reader.older(null, 2, 9), [head]);
      assert.equal(await store.reader.notice(5), undefined);
      assert.deepEqual(ids(await store.reader.older('staff', LAST, 9)), [4, 2, 1]);
      assert.deepEqual(ids(await store.reader.older('staff', 4, 1)), [2]);
      assert.deepEqual(ids(await store.reader.newer('student', 1, 9)), [3, 4]);
      assert.deepEqual(ids(await store.reader.newer(null, 1, 9)), [4]);

      clock.advance(1000);
      assert.equal(await store.run('withdraw', { noticeId: 4 }), true);
      clock.advance(1000);
      assert.equal(await store.run('withdraw', { noticeId: 4 }), false);
      assert.equal(await store.run('withdraw', { noticeId: 5 }), false);
      assert.equal((await store.reader.notice(4))?.withdrawnAt, publishedAt + 1000);
      assert.deepEqual(ids(await store.reader.newer(null, 0, 9)), [1]);
      assert.deepEqual(ids(await store.reader.all(LAST, 9)), [4, 3, 2, 1]);
      assert.deepEqual(ids(await store.reader.all(4, 2)), [3, 2]);
      assert.equal(await store.run('publish', DRAFT), 5);
    });

    withStore('files are kept in their order and read in parts', async (store) => {
      const files = [
        { name: '附件1 须知.pdf', mediaType: 'application/pdf', content: new Uint8Array([1, 2, 0, 255, 5]) },
        { name: 'b.zip', mediaType: 'application/zip', content: new Uint8Array(0) },
      ];
      await store.run('publish', { ...DRAFT, files });
      await store.run('publish', DRAFT);
      assert.deepEqual(await store.reader.files(1), [
        { name: '附件1 须知.pdf', mediaType: 'application/pdf', sizeBytes: 5 },
        { name: 'b.zip', mediaType: 'application/zip', sizeBytes: 0 },
      ]);
      assert.deepEqual(await store.reader.files(2), []);
      const read = async (at: number, start: number, end: number) => {
        const octets = await store.reader.fileOctets(1, at, start, end);
        return octets && [...octets];
      };
      assert.deepEqual(await read(0, 0, 5), [1, 2, 0, 255, 5]);
      assert.deepEqual(await read(0, 2, 4), [0, 255]);
      assert.deepEqual(await read(0, 4, 9), [5]);
      assert.deepEqual(await read(1, 0, 9), []);
      assert.equal(await read(2, 0, 9), undefined);
    });

    withStore('the words of one that stands are changed', async (store, clock) => {
      await store.run('publish', DRAFT);
      await store.run('publish', DRAFT);
      const before = await store.reader.notice(1);
      clock.advance(1000);
      const words = { number: '', title: '改', body: '改过 𠮷' };
      assert.equal(await store.run('edit', { noticeId: 1, ...words }), true);
      assert.deepEqual(await store.reader.notice(1), { ...before, ...words, editedAt: clock.now() });
      assert.equal((await store.reader.notice(2))?.title, DRAFT.title);
      assert.equal(await store.run('edit', { noticeId: 3, ...words }), false);
      await store.run('withdraw', { noticeId: 2 });
      assert.equal(await store.run('edit', { noticeId: 2, ...words }), false);
    });

    withStore('a view is counted once, by whoever of many asks, until it is too old', async (store, clock) => {
      await store.run('publish', DRAFT);
      const view = { noticeId: 1, slot: 5, mark: 'a', after: clock.now() - 1000 };
      const counted = await Promise.all(Array.from({ length: 8 }, () => store.run('countView', view)));
      assert.equal(counted.filter((isCounted) => isCounted === true).length, 1);
      assert.equal(await store.run('countView', { ...view, slot: 6, mark: 'b' }), true);
      assert.equal(await store.run('countView', { ...view, mark: 'c' }), true, 'whoever comes to a slot has it');
      assert.equal(await store.run('countView', view), true, 'and who is forgotten is counted again');
      clock.advance(1000);
      assert.equal(await store.run('countView', { ...view, after: clock.now() - 1001 }), false);
      assert.equal(await store.run('countView', { ...view, after: clock.now() - 1000 }), true);
      assert.equal((await store.reader.notice(1))?.views, 5);
    });
  });
}
