/** What the screens call a mailbox, and how the tree stands. */
import type { LabelKey, Texts } from '#web/locales/texts.ts';
import type { IconName } from '#web/ui/icons.ts';
import type { MailboxRole, MailboxView } from './model.ts';

const ROLE_NAMES: Readonly<Record<MailboxRole, LabelKey>> = {
  inbox: 'mailbox.inbox',
  drafts: 'mailbox.drafts',
  sent: 'mailbox.sent',
  archive: 'mailbox.archive',
  junk: 'mailbox.junk',
  trash: 'mailbox.trash',
};

const ROLES = Object.keys(ROLE_NAMES) as readonly MailboxRole[];

/** What is known of a mailbox, whichever screen asks. */
type Placed = Pick<MailboxView, 'id' | 'name' | 'role' | 'parentId'>;

export function mailboxName(mailbox: Placed, { t }: Texts): string {
  return mailbox.role === undefined ? mailbox.name : t(ROLE_NAMES[mailbox.role]);
}

export function mailboxIcon(mailbox: Placed): IconName {
  return mailbox.role ?? 'folder';
}

export interface TreeEntry<Mailbox extends Placed = MailboxView> {
  readonly mailbox: Mailbox;
  readonly depth: number;
}

/** Those with a role in the order people look for them, then the others under their parents. Whatever hangs on nothing is at the top. */
export function arrangeMailboxes<Mailbox extends Placed>(
  mailboxes: readonly Mailbox[],
): {
  readonly roles: readonly TreeEntry<Mailbox>[];
  readonly others: readonly TreeEntry<Mailbox>[];
} {
  const ids = new Set(mailboxes.map(({ id }) => id));
  const byParent = new Map<string | undefined, Mailbox[]>();
  for (const mailbox of mailboxes) {
    const parentId = mailbox.parentId !== undefined && ids.has(mailbox.parentId) ? mailbox.parentId : undefined;
    byParent.set(parentId, [...(byParent.get(parentId) ?? []), mailbox]);
  }
  const walk = (parentId: string | undefined, depth: number): readonly TreeEntry<Mailbox>[] =>
    (byParent.get(parentId) ?? []).flatMap((mailbox) => [{ mailbox, depth }, ...walk(mailbox.id, depth + 1)]);
  const roots = walk(undefined, 0);
  const isOfRole = ({ mailbox, depth }: TreeEntry<Mailbox>) => mailbox.role !== undefined && depth === 0;
  return {
    roles: roots.filter(isOfRole).toSorted((a, b) => rank(a.mailbox) - rank(b.mailbox)),
    others: roots.filter((entry) => !isOfRole(entry)),
  };
}

function rank({ role }: Placed): number {
  return role === undefined ? ROLES.length : ROLES.indexOf(role);
}
