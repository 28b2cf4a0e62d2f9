/** A new account, whole or not at all. The password comes as verifiers: no secret reaches the store. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { insertNewAddress, requireDisplayName } from './require.ts';

export interface CreateAccountArgs {
  readonly address: string;
  readonly displayName: string;
  readonly verifier: string;
  readonly scramSha256: string | null;
}

/** An active account with its primary address and password. `invalid`, `notFound` (the domain), `alreadyExists`. */
export async function createAccount(
  tx: DirectoryTransaction,
  args: CreateAccountArgs,
): Promise<{ readonly accountId: AccountId }> {
  const accountId = await tx.allocateAccountId();
  const createdAt = tx.nowMs;
  await tx.insertAccounts([
    {
      accountId,
      displayName: requireDisplayName(args.displayName),
      state: 'active',
      receives: true,
      serviceClass: null,
      sending: 'allowed',
      sendingNote: '',
      stage: 'active',
      createdAt,
    },
  ]);
  await insertNewAddress(tx, args.address, accountId, 'primary');
  await tx.insertCredentials([
    {
      accountId,
      credentialId: await tx.allocateCredentialId(),
      kind: 'password',
      verifier: args.verifier,
      scramSha256: args.scramSha256,
      changedAt: createdAt,
      mustChange: false,
      expiresAt: null,
    },
  ]);
  return { accountId };
}
