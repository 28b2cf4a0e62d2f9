/** A key signs no more; its record stays for a while. */
import { MailError } from '#base/errors.ts';
import type { TrustTransaction } from '#trust/ports/trust-store.ts';
import { type KeyName, requireKey } from './require.ts';

/** `notFound`; `invalid` for a key that has never signed, which may still be activated, or removed. Of a retired key nothing changes. */
export async function retireDkimKey(tx: TrustTransaction, name: KeyName): Promise<void> {
  const key = requireKey(await tx.lockDkimKeys(name.domain), name);
  if (key.state === 'new')
    throw new MailError('invalid', `the key ${name.selector} has never signed: it can be removed`);
  if (key.state !== 'retired') await tx.updateDkimKey({ ...key, state: 'retired', changedAt: tx.nowMs });
}
