import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Mail } from '#mail/mail.ts';
import type { AccountId } from '#mail/types.ts';
import { columnTypes, migrations } from '#store/sql/schema.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { DATABASE_FILE } from './writer.ts';

test('a store of before is given times and counts of threads', async () => {
  const store = await openTestStore('sqlite');
  const mail = new Mail(store.mail);
  const account = mail.account(7 as AccountId);
  await account.provision();
  const boxes = (await account.mailboxes()).map(({ mailboxId }) => mailboxId);
  const items = Array.from({ length: 60 }, (_, n) => ({
    message: mail.prepareMessage(
      Buffer.from(`Message-ID: <${n}@x>\r\nIn-Reply-To: <${n - (n % 3)}@x>\r\nSubject: 会议\r\n\r\n${n}\r\n`),
    ),
    mailboxes: boxes.filter((id) => (n * id) % 4 === 1 || (n + id) % 6 === 0).concat(boxes.slice(n % 6, (n % 6) + 1)),
    keywords: [[], ['$seen'], ['$draft'], ['$flagged']][n % 4] ?? [],
    receivedAt: 1_568_606_400_000 + ((n * 7) % 11),
  }));
  await account.append({ items, source: 'migration' });
  const before = await account.mailboxes();
  assert.ok(before.some(({ totalThreads, unreadThreads }) => totalThreads > unreadThreads && unreadThreads > 0));

  const reopened = await store.reopen();
  const database = new DatabaseSync(join(store.dataDir, DATABASE_FILE));
  for (const name of ['entry_by_time', 'entry_unread', 'entry_flagged', 'entry_with_attachment', 'email_by_time'])
    database.exec(`DROP INDEX ${name}`);
  for (const [table, column] of [
    ['entry', 'received_at'],
    ['entry', 'thread_id'],
    ['mailbox', 'total_threads'],
    ['mailbox', 'unread_threads'],
    ['mailbox', 'unread_drafts'],
  ] as const)
    database.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  const migration = migrations.find(({ version }) => version === 11);
  for (const statement of migration?.statements(columnTypes('sqlite')) ?? []) database.exec(statement);
  database.close();
  const migrated = await reopened.reopen();
  assert.deepEqual(await new Mail(migrated.mail).account(7 as AccountId).mailboxes(), before);
  await migrated.close();
});
