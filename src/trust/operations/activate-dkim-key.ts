/** A key begins to sign, in place of the one of its algorithm. That its record is published is asked before. */
import { MailError } from '#base/errors.ts';
import type { TrustTransaction } from '#trust/ports/trust-store.ts';
import { type KeyName, requireKey } from './require.ts';

/** `notFound`; `invalid` for a key that is retired: its name has been seen. Of an active key nothing changes. */
export async function activateDkimKey(tx: TrustTransaction, name: KeyName): Promise<void> {
  const keys = await tx.lockDkimKeys(name.domain);
  const key = requireKey(keys, name);
  if (key.state === 'active') return;
  if (key.state === 'retired') throw new MailError('invalid', `the key ${name.selector} is retired`);
  for (const other of keys) {
    if (other.state === 'active' && other.algorithm === key.algorithm) {
      await tx.updateDkimKey({ ...other, state: 'retired', changedAt: tx.nowMs });
    }
  }
  await tx.updateDkimKey({ ...key, state: 'active', changedAt: tx.nowMs });
}
