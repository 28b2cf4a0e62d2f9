/** Puts messages into an account: the only way in, for delivery, IMAP APPEND, JMAP import and migration alike. */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { packKeywords } from '#mail/keywords.ts';
import type { EmailId, MailboxId, ModSeq, PreparedMessage, ThreadId, Uid } from '#mail/types.ts';
import { changeAccount, type AccountChange, type NewEmail } from './account-change.ts';
import { ensureAccount } from './provision-account.ts';

export interface AppendItem {
  readonly message: PreparedMessage;
  /**
   * Where to, at least one, and all must exist (`notFound`). `'inbox'` for mail that names no mailbox; `'junk'` for
   * the mailbox of that role, or the inbox where an account has none.
   */
  readonly mailboxes: readonly (MailboxId | 'inbox' | 'junk')[];
  readonly keywords: readonly string[];
  /** IMAP \Deleted, for APPEND that asks for it. */
  readonly deleted?: boolean;
  /** INTERNALDATE; now when absent. */
  readonly receivedAt?: number;
}

export interface AppendArgs {
  /** All or none are appended, in order. */
  readonly items: readonly AppendItem[];
  readonly source: 'smtp' | 'imap' | 'jmap' | 'migration' | 'system';
}

export interface AppendResult {
  readonly modSeq: ModSeq;
  readonly emails: readonly {
    readonly emailId: EmailId;
    readonly threadId: ThreadId;
    readonly placements: readonly { readonly mailboxId: MailboxId; readonly uidValidity: number; readonly uid: Uid }[];
  }[];
}

export const append = {
  durable: true,
  /** Throws `overQuota`, `notFound` (a mailbox), `invalid`, `limit`. */
  async run(tx: MailTransaction, args: AppendArgs): Promise<AppendResult> {
    await ensureAccount(tx);
    return changeAccount(tx, async (change) => {
      const bytes = args.items.reduce((sum, item) => sum + item.message.blob.sizeBytes, 0);
      // Migration brings what the old system held; the quota of the new one is for what comes after (S-21).
      if (args.source !== 'migration') change.requireQuota(bytes, args.items.length);
      const news: NewEmail[] = [];
      for (const item of args.items) news.push(await toNewEmail(tx, change, item));
      const rows = await change.insertEmails(news);
      return {
        modSeq: change.modSeq,
        emails: rows.map(({ emailId, threadId, placements }) => ({
          emailId,
          threadId,
          placements: placements.map(({ mailboxId, uid }) => ({
            mailboxId,
            uidValidity: change.mailbox(mailboxId).uidValidity,
            uid,
          })),
        })),
      };
    });
  },
};

async function toNewEmail(tx: MailTransaction, change: AccountChange, item: AppendItem): Promise<NewEmail> {
  const mailboxIds = new Set(item.mailboxes.map((mailbox) => findTarget(change, mailbox)));
  if (mailboxIds.size === 0) throw new MailError('invalid', 'an Email must be in a mailbox');
  return {
    blobKey: await tx.storeMessage(item.message),
    threadId: await joinThread(tx, change, item.message),
    receivedAt: item.receivedAt ?? tx.nowMs,
    sizeBytes: item.message.blob.sizeBytes,
    ...packKeywords(item.keywords),
    mailboxes: Array.from(mailboxIds, (mailboxId) => ({ mailboxId, deleted: item.deleted ?? false })),
  };
}

function findTarget(change: AccountChange, mailbox: MailboxId | 'inbox' | 'junk'): MailboxId {
  if (typeof mailbox === 'number') return change.target(mailbox).mailboxId;
  for (const role of [mailbox, 'inbox'])
    for (const row of change.mailboxes) if (row.role === role && row.selectable) return row.mailboxId;
  throw new MailError('notFound', 'the account has no inbox');
}

/** RFC 8621 §3: a common message id and the same base subject make a thread. */
async function joinThread(tx: MailTransaction, change: AccountChange, message: PreparedMessage): Promise<ThreadId> {
  const { references, subjectHash } = message.threadKeys;
  if (references.length === 0) return change.allocateThread();
  const known = await tx.findThread(references, subjectHash);
  const threadId = known ?? change.allocateThread();
  await tx.insertThreadReferences(threadId, references, subjectHash);
  return threadId;
}
