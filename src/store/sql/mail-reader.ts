/** MailReader over SQL: committed rows, one statement a question wherever that is enough. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccountId, DeletionId, EmailId, MailboxId, ModSeq, ThreadId } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type {
  DeletionListRow,
  EmailListRow,
  LatestEntries,
  MailReader,
  TimeRow,
  TimeStretch,
} from '#mail/ports/mail-store.ts';
import {
  type AccountRow,
  type ChangeRecord,
  type EmailRow,
  type EntryColumns,
  FLAG,
  type MailboxRole,
  type MailboxRow,
  type ThreadEmail,
} from '#mail/types.ts';
import type { MessageSummary, MimePart } from '#mime/structure.ts';
import type { BlobFiles } from '#store/files/blob-files.ts';
import { READ_CHUNK } from '#store/limits.ts';
import { readBlob } from './blob-octets.ts';
import { decodeChange } from './change-record.ts';
import {
  ACCOUNT_COLUMNS,
  type AccountColumns,
  DELETION_COLUMNS,
  type DeletionColumns,
  MAILBOX_COLUMNS,
  type MailboxColumns,
  toAccount,
  toDeletion,
  toEmail,
  toKeywords,
  toMailbox,
} from './columns.ts';
import { selectEmails, selectLostSubscriptions, selectThreadEmails, toRange } from './mail-transaction.ts';
import { type SqlSession, type SqlValue, toList } from './session.ts';

/** Packs whole columns in SQL: five times faster than a row object an entry. */
const PACKED_COLUMNS = `count(*), string_agg(CAST(uid AS TEXT), ' '), string_agg(CAST(email_id AS TEXT), ' '),
  string_agg(CAST(flags AS TEXT), ' '), string_agg(CAST(modseq AS TEXT), ' ')`;
const ENTRIES = `FROM
  (SELECT uid, email_id, flags, modseq FROM entry WHERE entry.account_id = ? AND entry.mailbox_id = ?`;
/** One statement, hence one moment. */
const STATE_AND_ENTRIES = `SELECT (SELECT modseq FROM account WHERE account_id = ?),
  (SELECT total_emails FROM mailbox WHERE account_id = ? AND mailbox_id = ?), ${PACKED_COLUMNS} ${ENTRIES}`;
/** A uid, or that of the n-th entry from the end, whichever is lower. */
const FROM_UID_OR_LAST = `entry.uid >= (SELECT min(uid) FROM (SELECT CAST(? AS BIGINT) AS uid UNION ALL
  SELECT uid FROM (SELECT uid FROM entry WHERE account_id = ? AND mailbox_id = ? ORDER BY uid DESC LIMIT ?) AS last) AS first)`;
const NO_UID = 0xffff_ffff;

const ENTRY_KEYWORDS = `SELECT entry.uid, email.keywords FROM entry JOIN email
  ON email.account_id = entry.account_id AND email.email_id = entry.email_id
  WHERE entry.account_id = ? AND entry.mailbox_id = ?`;

const DELETION_LIST = `SELECT ${DELETION_COLUMNS.split(', ')
  .map((name) => `deletion.${name}`)
  .join(', ')}, message.summary
  FROM deletion JOIN message ON message.blob_key = deletion.blob_key WHERE account_id = ?`;

type PackedEntries = [number, string | null, string | null, string | null, string | null];
type EnvelopeRow = { emailId: EmailId; receivedAt: number; sizeBytes: number; imapEnvelope: string };

export class SqlMailReader implements MailReader {
  readonly #session: SqlSession;
  readonly #blobs: BlobFiles;

  constructor(session: SqlSession, blobs: BlobFiles) {
    this.#session = session;
    this.#blobs = blobs;
  }

  async account(accountId: AccountId): Promise<AccountRow | undefined> {
    const sql = `SELECT ${ACCOUNT_COLUMNS} FROM account WHERE account_id = ?`;
    const row = await this.#session.get<AccountColumns>(sql, [accountId]);
    return row === undefined ? undefined : toAccount(row);
  }

