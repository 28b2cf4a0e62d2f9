/** An account whose people have left goes on to the end of its life; an administrator may stop it there, or set it elsewhere. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AccountStage, LifeRow } from '#directory/types.ts';
import { requireAccount, requireNote } from './require.ts';

export interface AdvanceLifeArgs {
  readonly accountId: AccountId;
  /** As it was read: of several who advance it at once one does, and tells its owner. */
  readonly doneUpTo: number;
  /** What comes of it; null: it stays as it is. */
  readonly stage: AccountStage | null;
  /** From when its days are counted from now on. */
  readonly leftAt: number | null;
  readonly nextDoneUpTo: number;
  readonly nextAt: number | null;
}

/** False when somebody else did, or the account is gone. */
export async function advanceLife(tx: DirectoryTransaction, args: AdvanceLifeArgs): Promise<boolean> {
  const { accountId, doneUpTo, stage, leftAt, nextDoneUpTo, nextAt } = args;
  // The account's row first: others who change it hold that.
  const [account, life] = [await tx.account(accountId), await tx.life(accountId)];
  if (account === undefined || life === undefined || life.leftAt === null || life.doneUpTo !== doneUpTo) return false;
  if (stage !== null && stage !== account.stage) await tx.updateAccount({ ...account, stage });
  await tx.putLife({ ...life, leftAt, doneUpTo: nextDoneUpTo, nextAt });
  return true;
}

/** Its mail is kept whatever happens, with a reason; an empty one lets it go. `notFound`, `invalid`. */
export async function setHold(
  tx: DirectoryTransaction,
  args: { readonly accountId: AccountId; readonly reason: string },
): Promise<void> {
  const account = await requireAccount(tx, args.accountId);
  const hold = requireNote(args.reason);
  const life: LifeRow = (await tx.life(args.accountId)) ?? {
    accountId: args.accountId,
    leftAt: null,
    stageBefore: account.stage,
    doneUpTo: tx.nowMs,
    nextAt: null,
    hold,
  };
  // Whoever is let go is looked at anew: the day may have passed meanwhile.
  await tx.putLife({ ...life, hold, nextAt: life.leftAt === null ? null : tx.nowMs });
}
