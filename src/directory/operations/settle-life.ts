/** What the roster says of the people of an account decides whether its days are counted. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { isCurrent } from '#directory/person-status.ts';
import type { PersonRow } from '#directory/types.ts';

/**
 * To be called when a person of the account was changed. The days are counted from the day that studies or a contract end,
 * when that is still to come, else from now: whoever has left always gets all notices. Whoever returns has their account as
 * it was.
 */
export async function settleLife(tx: DirectoryTransaction, accountId: AccountId): Promise<void> {
  const [account, persons, life] = await Promise.all([
    tx.account(accountId),
    tx.personsOf(accountId),
    tx.life(accountId),
  ]);
  if (account === undefined || persons.length === 0) return;
  const hasLeft = !persons.some(({ status }) => isCurrent(status));
  const isCounted = life !== undefined && life.leftAt !== null;
  if (hasLeft === isCounted) return;
  const hold = life?.hold ?? '';
  if (hasLeft) {
    const leftAt = Math.max(tx.nowMs, ...persons.map(endOf));
    const stageBefore = account.stage;
    await tx.putLife({ accountId, leftAt, stageBefore, doneUpTo: tx.nowMs, nextAt: tx.nowMs, hold });
  } else {
    const stage = life?.stageBefore ?? account.stage;
    await tx.putLife({ accountId, leftAt: null, stageBefore: stage, doneUpTo: tx.nowMs, nextAt: null, hold });
    if (account.stage !== stage) await tx.updateAccount({ ...account, stage });
  }
}

/** The end of the day, where the campus is: all of China has one time, without summer time. */
function endOf({ endsOn }: PersonRow): number {
  return endsOn === null ? 0 : Date.parse(`${endsOn}T24:00:00+08:00`);
}