  async modSeq(accountId: AccountId): Promise<ModSeq> {
    const row = await this.#session.get<[number]>('SELECT modseq FROM account WHERE account_id = ?', [accountId]);
    return (row?.[0] ?? 0) as ModSeq;
  }

  async mailboxes(accountId: AccountId): Promise<readonly MailboxRow[]> {
    const sql = `SELECT ${MAILBOX_COLUMNS} FROM mailbox WHERE account_id = ? ORDER BY mailbox_id`;
    return (await this.#session.all<MailboxColumns>(sql, [accountId])).map(toMailbox);
  }

  lostSubscriptions(accountId: AccountId): Promise<readonly string[]> {
    return selectLostSubscriptions(this.#session, accountId);
  }

  entries(accountId: AccountId, mailboxId: MailboxId, fromUid?: number, toUid?: number): Promise<EntryColumns> {
    const range = fromUid !== undefined || toUid !== undefined;
    return range
      ? this.#entries(accountId, mailboxId, 'entry.uid BETWEEN ? AND ?', [fromUid ?? 0, toUid ?? 0xffff_ffff])
      : this.#entries(accountId, mailboxId, '', []);
  }

  async latestEntries(
    accountId: AccountId,
    mailboxId: MailboxId,
    fromUid: number,
    count: number,
  ): Promise<LatestEntries | undefined> {
    const uid = Math.min(fromUid, NO_UID);
    const [condition, parameters] =
      count === 0
        ? ['entry.uid >= ?', [uid]]
        : [FROM_UID_OR_LAST, [uid, accountId, mailboxId, Math.min(count, NO_UID)]];
    const row = await this.#session.get<[number | null, number | null, ...PackedEntries]>(
      `${STATE_AND_ENTRIES} AND ${condition} ORDER BY uid) AS listed`,
      [accountId, accountId, mailboxId, accountId, mailboxId, ...parameters],
    );
    const [modSeq = null, totalEmails = null, ...packed] = row ?? [];
    if (modSeq === null || totalEmails === null) return undefined;
    const columns = unpackEntries(packed as PackedEntries);
    return {
      modSeq: modSeq as ModSeq,
      totalEmails,
      columns: await this.#withKeywords(accountId, mailboxId, columns, condition, parameters),
    };
  }

  async entriesOf(accountId: AccountId, mailboxId: MailboxId, uids: readonly number[]): Promise<EntryColumns> {
    if (uids.length === 0) return unpackEntries([0, null, null, null, null]);
    const range = toRange(uids);
    return range === undefined
      ? this.#entries(accountId, mailboxId, this.#session.dialect.isOneOf('entry.uid'), [toList(uids)])
      : this.#entries(accountId, mailboxId, 'entry.uid BETWEEN ? AND ?', range);
  }

  async #entries(
    accountId: AccountId,
    mailboxId: MailboxId,
    condition: string,
    parameters: readonly SqlValue[],
  ): Promise<EntryColumns> {
    const and = condition === '' ? '' : ` AND ${condition}`;
    const packed = await this.#session.get<PackedEntries>(
      `SELECT ${PACKED_COLUMNS} ${ENTRIES}${and} ORDER BY uid) AS listed`,
      [accountId, mailboxId, ...parameters],
    );
    const columns = unpackEntries(packed ?? [0, null, null, null, null]);
    return this.#withKeywords(accountId, mailboxId, columns, condition, parameters);
  }

  /** Keywords are asked for only where there are any. */
  async #withKeywords(
    accountId: AccountId,
    mailboxId: MailboxId,
    columns: EntryColumns,
    condition: string,
    parameters: readonly SqlValue[],
  ): Promise<EntryColumns> {
    if (!columns.flags.some((flags) => (flags & FLAG.HAS_KEYWORDS) !== 0)) return columns;
    const and = condition === '' ? '' : ` AND ${condition}`;
    const rows = await this.#session.all<[number, string | null]>(
      `${ENTRY_KEYWORDS} AND (entry.flags & ${FLAG.HAS_KEYWORDS}) <> 0${and}`,
      [accountId, mailboxId, ...parameters],
    );
    const keywords = new Map<number, readonly string[]>();
    for (const [uid, text] of rows) keywords.set(uid, toKeywords(text));
    return { ...columns, keywords };
  }

  async emails(accountId: AccountId, emailIds: readonly EmailId[]): Promise<readonly EmailRow[]> {
    return (await selectEmails(this.#session, accountId, emailIds)).map(toEmail);
  }

  async listRows(accountId: AccountId, emailIds: readonly EmailId[]): Promise<readonly EmailListRow[]> {
    type Row = [number, number, number, number, string, string, string];
    return this.#inOrder(
      accountId,
      emailIds,
      'email.email_id, email.thread_id, email.received_at, email.size_bytes, message.imap_envelope, message.summary, message.preview',
      (row: Row) => ({
        emailId: row[0] as EmailId,
        threadId: row[1] as ThreadId,
        receivedAt: row[2],
        sizeBytes: row[3],
        imapEnvelope: row[4],
        summary: JSON.parse(row[5]) as MessageSummary,
        preview: row[6],
      }),
    );
  }

  async envelopes(accountId: AccountId, emailIds: readonly EmailId[]): Promise<readonly EnvelopeRow[]> {
    type Row = [number, number, number, string];
    return this.#inOrder(
      accountId,
      emailIds,
      'email.email_id, email.received_at, email.size_bytes, message.imap_envelope',
      (row: Row) => ({ emailId: row[0] as EmailId, receivedAt: row[1], sizeBytes: row[2], imapEnvelope: row[3] }),
    );
  }

  async summaries(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; summary: MessageSummary }[]> {
    return this.#inOrder(accountId, emailIds, 'email.email_id, message.summary', (row: [number, string]) => ({
      emailId: row[0] as EmailId,
      summary: JSON.parse(row[1]) as MessageSummary,
    }));
  }

  async structures(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; structure: MimePart }[]> {
    return this.#inOrder(
      accountId,
      emailIds,
      'email.email_id, message_structure.structure',
      (row: [number, string]) => ({ emailId: row[0] as EmailId, structure: JSON.parse(row[1]) as MimePart }),
      'message_structure',
    );
  }

  /** Rows of Emails joined with their messages, in the order of `emailIds`, a chunk of them a statement. */
  async #inOrder<Row extends readonly unknown[], T extends { readonly emailId: EmailId }>(
    accountId: AccountId,
    emailIds: readonly EmailId[],
    columns: string,
    toResult: (row: Row) => T,
    joined: 'message' | 'message_structure' | 'blob' = 'message',
  ): Promise<T[]> {
    const results: T[] = [];
    for (let at = 0; at < emailIds.length; at += READ_CHUNK) {
      if (at > 0) await nextTurn();
      const chunk = emailIds.slice(at, at + READ_CHUNK);
      const range = toRange(chunk);
      const condition =
        range === undefined ? this.#session.dialect.isOneOf('email.email_id') : 'email.email_id BETWEEN ? AND ?';
      const rows = await this.#session.all<Row>(
        `SELECT ${columns} FROM email JOIN ${joined} ON ${joined}.blob_key = email.blob_key
         WHERE email.account_id = ? AND ${condition} ORDER BY email.email_id`,
        [accountId, ...(range ?? [toList(chunk)])],
      );
      const found = rows.map(toResult);
      if (isAscending(chunk)) {
        for (const result of found) results.push(result);
        continue;
      }
      const byId = new Map(found.map((result) => [result.emailId, result]));
      for (const emailId of chunk) {
        const result = byId.get(emailId);
        if (result !== undefined) results.push(result);
      }
    }
    return results;
  }

  async structure(accountId: AccountId, emailId: EmailId): Promise<MimePart | undefined> {
    const row = await this.#session.get<[string]>(
      `SELECT structure FROM email JOIN message_structure ON message_structure.blob_key = email.blob_key
       WHERE account_id = ? AND email_id = ?`,
      [accountId, emailId],
    );
    return row === undefined ? undefined : (JSON.parse(row[0]) as MimePart);
  }

  async threadsWith(accountId: AccountId, reference: string): Promise<readonly ThreadId[]> {
    const rows = await this.#session.all<[number]>(
      'SELECT DISTINCT thread_id FROM thread_reference WHERE account_id = ? AND reference = ? ORDER BY thread_id',
      [accountId, reference],
    );
    return rows.map((row) => row[0] as ThreadId);
  }

  async thread(accountId: AccountId, threadId: ThreadId): Promise<readonly EmailId[]> {
    const rows = await this.#session.all<[number]>(
      'SELECT email_id FROM email WHERE account_id = ? AND thread_id = ? ORDER BY received_at, email_id',
      [accountId, threadId],
    );
    return rows.map((row) => row[0] as EmailId);
  }

  threadEmails(accountId: AccountId, threadIds: readonly ThreadId[]): Promise<readonly ThreadEmail[]> {
    return selectThreadEmails(this.#session, accountId, threadIds);
  }

  async byTime(accountId: AccountId, stretch: TimeStretch): Promise<readonly TimeRow[]> {
    const { mailboxId, only, from, before, isAscending, behind, withFlags, limit } = stretch;
    const parameters: SqlValue[] = [accountId];
    let sql = `SELECT email_id, thread_id, received_at, ${withFlags ? 'flags' : '0'} FROM `;
    if (mailboxId === undefined) {
      sql += 'email WHERE account_id = ?';
    } else {
      sql += 'entry WHERE account_id = ? AND mailbox_id = ?';
      parameters.push(mailboxId);
      // Spelt as the partial indexes have it.
      if (only === 'unread') sql += ' AND (flags & 1) = 0';
      else if (only === 'flagged') sql += ' AND (flags & 2) <> 0';
      else if (only === 'attachments') sql += ' AND (flags & 134217728) <> 0';
    }
    // One bound a side: databases that are given two may choose the looser.
    if (behind !== undefined) {
      sql += ` AND (received_at, email_id) ${isAscending ? '>' : '<'} (?, ?)`;
      parameters.push(behind.receivedAt, behind.emailId);
    }
    if (from !== undefined && (behind === undefined || !isAscending)) {
      sql += ' AND received_at >= ?';
      parameters.push(from);
    }
    if (before !== undefined && (behind === undefined || isAscending)) {
      sql += ' AND received_at < ?';
      parameters.push(before);
    }
    const order = isAscending ? 'ASC' : 'DESC';
    sql += ` ORDER BY received_at ${order}, email_id ${order} LIMIT ?`;
    const rows = await this.#session.all<[number, number, number, number]>(sql, [...parameters, limit]);
    return rows.map((row) => ({
      emailId: row[0] as EmailId,
      threadId: row[1] as ThreadId,
      receivedAt: row[2],
      flags: row[3],
    }));
  }

  async changes(accountId: AccountId, since: ModSeq, limit: number): Promise<readonly ChangeRecord[] | undefined> {
    const current = await this.modSeq(accountId);
    if (since >= current) return [];
    const rows = await this.#session.all<[number, string]>(
      'SELECT modseq, record FROM change_log WHERE account_id = ? AND modseq >= ? ORDER BY modseq LIMIT ?',
      [accountId, since, limit + 1],
    );
    // The log is contiguous: it reaches back to `since` when `since` itself, or the record right after it, is there.
    const first = rows[0]?.[0];
    if (first === undefined || first > since + 1) return undefined;
    const records: ChangeRecord[] = [];
    for (const [modSeq, text] of rows)
      if (modSeq > since && records.length < limit) records.push(decodeChange(modSeq, text));
    return records;
  }

  async readMessage(accountId: AccountId, emailId: EmailId, start?: number, end?: number): Promise<Buffer> {
    const octets = await readBlob(
      this.#session,
      this.#blobs,
      'FROM email JOIN blob ON blob.blob_key = email.blob_key WHERE account_id = ? AND email_id = ?',
      [accountId, emailId],
      { start, end },
    );
    if (octets === undefined) throw new MailError('notFound', 'The message no longer exists', { data: { emailId } });
    return octets;
  }

  async latestDeletions(accountId: AccountId, limit: number, below?: DeletionId): Promise<readonly DeletionListRow[]> {
    const rows = await this.#session.all<[...DeletionColumns]>(
      `${DELETION_LIST} AND deletion_id < ? ORDER BY deletion_id DESC LIMIT ?`,
      [accountId, below ?? Number.MAX_SAFE_INTEGER, limit],
    );
    return rows.map(toDeletionListRow);
  }

  async deletions(accountId: AccountId, deletionIds: readonly DeletionId[]): Promise<readonly DeletionListRow[]> {
    const rows = await this.#session.all<[...DeletionColumns]>(
      `${DELETION_LIST} AND ${this.#session.dialect.isOneOf('deletion_id')} ORDER BY deletion_id DESC`,
      [accountId, toList(deletionIds)],
    );
    return rows.map(toDeletionListRow);
  }

  async accountsWithDeletions(deletedBefore: number, after: AccountId, limit: number): Promise<readonly AccountId[]> {
    // Each account's first row is its oldest: one look-up an account, and no index beside the key.
    const rows = await this.#session.all<[number]>(
      `SELECT account_id FROM account WHERE account_id > ? AND deletions > 0 AND (
         SELECT deleted_at FROM deletion WHERE deletion.account_id = account.account_id ORDER BY deletion_id LIMIT 1
       ) < ? ORDER BY account_id LIMIT ?`,
      [after, deletedBefore, limit],
    );
    return rows.map((row) => row[0] as AccountId);
  }

  async accountsWithMailIn(role: MailboxRole, after: AccountId, limit: number): Promise<readonly AccountId[]> {
    const rows = await this.#session.all<[number]>(
      `SELECT account_id FROM mailbox WHERE account_id > ? AND role = ? AND total_emails > 0
       ORDER BY account_id LIMIT ?`,
      [after, role, limit],
    );
    return rows.map((row) => row[0] as AccountId);
  }

  async accountIds(): Promise<readonly AccountId[]> {
    const rows = await this.#session.all<[number]>('SELECT account_id FROM account ORDER BY account_id', []);
    return rows.map((row) => row[0] as AccountId);
  }
}

