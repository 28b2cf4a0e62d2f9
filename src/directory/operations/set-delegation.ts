/** What one account may do with another. */
import { MailError } from '#base/errors.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { parseMailboxRights } from '#directory/delegation.ts';
import { MAX_ACCOUNTS_SHARED, MAX_DELEGATES, MAX_MAILBOXES_SHARED } from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { ACCOUNT_RIGHTS } from '#directory/types.ts';
import type { AccountRight, DelegationRow } from '#directory/types.ts';
import { requireAccount } from './require.ts';

interface Between {
  readonly accountId: AccountId;
  readonly delegateId: AccountId;
}

/**
 * The delegate may do so much with the whole account, and no more; what it may do with single mailboxes stays.
 * `notFound`, `invalid`, `limit`; `forbidden` for a delegate nobody signs in to; `inUse` when who answers for a box would
 * lose it.
 */
export async function setDelegation(
  tx: DirectoryTransaction,
  { rights, ...between }: Between & { readonly rights: readonly AccountRight[] },
): Promise<void> {
  const row = await requireBetween(tx, between);
  if (rights.length === 0 && (await tx.box(between.accountId))?.responsibleId === between.delegateId)
    throw new MailError('inUse', 'who answers for a box may open it: name somebody else first');
  const known = ACCOUNT_RIGHTS.filter((right) => rights.includes(right));
  if (known.length !== new Set(rights).size) throw new MailError('invalid', 'no such right');
  await putBounded(tx, { ...row, rights: known });
}

/**
 * The delegate may do so much with one mailbox beside what it may do with the whole account. `keeps`: mailboxes there
 * still are; what is said of others is forgotten. As `setDelegation`.
 */
export async function setMailboxRights(
  tx: DirectoryTransaction,
  args: Between & { readonly mailboxId: MailboxId; readonly rights: string; readonly keeps: readonly MailboxId[] },
): Promise<void> {
  const { mailboxId, keeps } = args;
  const row = await requireBetween(tx, args);
  const rights = parseMailboxRights(args.rights);
  if (rights === undefined) throw new MailError('invalid', 'no such right');
  const others = row.mailboxes.filter(([id]) => id !== mailboxId && keeps.includes(id));
  const mailboxes = rights === '' ? others : [...others, [mailboxId, rights] as const];
  await putBounded(tx, { ...row, mailboxes });
}

async function requireBetween(tx: DirectoryTransaction, { accountId, delegateId }: Between): Promise<DelegationRow> {
  await requireAccount(tx, accountId);
  await requireAccount(tx, delegateId);
  if (accountId === delegateId) throw new MailError('invalid', 'an account may do with itself what it likes');
  if ((await tx.box(delegateId)) !== undefined)
    throw new MailError('forbidden', 'a box has no password: name the people who work with it');
  const rows = await tx.delegationsOf(accountId);
  const row = rows.find((each) => each.delegateId === delegateId);
  return row ?? { accountId, delegateId, rights: [], mailboxes: [] };
}

async function putBounded(tx: DirectoryTransaction, row: DelegationRow): Promise<void> {
  const { accountId, delegateId, mailboxes } = row;
  if (mailboxes.length > MAX_MAILBOXES_SHARED)
    throw new MailError('limit', `somebody may be given ${MAX_MAILBOXES_SHARED} mailboxes of an account one by one`);
  const [delegates, accounts] = [await tx.delegationsOf(accountId), await tx.delegationsTo(delegateId)];
  const isNew = delegates.every((each) => each.delegateId !== delegateId);
  if (isNew && delegates.length >= MAX_DELEGATES)
    throw new MailError('limit', `an account has ${MAX_DELEGATES} delegates at most`);
  if (isNew && accounts.length >= MAX_ACCOUNTS_SHARED)
    throw new MailError('limit', `somebody works with ${MAX_ACCOUNTS_SHARED} accounts at most`);
  await tx.putDelegation(row);
}
