/** A new key. It signs nothing until it is activated. */
import { MailError } from '#base/errors.ts';
import type { DkimKey } from '#trust/dkim-keys.ts';
import type { TrustTransaction } from '#trust/ports/trust-store.ts';

/** `invalid`, `alreadyExists`. */
export async function addDkimKey(tx: TrustTransaction, { key }: { readonly key: DkimKey }): Promise<void> {
  if (key.state !== 'new' || !/^[a-z0-9]+$/.test(key.selector)) {
    throw new MailError('invalid', 'a key begins as new, its selector is of letters and digits');
  }
  await tx.insertDkimKey(key);
}
