/** A new password, as verifiers. Who may set it, and whether it is a good one, is asked before. */
import type { AccountId } from '#base/ids.ts';
import { MAX_FACTORS } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { CredentialRow } from '#directory/types.ts';
import { requireAccount } from './require.ts';

export interface SetPasswordArgs {
  readonly accountId: AccountId;
  readonly verifier: string;
  readonly scramSha256: string | null;
  /** Whether its owner must set another at the next sign-in: somebody else knows this one. */
  readonly mustChange?: boolean;
}

/** Nobody sets it again soon: the verifier alone stays, of the last few. */
async function rememberFormer(tx: DirectoryTransaction, { accountId, verifier }: CredentialRow): Promise<void> {
  const former = (await tx.lockFactors(accountId)).filter(({ kind }) => kind === 'former');
  const least = former.length - MAX_FACTORS.former + 1;
  for (const { factorId } of former.slice(0, Math.max(0, least))) await tx.deleteFactor(accountId, factorId);
  const factorId = `former ${tx.nowMs}`;
  const unused = { name: '', usedAt: null, usedFrom: '' };
  await tx.putFactor({ accountId, factorId, kind: 'former', secret: verifier, createdAt: tx.nowMs, ...unused });
}

/** The account's one password, whether it had any or not; an initial one is good for nothing more. `notFound`. */
export async function setPassword(tx: DirectoryTransaction, args: SetPasswordArgs): Promise<void> {
  const { accountId, verifier, scramSha256 } = args;
  await requireAccount(tx, accountId);
  const credentials = await tx.credentialsOf(accountId);
  for (const { kind, credentialId } of credentials)
    if (kind === 'initial') await tx.deleteCredential(accountId, credentialId);
  const current = credentials.find((credential) => credential.kind === 'password');
  const changed = {
    accountId,
    kind: 'password' as const,
    verifier,
    scramSha256,
    changedAt: tx.nowMs,
    mustChange: args.mustChange ?? false,
    expiresAt: null,
  };
  if (current !== undefined) await rememberFormer(tx, current);
  if (current === undefined)
    await tx.insertCredentials([{ ...changed, credentialId: await tx.allocateCredentialId() }]);
  else await tx.updateCredential({ ...changed, credentialId: current.credentialId });
}
