/** Says when an account sends too much, by what it sent in the last hour and day. Pure: rows in, a verdict out. */
import { SENDING_LIMITS } from './limits.ts';
import type { ClassLimits } from './limits.ts';
import type { SendingSlice } from './ports/sending-store.ts';

export type SendLimits = Omit<ClassLimits, 'recipients'>;

/** What would be too much: recipients in an hour, in a day, or new ones in a day. */
export interface Excess {
  readonly window: 'hour' | 'day' | 'new';
  readonly limit: number;
}

export function sliceAt(nowMs: number): number {
  return Math.floor(nowMs / SENDING_LIMITS.sliceMs);
}

/** `slices` reach back a day at least. */
export function findExcess(
  slices: readonly SendingSlice[],
  now: number,
  more: Omit<SendingSlice, 'slice'>,
  limits: SendLimits,
): Excess | undefined {
  const { slicesPerHour, slicesPerDay } = SENDING_LIMITS;
  let { recipients: hour, recipients: day, newRecipients } = more;
  for (const one of slices) {
    if (one.slice > now - slicesPerHour) hour += one.recipients;
    if (one.slice <= now - slicesPerDay) continue;
    day += one.recipients;
    newRecipients += one.newRecipients;
  }
  if (hour > limits.outsidePerHour) return { window: 'hour', limit: limits.outsidePerHour };
  if (day > limits.outsidePerDay) return { window: 'day', limit: limits.outsidePerDay };
  // To people one knows one may write even when there were too many new ones.
  if (more.newRecipients > 0 && newRecipients > limits.newPerDay) return { window: 'new', limit: limits.newPerDay };
  return undefined;
}
