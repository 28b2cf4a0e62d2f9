/**
 * Whether an account may send as somebody (domain.md S-27): as itself under any of its addresses; as another account that
 * lets it, alone or with its own name beside; and as nobody else.
 */
import type { AccountId } from '#base/ids.ts';
import type { Directory } from '#directory/directory.ts';
import { parseAddressList } from '#mime/address.ts';
import { decodeRawText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import { LIMITS } from '#mime/limits.ts';

export type AuthorDirectory = Pick<Directory, 'resolveAddress' | 'mayWriteAs' | 'defaultSender'>;

/** Another account that a message is written as. */
export interface SharedAuthor {
  readonly accountId: AccountId;
  /** Whether it is seen alone, or the writer as well: in Sender (RFC 5322 §3.6.2). */
  readonly how: 'alone' | 'onBehalf';
}

export type AuthorsJudged =
  | { readonly kind: 'foreign'; readonly author: string }
  /** `from`: for a message that has none. `as`: the first in From that is another account. */
  | { readonly kind: 'permitted'; readonly from: string; readonly as: SharedAuthor | undefined };

/** Addresses of one From field that are looked at; nobody writes with more. */
const MAX_AUTHORS = 10;
/** Octets of one such field: what is longer is read in part only, here or elsewhere, and the rest would be unjudged. */
const MAX_FIELD_OCTETS = 4096;
const AUTHOR_FIELDS: ReadonlySet<string> = new Set(['from', 'sender', 'resent-from', 'resent-sender']);
/** Those that say who writes: nobody is somebody else there who has to say so. */
const SENDER_FIELDS: ReadonlySet<string> = new Set(['sender', 'resent-sender']);

/** Subaddresses are the account's, too. The null path is (RFC 8098 §3 wants it for receipts). */
export async function mayUse(directory: AuthorDirectory, accountId: AccountId, address: string): Promise<boolean> {
  return address === '' || (await findUse(directory, accountId, address)) !== undefined;
}

/** Undefined: none. */
async function findUse(
  directory: AuthorDirectory,
  accountId: AccountId,
  address: string,
): Promise<'own' | SharedAuthor | undefined> {
  const resolution = await directory.resolveAddress(address);
  if (resolution.kind !== 'account' && resolution.kind !== 'notReceiving') return undefined;
  if (resolution.accountId === accountId) return 'own';
  const how = await directory.mayWriteAs(accountId, resolution.accountId);
  return how && { accountId: resolution.accountId, how };
}

/**
 * Whether the account may use every author (From, Sender and their Resent forms). A From that is missing is the sender it
 * has chosen, or the address signed in with; one that names nobody, or comes twice, is refused as what it says.
 */
export async function judgeAuthors(
  directory: AuthorDirectory,
  { accountId, loginAddress }: { readonly accountId: AccountId; readonly loginAddress: string },
  octets: Buffer,
): Promise<AuthorsJudged> {
  const header = parseHeader(octets);
  // Two From fields are read differently by different programs (RFC 5322 §3.6 allows one). Behind so many fields that
  // no more are read there may be a second one.
  if (header.all('from').length > 1 || header.fields.length >= LIMITS.headerFields) return foreign('From: + From:');
  let from = loginAddress;
  let as: SharedAuthor | undefined;
  if (header.firstField('from') === undefined) {
    from = (await directory.defaultSender(accountId)) ?? loginAddress;
    const use = await findUse(directory, accountId, from);
    if (use !== 'own') as = use;
  }
  for (const field of header.fields) {
    if (!AUTHOR_FIELDS.has(field.lowerName)) continue;
    const value = header.value(field);
    const isTooLong = field.end - field.valueStart > MAX_FIELD_OCTETS;
    const { addresses, entries } = parseAddressList(isTooLong ? '' : value);
    if (addresses.length === 0 || addresses.length > MAX_AUTHORS) return foreign(decodeRawText(value));
    for (const entry of entries) {
      if (entry.kind !== 'mailbox') continue;
      const { localPart, domain, email } = entry;
      // A name without an address is somebody, too: the null path is for envelopes only.
      if (email === '') return foreign(decodeRawText(value));
      const use = await findUse(directory, accountId, domain === '' ? localPart : `${localPart}@${domain}`);
      if (use === 'own') continue;
      const isSender = SENDER_FIELDS.has(field.lowerName);
      if (use === undefined || (isSender && use.how === 'onBehalf')) return foreign(email);
      if (field.lowerName === 'from') as ??= use;
    }
  }
  return { kind: 'permitted', from, as };
}

function foreign(author: string): AuthorsJudged {
  return { kind: 'foreign', author };
}
