/** Whose mailbox a number of the roster leads to. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { canonicalizeNumber } from '#directory/roster-number.ts';
import type { PersonRow } from '#directory/types.ts';
import { requireAccount } from './require.ts';
import { settleLife } from './settle-life.ts';

export interface LinkPersonArgs {
  readonly number: string;
  /** Null: to none. */
  readonly accountId: AccountId | null;
  /** Refuses where the person has another mailbox already. */
  readonly onlyIfUnlinked?: boolean;
}

/** `notFound` (number, account), `inUse`, `forbidden` (a box). */
export async function linkPerson(tx: DirectoryTransaction, args: LinkPersonArgs): Promise<PersonRow> {
  const number = canonicalizeNumber(args.number) ?? '';
  const person = await tx.personByNumber(number);
  if (person === undefined) throw new MailError('notFound', 'the roster has no such number', { data: { number } });
  const { accountId, onlyIfUnlinked = false } = args;
  if (onlyIfUnlinked && person.accountId !== null && person.accountId !== accountId)
    throw new MailError('inUse', 'the person has a mailbox already', { data: { number } });
  if (accountId !== null) {
    await requireAccount(tx, accountId);
    // Whoever came in by single sign-on would act in the name of the box, not in their own.
    if ((await tx.box(accountId)) !== undefined)
      throw new MailError('forbidden', 'a box is nobody’s: name the people who work with it', { data: { number } });
  }
  const linked = { ...person, accountId, updatedAt: Math.max(tx.nowMs, person.updatedAt + 1) };
  await tx.updatePerson(linked);
  for (const one of [person.accountId, accountId]) if (one !== null) await settleLife(tx, one);
  return linked;
}
