/** The one alias that an account's owner chooses. How it may be written is asked before; whose it is, is settled here. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { lookOf } from '#directory/alias-policy.ts';
import type { AliasFault } from '#directory/alias-policy.ts';
import { ALIAS_CHANGE_MS, ALIAS_HELD_MS, ALIAS_QUARANTINE_MS } from '#directory/limits.ts';
import type { DirectoryReader, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AddressRow, ChosenAliasRow } from '#directory/types.ts';
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
  const choice = await examineChoice(tx, tx.nowMs, { accountId, alias, domain, addresses });
  if (choice.kind === 'refused') {
    const { fault, until } = choice;
    const data = { fault, ...(until === null ? {} : { until }) };
    throw new MailError('forbidden', `this alias cannot be chosen: ${fault}`, { data });
  }
  if (choice.kind === 'current') return;
  const { current, isOwn } = choice;
  if (current !== undefined) await tx.putChosenAlias({ ...current, leftAt: tx.nowMs });
  const row = { localPart: alias, domain, accountId };
  if (!isOwn) await tx.insertAddresses([{ ...row, kind: 'alias', createdAt: tx.nowMs }]);
  await tx.putChosenAlias({ ...row, chosenAt: tx.nowMs, leftAt: null, delivers: true });
}

export type AliasChoice =
  /** It is the account's alias. */
  | { readonly kind: 'current' }
  /** `isOwn`: an address of the account's already. `current`: what it would come in place of. */
  | { readonly kind: 'free'; readonly isOwn: boolean; readonly current: ChosenAliasRow | undefined }
  | { readonly kind: 'refused'; readonly fault: AliasFault; readonly until: number | null };

/** What would come of choosing it now. */
export async function examineChoice(
  reader: DirectoryReader,
  nowMs: number,
  given: ChooseAliasArgs & { readonly domain: string; readonly addresses: readonly AddressRow[] },
): Promise<AliasChoice> {
  const { accountId, alias, domain, addresses } = given;
  const refused = (fault: AliasFault, until: number | null = null): AliasChoice => ({ kind: 'refused', fault, until });
  const current = (await reader.chosenAliasesOf(accountId)).find(({ leftAt }) => leftAt === null);
  if (current?.localPart === alias && current.domain === domain) return { kind: 'current' };
  const until = (current?.chosenAt ?? -Infinity) + ALIAS_CHANGE_MS;
  if (nowMs < until) return refused('tooSoon', until);
  const own = addresses.filter((row) => row.domain === domain);
  if (own.some((row) => row.kind === 'alias' && row.localPart === alias)) return { kind: 'free', isOwn: true, current };
  if ((await reader.address(alias, domain)) !== undefined || (await reader.group(alias, domain)) !== undefined)
    return refused('taken');
  const before = await reader.chosenAlias(alias, domain);
  if (before !== undefined && before.accountId !== accountId) return refused('taken');
  if ((await reader.personByNumber(alias)) !== undefined) return refused('number');
  const alike = await reader.lookAlikes(lookOf(alias), domain, own.length + 1);
  if (alike.some((localPart) => !own.some((row) => row.localPart === localPart))) return refused('lookalike');
  return { kind: 'free', isOwn: false, current };
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
