/**
 * Puts Emails of one mailbox into another as well (RFC 9051 §6.4.7). The Email is the same one in both, with the
 * same keywords (RFC 8474 §5.1: EMAILID stays); only where the target holds it already is a second Email made.
 */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { EmailRow, MailboxId, ModSeq, Placement, Uid } from '#mail/types.ts';
import { changeAccount, type AccountChange, type NewEmail } from './account-change.ts';

export interface CopyArgs {
  readonly fromMailboxId: MailboxId;
  readonly toMailboxId: MailboxId;
  readonly uids: readonly number[];
}

/** As COPYUID wants it (RFC 4315 §3): `from[i]` became `to[i]`. Uids that were gone are left out. */
export interface CopyResult {
  readonly modSeq: ModSeq;
  readonly uidValidity: number;
  readonly from: readonly Uid[];
  readonly to: readonly Uid[];
}

export const copy = {
  durable: true,
  /** Throws `notFound` (a mailbox), `overQuota`. */
  run: (tx: MailTransaction, args: CopyArgs): Promise<CopyResult> =>
    changeAccount(tx, async (change) => {
      const source = change.mailbox(args.fromMailboxId);
      const target = change.target(args.toMailboxId);
      const found = await tx.emailsIn(source.mailboxId, args.uids);
      const to = await placeAlso(change, found, source.mailboxId, target.mailboxId);
      return { modSeq: change.modSeq, uidValidity: target.uidValidity, from: found.map(({ uid }) => uid), to };
    }),
};

/** Adds each Email to `toMailboxId`; the new uids, in order. */
export async function placeAlso(
  change: AccountChange,
  found: readonly { readonly uid: Uid; readonly email: EmailRow }[],
  fromMailboxId: MailboxId,
  toMailboxId: MailboxId,
): Promise<Uid[]> {
  const twins = found.filter(({ email }) => isIn(email, toMailboxId));
  change.requireQuota(
    twins.reduce((sum, { email }) => sum + email.sizeBytes, 0),
    twins.length,
  );
  await change.openThreads(found.map(({ email }) => email.threadId));
  const uids: Uid[] = [];
  // Uids must ascend in the order of the messages, so runs of either kind are written one after another.
  for (const run of splitRuns(found, ({ email }) => isIn(email, toMailboxId))) {
    if (run.chosen) {
      const news: NewEmail[] = [];
      for (const { uid, email } of run.items) {
        const { deleted } = placementOf(email, fromMailboxId, uid);
        const threadId = await change.joinThread(email.threadId);
        news.push({ ...email, threadId, mailboxes: [{ mailboxId: toMailboxId, deleted }] });
      }
      const rows = await change.insertEmails(news);
      uids.push(...rows.map((row) => (row.placements[0] as Placement).uid));
    } else {
      const rows = await change.updateEmails(
        run.items.map(({ uid, email: before }) => {
          const { deleted } = placementOf(before, fromMailboxId, uid);
          const added: Placement = { mailboxId: toMailboxId, uid: 0 as Uid, deleted };
          return { before, after: { ...before, placements: [...before.placements, added] } };
        }),
      );
      uids.push(...rows.map((row) => (row.placements.find((p) => p.mailboxId === toMailboxId) as Placement).uid));
    }
  }
  return uids;
}

function isIn(email: EmailRow, mailboxId: MailboxId): boolean {
  return email.placements.some((placement) => placement.mailboxId === mailboxId);
}

function placementOf(email: EmailRow, mailboxId: MailboxId, uid: Uid): Placement {
  return email.placements.find((p) => p.mailboxId === mailboxId && p.uid === uid) as Placement;
}

/** Cuts a list into runs of neighbours that agree about `choose`. */
function splitRuns<T>(items: readonly T[], choose: (item: T) => boolean): { chosen: boolean; items: T[] }[] {
  const runs: { chosen: boolean; items: T[] }[] = [];
  for (const item of items) {
    const chosen = choose(item);
    const last = runs.at(-1);
    if (last !== undefined && last.chosen === chosen) last.items.push(item);
    else runs.push({ chosen, items: [item] });
  }
  return runs;
}
