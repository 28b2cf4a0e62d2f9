/** One more address. Who may have which name is asked before; that nobody else has it is settled here. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { ALIAS_HELD_MS, ALIAS_QUARANTINE_MS } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { insertNewAddress, requireAccount, requireAddress } from './require.ts';

/**
 * One more address for the account. `invalid`, `notFound` (account or domain), `alreadyExists` (whoever has it),
 * `forbidden` while it is kept for whoever had chosen it.
 */
export async function addAlias(
  tx: DirectoryTransaction,
  args: { readonly accountId: AccountId; readonly address: string },
): Promise<void> {
  await requireAccount(tx, args.accountId);
  const { localPart, domain } = requireAddress(args.address);
  const chosen = await tx.chosenAlias(localPart, domain);
  if (chosen !== undefined && chosen.accountId !== args.accountId && chosen.leftAt !== null) {
    const until = new Date(chosen.leftAt + ALIAS_HELD_MS + ALIAS_QUARANTINE_MS).toISOString().slice(0, 10);
    throw new MailError('forbidden', `${args.address} is kept for whoever had chosen it until ${until}`);
  }
  await insertNewAddress(tx, args.address, args.accountId, 'alias');
}
