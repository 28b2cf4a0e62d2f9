/** A domain is ours no longer. */
import { MailError } from '#base/errors.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { requireDomain } from './require.ts';

/** `invalid`, `notFound`, `inUse` while any address is in it. */
export async function removeDomain(tx: DirectoryTransaction, args: { readonly domain: string }): Promise<void> {
  const domain = requireDomain(args.domain);
  if ((await tx.domain(domain)) === undefined) throw new MailError('notFound', 'no such domain', { data: { domain } });
  await tx.deleteDomain(domain);
}
