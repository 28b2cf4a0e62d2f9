/** That an account's owner agreed to a document, the first time for each version of it. */
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { ConsentRow } from '#directory/types.ts';
import { requireAccount } from './require.ts';

/** `notFound`. */
export async function agree(tx: DirectoryTransaction, row: Omit<ConsentRow, 'agreedAt'>): Promise<void> {
  await requireAccount(tx, row.accountId);
  await tx.insertConsent({ ...row, agreedAt: tx.nowMs });
}
