/** What is known of an account's owner that a password must have nothing of. */
import type { PasswordOwner } from './password-policy.ts';
import type { DirectoryReader } from './ports/directory-store.ts';
import { holdsTail } from './tail-check.ts';
import type { AccountId } from './types.ts';

/** Words of a domain that name no place. */
const COMMON_LABELS = new Set(['com', 'edu', 'org', 'net', 'gov']);
const MIN_LABEL_LENGTH = 3;

/** `tailKey`: what `PersonRow.tailCheck` was made with. */
export async function findPasswordOwner(
  reader: DirectoryReader,
  accountId: AccountId,
  {
    tailKey,
    phones,
    aliases,
  }: { readonly tailKey: Uint8Array; readonly phones: readonly string[]; readonly aliases: readonly string[] },
): Promise<PasswordOwner> {
  const [account, addresses, persons] = await Promise.all([
    reader.account(accountId),
    reader.addressesOf(accountId),
    reader.personsOf(accountId),
  ]);
  const labels = addresses.flatMap(({ domain }) => domain.split('.'));
  return {
    accountNames: [...addresses.map(({ localPart }) => localPart), ...persons.map(({ number }) => number), ...aliases],
    names: [account?.displayName ?? '', ...persons.flatMap(({ name, englishName }) => [name, englishName])],
    phones: phones.map((phone) => phone.replaceAll(/\D/g, '')),
    holdsDocument: (text) => persons.some((person) => holdsTail(tailKey, person, text)),
    siteWords: labels.filter((label) => label.length >= MIN_LABEL_LENGTH && !COMMON_LABELS.has(label)),
  };
}
