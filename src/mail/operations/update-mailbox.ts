/** Changes a mailbox's own properties: name, place in the tree, subscription, role, rank. */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { MailboxId, MailboxRole } from '#mail/types.ts';
import { changeAccount, type AccountChange } from './account-change.ts';
import { normaliseMailboxName, PATH_SEPARATOR } from '#mail/mailbox-name.ts';
import { levelsBelow, requireFreeRole } from './create-mailbox.ts';
import { requirePlace } from './rename-mailbox.ts';

export interface UpdateMailboxArgs {
  readonly mailboxId: MailboxId;
  readonly name?: string;
  /** Null: the top. */
  readonly parentId?: MailboxId | null;
  readonly subscribed?: boolean;
  readonly role?: MailboxRole | null;
  readonly sortOrder?: number;
}

export interface UpdateMailboxesArgs {
  readonly updates: readonly UpdateMailboxArgs[];
}

export const updateMailbox = {
  durable: true,
  /**
   * Throws `notFound`, `inUse` (the role), `forbidden` (the inbox's role, name and place), `alreadyExists` and `invalid`
   * (the name, or a place below itself).
   */
  run: (tx: MailTransaction, args: UpdateMailboxArgs): Promise<void> =>
    changeAccount(tx, (change) => Promise.resolve(applyUpdate(change, args))),
};

export const updateMailboxes = {
  durable: true,
  /** All of them or none, as far as the end allows it: two may swap names, places or roles. Throws as `updateMailbox`. */
  run: (tx: MailTransaction, { updates }: UpdateMailboxesArgs): Promise<void> =>
    changeAccount(tx, (change) => {
      // Out of each other's way first, at the top under names that nobody can give; what was not asked for stays as it is.
      const wanted = updates.map((args) => {
        const { name, parentId, role } = change.mailbox(args.mailboxId);
        return { name, parentId, role, ...args };
      });
      for (const { mailboxId } of wanted) {
        if (change.mailbox(mailboxId).role === 'inbox') throw new MailError('forbidden', 'the inbox stays where it is');
        change.updateMailbox(mailboxId, { name: `${PATH_SEPARATOR}${mailboxId}`, parentId: null, role: null });
      }
      for (const args of wanted) applyUpdate(change, args);
      return Promise.resolve();
    }),
};

function applyUpdate(change: AccountChange, args: UpdateMailboxArgs): void {
  const { mailboxId, ...given } = args;
  const patch: { -readonly [Key in keyof typeof given]: (typeof given)[Key] } = given;
  const row = change.mailbox(mailboxId);
  if (patch.role !== undefined && patch.role !== row.role) {
    if (row.role === 'inbox' || patch.role === 'inbox') throw new MailError('forbidden', 'the inbox stays the inbox');
    requireFreeRole(change, patch.role);
  }
  const name = patch.name === undefined ? row.name : normaliseMailboxName(patch.name);
  const parentId = patch.parentId === undefined ? row.parentId : patch.parentId;
  if (name !== row.name || parentId !== row.parentId) {
    if (row.role === 'inbox') throw new MailError('forbidden', 'the inbox stays where it is');
    const levels = levelsBelow(change, parentId, name);
    requirePlace(change, row, levels);
    patch.name = levels.at(-1) as string;
  }
  const isSame = Object.entries(patch).every(([key, value]) => row[key as keyof typeof patch] === value);
  if (!isSame) change.updateMailbox(mailboxId, patch);
}
