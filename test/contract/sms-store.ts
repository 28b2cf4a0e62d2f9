/** What every SmsStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import { SMS_LIMITS } from '#sms/limits.ts';
import type { AdmitArgs } from '#sms/operations.ts';
import type { CodeRow, SmsStore } from '#sms/ports/sms-store.ts';
import type { TestStore } from '#test/harness/stores.ts';

export function smsStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (
    title: string,
    body: (given: { readonly store: SmsStore; readonly clock: FakeClock }) => Promise<void>,
  ): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body({ store: opened.sms, clock: opened.clock as FakeClock });
      } finally {
        await opened.close();
      }
    });
  };
  let made = 0;
  const admission = (patch: Partial<AdmitArgs> = {}): AdmitArgs => ({
    smsId: `sms ${made++}`,
    counts: [{ key: 'number 手机', windows: [{ withinMs: 1000, most: 2 }] }],
    cost: null,
    code: null,
    ...patch,
  });
  const code = (clock: FakeClock, patch: Partial<CodeRow> = {}): CodeRow => ({
    codeId: 'activation 李',
    phoneIndex: 'p',
    codeHash: 'right',
    triesLeft: 3,
    expiresAt: clock.now() + 1000,
    ...patch,
  });
  const check = (store: SmsStore, codeHash: string, phoneIndex = 'p') =>
    store.run('checkCode', { codeId: 'activation 李', phoneIndex, codeHash });

  describe(`SmsStore contract: ${name}`, () => {
    withStore('as many in any stretch of time as its window says, of each key alone', async ({ store, clock }) => {
      const admit = (patch: Partial<AdmitArgs> = {}) => store.run('admit', admission(patch));
      assert.deepEqual(await admit(), { kind: 'admitted' });
      clock.advance(400);
      assert.deepEqual(await admit(), { kind: 'admitted' });
      assert.deepEqual(await admit(), { kind: 'tooOften', retryAfterMs: 600 });
      const other = [{ key: 'number 手', windows: [{ withinMs: 1000, most: 2 }] }];
      assert.deepEqual(await admit({ counts: other }), { kind: 'admitted' });
      clock.advance(600);
      assert.deepEqual(await admit(), { kind: 'admitted' });
      assert.deepEqual(await admit(), { kind: 'tooOften', retryAfterMs: 400 });
    });

    withStore('of several who ask at once as many are let in', async ({ store }) => {
      const all = await Promise.all(Array.from({ length: 12 }, () => store.run('admit', admission())));
      assert.equal(all.filter((one) => (one as { kind: string }).kind === 'admitted').length, 2);
    });

    withStore('days and months have their ceilings', async ({ store }) => {
      const spend = (day: string) =>
        store.run('admit', admission({ counts: [], cost: { day, mostADay: 2, mostAMonth: 3 } }));
      const kinds: unknown[] = [];
      for (const day of ['2026-11-28', '2026-11-28', '2026-11-28', '2026-11-29', '2026-11-30', '2026-12-01'])
        kinds.push(((await spend(day)) as { kind: string }).kind);
      assert.deepEqual(kinds, ['admitted', 'admitted', 'ceiling', 'admitted', 'ceiling', 'admitted']);
    });

    withStore('a code is good once, for its number, in its time, and for few tries', async ({ store, clock }) => {
      const put = (patch: Partial<CodeRow> = {}) =>
        store.run('admit', admission({ counts: [], code: code(clock, patch) }));
      await put();
      assert.equal(await check(store, 'right', 'other'), 'expired');
      assert.equal(await check(store, 'right'), 'right');
      assert.equal(await check(store, 'right'), 'expired');
      await put();
      assert.deepEqual(
        [await check(store, 'no'), await check(store, 'no'), await check(store, 'no'), await check(store, 'right')],
        ['wrong', 'wrong', 'expired', 'expired'],
      );
      await put({ codeHash: 'old' });
      await put();
      assert.equal(await check(store, 'old'), 'wrong');
      clock.advance(1000);
      assert.equal(await check(store, 'right'), 'expired');
    });

    withStore('a right code that comes twice at once is right once', async ({ store, clock }) => {
      await store.run('admit', admission({ counts: [], code: code(clock) }));
      const all = await Promise.all(Array.from({ length: 6 }, () => check(store, 'right')));
      assert.equal(all.filter((one) => one === 'right').length, 1);
    });

    withStore('what is over is forgotten, in portions', async ({ store, clock }) => {
      for (let i = 0; i < 5; i++) await store.run('admit', admission({ counts: [{ key: `k ${i}`, windows: [] }] }));
      await store.run('admit', admission({ counts: [], code: code(clock) }));
      clock.advance(1000);
      const now = clock.now();
      const forget = () => store.run('forget', { before: now, expiredBefore: now, limit: 3 });
      assert.deepEqual([await forget(), await forget(), await forget()], [3, 2, 0]);
      assert.equal(await check(store, 'right'), 'expired');
    });

    withStore('the outbox keeps the newest', async ({ store, clock }) => {
      for (let i = 0; i < SMS_LIMITS.outboxKept + 2; i++) {
        await store.run('keepInOutbox', { smsId: `s${i}`, sentAt: clock.now(), phone: '+86138', text: `验证码 ${i}` });
        clock.advance(1);
      }
      const rows = await store.reader.outbox(1000);
      assert.equal(rows.length, SMS_LIMITS.outboxKept);
      assert.equal(rows[0]?.text, `验证码 ${SMS_LIMITS.outboxKept + 1}`);
    });
  });
}
