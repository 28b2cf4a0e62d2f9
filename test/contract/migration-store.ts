/** What every MigrationStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { MIGRATION_LIMITS } from '#migration/limits.ts';
import type { AccountMoveRow, MailboxMoveRow, MigrationStore } from '#migration/ports/migration-store.ts';
import type { TestStore } from '#test/harness/stores.ts';

const mailbox = (accountId: number, path: string, more: Partial<MailboxMoveRow> = {}): MailboxMoveRow => ({
  accountId: accountId as AccountId,
  path,
  mailboxId: 3 as MailboxId,
  uidValidity: 4_294_967_295,
  doneUid: 7,
  until: Number.MAX_SAFE_INTEGER,
  laterUid: 0xffff_fffd,
  laterUntil: Number.MAX_SAFE_INTEGER - 1,
  sourceMessages: 2,
  sourceBytes: 200_000_000_000,
  copiedMessages: 1,
  copiedBytes: 100_000_000_000,
  presentMessages: 1,
  presentBytes: 5,
  ...more,
});

export function migrationStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (store: MigrationStore, clock: FakeClock) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.migration, opened.clock as FakeClock);
      } finally {
        await opened.close();
      }
    });
  };
  const enlist = (store: MigrationStore, ...ids: number[]): Promise<unknown[]> =>
    Promise.all(ids.map((accountId) => store.run('enlist', { accountId, login: `旧${accountId}*master` })));
  const claim = async (store: MigrationStore, args: object): Promise<AccountMoveRow | null> =>
    (await store.run('claim', { after: 0, ...args })) as AccountMoveRow | null;
  const finish = (store: MigrationStore, accountId: number, state = 'based'): Promise<unknown> =>
    store.run('finish', { accountId, state, reason: '', skippedMailboxes: 1 });

  describe(`MigrationStore contract: ${name}`, () => {
    withStore('an account is enlisted once, and its sign-in stays once its mail comes', async (store) => {
      assert.deepEqual(await enlist(store, 2, 1), ['added', 'added']);
      assert.deepEqual(await enlist(store, 2), ['known']);
      assert.equal(await store.run('enlist', { accountId: 1, login: 'other' }), 'added');
      await claim(store, { pass: 'base', runAt: 0 });
      assert.equal(await store.run('enlist', { accountId: 1, login: 'third' }), 'taken');
      assert.deepEqual(
        (await store.reader.accounts(0, 9)).map(({ accountId, login, state }) => [accountId, login, state]),
        [
          [1, 'other', 'running'],
          [2, '旧2*master', 'waiting'],
        ],
      );
      assert.deepEqual(await store.reader.accounts(1, 1), [await store.reader.account(2 as AccountId)]);
      assert.deepEqual(
        await store.reader.countByState(),
        new Map([
          ['running', 1],
          ['waiting', 1],
        ]),
      );
    });

    withStore('each account has its turn once in a run, and of two who ask only one gets it', async (store, clock) => {
      await enlist(store, 1, 2, 3);
      const run = { pass: 'base', runAt: clock.now() };
      const claims = await Promise.all([claim(store, run), claim(store, run)]);
      assert.deepEqual(new Set(claims.map((row) => row?.accountId)), new Set([1, 2]));
      assert.deepEqual((await claim(store, { ...run, after: 2 }))?.accountId, 3);
      assert.equal(await claim(store, run), null);
      for (const accountId of [1, 2, 3]) await finish(store, accountId);
      assert.equal(await claim(store, run), null);
      clock.advance(1000);
      const again = await claim(store, { pass: 'delta', runAt: clock.now(), only: 3 });
      assert.deepEqual([again?.pass, again?.state, again?.skippedMailboxes], ['delta', 'running', 1]);
      await finish(store, 3, 'done');
      clock.advance(1000);
      assert.equal(await claim(store, { pass: 'base', runAt: clock.now(), only: 3 }), null);
      assert.equal(await claim(store, { pass: 'retry', runAt: clock.now() }), null);
    });

    withStore('who is silent for long has lost the account', async (store, clock) => {
      await enlist(store, 1);
      await claim(store, { pass: 'base', runAt: clock.now() });
      clock.advance(MIGRATION_LIMITS.silentMs - 1);
      const progress = { mailbox: mailbox(1, 'INBOX'), fromEmailId: 12, failed: [], mended: [] };
      await store.run('progress', progress);
      clock.advance(MIGRATION_LIMITS.silentMs - 1);
      const run = { pass: 'delta', runAt: clock.now() };
      assert.equal(await claim(store, run), null);
      const alone = await claim(store, { ...run, isAlone: true });
      assert.equal(alone?.accountId, 1);
      assert.equal(await claim(store, { ...run, isAlone: true }), null);
      clock.advance(MIGRATION_LIMITS.silentMs);
      assert.equal((await claim(store, run))?.fromEmailId, 12);
      await finish(store, 1, 'failed');
      await assert.rejects(store.run('progress', progress), { code: 'stateMismatch' });
      await assert.rejects(finish(store, 1), { code: 'stateMismatch' });
      clock.advance(1);
      assert.equal((await claim(store, { pass: 'retry', runAt: clock.now() }))?.pass, 'delta');
    });

    withStore('how far a mailbox is, and what failed in it', async (store, clock) => {
      await enlist(store, 1, 2);
      await claim(store, { pass: 'base', runAt: clock.now(), only: 1 });
      const failed = [9, 3].map((uid) => ({ uid, sizeBytes: 5_000_000_000, reason: '坏了' }));
      const first = mailbox(1, '归档 & Résumé');
      await store.run('progress', { mailbox: first, fromEmailId: 1, failed, mended: [] });
      await store.run('progress', { mailbox: mailbox(1, 'Ärger'), fromEmailId: 1, failed: [failed[0]], mended: [] });
      const later = { ...first, doneUid: 9, copiedMessages: 2 };
      await store.run('progress', { mailbox: later, fromEmailId: 1, failed: [], mended: [9, 77] });
      assert.deepEqual(await store.reader.mailboxes(1 as AccountId), [mailbox(1, 'Ärger'), later]);
      assert.deepEqual(await store.reader.mailboxes(2 as AccountId), []);
      const row = { accountId: 1, sizeBytes: 5_000_000_000, reason: '坏了' };
      assert.deepEqual(await store.reader.failures(1 as AccountId, 9), [
        { ...row, path: 'Ärger', uid: 9 },
        { ...row, path: '归档 & Résumé', uid: 3 },
      ]);
      assert.equal((await store.reader.failures(1 as AccountId, 1)).length, 1);
      const many = Array.from({ length: MIGRATION_LIMITS.failures }, (_, uid) => ({ uid, sizeBytes: 1, reason: '' }));
      const tooMany = { mailbox: mailbox(1, 'x', { doneUid: 500 }), fromEmailId: 1, failed: many, mended: [] };
      await assert.rejects(store.run('progress', tooMany), { code: 'limit' });
      assert.equal((await store.reader.mailboxes(1 as AccountId)).length, 2);
      await finish(store, 1);
      clock.advance(1);
      assert.equal((await claim(store, { pass: 'retry', runAt: clock.now() }))?.accountId, 1);
    });

    withStore('is dismissed, and forgotten', async (store, clock) => {
      await store.run('dismiss', { accountId: 1 });
      await enlist(store, 1);
      await claim(store, { pass: 'base', runAt: 0 });
      const failed = [{ uid: 1, sizeBytes: 1, reason: 'x' }];
      await store.run('progress', { mailbox: mailbox(1, 'a'), fromEmailId: 1, failed, mended: [] });
      await assert.rejects(store.run('dismiss', { accountId: 1 }), { code: 'forbidden' });
      await finish(store, 1, 'done');
      await store.run('dismiss', { accountId: 1 });
      assert.equal((await store.reader.account(1 as AccountId))?.dismissedAt, clock.now());
      assert.equal(await store.run('forget', { accountId: 1 }), true);
      assert.equal(await store.run('forget', { accountId: 1 }), false);
      assert.equal(await store.reader.account(1 as AccountId), undefined);
      assert.deepEqual(await store.reader.mailboxes(1 as AccountId), []);
      assert.deepEqual(await store.reader.failures(1 as AccountId, 9), []);
    });
  });
}
