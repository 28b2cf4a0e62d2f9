/** The one alias that an account's owner chooses. How it may be written is asked before; whose it is, is settled here. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { lookOf } from '#directory/alias-policy.ts';
import type { AliasFault } from '#directory/alias-policy.ts';
import { ALIAS_CHANGE_MS, ALIAS_HELD_MS, ALIAS_QUARANTINE_MS } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AddressRow } from '#directory/types.ts';
import { requireAccount } from './require.ts';

export interface ChooseAliasArgs {
  readonly accountId: AccountId;
  /** In its one spelling: `judgeAlias`. */
  readonly alias: string;
}

/**
 * In place of the one before, which goes on delivering for a while; in the domain of the primary address. `notFound`;
 * `forbidden` with `data.fault`, an AliasFault, and `data.until` where that ends.
 */
export async function chooseAlias(tx: DirectoryTransaction, { accountId, alias }: ChooseAliasArgs): Promise<void> {
  await requireAccount(tx, accountId);
  const addresses = await tx.addressesOf(accountId);
  const primary = addresses.find(({ kind }) => kind === 'primary');
  if (primary === undefined) throw new MailError('notFound', 'an account without a primary address');
  const { domain } = primary;
  const current = (await tx.chosenAliasesOf(accountId)).find(({ leftAt }) => leftAt === null);
  if (current?.localPart === alias && current.domain === domain) return;
  const until = (current?.chosenAt ?? -Infinity) + ALIAS_CHANGE_MS;
  if (tx.nowMs < until) throw refusal('tooSoon', until);
  const isOwn = await requireFree(tx, { accountId, alias, domain }, addresses);

  if (current !== undefined) await tx.putChosenAlias({ ...current, leftAt: tx.nowMs });
  const row = { localPart: alias, domain, accountId };
  if (!isOwn) await tx.insertAddress({ ...row, kind: 'alias', createdAt: tx.nowMs });
  await tx.putChosenAlias({ ...row, chosenAt: tx.nowMs, leftAt: null, delivers: true });
}

/** Whether it is an address of the account's already. Throws when it is, or looks like, somebody else's. */
async function requireFree(
  tx: DirectoryTransaction,
  { accountId, alias, domain }: ChooseAliasArgs & { readonly domain: string },
  own: readonly AddressRow[],
): Promise<boolean> {
  const isOwn = (localPart: string): boolean =>
    own.some((row) => row.kind === 'alias' && row.localPart === localPart && row.domain === domain);
  if (isOwn(alias)) return true;
  if ((await tx.address(alias, domain)) !== undefined || (await tx.group(alias, domain)) !== undefined)
    throw refusal('taken');
  const before = await tx.chosenAlias(alias, domain);
  if (before !== undefined && before.accountId !== accountId) throw refusal('taken');
  if ((await tx.personByNumber(alias)) !== undefined) throw refusal('number');
  const alike = await tx.lookAlikes(lookOf(alias), domain, own.length + 1);
  if (alike.some((localPart) => !own.some((row) => row.localPart === localPart))) throw refusal('lookalike');
  return false;
}

function refusal(fault: AliasFault, until?: number): MailError {
  return new MailError('forbidden', `this alias cannot be chosen: ${fault}`, {
    data: { fault, ...(until === undefined ? {} : { until }) },
  });
}

/**
 * Aliases left long ago deliver no more, and later are anybody's again. Answers how many rows it handled, at most
 * `2 * limit`: fewer than `limit` were the last.
 */
export async function retireAliases(tx: DirectoryTransaction, { limit }: { readonly limit: number }): Promise<number> {
  const ended = await tx.leftAliases(tx.nowMs - ALIAS_HELD_MS, true, limit);
  for (const row of ended) {
    await tx.deleteAddress(row.localPart, row.domain);
    await tx.putChosenAlias({ ...row, delivers: false });
  }
  const free = await tx.leftAliases(tx.nowMs - ALIAS_HELD_MS - ALIAS_QUARANTINE_MS, false, limit);
  for (const { localPart, domain } of free) await tx.deleteChosenAlias(localPart, domain);
  return Math.max(ended.length, free.length);
}
