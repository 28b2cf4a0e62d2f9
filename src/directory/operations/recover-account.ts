/** A new password for whoever proved to hold the telephone of an account, and nothing of what opened it before. */
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { setPassword } from './set-password.ts';
import type { SetPasswordArgs } from './set-password.ts';

/**
 * Whoever knew the old password may have made others to come in by: those go, too. `notFound`; that the account may be
 * recovered is asked before.
 */
export async function recoverAccount(
  tx: DirectoryTransaction,
  { accountId, verifier, scramSha256 }: Omit<SetPasswordArgs, 'mustChange'>,
): Promise<void> {
  for (const { kind, credentialId } of await tx.credentialsOf(accountId))
    if (kind !== 'password') await tx.deleteCredential(accountId, credentialId);
  await setPassword(tx, { accountId, verifier, scramSha256 });
}
