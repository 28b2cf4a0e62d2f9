/**
 * DMARC aggregate reports (RFC 7489 §7.2, appendix C): what we saw of a domain's mail in a day, written for its owner;
 * and what others saw of ours, which read-dmarc-report.ts reads.
 */
import { gzipSync } from 'node:zlib';
import type { Resolver } from '#dns/resolver.ts';
import { composeMessage } from '#mime/compose.ts';
import { isRelated } from './checks/dkim.ts';
import type { DmarcDecision } from './dmarc-policy.ts';
import { MAX_REPORT_ADDRESSES } from './limits.ts';
import type { DmarcDisposition, DmarcRecord, MessageAuthentication } from './types.ts';

/** One kind of message as we saw it; those that are alike in all of this are counted together. */
export interface DmarcObservation {
  /** Where the policy was found: whom the report is for. */
  readonly policyDomain: string;
  readonly sourceIp: string;
  readonly headerFrom: string;
  readonly disposition: DmarcDisposition;
  /** Why less was done than asked; '' when not. */
  readonly override: string;
  /** Whether each passed and was aligned. */
  readonly dkim: 'pass' | 'fail';
  readonly spf: 'pass' | 'fail';
  readonly spfDomain: string;
  readonly spfResult: string;
  /** Of the signature that counted, or the first; '' without one. */
  readonly dkimDomain: string;
  readonly dkimSelector: string;
  readonly dkimResult: string;
}

/** What to count for a report about a message; undefined when its domain publishes no policy. */
export function observe(
  { spf, dkim, dmarc, iprev }: MessageAuthentication,
  decision: DmarcDecision,
): DmarcObservation | undefined {
  if (dmarc.published === undefined || dmarc.fromDomain === undefined) return undefined;
  const signature = dkim.find(({ domain, result }) => result === 'pass' && domain === dmarc.alignedDkim) ?? dkim[0];
  return {
    policyDomain: dmarc.published.domain,
    sourceIp: iprev.address,
    headerFrom: dmarc.fromDomain,
    disposition: decision.disposition,
    override: decision.override ?? '',
    dkim: dmarc.alignedDkim === undefined ? 'fail' : 'pass',
    spf: dmarc.alignedSpf === undefined ? 'fail' : 'pass',
    spfDomain: spf.domain,
    spfResult: spf.result,
    dkimDomain: signature?.domain ?? '',
    dkimSelector: signature?.selector ?? '',
    dkimResult: signature?.result ?? '',
  };
}

export interface DmarcReport {
  readonly reportId: string;
  /** Who reports: our organisation, its address for questions, its domain. */
  readonly orgName: string;
  readonly email: string;
  readonly submitter: string;
  /** Seconds since the Unix epoch, both included. */
  readonly beginS: number;
  readonly endS: number;
  readonly policy: DmarcRecord;
  readonly rows: readonly (DmarcObservation & { readonly count: number })[];
}

