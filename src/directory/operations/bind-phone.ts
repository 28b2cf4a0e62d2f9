/** The telephone of an account. That its owner holds it in hand is proven before. */
import { MailError } from '#base/errors.ts';
import { MAX_ACCOUNTS_PER_PHONE } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AccountId, PhoneRow } from '#directory/types.ts';
import { requireAccount } from './require.ts';

/** `notFound`; `alreadyExists`: it has one; `limit`: the number serves as many accounts as one may (S-26). */
export async function bindPhone(tx: DirectoryTransaction, row: Omit<PhoneRow, 'boundAt'>): Promise<void> {
  await requireAccount(tx, row.accountId);
  if ((await tx.phone(row.accountId)) !== undefined)
    throw new MailError('alreadyExists', 'a telephone is bound already');
  if ((await tx.accountsOfPhone(row.phoneIndex, MAX_ACCOUNTS_PER_PHONE)).length >= MAX_ACCOUNTS_PER_PHONE)
    throw new MailError('limit', `a telephone serves ${MAX_ACCOUNTS_PER_PHONE} accounts at most`);
  await tx.putPhone({ ...row, boundAt: tx.nowMs });
}

/** False: there was none. `notFound`. */
export async function unbindPhone(
  tx: DirectoryTransaction,
  { accountId }: { readonly accountId: AccountId },
): Promise<boolean> {
  await requireAccount(tx, accountId);
  if ((await tx.phone(accountId)) === undefined) return false;
  await tx.deletePhone(accountId);
  // A second step by it would be one that nobody can take.
  for (const { kind, factorId } of await tx.lockFactors(accountId))
    if (kind === 'sms') await tx.deleteFactor(accountId, factorId);
  return true;
}
