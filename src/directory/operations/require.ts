/** The checks that several operations share: what is not as it must be becomes a MailError. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { canonicalizeDomain, formatAddress, isCreatableLocalPart, parseAddress } from '#directory/address.ts';
import type { Address } from '#directory/address.ts';
import { MAX_DISPLAY_NAME_LENGTH, MAX_NOTE_LENGTH } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AddressRow, DirectoryAccountRow, GroupEntry, GroupId, GroupRow } from '#directory/types.ts';

export function requireDomain(text: string): string {
  const domain = canonicalizeDomain(text);
  if (domain === undefined) throw new MailError('invalid', 'not a domain name');
  return domain;
}

export function requireAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new MailError('invalid', 'not an address');
  return address;
}

export function requireDisplayName(text: string): string {
  const displayName = text.normalize('NFC').trim();
  if (displayName.length > MAX_DISPLAY_NAME_LENGTH || /[\p{Cc}\p{Cs}]/u.test(displayName)) {
    throw new MailError(
      'invalid',
      `a display name has at most ${MAX_DISPLAY_NAME_LENGTH} characters, none of them control`,
    );
  }
  return displayName;
}

/** One line that is shown to people, also in a reply of SMTP. */
export function requireNote(text: string): string {
  const note = text.normalize('NFC').trim();
  if (note.length > MAX_NOTE_LENGTH || /[\p{Cc}\p{Cs}]/u.test(note)) {
    throw new MailError('invalid', `a reason has at most ${MAX_NOTE_LENGTH} characters, none of them control`);
  }
  return note;
}

export async function requireAccount(tx: DirectoryTransaction, accountId: AccountId): Promise<DirectoryAccountRow> {
  const account = await tx.account(accountId);
  if (account === undefined) throw new MailError('notFound', 'no such account', { data: { accountId } });
  return account;
}

export async function requireGroup(tx: DirectoryTransaction, groupId: GroupId): Promise<GroupRow> {
  const group = await tx.groupById(groupId);
  if (group === undefined) throw new MailError('notFound', 'no such group', { data: { groupId } });
  return group;
}

/** Who is meant by an address. `invalid`; `notFound` for one in a domain of ours that nobody has. */
export async function requireEntry(tx: DirectoryTransaction, text: string): Promise<GroupEntry> {
  const address = requireAddress(text);
  const found = await findEntry(tx, address);
  if (found !== undefined) return found;
  if ((await tx.domain(address.domain)) !== undefined) {
    throw new MailError('notFound', `nobody has the address ${formatAddress(address)}`, { data: { address: text } });
  }
  return outsideEntry(address);
}

/** Whose the address is here, if anybody's. */
export async function findEntry(tx: DirectoryTransaction, address: Address): Promise<GroupEntry | undefined> {
  const row = await tx.address(address.localPart, address.domain);
  if (row !== undefined) return { kind: 'account', accountId: row.accountId };
  const group = await tx.group(address.localPart, address.domain);
  return group && { kind: 'group', groupId: group.groupId };
}

export function outsideEntry(address: Address): GroupEntry {
  return { kind: 'outside', address: formatAddress(address) };
}

/** An address that could be made in one of our domains: `invalid`. */
export function requireNewAddress(text: string): Address {
  const address = requireAddress(text);
  if (!isCreatableLocalPart(address.localPart)) {
    throw new MailError(
      'invalid',
      'a local part is made of ASCII letters, digits and atom signs, with single dots inside',
    );
  }
  return address;
}

/** `invalid`, `notFound` (the domain), `alreadyExists`. */
export async function insertNewAddress(
  tx: DirectoryTransaction,
  text: string,
  accountId: AccountId,
  kind: AddressRow['kind'],
): Promise<void> {
  const address = requireNewAddress(text);
  await tx.insertAddresses([{ ...address, accountId, kind, createdAt: tx.nowMs }]);
}
