/** A key signs no more; its record stays for a while. */
import type { TrustTransaction } from '#trust/ports/trust-store.ts';
import { type KeyName, requireKey } from './require.ts';

/** `notFound`. Of a retired key nothing changes. */
export async function retireDkimKey(tx: TrustTransaction, name: KeyName): Promise<void> {
  const key = requireKey(await tx.lockDkimKeys(name.domain), name);
  if (key.state !== 'retired') await tx.updateDkimKey({ ...key, state: 'retired', changedAt: tx.nowMs });
}
