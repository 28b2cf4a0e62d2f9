/**
 * How long Emails have been in a Mailbox: not by a time in each row, but by marks, a few for each Mailbox that is swept.
 * "At that time uidNext was N" says of all with a lower uid that they came before then.
 */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { MailboxId, MailboxRole } from '#mail/types.ts';

/** Between two marks, milliseconds: Emails leave at most so much later than they might. */
export const MARK_EVERY_MS = 20 * 3_600_000;

export interface MarkUidsArgs {
  /** Mailboxes by role, and how long Emails stay in them, milliseconds. */
  readonly keepMs: Readonly<Partial<Record<MailboxRole, number>>>;
}

export interface OldUids {
  readonly mailboxId: MailboxId;
  /** Emails with lower uids have been there for longer than that. */
  readonly below: number;
}

/** uidNext, and when it was that: ascending by both. */
type Mark = readonly [uidNext: number, atMs: number];

export const markUids = {
  durable: false,
  /** Notes where the Mailboxes of these roles stand, and tells which of their Emails have been there for long enough. No client hears of it. */
  async run(tx: MailTransaction, { keepMs }: MarkUidsArgs): Promise<readonly OldUids[]> {
    if ((await tx.account()) === undefined) return [];
    const old: OldUids[] = [];
    for (const row of await tx.mailboxes()) {
      const keptMs = row.role === null ? undefined : keepMs[row.role];
      if (keptMs === undefined) continue;
      const marks = row.uidMarks === null ? [] : (JSON.parse(row.uidMarks) as Mark[]);
      const passed = marks.findLastIndex(([, atMs]) => atMs <= tx.nowMs - keptMs);
      const [below = 0] = marks[passed] ?? [];
      if (below > 1 && row.totalEmails > 0) old.push({ mailboxId: row.mailboxId, below });
      const [lastUid = 1, lastMs = -Infinity] = marks.at(-1) ?? [];
      if (row.uidNext === lastUid || tx.nowMs - lastMs < MARK_EVERY_MS) continue;
      const kept: Mark[] = [...marks.slice(Math.max(passed, 0)), [row.uidNext, tx.nowMs]];
      await tx.updateMailbox({ ...row, uidMarks: JSON.stringify(kept) });
    }
    return old;
  },
};
