/** Adds what was seen since the last time, gathered and counted by whoever saw it. */
import type { DmarcObservation } from '#trust/dmarc-report.ts';
import { MAX_OBSERVATIONS_PER_DAY } from '#trust/limits.ts';
import type { Counted, TrustTransaction } from '#trust/ports/trust-store.ts';
import type { TlsObservation } from '#trust/tls-report.ts';
import type { DmarcRecord } from '#trust/types.ts';

export interface CountObservationsArgs {
  readonly day: number;
  readonly dmarc: readonly { readonly policy: DmarcRecord; readonly rows: readonly Counted<DmarcObservation>[] }[];
  readonly tls: readonly Counted<TlsObservation>[];
}

/** Whether they were counted: a day has room for so many different ones, and a stranger can make up any number. */
export async function countObservations(
  tx: TrustTransaction,
  { day, dmarc, tls }: CountObservationsArgs,
): Promise<boolean> {
  if ((await tx.countObservations(day)) >= MAX_OBSERVATIONS_PER_DAY) return false;
  for (const { policy, rows } of dmarc) {
    await tx.putDmarcPolicy(day, policy);
    await tx.addDmarc(day, rows);
  }
  await tx.addTls(day, tls);
  return true;
}
