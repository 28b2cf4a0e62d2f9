/**
 * Which mailbox a name stands for: one's own names begin with nothing, others' with `Other Users/`, their address and
 * `/` (RFC 2342 §5). A mailbox that one may not know of is one that is not there (RFC 4314 §6).
 */
import { MailError } from '#base/errors.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import type { MailAccount, MailboxListing } from '#mail/account.ts';
import { PATH_SEPARATOR } from '#mail/mailbox-name.ts';
import type { SharedMail } from './others.ts';
import type { Session } from './session.ts';

export const OTHER_USERS = 'Other Users';
const OTHERS_PREFIX = `${OTHER_USERS}${PATH_SEPARATOR}`;

export const ALL_RIGHTS = 'lrswipkxtea';

/** An account, as far as the session may use it. */
export interface Area {
  readonly account: MailAccount;
  /** What its names begin with: nothing for one's own. */
  readonly prefix: string;
  readonly isOwn: boolean;
  readonly rights: string;
  rightsOn(mailboxId: MailboxId): string;
}

/** A mailbox, as far as the session may use it. */
export interface Place {
  readonly area: Area;
  readonly row: MailboxListing;
  /** As the session names it. */
  readonly path: string;
  readonly rights: string;
}

export function ownArea({ account }: Session): Area {
  return { account, prefix: '', isOwn: true, rights: ALL_RIGHTS, rightsOn: () => ALL_RIGHTS };
}

/** Those of others, by address. */
export async function othersAreas(session: Session): Promise<readonly Area[]> {
  const shared = (await session.surroundings.others?.sharedWith(session.account.accountId)) ?? [];
  return Promise.all(shared.map((each) => openArea(session, each)));
}

async function openArea(session: Session, shared: SharedMail): Promise<Area> {
  return {
    account: await session.surroundings.openAccount(shared.accountId, shared.name),
    prefix: prefixOf(shared),
    isOwn: false,
    rights: shared.rights,
    rightsOn: (mailboxId) => shared.rightsOn(mailboxId),
  };
}

function prefixOf({ name }: SharedMail): string {
  return `${OTHERS_PREFIX}${name}${PATH_SEPARATOR}`;
}

/** Where a name stands, and what it is there. Names of others who share nothing are names of one's own, which are not there. */
export async function areaOf(session: Session, path: string): Promise<{ readonly area: Area; readonly inner: string }> {
  if (isOthersName(path)) {
    const shared = (await session.surroundings.others?.sharedWith(session.account.accountId)) ?? [];
    const folded = path.toLowerCase();
    const found = shared.find((each) => folded.startsWith(prefixOf(each).toLowerCase()));
    if (found !== undefined) return { area: await openArea(session, found), inner: path.slice(prefixOf(found).length) };
  }
  return { area: ownArea(session), inner: path };
}

/** Names that are kept for the mailboxes of others. */
export function isOthersName(path: string): boolean {
  const folded = path.toLowerCase();
  return folded === OTHER_USERS.toLowerCase() || folded.startsWith(OTHERS_PREFIX.toLowerCase());
}

/** The mailbox or mere level of that name; undefined when there is none that one may know of. */
export async function findName(session: Session, path: string): Promise<Place | undefined> {
  const { area, inner } = await areaOf(session, path);
  const row = await area.account.findName(inner);
  return row && placeOf(area, row);
}

/** As findName, and can be selected. */
export async function findMailbox(session: Session, path: string): Promise<Place | undefined> {
  const place = await findName(session, path);
  return place?.row.selectable === true ? place : undefined;
}

function placeOf(area: Area, row: MailboxListing): Place | undefined {
  const rights = area.rightsOn(row.mailboxId);
  return rights === '' ? undefined : { area, row, path: area.prefix + row.path, rights };
}

/** As findMailbox; throws `notFound`, or `forbidden` without the right. */
export async function requireMailbox(session: Session, path: string, right: string): Promise<Place> {
  return requireRight(await findMailbox(session, path), right);
}

/** As findName; throws `notFound`, or `forbidden` without the right. */
export async function requireName(session: Session, path: string, right: string): Promise<Place> {
  return requireRight(await findName(session, path), right);
}

/** Throws `forbidden`; `notFound` where that would tell of a mailbox that one may not know of. */
export function requireRight(place: Place | undefined, right: string): Place {
  if (place?.rights.includes(right) === true) return place;
  if (place?.rights.includes('l') !== true) throw new MailError('notFound', 'no such mailbox');
  throw noPermission(place.area.account);
}

/** What one may do where a mailbox is to be made: as on the nearest one above it, or on all of the account. */
export async function rightsToMake(area: Area, inner: string): Promise<string> {
  const above = await nearestAbove(area.account, inner);
  return above === undefined ? area.rights : area.rightsOn(above.mailboxId);
}

export async function nearestAbove(account: MailAccount, inner: string): Promise<MailboxListing | undefined> {
  for (let end = inner.lastIndexOf(PATH_SEPARATOR); end > 0; end = inner.lastIndexOf(PATH_SEPARATOR, end - 1)) {
    const above = await account.findName(inner.slice(0, end));
    if (above !== undefined) return above;
  }
  return undefined;
}

/** What is changed in the mailbox of another bears the name of who did it; what was refused, of who tried. */
export function sign(
  session: Pick<Session, 'self' | 'surroundings' | 'connection'>,
  { accountId }: Pick<MailAccount, 'accountId'>,
  act: string,
  isRefused = false,
): void {
  const { self, surroundings, connection } = session;
  if (accountId !== self.accountId)
    surroundings.others?.note({ accountId, by: self, remoteAddress: connection.remoteAddress, act, isRefused });
}

/** RFC 5530 §3 NOPERM: in the mailbox of another, which that account is. */
export function noPermission({ accountId }: MailAccount): MailError {
  const data = { reason: 'rights', accountId };
  return new MailError('forbidden', 'you have no right to do that with this mailbox', { data });
}

/** Whose mailbox it was in which somebody may not do what they tried; undefined for another error. */
export function refusedIn(error: MailError): { readonly accountId: AccountId } | undefined {
  const { reason, accountId } = error.data;
  return error.code === 'forbidden' && reason === 'rights' ? { accountId: accountId as AccountId } : undefined;
}

/** What one may do with a mailbox now; empty when nothing. */
export async function rightsNow(session: Session, accountId: AccountId, mailboxId: MailboxId): Promise<string> {
  if (accountId === session.account.accountId) return ALL_RIGHTS;
  const shared = (await session.surroundings.others?.sharedWith(session.account.accountId)) ?? [];
  return shared.find((each) => each.accountId === accountId)?.rightsOn(mailboxId) ?? '';
}
