/** Lines of LIST, LSUB and SELECT: a mailbox with its attributes (RFC 9051 §7.3.1, RFC 6154, RFC 3348). */
import type { MailboxListing } from '#mail/account.ts';
import { PATH_SEPARATOR } from '#mail/mailbox-name.ts';
import type { MailboxId, MailboxRole } from '#mail/types.ts';
import { writeMailboxName } from './mailbox-name.ts';
import { othersAreas, ownArea } from './places.ts';
import type { Area, Place } from './places.ts';
import type { Session } from './session.ts';

const ATTRIBUTE_OF: Readonly<Record<MailboxRole, string | undefined>> = {
  inbox: undefined,
  drafts: '\\Drafts',
  sent: '\\Sent',
  trash: '\\Trash',
  junk: '\\Junk',
  archive: '\\Archive',
  all: '\\All',
  flagged: '\\Flagged',
  important: '\\Important',
};

const ROLE_OF: ReadonlyMap<string, MailboxRole> = new Map(
  Object.entries(ATTRIBUTE_OF).flatMap(([role, attribute]) =>
    attribute === undefined ? [] : [[attribute.toLowerCase(), role as MailboxRole]],
  ),
);

/** The role a special-use attribute asks for; `undefined` for one we do not have. */
export function roleOfAttribute(attribute: string): MailboxRole | undefined {
  return ROLE_OF.get(attribute.toLowerCase());
}

export function hasSpecialUse({ area, row: { role } }: Place): boolean {
  return area.isOwn && role !== null && ATTRIBUTE_OF[role] !== undefined;
}

/** The mailboxes that have mailboxes below them. */
function parentsOf(mailboxes: readonly MailboxListing[]): ReadonlySet<MailboxId> {
  const parents = new Set<MailboxId>();
  for (const { parentId } of mailboxes) if (parentId !== null) parents.add(parentId);
  return parents;
}

/** A name that can be listed. */
export interface ListedName {
  readonly path: string;
  /**
   * Absent where there is no mailbox: the name is subscribed to, stands above one that is, or is a level above mailboxes
   * of others.
   */
  readonly place: Place | undefined;
  readonly isSubscribed: boolean;
  readonly hasChildren: boolean;
  /** A name that only others stand below. */
  readonly isLevel: boolean;
}

/** Every mailbox of one's own, in order, then those of others. */
export async function listMailboxes(session: Session): Promise<ListedName[]> {
  const own = await listArea(ownArea(session));
  const areas = await othersAreas(session);
  if (areas.length === 0) return own;
  const shared = (await Promise.all(areas.map(listArea))).flat();
  const known = new Set([...own, ...shared].map(({ path }) => path));
  const levels = new Set(shared.flatMap(({ path }) => [...levelsAbove(path)]).filter((path) => !known.has(path)));
  const above = Array.from(levels, (path) => ({
    path,
    place: undefined,
    isSubscribed: false,
    hasChildren: true,
    isLevel: true,
  }));
  return [...own, ...[...above, ...shared].toSorted((a, b) => (a.path < b.path ? -1 : 1))];
}

/** Those that may be looked up. */
async function listArea(area: Area): Promise<ListedName[]> {
  const rows = (await area.account.mailboxes()).filter(({ mailboxId }) => area.rightsOn(mailboxId).includes('l'));
  const parents = parentsOf(rows);
  return rows.map((row) => {
    const path = area.prefix + row.path;
    return {
      path,
      place: { area, row, path, rights: area.rightsOn(row.mailboxId) },
      isSubscribed: row.subscribed || !area.isOwn,
      hasChildren: parents.has(row.mailboxId),
      isLevel: false,
    };
  });
}

/** Those, then the names subscribed to that are no mailbox's, then the levels above these. */
export async function listSubscribable(session: Session): Promise<readonly ListedName[]> {
  const names = await listMailboxes(session);
  const known = new Set(names.map(({ path }) => path));
  const add = (path: string, isSubscribed: boolean): void => {
    if (known.has(path)) return;
    known.add(path);
    names.push({ path, place: undefined, isSubscribed, hasChildren: false, isLevel: false });
  };
  const lost = await session.account.lostSubscriptions();
  for (const path of lost) add(path, true);
  for (const path of lost) for (const level of levelsAbove(path)) add(level, false);
  return names;
}

/** `a/b/c`: `a/b`, `a`. */
function* levelsAbove(path: string): Generator<string> {
  for (let end = path.lastIndexOf(PATH_SEPARATOR); end > 0; end = path.lastIndexOf(PATH_SEPARATOR, end - 1)) {
    yield path.slice(0, end);
  }
}

/** Paths with a chosen one somewhere below them. */
export function pathsAbove(names: readonly ListedName[], isChosen: (name: ListedName) => boolean): ReadonlySet<string> {
  const above = new Set<string>();
  for (const name of names) {
    if (!isChosen(name)) continue;
    for (const level of levelsAbove(name.path)) {
      if (above.has(level)) break;
      above.add(level);
    }
  }
  return above;
}

/** Attributes of a name that every LIST shows; costs nothing to know. */
export function attributesOf({ place, hasChildren, isLevel }: Omit<ListedName, 'path' | 'isSubscribed'>): string[] {
  // RFC 5258 §3.4: it says \Noselect as well.
  if (place === undefined) return isLevel ? ['\\Noselect', '\\HasChildren'] : ['\\NonExistent'];
  const { row, area } = place;
  const attributes = row.selectable ? [] : ['\\Noselect'];
  attributes.push(hasChildren ? '\\HasChildren' : '\\HasNoChildren');
  // Others' uses would be taken for one's own.
  const use = row.role === null || !area.isOwn ? undefined : ATTRIBUTE_OF[row.role];
  if (use !== undefined) attributes.push(use);
  return attributes;
}

/** `* LIST (…) "/" name` and what may follow. */
export function writeListLine(
  session: Session,
  command: 'LIST' | 'LSUB',
  attributes: readonly string[],
  path: string,
  extended = '',
): void {
  const { out } = session;
  out.ascii(`* ${command} (${attributes.join(' ')}) "/" `);
  writeMailboxName(out, path, session.utf8);
  out.ascii(extended);
  out.crlf();
}

/** RFC 9051 §6.3.2: SELECT names the mailbox as LIST would. */
export function listLine(session: Session, place: Place, mailboxes: readonly MailboxListing[]): void {
  const hasChildren = parentsOf(mailboxes).has(place.row.mailboxId);
  writeListLine(session, 'LIST', attributesOf({ place, hasChildren, isLevel: false }), place.path);
}
