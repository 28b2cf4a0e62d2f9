/** An account's name, state and whether it receives. */
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import { requireAccount, requireDisplayName } from './require.ts';

export interface UpdateAccountArgs {
  readonly accountId: AccountId;
  /** What is left out stays as it is. */
  readonly displayName?: string;
  readonly state?: DirectoryAccountRow['state'];
  readonly receives?: boolean;
}

/** Renames, disables, enables, stops or resumes receiving. `notFound`, `invalid`. */
export async function updateAccount(tx: DirectoryTransaction, args: UpdateAccountArgs): Promise<void> {
  const current = await requireAccount(tx, args.accountId);
  await tx.updateAccount({
    ...current,
    displayName: args.displayName === undefined ? current.displayName : requireDisplayName(args.displayName),
    state: args.state ?? current.state,
    receives: args.receives ?? current.receives,
  });
}
