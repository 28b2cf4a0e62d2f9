/** What those are told who write to an account while nobody reads there, and who was told already (RFC 3834, RFC 5230). */
import { MailError } from '#base/errors.ts';
import {
  MAX_ANSWERED,
  MAX_VACATION_DAYS,
  MAX_VACATION_SUBJECT_LENGTH,
  MAX_VACATION_TEXT_LENGTH,
} from '#directory/limits.ts';
import type { DirectoryTransaction } from '#directory/ports/directory-store.ts';
import type { AccountId, VacationRow } from '#directory/types.ts';
import { answeredAnew, isAway } from '#directory/vacation.ts';
import { requireAccount } from './require.ts';

/** In place of what was set; everybody may be answered anew. `notFound`, `invalid`. */
export async function setVacation(tx: DirectoryTransaction, row: VacationRow): Promise<void> {
  const { accountId, isEnabled, subject, insideText, outsideText, from, until, days } = row;
  await requireAccount(tx, accountId);
  if (subject.length > MAX_VACATION_SUBJECT_LENGTH || /\p{Cc}/u.test(subject))
    throw new MailError(
      'invalid',
      `a subject has ${MAX_VACATION_SUBJECT_LENGTH} characters at most, none of them control`,
    );
  const texts = [insideText, outsideText].filter((text) => text !== null);
  // What is not sent may be unfinished.
  if (isEnabled && texts.length === 0) throw new MailError('invalid', 'an automatic reply needs a text');
  for (const text of texts) {
    if (text.length <= MAX_VACATION_TEXT_LENGTH && (!isEnabled || /\S/.test(text))) continue;
    throw new MailError('invalid', `the text of an automatic reply has 1 to ${MAX_VACATION_TEXT_LENGTH} characters`);
  }
  if (from !== null && until !== null && from >= until)
    throw new MailError('invalid', 'the time of an automatic reply ends before it begins');
  if (!Number.isInteger(days) || days < 1 || days > MAX_VACATION_DAYS)
    throw new MailError('invalid', `a sender is answered again after 1 to ${MAX_VACATION_DAYS} days`);
  await tx.putVacation({ accountId, isEnabled, subject, insideText, outsideText, from, until, days });
  await tx.deleteAnswers(accountId, Infinity);
}

/** Its words are kept for the next time. False: it was so already. */
export async function endVacation(
  tx: DirectoryTransaction,
  { accountId }: Pick<VacationRow, 'accountId'>,
): Promise<boolean> {
  const [row] = await tx.vacations([accountId]);
  if (row === undefined || !row.isEnabled) return false;
  await tx.putVacation({ ...row, isEnabled: false });
  await tx.deleteAnswers(accountId, Infinity);
  return true;
}

/** Whether the sender is to be answered now: true once in the vacation's period, however often it is asked. */
export async function claimAnswer(
  tx: DirectoryTransaction,
  { accountId, sender }: { readonly accountId: AccountId; readonly sender: string },
): Promise<boolean> {
  const [row] = await tx.vacations([accountId]);
  if (row === undefined || !isAway(row, tx.nowMs)) return false;
  await tx.deleteAnswers(accountId, answeredAnew(row, tx.nowMs));
  if ((await tx.answeredAt(accountId, sender)) !== undefined) return false;
  if ((await tx.countAnswers(accountId)) >= MAX_ANSWERED) return false;
  await tx.insertAnswer(accountId, sender, tx.nowMs);
  return true;
}
