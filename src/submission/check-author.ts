/**
 * Whether an account may send as somebody (domain.md S-27): as itself under any of its addresses; as another account that
 * lets it, alone or with its own name beside; and as nobody else.
 */
import type { AccountId } from '#base/ids.ts';
import { formatAddress } from '#directory/address.ts';
import { addressInstead } from '#directory/domain-lives.ts';
import type { Directory } from '#directory/directory.ts';
import { parseAddressList } from '#mime/address.ts';
import { decodeRawText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import { LIMITS } from '#mime/limits.ts';

export type AuthorDirectory = Pick<
  Directory,
  'resolveAddress' | 'findAddress' | 'addressesOf' | 'mayWriteAs' | 'defaultSender' | 'lives'
>;

/** Another account that a message is written as. */
export interface SharedAuthor {
  readonly accountId: AccountId;
  /** Whether it is seen alone, or the writer as well: in Sender (RFC 5322 §3.6.2). */
  readonly how: 'alone' | 'onBehalf';
}

export type AuthorsJudged =
  | { readonly kind: 'foreign'; readonly author: string }
  /** Nothing is sent from its domain any more; `instead` is where the account goes on, if it has an address there. */
  | ({ readonly kind: 'blocked'; readonly author: string } & Blocked)
  /**
   * `from`: for a message that has none. `as`: the first in From that is another account. `replyTo`: where answers are to go,
   * for one that does not say and is written from a domain that is given up.
   */
  | {
      readonly kind: 'permitted';
      readonly from: string;
      readonly as: SharedAuthor | undefined;
      readonly replyTo?: string;
    };

export interface Blocked {
  readonly instead: string | undefined;
  readonly successor: string;
}

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
  const ownerId = await findOwner(directory, address);
  if (ownerId === null) return undefined;
  if (ownerId === accountId) return 'own';
  const how = await directory.mayWriteAs(accountId, ownerId);
  return how && { accountId: ownerId, how };
}

async function findOwner(directory: AuthorDirectory, address: string): Promise<AccountId | null> {
  const resolution = await directory.resolveAddress(address);
  switch (resolution.kind) {
    case 'account':
    case 'notReceiving':
    case 'moved':
      return resolution.accountId;
    case 'resting':
      // Of a domain that takes no mail just now the resolution does not say who is there.
      return (await directory.findAddress(address))?.accountId ?? null;
    case 'group':
    case 'groupOwners':
    case 'unknownDomain':
    case 'unknownUser':
      return null;
  }
}

/** Undefined: the address may be sent from. */
export async function findBlock(
  directory: Pick<AuthorDirectory, 'lives' | 'addressesOf'>,
  accountId: AccountId,
  address: string,
): Promise<Blocked | undefined> {
  const sunset = directory.lives.blockedSender(address);
  if (sunset === undefined) return undefined;
  const addresses = (await directory.addressesOf(accountId)).map(formatAddress);
  return { instead: addressInstead(sunset, address.toLowerCase(), addresses), successor: sunset.successor };
}

/** Where answers to what is written from a domain that is given up should go; undefined where nothing has to be said. */
async function findReplyTo(
  directory: AuthorDirectory,
  accountId: AccountId,
  author: string,
): Promise<string | undefined> {
  const sunset = directory.lives.announcedSender(author);
  if (sunset?.setsReplyTo !== true) return undefined;
  return addressInstead(sunset, author.toLowerCase(), (await directory.addressesOf(accountId)).map(formatAddress));
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
    from = (await findBlock(directory, accountId, from))?.instead ?? from;
    const use = await findUse(directory, accountId, from);
    if (use !== 'own') as = use;
  }
  let author = header.firstField('from') === undefined ? from : undefined;
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
      const address = domain === '' ? localPart : `${localPart}@${domain}`;
      const use = await findUse(directory, accountId, address);
      if (use !== undefined) {
        const block = await findBlock(directory, use === 'own' ? accountId : use.accountId, address);
        if (block !== undefined) return { kind: 'blocked', author: email, ...block };
      }
      if (field.lowerName === 'from') author ??= address;
      if (use === 'own') continue;
      const isSender = SENDER_FIELDS.has(field.lowerName);
      if (use === undefined || (isSender && use.how === 'onBehalf')) return foreign(email);
      if (field.lowerName === 'from') as ??= use;
    }
  }
  const saysWhere = header.firstField('reply-to') !== undefined;
  const replyTo =
    author === undefined || saysWhere ? undefined : await findReplyTo(directory, as?.accountId ?? accountId, author);
  return { kind: 'permitted', from, as, ...(replyTo === undefined ? {} : { replyTo }) };
}

function foreign(author: string): AuthorsJudged {
  return { kind: 'foreign', author };
}
