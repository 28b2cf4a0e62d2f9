/** Where mail to an address goes: the answer RCPT TO needs. Reads only. */
import { formatAddress, parseAddress, splitSubaddress } from './address.ts';
import type { Address } from './address.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import { takesMail } from './stages.ts';
import type { AccountId, AddressRow, DirectoryAccountRow, GroupRow } from './types.ts';

export type AddressResolution =
  | {
      readonly kind: 'account';
      readonly accountId: AccountId;
      /** Canonical, without detail. For role mail the address it was sent to, not that of whoever gets it. */
      readonly address: string;
      /** RFC 5233: what followed the separator, lower case; null without one. */
      readonly detail: string | null;
    }
  /** Whoever is in it; who may write is for `mayPost` to say. */
  | { readonly kind: 'group'; readonly group: GroupRow }
  /** What comes back from a group's mail, and what is asked about it: those who answer for it. At least one. */
  | { readonly kind: 'groupOwners'; readonly accountIds: readonly AccountId[] }
  /** Not a domain of ours: to be relayed, or refused. */
  | { readonly kind: 'unknownDomain' }
  | { readonly kind: 'unknownUser' }
  /** The account takes no mail now. */
  | { readonly kind: 'notReceiving'; readonly accountId: AccountId }
  /** Its domain is given up: `address` is the same name in the new one, `successor`, where there is that. Null: no account. */
  | {
      readonly kind: 'moved';
      readonly accountId: AccountId | null;
      readonly address: string | null;
      readonly successor: string;
    }
  /** Its domain rests until then: nobody is told who is there. */
  | { readonly kind: 'resting'; readonly until: number };

export interface ResolutionSettings {
  readonly defaultDomain: string | null;
  readonly subaddressSeparator: string | null;
  readonly postmasterAddress: string | null;
}

/** Whether an account is of an old system, which nothing comes into any more. */
type IsArchived = (accountId: AccountId) => Promise<boolean>;

/** RFC 5321 §4.5.1 wants postmaster accepted in every domain, RFC 2142 §4 abuse too. */
const ROLES: ReadonlySet<string> = new Set(['postmaster', 'abuse']);
const UNKNOWN_DOMAIN: AddressResolution = { kind: 'unknownDomain' };
const UNKNOWN_USER: AddressResolution = { kind: 'unknownUser' };
/**
 * What follows a group's name in the addresses that its owners have by it: for its bounces, and for requests (RFC 2142
 * §6). An account or a group of that very name comes first.
 */
const OWNERS = /^(.+)-(?:bounces|request)$/;
/** How many of the oldest accounts are looked at to find one for role mail. */
const MAX_ACCOUNTS_TRIED = 100;

/**
 * `text` is `localPart@domain` in any spelling, a quoted local part without its quotes; or `postmaster` alone (RFC 5321
 * §4.1.1.3). One indexed look-up for the address and one for its account; groups are looked for where there is none.
 * `isArchived`: who answers for a role is none of those.
 */
export async function resolveAddress(
  reader: DirectoryReader,
  text: string,
  settings: ResolutionSettings,
  isArchived: IsArchived = async () => false,
): Promise<AddressResolution> {
  const address = parseAddress(text) ?? (await completeRole(reader, text, settings));
  if (address === undefined) return UNKNOWN_DOMAIN;

  const found = await findRow(reader, address, settings.subaddressSeparator);
  if (found !== undefined) {
    const { row, detail } = found;
    const account = await reader.account(row.accountId);
    if (account !== undefined && (await getsMail(reader, account))) {
      return { kind: 'account', accountId: row.accountId, address: `${row.localPart}@${row.domain}`, detail };
    }
    if (!ROLES.has(row.localPart)) return { kind: 'notReceiving', accountId: row.accountId };
  }
  if ((await reader.domain(address.domain)) === undefined) return UNKNOWN_DOMAIN;
  const group = await reader.group(address.localPart, address.domain);
  if (group !== undefined) return { kind: 'group', group };
  const owners = await findOwners(reader, address, settings, isArchived);
  if (owners !== undefined) return owners;
  if (!ROLES.has(address.localPart)) return UNKNOWN_USER;
  const accountId = await findRoleAccount(reader, settings.postmasterAddress, isArchived);
  if (accountId === undefined) return UNKNOWN_USER;
  return { kind: 'account', accountId, address: formatAddress(address), detail: null };
}

/** Undefined unless the address is one that a group's owners have by it. A group that nobody answers for is the postmaster's. */
async function findOwners(
  reader: DirectoryReader,
  address: Address,
  settings: ResolutionSettings,
  isArchived: IsArchived,
): Promise<AddressResolution | undefined> {
  const name = OWNERS.exec(address.localPart)?.[1];
  const group = name === undefined ? undefined : await reader.group(name, address.domain);
  if (group === undefined) return undefined;
  const owners = await reader.receivingEntries(group.groupId, 'owner');
  const accountIds = owners.flatMap((owner) => (owner.kind === 'account' ? [owner.accountId] : []));
  if (accountIds.length > 0) return { kind: 'groupOwners', accountIds };
  const postmaster = await findRoleAccount(reader, settings.postmasterAddress, isArchived);
  return postmaster === undefined ? UNKNOWN_USER : { kind: 'groupOwners', accountIds: [postmaster] };
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

/** Of an account that only forwards, nothing is taken that would go nowhere. */
async function getsMail(reader: DirectoryReader, account: DirectoryAccountRow): Promise<boolean> {
  if (!takesMail(account) || account.stage !== 'forward-only') return takesMail(account);
  return (await reader.forwardings([account.accountId])).length > 0;
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
  isArchived: IsArchived,
): Promise<AccountId | undefined> {
  const address = postmasterAddress === null ? undefined : parseAddress(postmasterAddress);
  const row = address && (await reader.address(address.localPart, address.domain));
  const account = row && (await reader.account(row.accountId));
  if (account !== undefined && takesMail(account)) return account.accountId;
  for (const one of await reader.accounts(0, MAX_ACCOUNTS_TRIED))
    if (takesMail(one) && one.state === 'active' && !(await isArchived(one.accountId))) return one.accountId;
  return undefined;
}
