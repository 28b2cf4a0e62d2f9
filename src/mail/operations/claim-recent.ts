/**
 * Makes new mail \Recent to one IMAP session and to no other after it (RFC 3501 §2.3.2). No modSeq grows by it and
 * nobody is told: it is nothing that happened to the mail.
 */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { MailboxId } from '#mail/types.ts';

export interface ClaimRecentArgs {
  readonly mailboxId: MailboxId;
  /** Uids from here on are left for later: the session was not told of them. */
  readonly below: number;
}

/** Uids [from, to); empty when others were faster. */
export interface ClaimedUids {
  readonly from: number;
  readonly to: number;
}

export const claimRecent = {
  // Lost in a power cut, mail is new once more.
  durable: false,
  /** Throws `notFound`. */
  async run(tx: MailTransaction, args: ClaimRecentArgs): Promise<ClaimedUids> {
    // On a server this is what makes claims of one account queue.
    await tx.account();
    const row = (await tx.mailboxes()).find(({ mailboxId }) => mailboxId === args.mailboxId);
    if (row === undefined) throw new MailError('notFound', 'no such mailbox');
    const from = row.recentFrom;
    const to = Math.min(args.below, row.uidNext);
    if (to <= from) return { from, to: from };
    // As a rule nothing: what came in since the session looked.
    const left = to === row.uidNext ? [] : await tx.emailsIn(row.mailboxId, { from: to });
    await tx.updateMailbox({ ...row, recentFrom: to, recentEmails: left.length });
    return { from, to };
  },
};
