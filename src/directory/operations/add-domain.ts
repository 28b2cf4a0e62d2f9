/** A domain becomes ours. */
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { requireDomain } from './require.ts';

/** Mail for the domain is ours from now on. `invalid`, `alreadyExists`. */
export async function addDomain(tx: DirectoryTransaction, args: { readonly domain: string }): Promise<void> {
  await tx.insertDomain({ domain: requireDomain(args.domain), createdAt: tx.nowMs });
}
