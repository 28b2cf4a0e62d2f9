/**
 * Puts messages into an account: the only way in, for delivery, IMAP APPEND, JMAP import and migration alike. Two
 * sources look at what is in Sent already (sent-copy.ts).
 */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { changeKeywords, MUTED, packKeywords, unpackKeywords, type PackedKeywords } from '#mail/keywords.ts';
import {
  FLAG,
  type EmailId,
  type EmailRow,
  type MailboxId,
  type ModSeq,
  type PreparedMessage,
  type ThreadId,
  type Uid,
} from '#mail/types.ts';
import { changeAccount, type AccountChange, type ForeignUid, type NewEmail } from './account-change.ts';
import { ThreadJoiner } from './join-threads.ts';
import { ensureAccount } from './provision-account.ts';
import { findSentCopies, SUBMITTED } from './sent-copy.ts';

export interface AppendItem {
  readonly message: PreparedMessage;
  /**
   * Where to, by id or by role, for mail that names no mailbox; at least one, and all must exist (`notFound`). What comes
   * from `smtp`, and an account has no mailbox for (any more), it gets into its inbox.
   */
  readonly mailboxes: readonly (MailboxId | 'inbox' | 'junk' | 'trash' | 'sent')[];
  readonly keywords: readonly string[];
  /** IMAP \Deleted, for APPEND that asks for it. */
  readonly deleted?: boolean;
  /** INTERNALDATE; now when absent. */
  readonly receivedAt?: number;
  /** Written to this account's owner alone: delivered as if their conversation were not muted. */
  readonly isPersonal?: boolean;
  /** What it had in another system: kept in a mailbox that has taken over that uidValidity, if it can be. */
  readonly foreign?: ForeignUid;
}

export interface AppendArgs {
  /** All or none are appended, in order. */
  readonly items: readonly AppendItem[];
  readonly source: 'smtp' | 'imap' | 'jmap' | 'migration' | 'system' | 'submission';
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
  /**
   * A copy of `submission` that is in Sent already is not put there again: its Email is answered. One of `imap` takes
   * the place of the system's. Throws `overQuota`, `notFound` (a mailbox), `invalid`, `limit`.
   */
  async run(tx: MailTransaction, args: AppendArgs): Promise<AppendResult> {
    await ensureAccount(tx);
    return changeAccount(tx, async (change) => {
      const bytes = args.items.reduce((sum, item) => sum + item.message.blob.sizeBytes, 0);
      // Migration brings what the old system held; the quota of the new one is for what comes after (S-21).
      if (args.source !== 'migration') change.requireQuota(bytes, args.items.length);
      const threads = await ThreadJoiner.read(
        tx,
        change,
        args.items.map(({ message }) => message),
      );
      const news: NewEmail[] = [];
      /** For each item the Email that is there already, if one is. */
      const present: (EmailRow | undefined)[] = [];
      for (const item of args.items) {
        const copies = await findCopies(tx, change, item, args.source);
        const known = args.source === 'submission' ? copies[0] : undefined;
        present.push(known);
        if (known !== undefined) continue;
        const ours = copies.filter(({ keywords }) => keywords.includes(SUBMITTED));
        for (const row of ours) await change.removeFromMailbox(findTarget(change, item.mailboxes[0] ?? 'sent'), [row]);
        // What was done with the copy that goes is kept.
        const kept = ours.flatMap(unpackKeywords).filter((keyword) => keyword !== SUBMITTED);
        const keywords = [...item.keywords, ...kept];
        news.push(await toNewEmail(tx, change, threads, { ...item, keywords }, args.source === 'smtp'));
      }
      await threads.write();
      const inserted = (news.length === 0 ? [] : await change.insertEmails(news)).values();
      const rows = present.map((known) => known ?? (inserted.next().value as EmailRow));
      return {
        modSeq: news.length === 0 ? change.account.modSeq : change.modSeq,
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

async function findCopies(
  tx: MailTransaction,
  change: AccountChange,
  { mailboxes, message }: AppendItem,
  source: AppendArgs['source'],
): Promise<readonly EmailRow[]> {
  if (source !== 'submission' && source !== 'imap') return [];
  const [mailbox, ...others] = mailboxes;
  if (mailbox === undefined || others.length > 0) return [];
  const mailboxId = findTarget(change, mailbox);
  return change.mailbox(mailboxId).role === 'sent' ? findSentCopies(tx, change, mailboxId, message) : [];
}

async function toNewEmail(
  tx: MailTransaction,
  change: AccountChange,
  threads: ThreadJoiner,
  item: AppendItem,
  /** Mail from somebody, which has to go somewhere, and is news. */
  isDelivered: boolean,
): Promise<NewEmail> {
  const mailboxIds = new Set(item.mailboxes.map((mailbox) => findTarget(change, mailbox, isDelivered)));
  if (mailboxIds.size === 0) throw new MailError('invalid', 'an Email must be in a mailbox');
  const blobKey = await tx.storeMessage(item.message);
  const { threadId, isMuted } = await threads.join(item.message);
  const place = { mailboxIds, keywords: packKeywords(item.keywords) };
  const { mailboxIds: where, keywords } =
    isMuted && isDelivered && item.isPersonal !== true ? pastInbox(change, place) : place;
  return {
    blobKey,
    threadId,
    receivedAt: item.receivedAt ?? tx.nowMs,
    sizeBytes: item.message.blob.sizeBytes,
    flags: keywords.flags | (item.message.digest.summary.hasAttachment ? FLAG.HAS_ATTACHMENT : 0),
    keywords: keywords.keywords,
    mailboxes: Array.from(where, (mailboxId) => ({
      mailboxId,
      deleted: item.deleted ?? false,
      ...(item.foreign !== undefined && { foreign: item.foreign }),
    })),
  };
}

interface Place {
  readonly mailboxIds: ReadonlySet<MailboxId>;
  readonly keywords: PackedKeywords;
}

/**
 * Where mail of a muted conversation goes: read, and into the archive instead of the inbox where there is one. What a rule
 * files elsewhere stays there; junk and trash are no news in any case. It is muted itself, so that the conversation stays
 * so when the letters before it are deleted.
 */
function pastInbox(change: AccountChange, place: Place): Place {
  const roles = new Set(Array.from(place.mailboxIds, (mailboxId) => change.mailbox(mailboxId).role));
  if (roles.has('junk') || roles.has('trash')) return place;
  let archive: MailboxId | undefined;
  for (const row of change.mailboxes) if (row.role === 'archive' && row.selectable) archive = row.mailboxId;
  const pass = (mailboxId: MailboxId): MailboxId =>
    change.mailbox(mailboxId).role === 'inbox' ? (archive ?? mailboxId) : mailboxId;
  return {
    mailboxIds: new Set(Array.from(place.mailboxIds, pass)),
    keywords: changeKeywords(place.keywords, 'add', packKeywords(['$seen', MUTED])),
  };
}

function findTarget(change: AccountChange, mailbox: AppendItem['mailboxes'][number], orInbox = false): MailboxId {
  if (typeof mailbox === 'number') {
    if (!orInbox || change.findMailbox(mailbox)?.selectable === true) return change.target(mailbox).mailboxId;
  } else for (const row of change.mailboxes) if (row.role === mailbox && row.selectable) return row.mailboxId;
  if (!orInbox || mailbox === 'inbox') throw new MailError('notFound', `the account has no ${mailbox}`);
  return findTarget(change, 'inbox');
}
