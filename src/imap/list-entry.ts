/** Lines of LIST, LSUB and SELECT: a mailbox with its attributes (RFC 9051 §7.3.1, RFC 6154, RFC 3348). */
import type { MailboxListing } from '#mail/account.ts';
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

/** Attributes of a mailbox that every LIST shows; costs nothing to know. */
export function attributesOf(row: MailboxListing, parents: ReadonlySet<MailboxId>): string[] {
  const attributes = [parents.has(row.mailboxId) ? '\\HasChildren' : '\\HasNoChildren'];
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
