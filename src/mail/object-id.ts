/**
 * The ids of RFC 8474 (IMAP OBJECTID) and RFC 8620 (JMAP Id), the same for both: a letter for the kind, the account,
 * the row. They name one thing for ever and mean nothing outside their account.
 */
import type { AccountId, EmailId, MailboxId, ThreadId } from '#base/ids.ts';

export function formatMailboxObjectId(accountId: AccountId, mailboxId: MailboxId): string {
  return formatObjectId('M', accountId, mailboxId);
}

export function formatEmailObjectId(accountId: AccountId, emailId: EmailId): string {
  return formatObjectId('E', accountId, emailId);
}

export function formatThreadObjectId(accountId: AccountId, threadId: ThreadId): string {
  return formatObjectId('T', accountId, threadId);
}

/** The mailbox's id, if `text` names one of this account; `undefined` for anything else, however malformed. */
export function parseMailboxObjectId(accountId: AccountId, text: string): MailboxId | undefined {
  return parseObjectId('M', accountId, text) as MailboxId | undefined;
}

/** As parseMailboxObjectId, for an Email. */
export function parseEmailObjectId(accountId: AccountId, text: string): EmailId | undefined {
  return parseObjectId('E', accountId, text) as EmailId | undefined;
}

/** As parseMailboxObjectId, for a thread. */
export function parseThreadObjectId(accountId: AccountId, text: string): ThreadId | undefined {
  return parseObjectId('T', accountId, text) as ThreadId | undefined;
}

/** `letter`: one that no other kind has. */
export function formatObjectId(letter: string, accountId: AccountId, row: number): string {
  return `${letter}${accountId}-${row}`;
}

/** The row's number, for any kind. */
export function parseObjectId(letter: string, accountId: AccountId, text: string): number | undefined {
  const prefix = `${letter}${accountId}-`;
  const digits = text.slice(prefix.length);
  // One spelling each: no leading zero, so that equal ids are equal strings.
  return text.startsWith(prefix) && /^[1-9][0-9]{0,15}$/.test(digits) ? Number(digits) : undefined;
}
