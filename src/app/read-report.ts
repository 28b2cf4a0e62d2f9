/**
 * Reads the reports of others each in a thread of its own, within bounds of time and memory: unpacked, one from a stranger
 * can keep a core busy for many seconds, and no session is to wait for that.
 */
import { Worker } from 'node:worker_threads';
import { systemClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { WorkQueue } from '#base/work-queue.ts';
import type { ReportSurroundings } from '#delivery/delivery.ts';
import type { ReadDmarcReport } from '#trust/read-dmarc-report.ts';
import type { ReportKind } from '#trust/report-address.ts';
import type { ReadTlsReport } from '#trust/tls-report.ts';

export interface ReportThreadData {
  readonly kind: ReportKind;
  readonly mail: Uint8Array;
}

const LIMITS = {
  /** Milliseconds for one report. A large provider's takes less than two seconds. */
  timeLimitMs: 30_000,
  /** Mebibytes of heap for one report: enough for the largest that is unpacked at all, in good form. */
  maxHeapMib: 512,
};
/** Those of a protocol thread that wait while one is read; their senders wait for the reply (RFC 5321 §4.5.3.2.6: ten minutes). */
const MAX_WAITING = 15;

/**
 * Both throw `unavailable` (MailError) where there is no time for the report, or it takes more than is allowed.
 * `limits`: what differs from those above.
 */
export function openReportReader(
  limits: Partial<typeof LIMITS> = {},
): Pick<ReportSurroundings, 'readDmarc' | 'readTls'> {
  const queue = new WorkQueue({ concurrency: 1, maxWaiting: MAX_WAITING });
  const read = <Found>(kind: ReportKind, mail: Buffer): Promise<Found> =>
    queue.run(() => readApart({ kind, mail }, { ...LIMITS, ...limits }));
  return {
    readDmarc: (mail) => read<ReadDmarcReport>('dmarc', mail),
    readTls: (mail) => read<ReadTlsReport>('tls', mail),
  };
}

async function readApart<Found>(data: ReportThreadData, { timeLimitMs, maxHeapMib }: typeof LIMITS): Promise<Found> {
  const worker = new Worker(new URL('./read-report-thread.ts', import.meta.url), {
    workerData: data,
    name: 'report',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
  });
  const found = Promise.withResolvers<Found>();
  const giveUp = (why: string, cause?: unknown): void =>
    found.reject(new MailError('unavailable', `a report could not be read: ${why}`, { cause }));
  const cancel = systemClock.after(timeLimitMs, () => giveUp('it takes too long'));
  worker.once('message', found.resolve);
  worker.once('error', (error) => giveUp('its thread failed', error));
  worker.once('exit', () => giveUp('its thread ended'));
  try {
    return await found.promise;
  } finally {
    cancel();
    await worker.terminate();
  }
}
