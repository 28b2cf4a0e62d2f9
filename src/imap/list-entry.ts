/** Lines of LIST, LSUB and SELECT: a mailbox with its attributes (RFC 9051 §7.3.1, RFC 6154, RFC 3348). */
import type { MailAccount, MailboxListing } from '#mail/account.ts';
import { PATH_SEPARATOR } from '#mail/mailbox-name.ts';
import type { MailboxId, MailboxRole } from '#mail/types.ts';
import { writeMailboxName } from './mailbox-name.ts';
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

export function hasSpecialUse({ role }: MailboxListing): boolean {
  return role !== null && ATTRIBUTE_OF[role] !== undefined;
}

/** The mailboxes that have mailboxes below them. */
export function parentsOf(mailboxes: readonly MailboxListing[]): ReadonlySet<MailboxId> {
  const parents = new Set<MailboxId>();
  for (const { parentId } of mailboxes) if (parentId !== null) parents.add(parentId);
  return parents;
}

/** A name that can be listed. */
export interface ListedName {
  readonly path: string;
  /** Absent where there is no mailbox: the name is subscribed to, or stands above one that is. */
  readonly row: MailboxListing | undefined;
  readonly isSubscribed: boolean;
}

/** Every mailbox, in order. */
export async function listMailboxes(account: MailAccount): Promise<ListedName[]> {
  return (await account.mailboxes()).map((row) => ({ path: row.path, row, isSubscribed: row.subscribed }));
}

/** Those, then the names subscribed to that are no mailbox's, then the levels above these. */
export async function listSubscribable(account: MailAccount): Promise<readonly ListedName[]> {
  const names = await listMailboxes(account);
  const known = new Set(names.map(({ path }) => path));
  const add = (path: string, isSubscribed: boolean): void => {
    if (known.has(path)) return;
    known.add(path);
    names.push({ path, row: undefined, isSubscribed });
  };
  const lost = await account.lostSubscriptions();
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
export function attributesOf(row: MailboxListing | undefined, parents: ReadonlySet<MailboxId>): string[] {
  // RFC 5258 §3.4: it says \Noselect as well.
  if (row === undefined) return ['\\NonExistent'];
  const attributes = row.selectable ? [] : ['\\Noselect'];
  attributes.push(parents.has(row.mailboxId) ? '\\HasChildren' : '\\HasNoChildren');
  const use = row.role === null ? undefined : ATTRIBUTE_OF[row.role];
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
export function listLine(session: Session, row: MailboxListing, mailboxes: readonly MailboxListing[]): void {
  writeListLine(session, 'LIST', attributesOf(row, parentsOf(mailboxes)), row.path);
}
