/** Lists every row of an SQL store for the checks of invariants.ts, and checks what only SQL stores have. */
import { AssertionError } from 'node:assert';
import type { BlobKey, EmailId, MailboxId } from '#base/ids.ts';
import { type AccountDump, type BlobDump, checkInvariants } from '#store/invariants.ts';
import { decodeChange } from './change-record.ts';
import {
  ACCOUNT_COLUMNS,
  type AccountColumns,
  DELETION_COLUMNS,
  type DeletionColumns,
  EMAIL_COLUMNS,
  type EmailColumns,
  MAILBOX_COLUMNS,
  type MailboxColumns,
  toAccount,
  toDeletion,
  toEmail,
  toMailbox,
} from './columns.ts';
import { DIRECTORY_TABLES } from './directory-rows.ts';
import { selectLostSubscriptions } from './mail-transaction.ts';
import type { SqlSession } from './session.ts';

const ACCOUNT_TABLES = ['mailbox', 'deletion', 'lost_subscription', 'email', 'entry', 'thread_reference', 'change_log'];

/** Throws an AssertionError naming the first contradiction. The session must show one snapshot throughout. */
export async function checkSqlInvariants(session: SqlSession): Promise<void> {
  const orphans: string[] = [];
  for (const [parent, tables] of [
    ['account', ACCOUNT_TABLES],
    ['directory_account', DIRECTORY_TABLES],
  ] as const) {
    for (const table of tables) {
      const rows = await session.all<[number]>(
        `SELECT DISTINCT account_id FROM ${table} WHERE account_id NOT IN (SELECT account_id FROM ${parent})`,
        [],
      );
      for (const [accountId] of rows) orphans.push(`${table} ${accountId}`);
    }
  }
  for (const [table, column] of [
    ['delegation', 'delegate_id'],
    ['department_box', 'responsible_id'],
  ]) {
    const rows = await session.all<[number]>(
      `SELECT DISTINCT ${column} FROM ${table} WHERE ${column} NOT IN (SELECT account_id FROM directory_account)`,
      [],
    );
    for (const [orphan] of rows) orphans.push(`${table} ${column} ${orphan}`);
  }
  for (const [column, kind, parents] of [
    ['group_id', 'kind', 'SELECT group_id FROM mail_group'],
    ['entry_id', "'group'", 'SELECT group_id FROM mail_group'],
    ['entry_id', "'account'", 'SELECT account_id FROM directory_account'],
  ] as const) {
    const rows = await session.all<[number]>(
      `SELECT DISTINCT ${column} FROM group_entry WHERE kind = ${kind} AND ${column} NOT IN (${parents})`,
      [],
    );
    for (const [orphan] of rows) orphans.push(`group_entry ${column} ${orphan}`);
  }
  await checkCounters(session);
  for (const [table, other] of [
    ['queue_message', 'queue_delivery'],
    ['queue_delivery', 'queue_message'],
  ]) {
    const rows = await session.all<[string]>(
      `SELECT queue_id FROM ${table} WHERE queue_id NOT IN (SELECT queue_id FROM ${other})`,
      [],
    );
    for (const [queueId] of rows) orphans.push(`${table} ${queueId} without ${other}`);
  }
  await checkTallies(session);
  const held = await session.all<[number]>(
    'SELECT blob_key FROM queue_message UNION ALL SELECT blob_key FROM jmap_upload',
    [],
  );
  const heldBlobs = held.map(([blobKey]) => blobKey as BlobKey);
  await checkInvariants({ accounts: listAccounts(session), blobs: await listBlobs(session), heldBlobs, orphans });
}

async function checkCounters(session: SqlSession): Promise<void> {
  for (const [counter, table] of [
    ['account', 'directory_account'],
    ['credential', 'credential'],
    ['group', 'mail_group'],
  ]) {
    const row = await session.get<[number, number | null]>(
      `SELECT value, (SELECT max(${counter}_id) FROM ${table}) FROM counter WHERE name = ?`,
      [counter ?? ''],
    );
    if (row !== undefined && (row[1] ?? 0) > row[0])
      throw new AssertionError({ message: `counter ${counter} is at ${row[0]}, but ${row[1]} is in use` });
  }
}

