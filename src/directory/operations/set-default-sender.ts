/** Which of its addresses an account writes as (domain.md S-27), and what becomes of that when a domain ends (S-19). */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { writesAs } from '#directory/delegation.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { requireAccount, requireAddress, requireDomain } from './require.ts';

/** Null: as the address it signs in with. `notFound`, `invalid`; `forbidden` for an address it may not write as. */
export async function setDefaultSender(
  tx: DirectoryTransaction,
  { accountId, address }: { readonly accountId: AccountId; readonly address: string | null },
): Promise<void> {
  await requireAccount(tx, accountId);
  if (address === null) return tx.deleteDefaultSender(accountId);
  const { localPart, domain } = requireAddress(address);
  const owner = (await tx.address(localPart, domain))?.accountId;
  const shared = (await tx.delegationsTo(accountId)).find((row) => row.accountId === owner);
  const may = owner === accountId || (shared !== undefined && writesAs({ rights: new Set(shared.rights) }));
  if (may === false || may === undefined) throw new MailError('forbidden', 'not an address it may write as');
  await tx.putDefaultSender({ accountId, localPart, domain });
}

/**
 * Accounts after `after` that always write from the old domain do so from the new one, where they have the same name
 * there; where not, as they sign in. Answers whom to tell, in slices: fewer than `limit` were the last.
 */
export async function flipDefaultSender(
  tx: DirectoryTransaction,
  args: { readonly oldDomain: string; readonly newDomain: string; readonly after: number; readonly limit: number },
): Promise<readonly AccountId[]> {
  const newDomain = requireDomain(args.newDomain);
  const rows = await tx.defaultSendersIn(requireDomain(args.oldDomain), args.after, args.limit);
  for (const { accountId, localPart, domain } of rows) {
    const owner = (await tx.address(localPart, domain))?.accountId;
    const hasSame = owner !== undefined && (await tx.address(localPart, newDomain))?.accountId === owner;
    if (hasSame) await tx.putDefaultSender({ accountId, localPart, domain: newDomain });
    else await tx.deleteDefaultSender(accountId);
  }
  return rows.map(({ accountId }) => accountId);
}