function toDeletionListRow(row: DeletionColumns): DeletionListRow {
  return { ...toDeletion(row), summary: JSON.parse(row[14] as string) as MessageSummary };
}

function isAscending(numbers: readonly number[]): boolean {
  for (let at = 1; at < numbers.length; at++) if ((numbers[at] ?? 0) <= (numbers[at - 1] ?? 0)) return false;
  return true;
}

const NO_KEYWORDS: EntryColumns['keywords'] = new Map();

function unpackEntries([count, uids, emailIds, flags, modSeqs]: PackedEntries): EntryColumns {
  return {
    uids: unpackNumbers(uids, new Uint32Array(count)),
    emailIds: unpackNumbers(emailIds, new Uint32Array(count)),
    flags: unpackNumbers(flags, new Uint32Array(count)),
    modSeqs: unpackNumbers(modSeqs, new Float64Array(count)),
    keywords: NO_KEYWORDS,
  };
}

/** Decimal numbers separated by single spaces. */
function unpackNumbers<T extends Uint32Array | Float64Array>(text: string | null, into: T): T {
  if (text === null) return into;
  let at = 0;
  let number = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 32) {
      into[at++] = number;
      number = 0;
    } else {
      number = number * 10 + code - 48;
    }
  }
  into[at] = number;
  return into;
}