/** What is summed up of JMAP's rows is so, and the log of each type's changes is a gapless run that ends at its state. */
async function checkTallies(session: SqlSession): Promise<void> {
  type Row = [number, string, number, number, number];
  const tallies = await session.all<Row>('SELECT account_id, type, state, row_count, size_bytes FROM jmap_tally', []);
  const stored = await session.all<[number, string, number, number]>(
    `SELECT account_id, type, count(*),
       CAST(sum(CASE WHEN type = 'ContactCard' THEN octet_length(content) ELSE 0 END) AS BIGINT)
     FROM jmap_row GROUP BY account_id, type
     UNION ALL SELECT account_id, 'Upload', count(*), CAST(sum(blob.size_bytes) AS BIGINT) FROM jmap_upload
       JOIN blob ON blob.blob_key = jmap_upload.blob_key GROUP BY account_id`,
    [],
  );
  const logged = await session.all<[number, string, number, number, number]>(
    'SELECT account_id, type, count(*), min(state), max(state) FROM jmap_change GROUP BY account_id, type',
    [],
  );
  const sums = new Map(stored.map(([accountId, type, count, bytes]) => [`${accountId} ${type}`, [count, bytes]]));
  const logs = new Map(logged.map(([accountId, type, ...log]) => [`${accountId} ${type}`, log]));
  for (const [accountId, type, state, count, bytes] of tallies) {
    const name = `${accountId} ${type}`;
    const [realCount, realBytes] = sums.get(name) ?? [0, 0];
    const [changes, first, last] = logs.get(name) ?? [0, state + 1, state];
    if (count !== realCount || bytes !== realBytes || last !== state || changes !== last - first + 1)
      throw new AssertionError({
        message: `jmap ${name}: tally ${state}, ${count}, ${bytes}; rows ${realCount}, ${realBytes}; log ${first} to ${last}, ${changes}`,
      });
    sums.delete(name);
    logs.delete(name);
  }
  const [untold] = [...sums.keys(), ...logs.keys()];
  if (untold !== undefined) throw new AssertionError({ message: `jmap ${untold}: there are rows and no tally` });
}

async function listBlobs(session: SqlSession): Promise<BlobDump[]> {
  type Row = [number, number, number, number | null, number | null, number | null];
  const rows = await session.all<Row>(
    `SELECT blob.blob_key, size_bytes, ${session.dialect.blobReferences}, ${session.dialect.blobUnreferencedAt}, message.blob_key,
       message_structure.blob_key
     FROM blob LEFT JOIN message ON message.blob_key = blob.blob_key
     LEFT JOIN message_structure ON message_structure.blob_key = blob.blob_key`,
    [],
  );
  return rows.map((row) => ({
    blobKey: row[0] as BlobKey,
    sizeBytes: row[1],
    refs: row[2],
    unreferencedAt: row[3],
    hasMessage: row[4] !== null,
    hasStructure: row[5] !== null,
  }));
}

async function* listAccounts(session: SqlSession): AsyncGenerator<AccountDump> {
  const accounts = await session.all<AccountColumns>(`SELECT ${ACCOUNT_COLUMNS} FROM account ORDER BY account_id`, []);
  for (const row of accounts) {
    const account = toAccount(row);
    const of = [account.accountId];
    const mailboxes = await session.all<MailboxColumns>(
      `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE account_id = ? ORDER BY mailbox_id`,
      of,
    );
    const emails = await session.all<EmailColumns>(
      `SELECT ${EMAIL_COLUMNS} FROM email WHERE account_id = ? ORDER BY email_id`,
      of,
    );
    const entries = await session.all<[number, number, number, number, number, number, number]>(
      `SELECT mailbox_id, uid, email_id, flags, modseq, received_at, thread_id FROM entry WHERE account_id = ? ORDER BY mailbox_id, uid`,
      of,
    );
    const deletions = await session.all<DeletionColumns>(
      `SELECT ${DELETION_COLUMNS} FROM deletion WHERE account_id = ? ORDER BY deletion_id`,
      of,
    );
    const changes = await session.all<[number, string]>(
      'SELECT modseq, record FROM change_log WHERE account_id = ? ORDER BY modseq',
      of,
    );
    yield {
      account,
      mailboxes: mailboxes.map(toMailbox),
      lostSubscriptions: await selectLostSubscriptions(session, account.accountId),
      emails: emails.map(toEmail),
      entries: entries.map((entry) => ({
        mailboxId: entry[0] as MailboxId,
        uid: entry[1],
        emailId: entry[2] as EmailId,
        flags: entry[3],
        modSeq: entry[4],
        receivedAt: entry[5],
        threadId: entry[6],
      })),
      deletions: deletions.map(toDeletion),
      changes: changes.map(([modSeq, record]) => decodeChange(modSeq, record)),
    };
  }
}
