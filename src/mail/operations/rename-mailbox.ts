/** Gives a mailbox, and so everything below it, another path (RFC 9051 §6.3.6). */
import { MailError } from '#base/errors.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { findByLevels, mailboxPaths, parseMailboxPath, PATH_SEPARATOR } from '#mail/mailbox-name.ts';
import type { MailboxId, MailboxRow } from '#mail/types.ts';
import { changeAccount, type AccountChange } from './account-change.ts';
import { placeAlso } from './copy.ts';
import { ensureParents } from './create-mailbox.ts';

export interface RenameMailboxArgs {
  readonly mailboxId: MailboxId;
  readonly path: string;
  /** IMAP: old names that are subscribed to stay so (RFC 3501 §6.3.6), beside the new ones. */
  readonly keepName?: boolean;
}

export const renameMailbox = {
  durable: true,
  /** Throws `notFound`, `alreadyExists`, `invalid` (the name, or a place below itself). */
  run: (tx: MailTransaction, args: RenameMailboxArgs): Promise<void> =>
    changeAccount(tx, async (change) => {
      const row = change.mailbox(args.mailboxId);
      const levels = parseMailboxPath(args.path);
      requirePlace(change, row, levels);
      if (args.keepName === true) change.keepSubscriptions();
      const parent = await ensureParents(change, levels.slice(0, -1), row.subscribed);
      const name = levels.at(-1) as string;
      const parentId = parent?.mailboxId ?? null;
      if (row.role === 'inbox') await moveInbox(tx, change, row, { parentId, name });
      else change.updateMailbox(row.mailboxId, { parentId, name });
    }),
};

/** That the mailbox can stand there. Throws `alreadyExists`, `invalid`. */
export function requirePlace(change: AccountChange, row: MailboxRow, levels: readonly string[]): void {
  if (findByLevels(change.mailboxes, levels) !== undefined) {
    throw new MailError('alreadyExists', 'a mailbox of that name exists');
  }
  const paths = mailboxPaths(change.mailboxes);
  const oldPath = paths.get(row.mailboxId) as string;
  if (levels.join(PATH_SEPARATOR).startsWith(oldPath + PATH_SEPARATOR) && row.role !== 'inbox') {
    throw new MailError('invalid', 'a mailbox cannot be moved below itself', { data: { property: 'parentId' } });
  }
  const below = [...paths.values()].filter((path) => path.startsWith(oldPath + PATH_SEPARATOR));
  const ownDepth = oldPath.split(PATH_SEPARATOR).length;
  const deepest = Math.max(0, ...below.map((path) => path.split(PATH_SEPARATOR).length - ownDepth));
  if (levels.length + deepest > MAIL_LIMITS.mailboxDepth) {
    throw new MailError('invalid', `mailboxes cannot be nested deeper than ${MAIL_LIMITS.mailboxDepth} levels`, {
      data: { property: 'parentId' },
    });
  }
}

/** RFC 9051 §6.3.6: renaming INBOX moves its messages to a new mailbox and leaves INBOX, and what is below it, in place. */
async function moveInbox(
  tx: MailTransaction,
  change: AccountChange,
  inbox: MailboxRow,
  place: { readonly parentId: MailboxId | null; readonly name: string },
): Promise<void> {
  const target = await change.insertMailbox({ ...place, role: null, subscribed: true, sortOrder: 0 });
  const found = await tx.emailsIn(inbox.mailboxId);
  await placeAlso(change, found, inbox.mailboxId, target.mailboxId);
  const there = await tx.emailsIn(inbox.mailboxId);
  await change.removeFromMailbox(
    inbox.mailboxId,
    there.map(({ email }) => email),
  );
}
