/**
 * Rows as they are stored and as the mailbox knows them: the only place where both forms meet. Column lists are here
 * too, so that a SELECT and its reader cannot drift apart.
 */
import type { AccountId, BlobKey, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#base/ids.ts';
import {
  type AccountRow,
  type DeletedBy,
  type DeletionRow,
  type EmailRow,
  FLAG,
  type MailboxRow,
  type MailboxRole,
  type Placement,
  type ThreadEmail,
} from '#mail/types.ts';
import type { SqlValue } from './session.ts';

export const ACCOUNT_COLUMNS =
  'account_id, modseq, next_mailbox_id, next_email_id, next_thread_id, used_bytes, used_messages, quota_bytes, quota_messages, next_deletion_id, deletions, deletion_bytes';

export type AccountColumns = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number | null,
  number | null,
  number,
  number,
  number,
];

export function toAccount(row: AccountColumns): AccountRow {
  return {
    accountId: row[0] as AccountId,
    modSeq: row[1] as ModSeq,
    nextMailboxId: row[2],
    nextEmailId: row[3],
    nextThreadId: row[4],
    usedBytes: row[5],
    usedMessages: row[6],
    quotaBytes: row[7],
    quotaMessages: row[8],
    nextDeletionId: row[9],
    deletions: row[10],
    deletionBytes: row[11],
  };
}

/** Everything but the key, in the order of ACCOUNT_COLUMNS. */
export function fromAccount(row: AccountRow): SqlValue[] {
  return [
    row.modSeq,
    row.nextMailboxId,
    row.nextEmailId,
    row.nextThreadId,
    row.usedBytes,
    row.usedMessages,
    row.quotaBytes,
    row.quotaMessages,
    row.nextDeletionId,
    row.deletions,
    row.deletionBytes,
  ];
}

export const DELETION_COLUMNS =
  'deletion_id, deleted_at, email_id, blob_key, thread_id, received_at, size_bytes, flags, keywords, mailbox_id, path, way, login, agent';

export type DeletionColumns = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  string | null,
  number,
  string,
  string,
  string,
  string,
  ...unknown[],
];

export function toDeletion(row: DeletionColumns): DeletionRow {
  return {
    deletionId: row[0] as DeletionId,
    deletedAt: row[1],
    emailId: row[2] as EmailId,
    blobKey: row[3] as BlobKey,
    threadId: row[4] as ThreadId,
    receivedAt: row[5],
    sizeBytes: row[6],
    flags: row[7],
    keywords: toKeywords(row[8]),
    mailboxId: row[9] as MailboxId,
    path: row[10],
    way: row[11] as DeletedBy['way'],
    login: row[12],
    agent: row[13],
  };
}

/** In the order of DELETION_COLUMNS. */
export function fromDeletion(row: DeletionRow): SqlValue[] {
  return [
    row.deletionId,
    row.deletedAt,
    row.emailId,
    row.blobKey,
    row.threadId,
    row.receivedAt,
    row.sizeBytes,
    row.flags,
    fromKeywords(row.keywords),
    row.mailboxId,
    row.path,
    row.way,
    row.login,
    row.agent,
  ];
}

export const MAILBOX_COLUMNS =
  'mailbox_id, parent_id, name, role, subscribed, sort_order, uid_validity, uid_next, total_emails, unread_emails, deleted_emails, size_bytes, modseq, properties_modseq, selectable, recent_from, recent_emails, total_threads, unread_threads, unread_drafts, uid_marks, own_uids_from';

export type MailboxColumns = readonly [
  number,
  number | null,
  string,
  string | null,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  string | null,
  number,
  ...unknown[],
];

export function toMailbox(row: MailboxColumns): MailboxRow {
  return {
    mailboxId: row[0] as MailboxId,
    parentId: row[1] as MailboxId | null,
    name: row[2],
    role: row[3] as MailboxRole | null,
    subscribed: row[4] === 1,
    sortOrder: row[5],
    uidValidity: row[6],
    uidNext: row[7],
    totalEmails: row[8],
    unreadEmails: row[9],
    deletedEmails: row[10],
    sizeBytes: row[11],
    modSeq: row[12] as ModSeq,
    propertiesModSeq: row[13] as ModSeq,
    selectable: row[14] === 1,
    recentFrom: row[15],
    recentEmails: row[16],
    totalThreads: row[17],
    unreadThreads: row[18],
    unreadDrafts: row[19],
    uidMarks: row[20],
    ownUidsFrom: row[21],
  };
}

