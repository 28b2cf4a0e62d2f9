/** Reads DMARC aggregate reports from the mail they come in: hostile until proven otherwise, and then only text and numbers. */
import { XMLParser } from 'fast-xml-parser';
import type { ReceivedDmarcReport, ReceivedDmarcRow } from './dmarc-report.ts';
import { MAX_REPORT_DEPTH, MAX_REPORT_ROWS, MAX_REPORT_TEXT_LENGTH } from './limits.ts';
import { type Unpacked, unpackReport } from './reports/unpack.ts';

export type ReadDmarcReport =
  | { readonly kind: 'report'; readonly report: ReceivedDmarcReport }
  | { readonly kind: 'refused'; readonly why: (Unpacked & { kind: 'refused' })['why'] };

/** Reads the report in a mail. Never throws; nothing in it is believed to be more than text and numbers. */
export function readDmarcReport(mail: Uint8Array): ReadDmarcReport {
  const unpacked = unpackReport(mail, 'xml');
  if (unpacked.kind === 'refused') return unpacked;
  const report = parseDmarcReport(unpacked.text);
  return report === undefined ? { kind: 'refused', why: 'damaged' } : { kind: 'report', report };
}

/** Undefined when it is no report. */
export function parseDmarcReport(xml: string): ReceivedDmarcReport | undefined {
  // No report has a document type; entities are declared there.
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) return undefined;
  let root: unknown;
  try {
    root = new XMLParser({
      ignoreAttributes: true,
      parseTagValue: false,
      processEntities: false,
      ignoreDeclaration: true,
      removeNSPrefix: true,
      maxNestedTags: MAX_REPORT_DEPTH,
    }).parse(xml);
  } catch {
    return undefined;
  }
  const feedback = child(root, 'feedback');
  const metadata = child(feedback, 'report_metadata');
  const range = child(metadata, 'date_range');
  const domain = nameIn(child(feedback, 'policy_published'), 'domain');
  const beginS = numberIn(range, 'begin');
  const endS = numberIn(range, 'end');
  if (domain === '' || beginS === undefined || endS === undefined) return undefined;
  const records = listIn(feedback, 'record');
  const rows = records.slice(0, MAX_REPORT_ROWS).flatMap(toRow);
  return {
    orgName: textIn(metadata, 'org_name'),
    reportId: textIn(metadata, 'report_id'),
    domain,
    beginS,
    endS,
    rows,
    isCut: records.length > MAX_REPORT_ROWS,
  };
}

function toRow(record: unknown): ReceivedDmarcRow[] {
  const row = child(record, 'row');
  const evaluated = child(row, 'policy_evaluated');
  const sourceIp = textIn(row, 'source_ip');
  const count = numberIn(row, 'count');
  if (count === undefined || !/^[0-9A-Fa-f.:]{2,45}$/.test(sourceIp)) return [];
  const disposition = textIn(evaluated, 'disposition').toLowerCase();
  return [
    {
      sourceIp,
      count,
      disposition: disposition === 'reject' || disposition === 'quarantine' ? disposition : 'none',
      dkim: textIn(evaluated, 'dkim').toLowerCase() === 'pass' ? 'pass' : 'fail',
      spf: textIn(evaluated, 'spf').toLowerCase() === 'pass' ? 'pass' : 'fail',
      headerFrom: nameIn(child(record, 'identifiers'), 'header_from'),
    },
  ];
}

/** The element of that name; the first where a writer has several. */
function child(parent: unknown, name: string): unknown {
  return listIn(parent, name)[0];
}

function listIn(parent: unknown, name: string): readonly unknown[] {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) return [];
  const found = (parent as Record<string, unknown>)[name];
  return Array.isArray(found) ? found : [found];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
};

function textIn(parent: unknown, name: string): string {
  const found = child(parent, name);
  if (typeof found !== 'string') return '';
  const text = found
    .slice(0, 4 * MAX_REPORT_TEXT_LENGTH)
    .replace(/&(?:lt|gt|quot|apos|amp);/g, (one) => ENTITIES[one] ?? one);
  return text
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_REPORT_TEXT_LENGTH);
}

function nameIn(parent: unknown, name: string): string {
  const text = textIn(parent, name).toLowerCase().replace(/\.$/, '');
  return /^[a-z0-9_.-]*$/.test(text) ? text : '';
}

function numberIn(parent: unknown, name: string): number | undefined {
  const text = textIn(parent, name);
  return /^\d{1,12}(?:\.\d+)?$/.test(text) ? Math.floor(Number(text)) : undefined;
}
