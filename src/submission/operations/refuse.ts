/** A message was refused because its sender sends too much: once for each message, whatever it was refused for. */
import type { AccountId } from '#base/ids.ts';
import { SENDING_LIMITS } from '#submission/limits.ts';
import type { SendingTransaction } from '#submission/ports/sending-store.ts';

export interface Refusal {
  /** Messages refused since the incident began, this one among them: 1 begins it. */
  readonly refusals: number;
}

export async function refuse(
  tx: SendingTransaction,
  { accountId }: { readonly accountId: AccountId },
): Promise<Refusal> {
  const account = await tx.lockAccount(accountId);
  const { nowMs } = tx;
  const goesOn = account.refusedAt !== null && nowMs - account.refusedAt < SENDING_LIMITS.incidentMs;
  const refusals = goesOn ? account.refusals + 1 : 1;
  await tx.updateAccount({ accountId, refusedAt: nowMs, refusals });
  return { refusals };
}
