/**
 * TLS reports (RFC 8460): how connections to a domain's servers went in a day, written for its owner; and what others
 * say of ours, read from the mail it comes in.
 */
import { gzipSync } from 'node:zlib';
import type { Resolver } from '#dns/resolver.ts';
import { encodeBase64Lines, formatAddressField, formatHeaderField } from '#mime/compose.ts';
import { formatDate } from '#mime/date.ts';
import type { ReportMail } from './dmarc-report.ts';
import { MAX_REPORT_ADDRESSES, MAX_REPORT_ROWS, MAX_REPORT_TEXT_LENGTH } from './limits.ts';
import { type Unpacked, unpackReport } from './reports/unpack.ts';

/** RFC 8460 §4.3, and `success`. */
export const TLS_RESULTS = [
  'success',
  'starttls-not-supported',
  'certificate-host-mismatch',
  'certificate-expired',
  'certificate-not-trusted',
  'validation-failure',
  'tlsa-invalid',
  'dnssec-invalid',
  'dane-required',
  'sts-policy-fetch-error',
  'sts-policy-invalid',
  'sts-webpki-invalid',
] as const;
export type TlsResult = (typeof TLS_RESULTS)[number];

export type TlsPolicyType = 'tlsa' | 'sts' | 'no-policy-found';

/** One kind of session; those that are alike in all of this are counted together. */
export interface TlsObservation {
  /** The domain the mail was for. */
  readonly policyDomain: string;
  readonly policyType: TlsPolicyType;
  /** The MX host; '' when none was spoken to. */
  readonly mxHost: string;
  readonly result: TlsResult;
  /** The server's address; '' when unknown. */
  readonly receivingIp: string;
}

export interface TlsReport {
  readonly reportId: string;
  readonly orgName: string;
  /** An address for questions. */
  readonly contact: string;
  readonly submitter: string;
  readonly policyDomain: string;
  /** Milliseconds since the Unix epoch: the first of the day, and the last. */
  readonly beginMs: number;
  readonly endMs: number;
  readonly rows: readonly (TlsObservation & { readonly count: number })[];
}

/** RFC 8460 §4.4. */
export function formatTlsReport(report: TlsReport): string {
  const types = [...new Set(report.rows.map(({ policyType }) => policyType))].toSorted();
  const policies = types.map((policyType) => {
    const rows = report.rows.filter((row) => row.policyType === policyType);
    const failures = rows.filter(({ result }) => result !== 'success');
    return {
      policy: { 'policy-type': policyType, 'policy-domain': report.policyDomain },
      summary: {
        'total-successful-session-count': sum(rows.filter(({ result }) => result === 'success')),
        'total-failure-session-count': sum(failures),
      },
      'failure-details': failures.map((row) => ({
        'result-type': row.result,
        ...(row.mxHost === '' ? {} : { 'receiving-mx-hostname': row.mxHost }),
        ...(row.receivingIp === '' ? {} : { 'receiving-ip': row.receivingIp }),
        'failed-session-count': row.count,
      })),
    };
  });
  return JSON.stringify({
    'organization-name': report.orgName,
    'date-range': {
      'start-datetime': new Date(report.beginMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      'end-datetime': new Date(report.endMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    'contact-info': report.contact,
    'report-id': report.reportId,
    policies,
  });
}

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, { count }) => total + count, 0);
}

/** RFC 8460 §5.1: `submitter!domain!begin!end!id.json.gz`. */
export function tlsReportFileName({ submitter, policyDomain, beginMs, endMs, reportId }: TlsReport): string {
  const id = reportId.replace(/[^A-Za-z0-9]/g, '');
  return `${submitter}!${policyDomain}!${Math.floor(beginMs / 1000)}!${Math.floor(endMs / 1000)}!${id}.json.gz`;
}

/** The mail that takes a report to its owner (RFC 8460 §5.3): multipart/report. To be signed by DKIM. */
export function composeTlsReport(report: TlsReport, { from, to, messageId, nowMs }: ReportMail): Buffer {
  const { policyDomain, submitter, reportId } = report;
  const fileName = tlsReportFileName(report);
  const boundary = `=_tlsrpt_${reportId.replace(/[^A-Za-z0-9]/g, '').slice(0, 40)}`;
  const header = [
    formatHeaderField('Date', formatDate(nowMs, 0)),
    formatAddressField('From', [{ name: report.orgName, email: from }]),
    formatAddressField(
      'To',
      to.map((email) => ({ email })),
    ),
    formatHeaderField('Subject', `Report Domain: ${policyDomain} Submitter: ${submitter} Report-ID: <${reportId}>`),
    formatHeaderField('Message-ID', `<${messageId}>`),
    formatHeaderField('TLS-Report-Domain', policyDomain),
    formatHeaderField('TLS-Report-Submitter', submitter),
    formatHeaderField('Auto-Submitted', 'auto-generated'),
    'MIME-Version: 1.0\r\n',
    `Content-Type: multipart/report; report-type="tlsrpt";\r\n boundary="${boundary}"\r\n`,
  ].join('');
  const text = `This is a TLS report of ${submitter} about mail to ${policyDomain}.\r\n`;
  const content = encodeBase64Lines(gzipSync(formatTlsReport(report)));
  return Buffer.from(
    `${header}\r\n--${boundary}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n${text}\r\n` +
      `--${boundary}\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n` +
      `Content-Disposition: attachment;\r\n filename="${fileName}"\r\n\r\n${content}\r\n--${boundary}--\r\n`,
    'latin1',
  );
}

