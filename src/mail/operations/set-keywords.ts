/** Changes keywords and \Deleted of Emails named by uid (RFC 9051 §6.4.6, RFC 7162 §3.1.3). */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { changeKeywords, packKeywords, type KeywordChange } from '#mail/keywords.ts';
import type { EmailRow, MailboxId, ModSeq, Uid } from '#mail/types.ts';
import { changeAccount } from './account-change.ts';

export interface SetKeywordsArgs {
  readonly mailboxId: MailboxId;
  readonly uids: readonly number[];
  readonly change: KeywordChange;
  readonly keywords: readonly string[];
  /** Whether \Deleted is among what is added, removed or set. */
  readonly deleted: boolean;
  /** RFC 7162 §3.1.3 UNCHANGEDSINCE: Emails with a greater modSeq are left alone. */
  readonly unchangedSince?: number;
}

export interface SetKeywordsResult {
  readonly modSeq: ModSeq;
  /** Uids that are now different, ascending. */
  readonly changed: readonly Uid[];
  /** Uids left alone because of `unchangedSince`, ascending. */
  readonly modified: readonly Uid[];
  /** Uids asked for that are no longer there, ascending. */
  readonly missing: readonly number[];
}

export const setKeywords = {
  // Answered before it is on stable storage: losing the last moment's \Seen in a power cut hurts nobody, a sync for each would hurt everybody.
  durable: false,
  /** Throws `notFound` (the mailbox), `invalid`, `limit`. */
  run: (tx: MailTransaction, args: SetKeywordsArgs): Promise<SetKeywordsResult> =>
    changeAccount(tx, async (change) => {
      const { mailboxId } = change.mailbox(args.mailboxId);
      const given = packKeywords(args.keywords);
      const found = await tx.emailsIn(mailboxId, args.uids);
      const changes: { before: EmailRow; after: EmailRow }[] = [];
      const changed: Uid[] = [];
      const modified: Uid[] = [];
      for (const { uid, email: before } of found) {
        if (args.unchangedSince !== undefined && before.modSeq > args.unchangedSince) {
          modified.push(uid);
          continue;
        }
        const packed = changeKeywords(before, args.change, given);
        let { placements } = before;
        const at = placements.findIndex((p) => p.mailboxId === mailboxId && p.uid === uid);
        const placement = placements[at];
        if (placement === undefined) continue;
        const deleted =
          args.change === 'add'
            ? placement.deleted || args.deleted
            : args.change === 'remove'
              ? placement.deleted && !args.deleted
              : args.deleted;
        if (deleted !== placement.deleted) placements = placements.with(at, { ...placement, deleted });
        if (packed === before && placements === before.placements) continue;
        changes.push({ before, after: { ...before, flags: packed.flags, keywords: packed.keywords, placements } });
        changed.push(uid);
      }
      await change.updateEmails(changes);
      const there = new Set<number>(found.map(({ uid }) => uid));
      return {
        modSeq: changed.length === 0 ? change.account.modSeq : change.modSeq,
        changed,
        modified,
        missing: args.uids.filter((uid) => !there.has(uid)),
      };
    }),
};
