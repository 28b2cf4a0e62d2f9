/** Whether an account may be entered by whoever is known to be its owner, and as whom. */
import type { Audit } from '#audit/audit.ts';
import type { AuditDetail } from '#audit/types.ts';
import type { AccountId } from '#base/ids.ts';
import { formatAddress } from '#directory/address.ts';
import type { Directory } from '#directory/directory.ts';
import type { HttpRequest } from '#http/types.ts';
import { entryRefusal } from '#directory/stages.ts';

/** Why it may not, although it is its owner; undefined: it may, once it is open (`openTo`). */
export async function entryTrouble(
  directory: Directory,
  accountId: AccountId,
): Promise<'disabled' | 'notActivated' | undefined> {
  const account = await directory.account(accountId);
  const refusal = account === undefined ? 'disabled' : entryRefusal(account);
  return refusal === 'frozen' ? undefined : refusal;
}

/** As `entryTrouble`, for its owner who is here: an account that was frozen since nobody used it is open from now on. */
export async function openTo(directory: Directory, accountId: AccountId): ReturnType<typeof entryTrouble> {
  const trouble = await entryTrouble(directory, accountId);
  if (trouble === undefined) await directory.thaw(accountId);
  return trouble;
}

/** Nothing was typed: the default sender is the primary address (S-27). */
export async function primaryLogin(directory: Directory, accountId: AccountId): Promise<string> {
  const [primary] = await directory.addressesOf(accountId);
  return primary === undefined ? '' : formatAddress(primary);
}

/** Writes down that a person entered without a password of ours: who it was by the roster's number, not the account alone. */
export async function tellEntry(
  { audit, directory }: { readonly audit: Pick<Audit, 'record'>; readonly directory: Directory },
  { remoteAddress }: HttpRequest,
  accountId: AccountId,
  detail: AuditDetail,
): Promise<void> {
  const name = await primaryLogin(directory, accountId);
  const actor = { kind: 'account', accountId, name } as const;
  audit.record({ action: 'sign-in.accepted', actor, accountId, subject: name, via: 'web', remoteAddress, detail });
}
