/** A new password, as verifiers. Who may set it is asked before. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { requireAccount } from './require.ts';

export interface SetPasswordArgs {
  readonly accountId: AccountId;
  readonly verifier: string;
  readonly scramSha256: string | null;
}

/** The account's one password, whether it had any or not. `notFound`. */
export async function setPassword(tx: DirectoryTransaction, args: SetPasswordArgs): Promise<void> {
  const { accountId, verifier, scramSha256 } = args;
  await requireAccount(tx, accountId);
  const current = (await tx.credentialsOf(accountId)).find((credential) => credential.kind === 'password');
  const changed = { accountId, kind: 'password', verifier, scramSha256, changedAt: tx.nowMs } as const;
  if (current === undefined) await tx.insertCredential({ ...changed, credentialId: await tx.allocateCredentialId() });
  else await tx.updateCredential({ ...changed, credentialId: current.credentialId });
}
