/** Moves Emails from one mailbox to another, all or none (RFC 6851 §3). The Email keeps its id. */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { EmailRow, MailboxId, Placement, Uid } from '#mail/types.ts';
import { changeAccount } from './account-change.ts';
import { placeAlso, type CopyArgs, type CopyResult } from './copy.ts';

export const move = {
  durable: true,
  /** Throws `notFound` (a mailbox). Moving to the same mailbox gives new uids, as RFC 6851 §3.3 lets it. */
  run: (tx: MailTransaction, args: CopyArgs): Promise<CopyResult> =>
    changeAccount(tx, async (change) => {
      const target = change.target(args.toMailboxId);
      const found = await tx.emailsIn(change.mailbox(args.fromMailboxId).mailboxId, args.uids);
      const from = found.map(({ uid }) => uid);
      const to = await moveAll(args.fromMailboxId, args.toMailboxId);
      return { modSeq: change.modSeq, uidValidity: target.uidValidity, from, to };

      async function moveAll(fromMailboxId: MailboxId, toMailboxId: MailboxId): Promise<Uid[]> {
        const isThere = ({ email }: { email: EmailRow }): boolean =>
          fromMailboxId !== toMailboxId && email.placements.some((p) => p.mailboxId === toMailboxId);
        if (found.some(isThere)) {
          // The target holds some of them already: IMAP still wants a new uid each, so they become Emails of their own.
          const uids = await placeAlso(change, found, fromMailboxId, toMailboxId);
          const sources = await tx.emailsIn(fromMailboxId, from);
          await change.removeFromMailbox(
            fromMailboxId,
            sources.map(({ email }) => email),
          );
          return uids;
        }
        const rows = await change.updateEmails(
          found.map(({ uid, email: before }) => {
            const isMoved = (p: Placement): boolean => p.mailboxId === fromMailboxId && p.uid === uid;
            return {
              before,
              after: {
                ...before,
                placements: before.placements.map((p) =>
                  isMoved(p) ? { mailboxId: toMailboxId, uid: 0 as Uid, deleted: p.deleted } : p,
                ),
              },
            };
          }),
        );
        return rows.map((row) => (row.placements.find((p) => p.mailboxId === toMailboxId) as Placement).uid);
      }
    }),
};
