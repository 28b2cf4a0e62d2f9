/** Where mail to an address goes: the answer RCPT TO needs. Reads only. */
import { formatAddress, parseAddress, splitSubaddress } from './address.ts';
import type { Address } from './address.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import type { AccountId, AddressRow } from './types.ts';

export type AddressResolution =
  | {
      readonly kind: 'account';
      readonly accountId: AccountId;
      /** Canonical, without detail. For role mail the address it was sent to, not that of whoever gets it. */
      readonly address: string;
      /** RFC 5233: what followed the separator, lower case; null without one. */
      readonly detail: string | null;
    }
  /** Not a domain of ours: to be relayed, or refused. */
  | { readonly kind: 'unknownDomain' }
  | { readonly kind: 'unknownUser' }
  /** The account takes no mail now. */
  | { readonly kind: 'notReceiving'; readonly accountId: AccountId };

export interface ResolutionSettings {
  readonly defaultDomain: string | null;
  readonly subaddressSeparator: string | null;
  readonly postmasterAddress: string | null;
}

/** RFC 5321 §4.5.1 wants postmaster accepted in every domain, RFC 2142 §4 abuse too. */
const ROLES: ReadonlySet<string> = new Set(['postmaster', 'abuse']);
const UNKNOWN_DOMAIN: AddressResolution = { kind: 'unknownDomain' };
const UNKNOWN_USER: AddressResolution = { kind: 'unknownUser' };
/** How many of the oldest accounts are looked at to find one for role mail. */
const MAX_ACCOUNTS_TRIED = 100;

/**
 * `text` is `localPart@domain` in any spelling, a quoted local part without its quotes; or `postmaster` alone (RFC 5321
 * §4.1.1.3). One indexed look-up for the address and one for its account.
 */
export async function resolveAddress(
  reader: DirectoryReader,
  text: string,
  settings: ResolutionSettings,
): Promise<AddressResolution> {
  const address = parseAddress(text) ?? (await completeRole(reader, text, settings));
  if (address === undefined) return UNKNOWN_DOMAIN;

  const found = await findRow(reader, address, settings.subaddressSeparator);
  if (found !== undefined) {
    const { row, detail } = found;
    const account = await reader.account(row.accountId);
    if (account?.receives === true) {
      return { kind: 'account', accountId: row.accountId, address: `${row.localPart}@${row.domain}`, detail };
    }
    if (!ROLES.has(row.localPart)) return { kind: 'notReceiving', accountId: row.accountId };
  }
  if ((await reader.domain(address.domain)) === undefined) return UNKNOWN_DOMAIN;
  if (!ROLES.has(address.localPart)) return UNKNOWN_USER;
  const accountId = await findRoleAccount(reader, settings.postmasterAddress);
  if (accountId === undefined) return UNKNOWN_USER;
  return { kind: 'account', accountId, address: formatAddress(address), detail: null };
}

/** The exact address first: an address with the separator in its name may come from an older system. */
async function findRow(
  reader: DirectoryReader,
  { localPart, domain }: Address,
  separator: string | null,
): Promise<{ readonly row: AddressRow; readonly detail: string | null } | undefined> {
  const row = await reader.address(localPart, domain);
  if (row !== undefined) return { row, detail: null };
  const parts = separator === null ? undefined : splitSubaddress(localPart, separator);
  if (parts === undefined) return undefined;
  const userRow = await reader.address(parts.user, domain);
  return userRow && { row: userRow, detail: parts.detail };
}

async function completeRole(
  reader: DirectoryReader,
  text: string,
  settings: ResolutionSettings,
): Promise<Address | undefined> {
  if (text.toLowerCase() !== 'postmaster') return undefined;
  const domain = settings.defaultDomain ?? (await reader.domains())[0]?.domain;
  return domain === undefined ? undefined : { localPart: 'postmaster', domain };
}

/** The set account; else the oldest that works, which on a new system is whoever set it up. */
async function findRoleAccount(
  reader: DirectoryReader,
  postmasterAddress: string | null,
): Promise<AccountId | undefined> {
  const address = postmasterAddress === null ? undefined : parseAddress(postmasterAddress);
  const row = address && (await reader.address(address.localPart, address.domain));
  if (row !== undefined && (await reader.account(row.accountId))?.receives === true) return row.accountId;
  const oldest = await reader.accounts(0, MAX_ACCOUNTS_TRIED);
  return oldest.find((account) => account.receives && account.state === 'active')?.accountId;
}