/** Everything but the key, in the order of MAILBOX_COLUMNS. */
export function fromMailbox(row: MailboxRow): SqlValue[] {
  return [
    row.parentId,
    row.name,
    row.role,
    row.subscribed ? 1 : 0,
    row.sortOrder,
    row.uidValidity,
    row.uidNext,
    row.totalEmails,
    row.unreadEmails,
    row.deletedEmails,
    row.sizeBytes,
    row.modSeq,
    row.propertiesModSeq,
    row.selectable ? 1 : 0,
    row.recentFrom,
    row.recentEmails,
    row.totalThreads,
    row.unreadThreads,
    row.unreadDrafts,
    row.uidMarks,
    row.ownUidsFrom,
  ];
}

export const EMAIL_COLUMNS =
  'email_id, blob_key, thread_id, received_at, size_bytes, flags, keywords, placements, modseq';

export type EmailColumns = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  string | null,
  string,
  number,
  ...unknown[],
];

const NO_KEYWORDS: readonly string[] = [];

export function toEmail(row: EmailColumns): EmailRow {
  return {
    emailId: row[0] as EmailId,
    blobKey: row[1] as BlobKey,
    threadId: row[2] as ThreadId,
    receivedAt: row[3],
    sizeBytes: row[4],
    flags: row[5],
    keywords: toKeywords(row[6]),
    placements: toPlacements(row[7]),
    modSeq: row[8] as ModSeq,
  };
}

export const THREAD_EMAIL_COLUMNS = 'email_id, thread_id, received_at, flags, keywords, placements';

export type ThreadEmailColumns = readonly [number, number, number, number, string | null, string];

export function toThreadEmail(row: ThreadEmailColumns): ThreadEmail {
  return {
    emailId: row[0] as EmailId,
    threadId: row[1] as ThreadId,
    receivedAt: row[2],
    flags: row[3],
    keywords: toKeywords(row[4]),
    placements: toPlacements(row[5]),
  };
}

/** Everything, in the order of EMAIL_COLUMNS. */
export function fromEmail(row: EmailRow): SqlValue[] {
  return [
    row.emailId,
    row.blobKey,
    row.threadId,
    row.receivedAt,
    row.sizeBytes,
    row.flags,
    fromKeywords(row.keywords),
    fromPlacements(row.placements),
    row.modSeq,
  ];
}

/** Keywords hold no spaces (RFC 9051 atoms, RFC 8621 §4.1.1). */
export function toKeywords(text: string | null): readonly string[] {
  return text === null ? NO_KEYWORDS : text.split(' ');
}

export function fromKeywords(keywords: readonly string[]): string | null {
  return keywords.length === 0 ? null : keywords.join(' ');
}

/** `12.345` or `12.345d`, separated by spaces. */
export function toPlacements(text: string): Placement[] {
  const placements: Placement[] = [];
  let mailboxId = 0;
  let number = 0;
  let deleted = false;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? 32 : text.charCodeAt(at);
    if (code === 46) {
      mailboxId = number;
      number = 0;
    } else if (code === 100) {
      deleted = true;
    } else if (code === 32) {
      placements.push({ mailboxId: mailboxId as MailboxId, uid: number as Uid, deleted });
      number = 0;
      deleted = false;
    } else {
      number = number * 10 + code - 48;
    }
  }
  return placements;
}

export function fromPlacements(placements: readonly Placement[]): string {
  let text = '';
  for (const { mailboxId, uid, deleted } of placements)
    text += `${text === '' ? '' : ' '}${mailboxId}.${uid}${deleted ? 'd' : ''}`;
  return text;
}

/** The flags of an Email's row in one Mailbox. */
export function entryFlags(email: EmailRow, placement: Placement): number {
  let flags = email.flags;
  if (placement.deleted) flags |= FLAG.DELETED;
  if (email.keywords.length > 0) flags |= FLAG.HAS_KEYWORDS;
  return flags;
}
