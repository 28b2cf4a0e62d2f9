/**
 * Changes keywords and mailboxes of Emails named by id, and destroys Emails (RFC 8621 §4.6): many in one change, each
 * succeeding or failing by itself. IMAP's \Deleted is left as it is.
 */
import { MailError, type MailErrorData } from '#base/errors.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { changeKeywords, packKeywords, type PackedKeywords } from '#mail/keywords.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { DeletedBy, EmailId, EmailRow, MailboxId, ModSeq, Placement, Uid } from '#mail/types.ts';
import { changeAccount, type AccountChange } from './account-change.ts';

/** What is taken away goes first, then what is added comes; or all that is to be there. */
export type Patch<T> =
  | { readonly add?: readonly T[]; readonly remove?: readonly T[] }
  | { readonly replace: readonly T[] };

export interface EmailUpdate {
  readonly emailId: EmailId;
  readonly keywords?: Patch<string>;
  /** At least one must be left. */
  readonly mailboxes?: Patch<MailboxId>;
}

export interface SetEmailsArgs {
  /** The account must be at this state. */
  readonly ifModSeq?: ModSeq;
  readonly update: readonly EmailUpdate[];
  /** Wherever they are. */
  readonly destroy: readonly EmailId[];
  /** Whoever destroys them: they can then be had back (deletions.ts). */
  readonly by?: DeletedBy;
}

export interface SetEmailsResult {
  readonly oldModSeq: ModSeq;
  readonly modSeq: ModSeq;
  /** Those that are now as asked, also where they were before. */
  readonly updated: readonly EmailId[];
  readonly destroyed: readonly EmailId[];
  /** `notFound` (the Email), `invalid` (data.property says what), `limit`. An Email named twice fails the second time. */
  readonly failed: readonly { readonly emailId: EmailId; readonly error: MailErrorData }[];
}

export const setEmails = {
  durable: true,
  /** Throws `stateMismatch`, `limit` (too many at once). */
  run: (tx: MailTransaction, args: SetEmailsArgs): Promise<SetEmailsResult> =>
    changeAccount(tx, async (change) => {
      const oldModSeq = change.account.modSeq;
      if (args.ifModSeq !== undefined && args.ifModSeq !== oldModSeq) {
        throw new MailError('stateMismatch', 'the account has changed', { data: { modSeq: oldModSeq } });
      }
      const named = [...args.update.map(({ emailId }) => emailId), ...args.destroy];
      if (named.length > MAIL_LIMITS.operationEmails) {
        throw new MailError('limit', `at most ${MAIL_LIMITS.operationEmails} Emails can be changed at once`);
      }
      const rows = new Map((await tx.emails([...new Set(named)])).map((row) => [row.emailId, row]));
      const failed: { emailId: EmailId; error: MailErrorData }[] = [];
      /** The row, once. */
      const take = (emailId: EmailId): EmailRow => {
        const row = rows.get(emailId);
        if (row === undefined) throw new MailError('notFound', 'no such Email');
        rows.delete(emailId);
        return row;
      };
      const attempt = <T>(emailId: EmailId, body: () => T): T | undefined => {
        try {
          return body();
        } catch (error) {
          if (!(error instanceof MailError)) throw error;
          failed.push({ emailId, error: { code: error.code, message: error.message, data: error.data } });
          return undefined;
        }
      };
      const leaving = args.destroy.flatMap((emailId) => attempt(emailId, () => take(emailId)) ?? []);
      const updates = args.update.flatMap((update) => {
        return attempt(update.emailId, () => updateRow(change, take(update.emailId), update)) ?? [];
      });
      const changes = updates.filter(({ before, after }) => before !== after);
      await change.updateEmails(changes);
      await change.destroyEmails(leaving, args.by);
      return {
        oldModSeq,
        modSeq: changes.length + leaving.length === 0 ? oldModSeq : change.modSeq,
        updated: updates.map(({ before }) => before.emailId),
        destroyed: leaving.map(({ emailId }) => emailId),
        failed,
      };
    }),
};

/** As setEmails, for keywords alone: answered as soon as others see them, like IMAP's STORE. */
export const setEmailKeywords = {
  durable: false,
  run: (
    tx: MailTransaction,
    args: Omit<SetEmailsArgs, 'update' | 'destroy' | 'by'> & {
      readonly update: readonly Omit<EmailUpdate, 'mailboxes'>[];
    },
  ): Promise<SetEmailsResult> => setEmails.run(tx, { ...args, destroy: [] }),
};

function updateRow(
  change: AccountChange,
  before: EmailRow,
  { keywords, mailboxes }: EmailUpdate,
): { before: EmailRow; after: EmailRow } {
  const packed = keywords === undefined ? before : patchKeywords(before, keywords);
  const placements =
    mailboxes === undefined ? before.placements : patchPlacements(change, before.placements, mailboxes);
  if (packed === before && placements === before.placements) return { before, after: before };
  return { before, after: { ...before, flags: packed.flags, keywords: packed.keywords, placements } };
}

/** Answers `old` itself when nothing changes. */
function patchKeywords(old: PackedKeywords, patch: Patch<string>): PackedKeywords {
  if ('replace' in patch) return changeKeywords(old, 'replace', packKeywords(patch.replace));
  const left = changeKeywords(old, 'remove', packKeywords(patch.remove ?? []));
  const next = changeKeywords(left, 'add', packKeywords(patch.add ?? []));
  const isSame = next.flags === old.flags && next.keywords.join(' ') === old.keywords.join(' ');
  return isSame ? old : next;
}

/** Answers `old` itself when nothing changes. Those that stay keep their uids. */
function patchPlacements(
  change: AccountChange,
  old: readonly Placement[],
  patch: Patch<MailboxId>,
): readonly Placement[] {
  const wanted = new Set('replace' in patch ? patch.replace : old.map(({ mailboxId }) => mailboxId));
  if (!('replace' in patch)) {
    for (const mailboxId of patch.remove ?? []) wanted.delete(mailboxId);
    for (const mailboxId of patch.add ?? []) wanted.add(mailboxId);
  }
  const kept = old.filter(({ mailboxId }) => wanted.has(mailboxId));
  for (const { mailboxId } of kept) wanted.delete(mailboxId);
  if (wanted.size === 0 && kept.length === old.length) return old;
  const added = Array.from(wanted, (mailboxId): Placement => {
    if (change.findMailbox(mailboxId)?.selectable !== true) {
      throw new MailError('invalid', 'no such mailbox', { data: { property: 'mailboxes', mailboxId } });
    }
    return { mailboxId, uid: 0 as Uid, deleted: false };
  });
  if (kept.length + added.length === 0) {
    throw new MailError('invalid', 'an Email must be in a mailbox', { data: { property: 'mailboxes' } });
  }
  return [...kept, ...added];
}
