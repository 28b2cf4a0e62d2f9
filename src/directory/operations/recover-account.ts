/** A new password for whoever proved to hold the telephone of an account, and nothing of what opened it before. */
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { FactorKind } from '#directory/types.ts';
import { thaw } from './advance-idle.ts';
import { setPassword } from './set-password.ts';
import type { SetPasswordArgs } from './set-password.ts';

/** What opens an account beside its password, or spares its second step. */
const ENDED: readonly FactorKind[] = ['client', 'device', 'alarm'];

/**
 * Whoever knew the old password may have made others to come in by: those go, too, and browsers that were trusted. A second
 * step is still asked for. An account that was frozen since nobody used it is open again. `notFound`; that the account may be recovered is asked before.
 */
export async function recoverAccount(
  tx: DirectoryTransaction,
  { accountId, verifier, scramSha256 }: Omit<SetPasswordArgs, 'mustChange'>,
): Promise<void> {
  for (const { kind, credentialId } of await tx.credentialsOf(accountId))
    if (kind !== 'password') await tx.deleteCredential(accountId, credentialId);
  for (const { kind, factorId } of await tx.lockFactors(accountId))
    if (ENDED.includes(kind)) await tx.deleteFactor(accountId, factorId);
  await thaw(tx, { accountId });
  await setPassword(tx, { accountId, verifier, scramSha256 });
}
