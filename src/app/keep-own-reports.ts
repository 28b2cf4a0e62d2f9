/** What we saw of our own domains' mail is kept beside what others report of it: it needs no mail to ourselves. */
import type { ReportSurroundings } from '#delivery/delivery.ts';
import { reportKindOf } from '#trust/report-address.ts';
import type { PostReport, ReportingSystem } from './send-reports.ts';

/**
 * Reads what `post` would send to an address of ours where reports are read, as if it had come by mail. A report on TLS is
 * none of ours to keep: no session leads from here to here.
 */
export function keepOwnReports(
  { directory, trustStore }: ReportingSystem,
  post: PostReport,
  { readDmarc }: Pick<ReportSurroundings, 'readDmarc'>,
): PostReport {
  return async (octets, to) => {
    const isReadHere = reportKindOf(to) === 'dmarc' && (await directory.resolveAddress(to)).kind === 'unknownUser';
    if (!isReadHere) return post(octets, to);
    const read = await readDmarc(octets);
    if (read.kind === 'refused') throw new Error(`a report of our own cannot be read: ${read.why}`);
    await trustStore.run('addDmarcReport', { report: read.report });
  };
}
