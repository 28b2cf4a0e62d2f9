/** Makes a mailbox, with the levels above it that are missing (RFC 9051 §6.3.4); or of a mere level one. */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import {
  findByLevels,
  mailboxPaths,
  normaliseMailboxName,
  parseMailboxPath,
  PATH_SEPARATOR,
} from '#mail/mailbox-name.ts';
import type { MailboxId, MailboxRole, MailboxRow, ModSeq } from '#mail/types.ts';
import { changeAccount, type AccountChange } from './account-change.ts';

/** By path, levels joined by `/`; or by name, below a mailbox that is there (`notFound`), null for the top. */
export type CreateMailboxArgs = (
  | { readonly path: string }
  | { readonly name: string; readonly parentId: MailboxId | null }
) & {
  readonly role?: MailboxRole | null;
  readonly subscribed?: boolean;
  readonly sortOrder?: number;
};

export interface CreateMailboxResult {
  readonly mailboxId: MailboxId;
  readonly uidValidity: number;
  readonly modSeq: ModSeq;
}

export const createMailbox = {
  durable: true,
  /** Throws `invalid` (the name), `alreadyExists`, `inUse` (the role has a mailbox), `limit`. */
  run: (tx: MailTransaction, args: CreateMailboxArgs): Promise<CreateMailboxResult> =>
    changeAccount(tx, async (change) => {
      const levels = 'path' in args ? parseMailboxPath(args.path) : levelsBelow(change, args.parentId, args.name);
      const level = findByLevels(change.mailboxes, levels);
      if (level?.selectable === true) {
        throw new MailError('alreadyExists', 'a mailbox of that name exists');
      }
      const role = args.role ?? null;
      requireFreeRole(change, role);
      if (level !== undefined) {
        // It never held an Email, so its uidValidity is new to everybody (RFC 9051 §6.3.4).
        change.updateMailbox(level.mailboxId, {
          role,
          subscribed: level.subscribed || args.subscribed === true,
          sortOrder: args.sortOrder ?? level.sortOrder,
          selectable: true,
        });
        return { mailboxId: level.mailboxId, uidValidity: level.uidValidity, modSeq: change.modSeq };
      }
      const parent = await ensureParents(change, levels.slice(0, -1), args.subscribed ?? false);
      const { mailboxId, uidValidity } = await insertChild(change, parent, levels.at(-1) as string, {
        role,
        subscribed: args.subscribed ?? false,
        sortOrder: args.sortOrder ?? 0,
      });
      return { mailboxId, uidValidity, modSeq: change.modSeq };
    }),
};

/** The path of a mailbox of that name below another. Throws `notFound`, `invalid`. */
export function levelsBelow(change: AccountChange, parentId: MailboxId | null, name: string): string[] {
  const level = normaliseMailboxName(name);
  if (parentId === null) return parseMailboxPath(level);
  change.mailbox(parentId);
  return parseMailboxPath(`${mailboxPaths(change.mailboxes).get(parentId)}${PATH_SEPARATOR}${level}`);
}

/** Throws `inUse` when another mailbox has the role: one mailbox each (RFC 8621 §2). */
export function requireFreeRole(change: AccountChange, role: MailboxRole | null): void {
  if (role === null) return;
  for (const row of change.mailboxes) {
    if (row.role === role)
      throw new MailError('inUse', `the role ${role} belongs to another mailbox`, { data: { role } });
  }
}

/** The mailbox at the end of `levels`, made as far as it is missing; `undefined` for the top. */
export async function ensureParents(
  change: AccountChange,
  levels: readonly string[],
  subscribed: boolean,
): Promise<MailboxRow | undefined> {
  let parent: MailboxRow | undefined;
  for (const [i, name] of levels.entries()) {
    parent =
      findByLevels(change.mailboxes, levels.slice(0, i + 1)) ??
      (await insertChild(change, parent, name, { role: null, subscribed, sortOrder: 0 }));
  }
  return parent;
}

async function insertChild(
  change: AccountChange,
  parent: MailboxRow | undefined,
  name: string,
  properties: Pick<MailboxRow, 'role' | 'subscribed' | 'sortOrder'>,
): Promise<MailboxRow> {
  if ([...change.mailboxes].length >= MAIL_LIMITS.mailboxes) {
    throw new MailError('limit', `an account can have at most ${MAIL_LIMITS.mailboxes} mailboxes`);
  }
  return change.insertMailbox({ parentId: parent?.mailboxId ?? null, name, ...properties });
}
