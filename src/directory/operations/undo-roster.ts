/** A run of the roster is taken back, its last change first, so many in one transaction. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { MAX_PEOPLE_AT_ONCE } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { RosterChangeRow, RosterRunId } from '#directory/types.ts';
import { settleLife } from './settle-life.ts';

export interface UndoneRoster {
  readonly undone: number;
  /** People who were changed since, or use their account: they stay as they are. */
  readonly kept: readonly string[];
  /** Accounts that are gone; their mail is not the directory's to delete. */
  readonly removed: readonly AccountId[];
  /** Where to go on; null: all is done. */
  readonly next: number | null;
}

/** Changes at positions below `before` (Infinity to begin with). `notFound`. Once all is done the run counts as undone. */
export async function undoRoster(
  tx: DirectoryTransaction,
  { runId, before }: { readonly runId: RosterRunId; readonly before: number },
): Promise<UndoneRoster> {
  const run = await tx.lockRosterRun(runId);
  if (run === undefined) throw new MailError('notFound', `there is no run ${runId}`);
  const changes = await tx.rosterChanges(runId, before, MAX_PEOPLE_AT_ONCE);
  const kept: string[] = [];
  const removed: AccountId[] = [];
  for (const change of changes) if (!(await undo(tx, change, removed))) kept.push(change.after.number);
  const isLast = changes.length < MAX_PEOPLE_AT_ONCE;
  // From the first step on nothing is added to it.
  await tx.putRosterRun({ ...run, endedAt: run.endedAt ?? tx.nowMs, undoneAt: isLast ? tx.nowMs : run.undoneAt });
  return {
    undone: changes.length - kept.length,
    kept,
    removed,
    next: isLast ? null : (changes.at(-1)?.position ?? null),
  };
}

async function undo(
  tx: DirectoryTransaction,
  { before, after, hasOpened }: RosterChangeRow,
  removed: AccountId[],
): Promise<boolean> {
  const current = await tx.person(after.personId);
  if (current === undefined) return true;
  if (current.updatedAt !== after.updatedAt) return before !== null && current.updatedAt === before.updatedAt;
  const { accountId } = current;
  if (before !== null) {
    await tx.updatePerson(before);
    if (accountId !== null) await settleLife(tx, accountId);
    return true;
  }
  if (hasOpened && accountId !== null) {
    const credentials = await tx.credentialsOf(accountId);
    if (credentials.some(({ kind }) => kind !== 'initial')) return false;
    await tx.deleteAccount(accountId);
    removed.push(accountId);
  }
  await tx.deletePerson(after.personId);
  if (!hasOpened && accountId !== null) await settleLife(tx, accountId);
  return true;
}
