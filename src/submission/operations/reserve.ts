/**
 * Counts the recipients outside of a message about to be queued, unless they are too many. Looking and counting are one
 * step, so that however many connections an account sends by, on however many machines, none gets past the limit.
 */
import type { AccountId } from '#base/ids.ts';
import { SENDING_LIMITS } from '#submission/limits.ts';
import type { SendingTransaction } from '#submission/ports/sending-store.ts';
import { findExcess, sliceAt } from '#submission/send-limits.ts';
import type { Excess, SendLimits } from '#submission/send-limits.ts';

export interface ReserveArgs {
  readonly accountId: AccountId;
  /** Each recipient outside, in lower case. */
  readonly addresses: readonly string[];
  /** Those of them that have written to the account. */
  readonly wroteFirst: readonly string[];
  readonly limits: SendLimits;
}

/** What is too much; undefined: they are counted. */
export async function reserve(tx: SendingTransaction, args: ReserveArgs): Promise<Excess | undefined> {
  const { accountId, wroteFirst, limits } = args;
  const { nowMs } = tx;
  const addresses = [...new Set(args.addresses)];
  await tx.lockAccount(accountId);
  const slice = sliceAt(nowMs);
  const slices = await tx.slices(accountId, slice - SENDING_LIMITS.slicesPerDay + 1);
  const known = new Set([...wroteFirst, ...(await tx.correspondents(accountId, addresses))]);
  const more = {
    recipients: args.addresses.length,
    newRecipients: addresses.filter((address) => !known.has(address)).length,
  };
  const excess = findExcess(slices, slice, more, limits);
  if (excess !== undefined) return excess;
  const current = slices.find((one) => one.slice === slice);
  if (current === undefined) {
    // Now and then: what is old goes.
    await tx.deleteSlices(accountId, slice - SENDING_LIMITS.slicesPerDay + 1);
    await tx.deleteCorrespondents(accountId, nowMs - SENDING_LIMITS.rememberedMs);
  }
  const { recipients = 0, newRecipients = 0 } = current ?? {};
  await tx.putSlice(accountId, {
    slice,
    recipients: recipients + more.recipients,
    newRecipients: newRecipients + more.newRecipients,
  });
  await tx.putCorrespondents(accountId, addresses);
  return undefined;
}
