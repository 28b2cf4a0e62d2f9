/** A thread that reads one report and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { readDmarcReport } from '#trust/read-dmarc-report.ts';
import { readTlsReport } from '#trust/tls-report.ts';
import type { ReportThreadData } from './read-report.ts';

const { kind, mail } = workerData as ReportThreadData;
parentPort?.postMessage(kind === 'dmarc' ? readDmarcReport(mail) : readTlsReport(mail));
