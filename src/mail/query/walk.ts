/** Walks the Emails of a plan in the order of their time, a stretch of the index after another. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MAIL_LIMITS } from '#mail/limits.ts';
import type { MailReader, TimeRow, TimeStretch } from '#mail/ports/mail-store.ts';
import { FLAG, type AccountId } from '#mail/types.ts';
import { marksOf, type Plan } from './plan.ts';

/** `wanted`: how many rows the first stretch should have, for who does not want many. */
export async function* walk(
  reader: MailReader,
  accountId: AccountId,
  plan: Pick<Plan, 'mailboxIds' | 'from' | 'before' | 'withFlags' | 'withoutFlags' | 'isAscending'>,
  wanted: number = MAIL_LIMITS.entriesAtOnce,
): AsyncGenerator<readonly TimeRow[]> {
  const [mailboxId] = plan.mailboxIds;
  const [only] = mailboxId === undefined ? [] : marksOf(plan);
  const hasFlag = only === 'flagged' ? FLAG.FLAGGED : only === 'attachments' ? FLAG.HAS_ATTACHMENT : 0;
  const withFlags = plan.withFlags & ~hasFlag;
  const withoutFlags = plan.withoutFlags & ~(only === 'unread' ? FLAG.SEEN : 0);
  const looksAtFlags = (withFlags | withoutFlags) !== 0;
  const fits = ({ flags }: TimeRow): boolean => (flags & withFlags) === withFlags && (flags & withoutFlags) === 0;
  const base = {
    ...(mailboxId === undefined ? {} : { mailboxId }),
    ...(only === undefined ? {} : { only }),
    ...(plan.from === -Infinity ? {} : { from: plan.from }),
    ...(plan.before === Infinity ? {} : { before: plan.before }),
    isAscending: plan.isAscending,
    withFlags: looksAtFlags,
  };
  let behind: TimeStretch['behind'];
  for (let limit = wanted; ; limit *= 4) {
    limit = Math.min(limit, MAIL_LIMITS.entriesAtOnce);
    const rows = await reader.byTime(accountId, { ...base, ...(behind === undefined ? {} : { behind }), limit });
    yield looksAtFlags ? rows.filter(fits) : rows;
    behind = rows.at(-1);
    if (behind === undefined || rows.length < limit) return;
    await nextTurn();
  }
}