/** The mail addresses that a domain wants its TLS reports sent to (RFC 8460 §3); none when it wants none. */
export async function findTlsReportAddresses(domain: string, resolver: Resolver): Promise<readonly string[]> {
  const answer = await resolver.txt(`_smtp._tls.${domain}`);
  if (answer.kind !== 'found') return [];
  const ours = answer.records.filter((record) => /^v=TLSRPTv1\s*;/.test(record));
  // Several records are as none.
  const rua = ours.length === 1 ? /;\s*rua\s*=\s*([^;]*)/.exec(ours[0] ?? '')?.[1] : undefined;
  return (rua ?? '')
    .split(',')
    .flatMap((uri) => /^\s*mailto:([\x21-\x7e]+@[A-Za-z0-9.-]+)\s*$/i.exec(uri)?.[1] ?? [])
    .slice(0, MAX_REPORT_ADDRESSES);
}

// --- reports of others

export interface ReceivedTlsReport {
  readonly orgName: string;
  readonly reportId: string;
  readonly beginMs: number;
  readonly endMs: number;
  readonly policies: readonly {
    readonly domain: string;
    readonly type: string;
    readonly successful: number;
    readonly failed: number;
    readonly failures: readonly { readonly result: string; readonly mxHost: string; readonly count: number }[];
  }[];
}

export type ReadTlsReport =
  | { readonly kind: 'report'; readonly report: ReceivedTlsReport }
  | { readonly kind: 'refused'; readonly why: (Unpacked & { kind: 'refused' })['why'] };

/** Reads the report in a mail. Never throws. */
export function readTlsReport(mail: Uint8Array): ReadTlsReport {
  const unpacked = unpackReport(mail, 'json');
  if (unpacked.kind === 'refused') return unpacked;
  const report = parseTlsReport(unpacked.text);
  return report === undefined ? { kind: 'refused', why: 'damaged' } : { kind: 'report', report };
}

/** Undefined when it is no report. */
export function parseTlsReport(json: string): ReceivedTlsReport | undefined {
  let root: unknown;
  try {
    root = JSON.parse(json);
  } catch {
    return undefined;
  }
  const range = field(root, 'date-range');
  const beginMs = Date.parse(text(range, 'start-datetime'));
  const endMs = Date.parse(text(range, 'end-datetime'));
  const policies = field(root, 'policies');
  if (Number.isNaN(beginMs) || Number.isNaN(endMs) || !Array.isArray(policies)) return undefined;
  return {
    orgName: text(root, 'organization-name'),
    reportId: text(root, 'report-id'),
    beginMs,
    endMs,
    policies: policies.slice(0, MAX_REPORT_ROWS).map((one: unknown) => {
      const details = field(one, 'failure-details');
      return {
        domain: text(field(one, 'policy'), 'policy-domain').toLowerCase(),
        type: text(field(one, 'policy'), 'policy-type'),
        successful: count(field(one, 'summary'), 'total-successful-session-count'),
        failed: count(field(one, 'summary'), 'total-failure-session-count'),
        failures: (Array.isArray(details) ? details.slice(0, MAX_REPORT_ROWS) : []).map((detail: unknown) => ({
          result: text(detail, 'result-type'),
          mxHost: text(detail, 'receiving-mx-hostname'),
          count: count(detail, 'failed-session-count'),
        })),
      };
    }),
  };
}

function field(parent: unknown, name: string): unknown {
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, name)
    ? (parent as Record<string, unknown>)[name]
    : undefined;
}

function text(parent: unknown, name: string): string {
  const found = field(parent, name);
  return typeof found === 'string' ? found.slice(0, MAX_REPORT_TEXT_LENGTH).replace(/\p{Cc}/gu, ' ') : '';
}

function count(parent: unknown, name: string): number {
  const found = field(parent, name);
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : 0;
}
