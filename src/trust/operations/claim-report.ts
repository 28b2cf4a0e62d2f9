/**
 * The next domain of a finished day whose report is to be written, taken on by whoever asks: of several front-ends each
 * report is one's, and of one that stops half-way no more than the report it was at is lost.
 */
import type { TrustTransaction } from '#trust/ports/trust-store.ts';
import type { ReportKind } from '#trust/report-address.ts';

export interface ClaimReportArgs {
  readonly day: number;
  readonly kind: ReportKind;
}

/** Undefined once all are taken on. Domains go in order: one that is first observed after its turn is not reported. */
export async function claimReport(tx: TrustTransaction, { day, kind }: ClaimReportArgs): Promise<string | undefined> {
  const domain = await tx.nextObserved(day, kind, await tx.lockClaimed(day, kind));
  if (domain !== undefined) await tx.putClaimed(day, kind, domain);
  return domain;
}
