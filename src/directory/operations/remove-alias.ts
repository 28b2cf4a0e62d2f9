/** One address less. */
import { MailError } from '#base/errors.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { requireAddress } from './require.ts';

/** `invalid`, `notFound`, `forbidden` for a primary address: that one goes with its account. */
export async function removeAlias(tx: DirectoryTransaction, args: { readonly address: string }): Promise<void> {
  const { localPart, domain } = requireAddress(args.address);
  const row = await tx.address(localPart, domain);
  if (row === undefined) throw new MailError('notFound', 'no such address');
  if (row.kind === 'primary') throw new MailError('forbidden', 'a primary address cannot be removed');
  await tx.deleteAddress(localPart, domain);
  const chosen = await tx.chosenAlias(localPart, domain);
  // Not to be another's so soon, all the same.
  if (chosen !== undefined) await tx.putChosenAlias({ ...chosen, leftAt: chosen.leftAt ?? tx.nowMs, delivers: false });
}
