/**
 * Tells the owners of other domains, where they ask for it, what was seen of their mail (DMARC) and of the connections to
 * their servers (TLS): each UTC day by itself, once it is over.
 */
import { DAY_MS } from '#base/clock.ts';
import { createHash } from 'node:crypto';
import { errorText } from '#base/errors.ts';
import { repeat } from '#base/repeat.ts';
import type { Directory } from '#directory/directory.ts';
import { composeDmarcReport, findReportAddresses, type ReportMail } from '#trust/dmarc-report.ts';
import { MAX_DAYS_REPORTED_LATE, MAX_ROWS_REPORTED } from '#trust/limits.ts';
import type { ReportKind } from '#trust/report-address.ts';
import { composeTlsReport, findTlsReportAddresses } from '#trust/tls-report.ts';
import type { Config } from './config.ts';
import type { ThreadSystem } from './system.ts';

export interface ReportingSystem extends Pick<
  ThreadSystem,
  'trustStore' | 'resolver' | 'clock' | 'random' | 'log' | 'metrics'
> {
  readonly config: {
    readonly trust: Pick<Config['trust'], 'sendReports' | 'reportFrom'>;
    readonly auth: Pick<Config['auth'], 'defaultDomain'>;
  };
  readonly directory: Pick<Directory, 'listDomains' | 'resolveAddress'>;
}

/** Signs and sends a message of our own to one address. */
export type PostReport = (octets: Buffer, to: string) => Promise<void>;

/** On the average; half as much to half as much again, so that not all of the world's servers report at midnight. */
const EVERY_MS = 3_600_000;
/** After midnight: other front-ends write down within seconds what they saw, and clocks differ. */
const SETTLED_AFTER_MS = 10 * 60_000;

/** Looks now and then whether a day is over; the first time within an hour and a half. */
export function sendReports(system: ReportingSystem, post: PostReport): { stop(): void } {
  const { config, clock, random, log } = system;
  if (!config.trust.sendReports) return { stop() {} };
  return repeat({
    clock,
    pauseMs: () => EVERY_MS / 2 + (random.bytes(2).readUInt16BE() / 65_536) * EVERY_MS,
    run: (isStopped) => sendDueReports(system, post, isStopped),
    onFailure: (error) => log.error({ err: errorText(error) }, 'reports to other domains could not be sent'),
  });
}

/** Sends what nobody has sent yet about the days that are over; one report after another. */
export async function sendDueReports(
  system: ReportingSystem,
  post: PostReport,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const { trustStore, clock, log } = system;
  const from = await findSender(system);
  if (from === undefined) return;
  const today = Math.floor((clock.now() - SETTLED_AFTER_MS) / DAY_MS);
  for (let day = today - MAX_DAYS_REPORTED_LATE; day < today; day++) {
    for (const kind of ['dmarc', 'tls'] as const) {
      // The DNS may take long to say nothing: whoever ends the server does not wait for it.
      while (!isStopped()) {
        const domain = (await trustStore.run('claimReport', { day, kind })) as string | undefined;
        if (domain === undefined) break;
        try {
          await sendReport(system, post, { day, kind, domain, from });
        } catch (error) {
          // One domain's trouble is not that of the next.
          if (!isStopped()) log.error({ kind, domain, err: errorText(error) }, 'a report could not be sent');
        }
      }
    }
  }
}

interface DueReport {
  readonly day: number;
  readonly kind: ReportKind;
  readonly domain: string;
  /** Our address. */
  readonly from: string;
}

async function sendReport(system: ReportingSystem, post: PostReport, due: DueReport): Promise<void> {
  const { log, metrics } = system;
  const { kind, domain } = due;
  const composed = await (kind === 'dmarc' ? composeDmarc(system, due) : composeTls(system, due));
  if (composed === undefined) return;
  for (const address of composed.to) await post(composed.octets, address);
  metrics.count('campusmail_reports_sent_total', { kind });
  log.info({ kind, domain, to: composed.to, sizeBytes: composed.octets.length }, 'report sent');
}

/** To nobody: undefined. */
type Composed = { readonly octets: Buffer; readonly to: readonly string[] } | undefined;

async function composeDmarc(system: ReportingSystem, due: DueReport): Promise<Composed> {
  const { trustStore, resolver } = system;
  const seen = await trustStore.reader.dmarcDay(due.day, due.domain);
  const to = seen === undefined ? [] : await findReportAddresses(seen.policy, resolver);
  if (seen === undefined || to.length === 0) return undefined;
  const { submitter, reportId, mail } = describe(system, due, to);
  const beginS = (due.day * DAY_MS) / 1000;
  const report = {
    reportId,
    orgName: submitter,
    email: due.from,
    submitter,
    beginS,
    endS: beginS + DAY_MS / 1000 - 1,
    policy: seen.policy,
    rows: seen.rows.slice(0, MAX_ROWS_REPORTED),
  };
  return { octets: composeDmarcReport(report, mail), to };
}

async function composeTls(system: ReportingSystem, due: DueReport): Promise<Composed> {
  const { trustStore, resolver } = system;
  const to = await findTlsReportAddresses(due.domain, resolver);
  if (to.length === 0) return undefined;
  const { submitter, reportId, mail } = describe(system, due, to);
  const rows = await trustStore.reader.tlsDay(due.day, due.domain);
  const report = {
    reportId,
    orgName: submitter,
    contact: due.from,
    submitter,
    policyDomain: due.domain,
    beginMs: due.day * DAY_MS,
    endMs: (due.day + 1) * DAY_MS - 1000,
    rows: rows.slice(0, MAX_ROWS_REPORTED),
  };
  return { octets: composeTlsReport(report, mail), to };
}

/** What both kinds say of themselves. The same report always has the same id: sent twice, it counts once. */
function describe(
  { clock }: ReportingSystem,
  { day, kind, domain, from }: DueReport,
  to: readonly string[],
): { readonly submitter: string; readonly reportId: string; readonly mail: ReportMail } {
  const submitter = from.slice(from.lastIndexOf('@') + 1);
  const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
  const reportId = `${date}.${createHash('sha256').update(domain).digest('hex').slice(0, 16)}`;
  return { submitter, reportId, mail: { from, to, messageId: `${kind}.${reportId}@${submitter}`, nowMs: clock.now() } };
}

/** Undefined while there is no domain. */
async function findSender({ config, directory }: ReportingSystem): Promise<string | undefined> {
  if (config.trust.reportFrom !== '') return config.trust.reportFrom;
  const domain = config.auth.defaultDomain || (await directory.listDomains())[0]?.domain;
  return domain === undefined ? undefined : `postmaster@${domain}`;
}