/** RFC 7489 appendix C. */
export function formatDmarcReport(report: DmarcReport): string {
  const { policy } = report;
  const rows = report.rows.map(
    (row) => `  <record>
    <row>
${element('source_ip', row.sourceIp, 6)}${element('count', row.count, 6)}      <policy_evaluated>
${element('disposition', row.disposition, 8)}${element('dkim', row.dkim, 8)}${element('spf', row.spf, 8)}${
      row.override === '' ? '' : `        <reason>\n${element('type', row.override, 10)}        </reason>\n`
    }      </policy_evaluated>
    </row>
    <identifiers>
${element('header_from', row.headerFrom, 6)}    </identifiers>
    <auth_results>
${
  row.dkimDomain === ''
    ? ''
    : `      <dkim>\n${element('domain', row.dkimDomain, 8)}${element('selector', row.dkimSelector, 8)}${element('result', row.dkimResult, 8)}      </dkim>\n`
}      <spf>
${element('domain', row.spfDomain, 8)}${element('result', row.spfResult, 8)}      </spf>
    </auth_results>
  </record>
`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<feedback>
  <version>1.0</version>
  <report_metadata>
${element('org_name', report.orgName, 4)}${element('email', report.email, 4)}${element('report_id', report.reportId, 4)}    <date_range>
${element('begin', report.beginS, 6)}${element('end', report.endS, 6)}    </date_range>
  </report_metadata>
  <policy_published>
${element('domain', policy.domain, 4)}${element('adkim', policy.adkim, 4)}${element('aspf', policy.aspf, 4)}${element('p', policy.p, 4)}${element('sp', policy.sp, 4)}${element('pct', policy.pct, 4)}  </policy_published>
${rows.join('')}</feedback>
`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function element(name: string, content: string | number, indent: number): string {
  // XML 1.0 §2.2 knows no control characters, not even escaped.
  const text = String(content)
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '?')
    .replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);
  return `${' '.repeat(indent)}<${name}>${text}</${name}>\n`;
}

/** RFC 7489 §7.2.1.1: `receiver!domain!begin!end!id.xml.gz`. */
export function dmarcReportFileName({ submitter, policy, beginS, endS, reportId }: DmarcReport): string {
  const id = reportId.replace(/[^A-Za-z0-9]/g, '');
  return `${submitter}!${policy.domain}!${beginS}!${endS}!${id}.xml.gz`;
}

export interface ReportMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly messageId: string;
  readonly nowMs: number;
}

/** The mail that takes a report to its owner; to be signed, and sent with a null reverse path or one that is read. */
export function composeDmarcReport(report: DmarcReport, { from, to, messageId, nowMs }: ReportMail): Buffer {
  const { policy, submitter, reportId } = report;
  return composeMessage({
    from: { name: report.orgName, email: from },
    to: to.map((email) => ({ email })),
    // RFC 7489 §7.2.1.1.
    subject: `Report Domain: ${policy.domain} Submitter: ${submitter} Report-ID: <${reportId}>`,
    text: `This is a DMARC aggregate report of ${submitter} about mail from ${policy.domain}.\n`,
    attachments: [
      {
        fileName: dmarcReportFileName(report),
        type: 'application/gzip',
        content: gzipSync(formatDmarcReport(report)),
      },
    ],
    dateMs: nowMs,
    messageId,
    headers: [['Auto-Submitted', 'auto-generated']],
  });
}

/**
 * Whom a domain wants its reports sent to: the mail addresses of rua=, those in other organisations only if they agree
 * (RFC 7489 §7.1). An address whose consent could not be looked up is left out this time.
 */
export async function findReportAddresses(policy: DmarcRecord, resolver: Resolver): Promise<readonly string[]> {
  const wanted = policy.rua
    .split(',')
    // An obsolete size limit may follow: `!10m`.
    .map((uri) => /^\s*mailto:([^?!\s]+)(?:!\d+[kmgt]?)?\s*$/i.exec(uri)?.[1])
    .filter((address) => address !== undefined && /^[\x21-\x7e]+@[A-Za-z0-9.-]+$/.test(address))
    .slice(0, MAX_REPORT_ADDRESSES) as string[];
  const agreed = await Promise.all(
    wanted.map(async (address) => {
      const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
      if (isRelated(domain, policy.domain)) return [address];
      const answer = await resolver.txt(`${policy.domain}._report._dmarc.${domain}`);
      const agrees = answer.kind === 'found' && answer.records.some((record) => /^v=DMARC1\s*(?:;|$)/.test(record));
      return agrees ? [address] : [];
    }),
  );
  return agreed.flat();
}

// --- reports of others

export interface ReceivedDmarcRow {
  readonly sourceIp: string;
  readonly count: number;
  readonly disposition: DmarcDisposition;
  readonly dkim: 'pass' | 'fail';
  readonly spf: 'pass' | 'fail';
  readonly headerFrom: string;
}

export interface ReceivedDmarcReport {
  readonly orgName: string;
  readonly reportId: string;
  /** Of ours: whom the report is about. */
  readonly domain: string;
  readonly beginS: number;
  readonly endS: number;
  readonly rows: readonly ReceivedDmarcRow[];
  /** Whether there were more rows than are read. */
  readonly isCut: boolean;
}

/** What a report says in sum. */
export interface DmarcSummary {
  readonly messages: number;
  /** By DKIM or SPF, aligned. */
  readonly passed: number;
  readonly rejected: number;
  readonly quarantined: number;
}

export function summarise(rows: readonly ReceivedDmarcRow[]): DmarcSummary {
  const sum = (wanted: (row: ReceivedDmarcRow) => boolean): number =>
    rows.filter(wanted).reduce((total, { count }) => total + count, 0);
  return {
    messages: sum(() => true),
    passed: sum(({ dkim, spf }) => dkim === 'pass' || spf === 'pass'),
    rejected: sum(({ disposition }) => disposition === 'reject'),
    quarantined: sum(({ disposition }) => disposition === 'quarantine'),
  };
}
