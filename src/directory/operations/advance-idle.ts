/** An account that nobody uses is warned of it, frozen, and opened again by its owner. Nothing of it is deleted. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { isFrozen } from '#directory/stages.ts';
import type { AccountStage, DirectoryAccountRow, IdleRow } from '#directory/types.ts';

export interface AdvanceIdleArgs {
  /** As it was read, undefined for none: of several who advance it at once one does, and tells its owner. */
  readonly before: IdleRow | undefined;
  readonly stageBefore: AccountStage;
  readonly stage: AccountStage;
  readonly row: IdleRow;
}

/** False when somebody else did, or the account is of a kind that is not frozen any more. */
export async function advanceIdle(tx: DirectoryTransaction, args: AdvanceIdleArgs): Promise<boolean> {
  const { before, stageBefore, stage, row } = args;
  const { accountId } = row;
  const account = await tx.account(accountId);
  const [current] = await tx.idlesOf([accountId]);
  if (account?.stage !== stageBefore || !isSame(current, before)) return false;
  const [life, box] = [await tx.life(accountId), await tx.box(accountId)];
  if (account.state !== 'active' || box !== undefined) return false;
  if (life !== undefined && (life.leftAt !== null || life.hold !== '')) return false;
  if (stage !== account.stage) await tx.updateAccount({ ...account, stage });
  await tx.putIdle(row);
  return true;
}

/** Its owner has shown who they are. False: it was not frozen. */
export async function thaw(
  tx: DirectoryTransaction,
  { accountId }: { readonly accountId: AccountId },
): Promise<boolean> {
  const account = await tx.account(accountId);
  if (account === undefined || !isFrozen(account.stage)) return false;
  await tx.updateAccount({ ...account, stage: 'active' });
  await noteThawed(tx, account, 'active');
  const life = await tx.life(accountId);
  // Who has left meanwhile goes on to the end as if the account had been open, one step at a time.
  if (life !== undefined && life.leftAt !== null)
    await tx.putLife({ ...life, stageBefore: 'active', doneUpTo: life.leftAt, nextAt: tx.nowMs });
  return true;
}

/** The days begin anew for an account that comes out of being frozen, whoever brought it about. */
export async function noteThawed(
  tx: DirectoryTransaction,
  { accountId, stage }: Pick<DirectoryAccountRow, 'accountId' | 'stage'>,
  next: AccountStage,
): Promise<void> {
  if (!isFrozen(stage) || isFrozen(next)) return;
  await tx.putIdle({ accountId, countedFrom: tx.nowMs, warnedAt: null, told: 0, frozenAt: null });
}

function isSame(a: IdleRow | undefined, b: IdleRow | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.countedFrom === b.countedFrom && a.warnedAt === b.warnedAt && a.told === b.told && a.frozenAt === b.frozenAt;
}
