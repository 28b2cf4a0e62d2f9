/** Department boxes: accounts that nobody signs in to, for which a person answers (domain.md §3.2). */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { rulesOfStage } from '#directory/stages.ts';
import type { AccountRight, BoxRow } from '#directory/types.ts';
import { insertNewAddress, requireAccount, requireDisplayName, requireNote } from './require.ts';
import { setDelegation } from './set-delegation.ts';

/** What who answers for a box may do with it. */
const RESPONSIBLE: readonly AccountRight[] = ['read', 'write', 'send-as', 'manage'];

export interface CreateBoxArgs {
  readonly address: string;
  readonly displayName: string;
  readonly responsibleId: AccountId;
  readonly endsAt: number | null;
  readonly purpose: string;
}

/**
 * An account of the department class, without credential, open to who answers for it. `invalid`, `notFound` (the domain,
 * the person), `alreadyExists`, `forbidden` (a person who may not sign in, or another box).
 */
export async function createBox(
  tx: DirectoryTransaction,
  { address, displayName, responsibleId, endsAt, purpose }: CreateBoxArgs,
): Promise<{ readonly accountId: AccountId }> {
  const accountId = await tx.allocateAccountId();
  await tx.insertAccounts([
    {
      accountId,
      displayName: requireDisplayName(displayName),
      state: 'active',
      stage: 'active',
      receives: true,
      serviceClass: 'department',
      sending: 'allowed',
      sendingNote: '',
      createdAt: tx.nowMs,
    },
  ]);
  await insertNewAddress(tx, address, accountId, 'primary');
  await putBox(tx, { accountId, responsibleId, endsAt, purpose, vacantUntil: null, reviewedAt: tx.nowMs });
  return { accountId };
}

export interface UpdateBoxArgs extends Partial<Omit<CreateBoxArgs, 'address' | 'displayName'>> {
  readonly accountId: AccountId;
  /** It was said that the box is needed, and that its people are right. */
  readonly isReviewed?: boolean;
}

/**
 * What is left out stays. Who answered for it before may still open it; naming somebody counts as a review. As `createBox`;
 * `notFound` for no box.
 */
export async function updateBox(
  tx: DirectoryTransaction,
  { accountId, isReviewed = false, ...changes }: UpdateBoxArgs,
): Promise<void> {
  const row = await tx.box(accountId);
  if (row === undefined) throw new MailError('notFound', 'no such box', { data: { accountId } });
  const isNamed = changes.responsibleId !== undefined;
  const vacantUntil = isNamed ? null : row.vacantUntil;
  const reviewedAt = isNamed || isReviewed ? tx.nowMs : row.reviewedAt;
  await putBox(tx, { ...row, ...changes, vacantUntil, reviewedAt }, isNamed);
}

export interface SetBoxVacantArgs {
  readonly accountId: AccountId;
  /** As they were read: of several who notice it at once one does it, and tells. */
  readonly before: Pick<BoxRow, 'responsibleId' | 'vacantUntil'>;
  readonly vacantUntil: number | null;
}

/** Who answers for a box has left, or is back. False when it is another by now. */
export async function setBoxVacant(tx: DirectoryTransaction, args: SetBoxVacantArgs): Promise<boolean> {
  const { accountId, before, vacantUntil } = args;
  const row = await tx.box(accountId);
  if (row === undefined || row.responsibleId !== before.responsibleId || row.vacantUntil !== before.vacantUntil)
    return false;
  await tx.putBox({ ...row, vacantUntil });
  return true;
}

async function putBox(tx: DirectoryTransaction, row: BoxRow, isNewPerson = true): Promise<void> {
  const { accountId, responsibleId, endsAt, purpose } = row;
  if (endsAt !== null && !Number.isSafeInteger(endsAt)) throw new MailError('invalid', 'not a time');
  if (responsibleId !== null && isNewPerson) {
    const { state, stage } = await requireAccount(tx, responsibleId);
    if (state !== 'active' || !rulesOfStage(stage).signsIn)
      throw new MailError('forbidden', 'somebody who may not sign in cannot answer for a box');
    await setDelegation(tx, { accountId, delegateId: responsibleId, rights: RESPONSIBLE });
  }
  await tx.putBox({ ...row, purpose: requireNote(purpose) });
}
