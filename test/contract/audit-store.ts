/** What every AuditStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEntry, verifyChain } from '#audit/chain.ts';
import type { AuditEntry } from '#audit/types.ts';
import type { AccountId } from '#base/ids.ts';
import type { TestStore } from '#test/harness/stores.ts';

const START = Date.UTC(2026, 8, 16);
const DAY = 86_400_000;

const entry = (day: number, patch: Partial<AuditEntry> = {}): AuditEntry => ({
  at: START + day * DAY,
  action: 'identity.alias',
  actor: { kind: 'operator', name: '管理员 "root"' },
  accountId: 7 as AccountId,
  subject: 'li@ylut.example',
  detail: { how: 'set', alias: 'li.\0\\si', times: day, isFirst: day === 0, before: null },
  ...patch,
});

export function auditStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (store: TestStore) => Promise<void>): void => {
    test(title, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  };
  const append = async ({ audit }: TestStore, ...entries: AuditEntry[]): Promise<void> => {
    await audit.run('append', { entries });
  };
  const days = (count: number, from = 0): AuditEntry[] => Array.from({ length: count }, (_, day) => entry(from + day));

  describe(`AuditStore contract: ${name}`, () => {
    withStore('what is appended is read as it was, and the chain holds, also after a reopening', async (store) => {
      assert.deepEqual((await verifyChain(store.audit.reader)).breaks, []);
      await append(store, ...days(3));
      await append(store);
      await append(store, entry(3, { at: START, subject: '' }));
      const again = await store.reopen();
      const rows = await again.audit.reader.rows(0, 10);
      assert.deepEqual(rows.map(readEntry), [...days(3), entry(3, { at: START, subject: '' })]);
      assert.deepEqual(
        rows.map(({ seq }) => seq),
        [1, 2, 3, 4],
      );
      assert.deepEqual(await again.audit.reader.rows(2, 1), [rows[2]]);
      const report = await verifyChain(again.audit.reader);
      assert.deepEqual([report.rows, report.firstSeq, report.last.seq, report.breaks], [4, 1, 4, []]);
    });

    withStore('many who write at once make one chain', async (store) => {
      await Promise.all(Array.from({ length: 30 }, (_, number) => append(store, ...days(1 + (number % 3), number))));
      const report = await verifyChain(store.audit.reader);
      assert.deepEqual([report.rows, report.breaks], [60, []]);
    });

    withStore('found by account, action and time, the newest first', async (store) => {
      await append(
        store,
        ...days(3),
        entry(1, { action: 'sign-in.refused', subject: 'x' }),
        entry(5, { accountId: 8 as AccountId }),
      );
      const { accountId: _none, ...nobodys } = entry(4);
      await append(store, nobodys);
      const find = async (...query: Parameters<TestStore['audit']['reader']['find']>) =>
        (await store.audit.reader.find(...query)).map(({ seq }) => seq);
      assert.deepEqual(await find({}, 9), [5, 6, 3, 4, 2, 1]);
      assert.deepEqual(await find({}, 2), [5, 6]);
      assert.deepEqual(await find({ accountId: 7 as AccountId }, 9), [3, 4, 2, 1]);
      assert.deepEqual(await find({ action: 'sign-in.refused' }, 9), [4]);
      assert.deepEqual(await find({ accountId: 7 as AccountId, action: 'identity.alias' }, 2), [3, 2]);
      assert.deepEqual(await find({ from: START + DAY, to: START + 4 * DAY }, 9), [3, 4, 2]);
    });

    withStore('the oldest are forgotten and the rest still verifies', async (store) => {
      await append(store, ...days(6), entry(0, { subject: 'late' }));
      const forget = (limit: number) => store.audit.run('forget', { before: START + 4 * DAY, limit });
      assert.deepEqual([await forget(3), await forget(3), await forget(3)], [3, 1, 0]);
      const report = await verifyChain(store.audit.reader);
      assert.deepEqual([report.rows, report.firstSeq, report.last.seq, report.breaks], [3, 5, 7, []]);
      await store.audit.run('forget', { before: START + 99 * DAY, limit: 9 });
      await append(store, entry(9));
      const after = await verifyChain(store.audit.reader);
      assert.deepEqual([after.rows, after.firstSeq, after.breaks], [1, 8, []]);
    });
  });
}
