/** Whom the roster named becomes the owner of an account: telephone, alias, password and consent together, or nothing. */
import { MailError } from '#base/errors.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { ConsentRow, PhoneRow } from '#directory/types.ts';
import { bindPhone } from './bind-phone.ts';
import { chooseAlias } from './choose-alias.ts';
import { requireAccount } from './require.ts';
import { setPassword } from './set-password.ts';
import type { SetPasswordArgs } from './set-password.ts';

export interface ActivateAccountArgs extends Omit<SetPasswordArgs, 'mustChange'> {
  /** From before the initial password was checked: what changed since then makes the proof void. */
  readonly provedAt: number;
  readonly phone: Pick<PhoneRow, 'sealed' | 'phoneIndex'>;
  /** In its one spelling; null: none for now. */
  readonly alias: string | null;
  readonly consent: Pick<ConsentRow, 'document' | 'version' | 'address'>;
}

/**
 * `notFound`; `stateMismatch`: it waits for nobody (any more); `forbidden` with `data.fault` for the alias; `limit` for the
 * telephone.
 */
export async function activateAccount(tx: DirectoryTransaction, args: ActivateAccountArgs): Promise<void> {
  const { accountId, provedAt, phone, alias, consent, verifier, scramSha256 } = args;
  const account = await requireAccount(tx, accountId);
  const credentials = await tx.credentialsOf(accountId);
  const isOpen = account.stage === 'pending' && account.state === 'active';
  if (!isOpen || credentials.some(({ changedAt }) => changedAt > provedAt))
    throw new MailError('stateMismatch', 'the account does not wait for this activation any more');
  if (alias !== null) await chooseAlias(tx, { accountId, alias });
  // One that was bound before, by the help desk perhaps, gives way to the one in hand.
  await tx.deletePhone(accountId);
  await bindPhone(tx, { accountId, ...phone });
  await setPassword(tx, { accountId, verifier, scramSha256 });
  await tx.updateAccount({ ...account, stage: 'active' });
  await tx.insertConsent({ accountId, ...consent, agreedAt: tx.nowMs });
}
