/** What only a shared store must stand: several front-ends at once, and a server that goes away. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { AccountId, EmailId, MailboxId, ModSeq } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { listSegments } from '#store/files/segments.ts';
import { type PostgresStoreOptions, openPostgresStore } from '#store/open-postgres.ts';
import type { OpenedStore } from '#store/opened-store.ts';
import { TEMPLATE, createTestDatabase, makeTemplate, startPostgres } from '#test/harness/postgres.ts';
import { storeOperationsUrl } from '#test/contract/store-operations.ts';

const LI = 7 as AccountId;
const INBOX = 1 as MailboxId;

function dataFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'campusmail-shared-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Closed after the test, however that ends. */
async function openStore(t: TestContext, options: PostgresStoreOptions): Promise<OpenedStore> {
  const store = await openPostgresStore(options);
  t.after(() => store.close());
  return store;
}

function append(store: OpenedStore, accountId: AccountId, text: string): Promise<{ modSeq: ModSeq }> {
  const mail = new Mail(store.mail);
  const message = mail.prepareMessage(Buffer.from(`Subject: ${text}\r\n\r\n${text.repeat(100)}\r\n`));
  return mail.account(accountId).append({ items: [{ message, mailboxes: ['inbox'], keywords: [] }], source: 'smtp' });
}

/** Resolves with the first notice that `wanted` accepts. */
function heard(store: OpenedStore, accountId: AccountId, wanted: (modSeq: ModSeq) => boolean): Promise<ModSeq> {
  return new Promise((resolve) => {
    const stop = store.mail.watch(accountId, (modSeq) => {
      if (!wanted(modSeq)) return;
      stop();
      resolve(modSeq);
    });
  });
}

test('two front-ends write to one account, see each other at once, and share messages', async (t) => {
  const database = await createTestDatabase();
  t.after(database.drop);
  const dataDir = dataFolder(t);
  const settings = { url: database.url, dataDir, operationsUrl: storeOperationsUrl };
  const [one, two] = await Promise.all([openStore(t, settings), openStore(t, settings)]);
  await one.mail.run([{ accountId: LI, name: 'provisionAccount', args: {} }]);
  const notice = heard(two, LI, (modSeq) => modSeq > 1);
  const { modSeq } = await append(one, LI, 'first');
  assert.equal(await notice, modSeq);

  await Promise.all(
    Array.from({ length: 40 }, (_, n) => append(n % 2 === 0 ? one : two, (7 + (n % 3)) as AccountId, `text ${n % 4}`)),
  );
  for (const accountId of [7, 8, 9] as AccountId[]) {
    const { uids, emailIds } = await one.mail.reader.entries(accountId, INBOX);
    assert.deepEqual(
      [...uids],
      Array.from(uids, (_, index) => index + 1),
    );
    for (const emailId of emailIds) await two.mail.reader.readMessage(accountId, emailId as EmailId);
  }
  assert.equal(listSegments(join(dataDir, 'blobs')).length, 2);
  await one.mail.checkInvariants();

  await one.directory.run('addDomain', { domain: 'example.edu' });
  const touched = new Promise((resolve) => two.directory.watch(resolve));
  const accountId = await one.directory.run('enrol', { localPart: 'li', domain: 'example.edu' });
  assert.equal(await touched, accountId);
});

test('garbage is collected once, keeps what others refer to meanwhile, and leaves open segments alone', async (t) => {
  const database = await createTestDatabase();
  t.after(database.drop);
  const dataDir = dataFolder(t);
  const settings = { url: database.url, dataDir, operationsUrl: storeOperationsUrl };
  const [one, two] = await Promise.all([openStore(t, settings), openStore(t, { ...settings, segmentQuietMs: -1e15 })]);
  for (let n = 0; n < 10; n++) await append(one, LI, `garbage ${n}`);
  await append(two, 8 as AccountId, 'kept elsewhere');
  const uids = Array.from({ length: 8 }, (_, n) => n + 1);
  const args = { mailboxId: INBOX, uids, onlyDeleted: false };
  await one.mail.run([{ accountId: LI, name: 'expunge', args }]);
  const [report] = await Promise.all([
    one.maintenance.collectGarbage({ graceMs: -1_000 }),
    append(two, 9 as AccountId, 'garbage 3'),
  ]);
  assert.ok(report.droppedBlobs >= 7);
  assert.equal(report.removedSegments, 0);
  await one.mail.checkInvariants();
  assert.ok((await two.mail.reader.readMessage(9 as AccountId, 1 as EmailId)).includes('garbage 3'));

  const compacted = await two.maintenance.collectGarbage({ graceMs: -1_000 });
  assert.equal(compacted.removedSegments, 1);
  for (const emailId of [9, 10] as EmailId[])
    assert.ok((await one.mail.reader.readMessage(LI, emailId)).includes(`garbage ${emailId - 1}`));
  await one.mail.checkInvariants();
});

test('while the server is away everything is unavailable; when it is back everything works', async (t) => {
  const server = await startPostgres();
  t.after(server.close);
  await makeTemplate(server.url('postgres'), server.url(TEMPLATE));
  const url = server.url(TEMPLATE);
  const store = await openStore(t, { url, dataDir: dataFolder(t), operationsUrl: storeOperationsUrl });
  await append(store, LI, 'before');
  const inTheMiddle = Promise.allSettled(Array.from({ length: 20 }, (_, n) => append(store, LI, `middle ${n}`)));
  await server.stop();
  for (const outcome of await inTheMiddle)
    if (outcome.status === 'rejected') assert.ok(isMailError(outcome.reason, 'unavailable'), String(outcome.reason));

  const [outcome] = await store.mail.run([
    { accountId: LI, name: 'setQuota', args: { quotaBytes: 1, quotaMessages: 1 } },
  ]);
  assert.ok(outcome?.ok === false && outcome.error.code === 'unavailable');
  await assert.rejects(store.mail.reader.mailboxes(LI), (error) => isMailError(error, 'unavailable'));
  await assert.rejects(store.directory.reader.domains(), (error) => isMailError(error, 'unavailable'));
  await assert.rejects(store.directory.run('script', { calls: [] }), (error) => isMailError(error, 'unavailable'));
  await assert.rejects(openPostgresStore({ url, dataDir: dataFolder(t) }), (error) =>
    isMailError(error, 'unavailable'),
  );

  await server.start();
  // Whoever watches is told of what may have been missed, and of what comes after.
  const again = await heard(store, LI, () => true);
  assert.equal(again, await store.mail.reader.modSeq(LI));
  const other = await openStore(t, { url, dataDir: dataFolder(t) });
  const notice = heard(store, LI, (modSeq) => modSeq > again);
  const { modSeq } = await append(other, LI, 'after');
  assert.equal(await notice, modSeq);
  await store.mail.checkInvariants();
});
