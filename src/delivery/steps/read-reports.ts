/**
 * Takes the reports of others on our domains out of the mail that they come in, for the addresses which our DNS records
 * name: there is no mailbox behind them. What a report says is not proven; no more is done with it than to show it.
 */
import { DAY_MS } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import { pendingRecipients } from '#delivery/delivery.ts';
import type { AddressDirectory, Delivery, DeliverySurroundings, ReportSurroundings } from '#delivery/delivery.ts';
import type { DeliveryOutcome } from '#delivery/outcome.ts';
import { summarise } from '#trust/dmarc-report.ts';
import { MAX_RECEIVED_REPORT_AGE_MS } from '#trust/limits.ts';
import type { ReportKind } from '#trust/report-address.ts';

/** An outcome, or what a report that was read says in a few words. */
type Reading = DeliveryOutcome | { readonly kind: 'words'; readonly text: string };

export async function readReports(delivery: Delivery, surroundings: DeliverySurroundings): Promise<void> {
  const { reports, metrics } = surroundings;
  if (reports === undefined) return;
  const readings = new Map<ReportKind, Reading>();
  for (const recipient of pendingRecipients(delivery)) {
    const { reportKind: kind, forwardPath } = recipient;
    if (kind === undefined) continue;
    let reading = readings.get(kind);
    if (reading === undefined) {
      const read = kind === 'dmarc' ? readDmarc : readTls;
      reading = await read(delivery, surroundings, reports).catch((error: unknown): Reading => {
        // Others may have the message: it must not end as if nobody had.
        const isExpected = isMailError(error, 'unavailable') || isMailError(error, 'limit');
        delivery.log[isExpected ? 'warn' : 'error']({ err: error, kind }, 'a report was not taken');
        return { kind: 'fault' };
      });
      readings.set(kind, reading);
      metrics.count('campusmail_reports_received_total', {
        kind,
        outcome: reading.kind === 'words' ? 'read' : reading.kind,
      });
    }
    if (reading.kind !== 'words') recipient.outcome = reading;
    else {
      const { address } = forwardPath;
      recipient.outcome = { kind: 'read', address };
      delivery.events.push({ at: delivery.receivedAt, kind: 'delivered', recipients: [address], text: reading.text });
    }
  }
}

async function readDmarc(
  delivery: Delivery,
  surroundings: DeliverySurroundings,
  reports: ReportSurroundings,
): Promise<Reading> {
  const read = await reports.readDmarc(delivery.received);
  if (read.kind === 'refused') return refuse(read.why);
  const { report } = read;
  const { domain, orgName } = report;
  const refusal = await refuseStranger(surroundings, [domain], report.endS * 1000);
  if (refusal !== undefined) return refusal;
  const isNew = await reports.keep(report);
  const { messages, passed } = summarise(report.rows);
  delivery.log.info({ orgName, domain, messages, passed, isNew }, 'DMARC report read');
  const words = `DMARC report of ${orgName} on ${domain}: ${messages} messages, ${passed} passed`;
  return { kind: 'words', text: isNew ? words : `${words}; it was known` };
}

/** A TLS report leaves its trace and a line in the log. */
async function readTls(
  delivery: Delivery,
  surroundings: DeliverySurroundings,
  reports: ReportSurroundings,
): Promise<Reading> {
  const read = await reports.readTls(delivery.received);
  if (read.kind === 'refused') return refuse(read.why);
  const { orgName, policies, endMs } = read.report;
  const domains = [...new Set(policies.map(({ domain }) => domain))];
  const refusal = await refuseStranger(surroundings, domains, endMs);
  if (refusal !== undefined) return refusal;
  let [successful, failed] = [0, 0];
  const causes = new Map<string, number>();
  for (const policy of policies) {
    successful += policy.successful;
    failed += policy.failed;
    for (const { result, count } of policy.failures) causes.set(result, (causes.get(result) ?? 0) + count);
  }
  const worst = [...causes].toSorted(([, a], [, b]) => b - a).slice(0, surroundings.limits.reportCausesLogged);
  const facts = { orgName, domain: domains[0], successful, failed, causes: Object.fromEntries(worst) };
  delivery.log[failed > 0 ? 'warn' : 'info'](facts, 'TLS report read');
  const why = worst.map(([result, count]) => `${result} ${count}`).join(', ');
  const words = `TLS report of ${orgName} on ${domains[0]}: ${successful} sessions well, ${failed} failed`;
  return { kind: 'words', text: why === '' ? words : `${words} (${why})` };
}

function refuse(why: 'tooLarge' | 'noReport' | 'damaged'): DeliveryOutcome {
  return why === 'tooLarge' ? { kind: 'tooLarge' } : { kind: 'noReport', why };
}

/** Undefined for what is about a domain of ours, and of late; beside it a TLS report may name the host of a DANE policy. */
async function refuseStranger(
  { directory, clock, limits }: DeliverySurroundings,
  domains: readonly string[],
  endMs: number,
): Promise<DeliveryOutcome | undefined> {
  const known = await Promise.all(domains.slice(0, limits.reportDomains).map((domain) => isOurs(directory, domain)));
  if (!known.includes(true)) return { kind: 'noReport', why: 'foreign' };
  const ageMs = clock.now() - endMs;
  return ageMs > MAX_RECEIVED_REPORT_AGE_MS || ageMs < -2 * DAY_MS ? { kind: 'noReport', why: 'old' } : undefined;
}

async function isOurs(directory: AddressDirectory, domain: string): Promise<boolean> {
  return (await directory.resolveAddress(`postmaster@${domain}`)).kind !== 'unknownDomain';
}
