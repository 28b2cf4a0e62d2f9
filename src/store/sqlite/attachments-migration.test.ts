import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Mail } from '#mail/mail.ts';
import type { AccountId } from '#mail/types.ts';
import { columnTypes, migrations } from '#store/sql/schema.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { DATABASE_FILE } from './writer.ts';

const ATTACHED = 'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n';
const WITH_ATTACHMENT = 134_217_728;

test('a store of before learns which letters have attachments, those that were deleted among them', async () => {
  const store = await openTestStore('sqlite');
  const mail = new Mail(store.mail);
  const account = mail.account(7 as AccountId);
  await account.provision();
  // The third only speaks of it.
  const headers = [ATTACHED, '', 'Subject: "hasAttachment":true\r\n', ATTACHED];
  const items = headers.map((header, n) => ({
    message: mail.prepareMessage(Buffer.from(`Message-ID: <${n}@x>\r\n${header}\r\n${n}\r\n`)),
    mailboxes: ['inbox' as const],
    keywords: ['$seen'],
  }));
  const { emails } = await account.append({ items, source: 'imap' });
  const ids = emails.map(({ emailId }) => emailId);
  const by = { way: 'web', login: '', agent: '' } as const;
  await account.setEmails({ update: [], destroy: ids.slice(3), by });

  const reopened = await store.reopen();
  const database = new DatabaseSync(join(store.dataDir, DATABASE_FILE));
  database.exec('DROP INDEX entry_with_attachment');
  for (const table of ['email', 'entry', 'deletion'])
    database.exec(`UPDATE ${table} SET flags = flags & ~${WITH_ATTACHMENT}`);
  const migration = migrations.find(({ version }) => version === 34);
  for (const statement of migration?.statements(columnTypes('sqlite')) ?? []) database.exec(statement);
  database.close();

  const migrated = await reopened.reopen();
  const again = new Mail(migrated.mail).account(7 as AccountId);
  const find = async (hasAttachment: boolean): Promise<readonly number[]> => {
    const answer = await again.queryEmails({ filter: { hasAttachment } }, { limit: 10 });
    return answer === 'anchorNotFound' ? [] : answer.emailIds.toSorted((a, b) => a - b);
  };
  assert.deepEqual(await find(true), ids.slice(0, 1));
  assert.deepEqual(await find(false), ids.slice(1, 3));
  const [deletion] = await again.latestDeletions(1);
  assert.ok(deletion);
  const { recovered } = await again.recoverDeletions({ deletionIds: [deletion.deletionId] });
  assert.deepEqual(await find(true), [ids[0], recovered[0]?.emailId]);
  // Keywords that are replaced say nothing of attachments.
  await again.setEmails({ update: [{ emailId: ids[0] as never, keywords: { replace: [] } }], destroy: [] });
  assert.deepEqual(await find(true), [ids[0], recovered[0]?.emailId]);
  await migrated.close();
});
