/** Gives an account its mailbox store: the row and the mailboxes every account has. Doing it twice does nothing. */
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import type { MailboxRole } from '#mail/types.ts';
import { changeAccount, emptyAccount } from './account-change.ts';

/** RFC 6154 roles. Names are English in the store; the webmail shows 收件箱, 草稿箱 … by role. */
const FIRST_MAILBOXES: readonly { readonly name: string; readonly role: MailboxRole }[] = [
  { name: 'INBOX', role: 'inbox' },
  { name: 'Drafts', role: 'drafts' },
  { name: 'Sent', role: 'sent' },
  { name: 'Archive', role: 'archive' },
  { name: 'Junk', role: 'junk' },
  { name: 'Trash', role: 'trash' },
];

export interface ProvisionAccountArgs {
  readonly quotaBytes?: number | null;
  readonly quotaMessages?: number | null;
}

export async function ensureAccount(tx: MailTransaction, args: ProvisionAccountArgs = {}): Promise<boolean> {
  if ((await tx.account()) !== undefined) return false;
  await tx.insertAccount(emptyAccount(tx.accountId));
  await changeAccount(tx, async (change) => {
    change.setQuota(args.quotaBytes ?? null, args.quotaMessages ?? null);
    for (const [i, { name, role }] of FIRST_MAILBOXES.entries()) {
      await change.insertMailbox({ parentId: null, name, role, subscribed: true, sortOrder: (i + 1) * 10 });
    }
  });
  return true;
}

export const provisionAccount = {
  durable: true,
  /** Answers whether the account was new. */
  run: (tx: MailTransaction, args: ProvisionAccountArgs): Promise<boolean> => ensureAccount(tx, args),
};
