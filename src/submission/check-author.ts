/** Whether an account may send as somebody (domain.md S-27): as itself under any of its addresses, and as nobody else. */
import type { AccountId } from '#base/ids.ts';
import type { Directory } from '#directory/directory.ts';
import { parseAddressList } from '#mime/address.ts';
import { decodeRawText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import { LIMITS } from '#mime/limits.ts';

export type AuthorDirectory = Pick<Directory, 'resolveAddress'>;

/** Addresses of one From field that are looked at; nobody writes with more. */
const MAX_AUTHORS = 10;
/** Octets of one such field: what is longer is read in part only, here or elsewhere, and the rest would be unjudged. */
const MAX_FIELD_OCTETS = 4096;
const AUTHOR_FIELDS: ReadonlySet<string> = new Set(['from', 'sender', 'resent-from', 'resent-sender']);

/** Subaddresses are the account's, too. The null path is (RFC 8098 §3 wants it for receipts). */
export async function mayUse(directory: AuthorDirectory, accountId: AccountId, address: string): Promise<boolean> {
  if (address === '') return true;
  const resolution = await directory.resolveAddress(address);
  return (resolution.kind === 'account' || resolution.kind === 'notReceiving') && resolution.accountId === accountId;
}

/**
 * The first author (From, Sender and their Resent forms) that is not the account's; undefined when all are. A From
 * that is missing is completed later; one that names nobody, or comes twice, is refused as what it says.
 */
export async function findForeignAuthor(
  directory: AuthorDirectory,
  accountId: AccountId,
  octets: Buffer,
): Promise<string | undefined> {
  const header = parseHeader(octets);
  // Two From fields are read differently by different programs (RFC 5322 §3.6 allows one). Behind so many fields that
  // no more are read there may be a second one.
  if (header.all('from').length > 1 || header.fields.length >= LIMITS.headerFields) return 'From: + From:';
  for (const field of header.fields) {
    if (!AUTHOR_FIELDS.has(field.lowerName)) continue;
    const value = header.value(field);
    const isTooLong = field.end - field.valueStart > MAX_FIELD_OCTETS;
    const { addresses, entries } = parseAddressList(isTooLong ? '' : value);
    if (addresses.length === 0 || addresses.length > MAX_AUTHORS) return decodeRawText(value);
    for (const entry of entries) {
      if (entry.kind !== 'mailbox') continue;
      const { localPart, domain, email } = entry;
      // A name without an address is somebody, too: the null path is for envelopes only.
      if (email === '') return decodeRawText(value);
      if (!(await mayUse(directory, accountId, domain === '' ? localPart : `${localPart}@${domain}`))) return email;
    }
  }
  return undefined;
}
