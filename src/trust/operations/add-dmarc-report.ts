/** A report of others about a domain of ours is kept. */
import { MailError } from '#base/errors.ts';
import type { ReceivedDmarcReport } from '#trust/dmarc-report.ts';
import { MAX_DMARC_REPORTS_PER_DAY, MAX_REPORT_ROWS_KEPT } from '#trust/limits.ts';
import type { TrustTransaction } from '#trust/ports/trust-store.ts';

const DAY_S = 86_400;

/** Whether it was new. `limit` when the day it ends on has as many about the domain as are kept. */
export async function addDmarcReport(
  tx: TrustTransaction,
  { report }: { readonly report: ReceivedDmarcReport },
): Promise<boolean> {
  const { domain, endS } = report;
  const fromS = Math.floor(endS / DAY_S) * DAY_S;
  if ((await tx.countDmarcReports(domain, fromS, fromS + DAY_S)) >= MAX_DMARC_REPORTS_PER_DAY)
    throw new MailError('limit', `there are too many reports about ${domain} for one day`, { data: { domain } });
  if (report.rows.length <= MAX_REPORT_ROWS_KEPT) return tx.insertDmarcReport(report);
  const rows = report.rows.toSorted((a, b) => b.count - a.count).slice(0, MAX_REPORT_ROWS_KEPT);
  return tx.insertDmarcReport({ ...report, rows, isCut: true });
}
