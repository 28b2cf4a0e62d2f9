/** Whether an account may send as somebody (domain.md S-27): as itself under any of its addresses, and as nobody else. */
import type { AccountId } from '#base/ids.ts';
import type { Directory } from '#directory/directory.ts';
import { parseAddressList } from '#mime/address.ts';
import { parseHeader } from '#mime/header.ts';

export type AuthorDirectory = Pick<Directory, 'resolveAddress'>;

/** Addresses of one From field that are looked at; nobody writes with more. */
const MAX_AUTHORS = 10;

/** Subaddresses are the account's, too. The null path is (RFC 3798 wants it for receipts). */
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
  // Two From fields are read differently by different programs (RFC 5322 §3.6 allows one).
  if (header.all('from').length > 1) return 'From: … From: …';
  for (const name of ['from', 'sender', 'resent-from', 'resent-sender']) {
    for (const value of header.all(name)) {
      const { addresses } = parseAddressList(value);
      if (addresses.length === 0 || addresses.length > MAX_AUTHORS) return value;
      for (const { email } of addresses) if (!(await mayUse(directory, accountId, email))) return email;
    }
  }
  return undefined;
}
