/** The account that an argument names: by any of its addresses, by the 学号 or 工号 of whose it is, or by its number as `#12`. */
import { CommandFailure, EXIT } from '#app/command.ts';
import type { System } from '#app/system.ts';
import type { AccountId } from '#base/ids.ts';
import { formatAddress, parseAddress, type Address } from '#directory/address.ts';
import type { DirectoryAccountRow } from '#directory/types.ts';
import { toPrintable } from './table.ts';

/** Of this server's domains, where somebody named another. */
const DOMAINS_NAMED = 10;

export interface NamedAccount {
  readonly accountId: AccountId;
  /** Its primary address; `#12` for mail that belongs to nobody. */
  readonly address: string;
  readonly row: DirectoryAccountRow;
}

/** Throws CommandFailure that says what there is instead. */
export async function requireAccount(system: System, text: string): Promise<NamedAccount> {
  const found = await findAccount(system, text);
  if (found?.row !== undefined) return { ...found, row: found.row };
  if (text.startsWith('#'))
    throw new CommandFailure(`there is no account ${text} (campusmail account list shows them)`);
  const domain = parseAddress(text)?.domain;
  if (domain === undefined)
    throw new CommandFailure(
      `"${toPrintable(text)}" is no address (name@example.edu.cn), and no 学号 or 工号 that has a mailbox`,
      EXIT.usage,
    );
  if (!(await system.directory.isLocalDomain(domain)))
    throw new CommandFailure(await describeOwnDomains(system, domain));
  throw new CommandFailure(`there is no account ${text} (campusmail account list shows them)`);
}

/** As requireAccount, but also mail whose account is gone from the directory (`row` undefined), by number only. */
export async function findAccount(
  system: System,
  text: string,
): Promise<(Omit<NamedAccount, 'row'> & { readonly row: DirectoryAccountRow | undefined }) | undefined> {
  const accountId = await findAccountId(system, text);
  if (accountId === undefined) return undefined;
  const row = await system.directory.account(accountId);
  if (row === undefined && (await system.mailStore.reader.account(accountId)) === undefined) return undefined;
  return { accountId, address: await primaryAddress(system, accountId), row };
}

async function findAccountId({ directory }: System, text: string): Promise<AccountId | undefined> {
  const number = /^#(\d{1,15})$/.exec(text)?.[1];
  if (number !== undefined) return Number(number) as AccountId;
  const found = (await directory.findAddress(text)) ?? (await directory.findPerson(text));
  return found?.accountId ?? undefined;
}

/** `#12` when it has none. */
export async function primaryAddress(system: System, accountId: AccountId): Promise<string> {
  const [first] = await system.directory.addressesOf(accountId);
  return first === undefined ? `#${accountId}` : formatAddress(first);
}

/** Throws CommandFailure (usage) unless it can be an address. */
export function requireAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) {
    throw new CommandFailure(`"${text}" is no address: write it as name@example.edu.cn`, EXIT.usage);
  }
  return address;
}

/** For whoever looks for an account: as a rule the domain is mistyped, and not missing. */
export async function describeOwnDomains(system: System, domain: string): Promise<string> {
  const own = (await system.directory.listDomains()).map((row) => row.domain);
  if (own.length === 0) return describeForeignDomain(domain);
  const shown = own.length > DOMAINS_NAMED ? [...own.slice(0, DOMAINS_NAMED), '…'] : own;
  return `${domain} is not a domain of this server; its domains: ${shown.join(', ')}`;
}

export function describeForeignDomain(domain: string): string {
  return `${domain} is not a domain of this server yet; add it by: campusmail domain add ${domain}`;
}
