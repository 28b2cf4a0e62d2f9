/** A key is forgotten. */
import { MailError } from '#base/errors.ts';
import { needsRecord } from '#trust/dkim-keys.ts';
import type { TrustTransaction } from '#trust/ports/trust-store.ts';
import { type KeyName, requireKey } from './require.ts';

/** `notFound`; `inUse` while mail that it signed may still be verified. A key that was never used may go at once. */
export async function removeDkimKey(tx: TrustTransaction, name: KeyName): Promise<void> {
  const key = requireKey(await tx.lockDkimKeys(name.domain), name);
  if (key.state !== 'new' && needsRecord(key, tx.nowMs)) {
    throw new MailError('inUse', `mail signed with ${name.selector} may still be on its way`, { data: { ...name } });
  }
  await tx.deleteDkimKey(name.domain, name.selector);
}
