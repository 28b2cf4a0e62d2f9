/** Where others send what they report about our domains: the two local parts that our DNS records name. */

export type ReportKind = 'dmarc' | 'tls';

export const REPORT_LOCAL_PARTS: Readonly<Record<ReportKind, string>> = {
  dmarc: 'dmarc-reports',
  tls: 'tls-reports',
};

/** Of which kind the reports are that an address takes, whatever its domain; undefined for any other address. */
export function reportKindOf(address: string): ReportKind | undefined {
  const localPart = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  if (localPart === REPORT_LOCAL_PARTS.dmarc) return 'dmarc';
  return localPart === REPORT_LOCAL_PARTS.tls ? 'tls' : undefined;
}
