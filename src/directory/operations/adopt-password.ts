/** A verifier of ours in place of another system's, of the same password. */
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { CredentialRow } from '#directory/types.ts';

export interface AdoptPasswordArgs extends Pick<
  CredentialRow,
  'accountId' | 'credentialId' | 'verifier' | 'scramSha256'
> {
  /** The one that it is to replace. */
  readonly from: string;
  /** By the rules of today it could not be set. */
  readonly mustChange: boolean;
}

/**
 * The password stays what it was and as old, so nobody's session ends. False when the credential is another by now: somebody else was
 * sooner, or a new password was set.
 */
export async function adoptPassword(tx: DirectoryTransaction, args: AdoptPasswordArgs): Promise<boolean> {
  const { accountId, credentialId, from, verifier, scramSha256, mustChange } = args;
  const current = (await tx.credentialsOf(accountId)).find((one) => one.credentialId === credentialId);
  if (current?.verifier !== from) return false;
  await tx.updateCredential({ ...current, verifier, scramSha256, mustChange: current.mustChange || mustChange });
  return true;
}
