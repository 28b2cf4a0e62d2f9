/** The log of changes is cut: who was away for that long starts over. */
import type { JmapTransaction } from '#jmap/ports/jmap-store.ts';

export interface ForgetChangesArgs {
  readonly before: number;
  readonly limit: number;
}

/** Of how many accounts and types something was forgotten: 0 when nothing is left to forget. */
export async function forgetChanges(tx: JmapTransaction, { before, limit }: ForgetChangesArgs): Promise<number> {
  const old = await tx.oldChanges(before, limit);
  for (const { accountId, type, upToState } of old) {
    await tx.lockTally(accountId, type);
    await tx.deleteChanges(accountId, type, upToState);
  }
  return old.length;
}
