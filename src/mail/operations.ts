/** Every change that can be made to a mailbox, by name: the one list that backends run from. */
import type { StoredOperation } from './ports/mail-store.ts';
import { append } from './operations/append.ts';
import { claimRecent } from './operations/claim-recent.ts';
import { copy } from './operations/copy.ts';
import { createMailbox } from './operations/create-mailbox.ts';
import { deleteAccount } from './operations/delete-account.ts';
import { deleteMailbox } from './operations/delete-mailbox.ts';
import { destroyDeletions, forgetDeletions, recoverDeletions } from './operations/deletions.ts';
import { expunge } from './operations/expunge.ts';
import { markUids } from './operations/sweep.ts';
import { move } from './operations/move.ts';
import { provisionAccount } from './operations/provision-account.ts';
import { recall } from './operations/recall.ts';
import { renewAccount } from './operations/renew-account.ts';
import { renameMailbox } from './operations/rename-mailbox.ts';
import { setEmailKeywords, setEmails } from './operations/set-emails.ts';
import { setKeywords } from './operations/set-keywords.ts';
import { setQuota } from './operations/set-quota.ts';
import { setSubscription } from './operations/set-subscription.ts';
import { takeOverUids } from './operations/take-over-uids.ts';
import { updateMailbox, updateMailboxes } from './operations/update-mailbox.ts';

const registry = {
  append,
  claimRecent,
  copy,
  createMailbox,
  deleteAccount,
  deleteMailbox,
  destroyDeletions,
  expunge,
  forgetDeletions,
  markUids,
  move,
  provisionAccount,
  recall,
  recoverDeletions,
  renameMailbox,
  renewAccount,
  setEmailKeywords,
  setEmails,
  setKeywords,
  setQuota,
  setSubscription,
  takeOverUids,
  updateMailbox,
  updateMailboxes,
};

export const mailOperations: Readonly<Record<string, StoredOperation>> = registry;

export type MailOperationName = keyof typeof registry;
type RunOf<Name extends MailOperationName> = (typeof registry)[Name]['run'];
export type MailOperationArgs<Name extends MailOperationName> = Parameters<RunOf<Name>>[1];
export type MailOperationResult<Name extends MailOperationName> = Awaited<ReturnType<RunOf<Name>>>;
