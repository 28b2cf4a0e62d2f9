/**
 * DANE for SMTP (RFC 7672, RFC 6698): what a TLSA answer asks of a connection, and whether a server's certificates meet
 * it. Asks no DNS and makes no connection.
 */
import { X509Certificate, createHash } from 'node:crypto';
import type { DnsAnswer, TlsaRecord } from '#dns/resolver.ts';
import { MAX_CERTIFICATE_OCTETS, MAX_CHAIN_CERTIFICATES, MAX_TLSA_RECORDS } from './limits.ts';

export type DaneDemand =
  /** No DANE: there are no records, or nobody vouches for them. */
  | { readonly kind: 'none' }
  /** TLS, and certificates that `matchChain` accepts. */
  | { readonly kind: 'match'; readonly records: readonly TlsaRecord[] }
  /** Records there are, but none that can be used: TLS, with whatever certificate (RFC 7672 §2.2). */
  | { readonly kind: 'encrypt' }
  /** Nobody could say whether there are records: this host is not to be used now (RFC 7672 §2.1). */
  | { readonly kind: 'wait'; readonly message: string };

/** What a TLSA answer about `_25._tcp.<host>` asks for. */
export function readDemand(answer: DnsAnswer<TlsaRecord>): DaneDemand {
  if (answer.kind === 'failed') return { kind: 'wait', message: answer.message };
  if (answer.kind === 'absent' || !answer.isAuthentic) return { kind: 'none' };
  const records = answer.records.slice(0, MAX_TLSA_RECORDS).filter(isUsable);
  return records.length === 0 ? { kind: 'encrypt' } : { kind: 'match', records };
}

const DIGEST_LENGTHS: readonly (number | undefined)[] = [undefined, 32, 64];

/** RFC 7672 §3.1.3: of the usages DANE-TA(2) and DANE-EE(3) alone. */
function isUsable({ usage, selector, matchingType, data }: TlsaRecord): boolean {
  if ((usage !== 2 && usage !== 3) || selector > 1 || matchingType > 2 || data.length === 0) return false;
  const length = DIGEST_LENGTHS[matchingType];
  return length === undefined ? data.length <= MAX_CERTIFICATE_OCTETS : data.length === length;
}

export type DaneVerdict =
  | { readonly kind: 'match'; readonly record: TlsaRecord }
  | {
      readonly kind: 'mismatch';
      /** As RFC 8460 §4.3 names it. */
      readonly why:
        | 'validation-failure'
        | 'certificate-host-mismatch'
        | 'certificate-expired'
        | 'certificate-not-trusted';
      readonly message: string;
    };

type Mismatch = DaneVerdict & { kind: 'mismatch' };

/**
 * Judges the certificates a server showed (DER, its own first) by usable records. `names`: the MX host and the domain
 * the mail is for, A-labels; they and the dates matter to DANE-TA only (RFC 7672 §3.1.1).
 */
export function matchChain(
  records: readonly TlsaRecord[],
  chain: readonly Uint8Array[],
  names: readonly string[],
  nowMs: number,
): DaneVerdict {
  const certificates: X509Certificate[] = [];
  try {
    for (const der of chain.slice(0, MAX_CHAIN_CERTIFICATES)) {
      if (der.length > MAX_CERTIFICATE_OCTETS) return mismatch('validation-failure', 'a certificate is too large');
      certificates.push(new X509Certificate(der));
    }
  } catch {
    return mismatch('validation-failure', 'a certificate is malformed');
  }
  const [own] = certificates;
  if (own === undefined) return mismatch('validation-failure', 'the server showed no certificate');
  const exact = records.find((record) => record.usage === 3 && matches(record, own));
  if (exact !== undefined) return { kind: 'match', record: exact };

  let failure = mismatch('certificate-not-trusted', 'no TLSA record fits');
  for (const record of records.filter(({ usage }) => usage === 2)) {
    const found = judgeAnchor(record, certificates, names, nowMs);
    if (found === undefined) return { kind: 'match', record };
    // A path with a fault says more than that there is none.
    if (found.why !== 'certificate-not-trusted') failure = found;
  }
  return failure;
}

/** Undefined when the record's certificate stands behind the server's own one. */
function judgeAnchor(
  record: TlsaRecord,
  certificates: readonly X509Certificate[],
  names: readonly string[],
  nowMs: number,
): Mismatch | undefined {
  const [own] = certificates;
  if (own === undefined) return mismatch('validation-failure', 'no certificate');
  const path = findPath(own, [...certificates.slice(1), ...anchorIn(record)], (one) => matches(record, one));
  if (path === undefined) return mismatch('certificate-not-trusted', 'no issuer fits the TLSA record');
  if (path.some((one) => nowMs < Date.parse(one.validFrom) || nowMs > Date.parse(one.validTo))) {
    return mismatch('certificate-expired', 'a certificate is not valid now');
  }
  if (!names.some((name) => own.checkHost(name, { partialWildcards: false }) !== undefined)) {
    return mismatch('certificate-host-mismatch', `the certificate is not for ${names.join(' or ')}`);
  }
  return undefined;
}

/** From a certificate by its issuers to one that is wanted; each step is signed. The own one may be it. */
function findPath(
  own: X509Certificate,
  others: readonly X509Certificate[],
  isWanted: (certificate: X509Certificate) => boolean,
): X509Certificate[] | undefined {
  const path = [own];
  const left = [...others];
  for (let current = own; ;) {
    if (isWanted(current)) return path;
    const index = left.findIndex((one) => one.ca && current.checkIssued(one) && isSignedBy(current, one));
    const [issuer] = index === -1 ? [] : left.splice(index, 1);
    if (issuer === undefined) return undefined;
    path.push(issuer);
    current = issuer;
  }
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** The certificate that a record holds whole; a server need not show that one. */
function anchorIn({ selector, matchingType, data }: TlsaRecord): X509Certificate[] {
  if (selector !== 0 || matchingType !== 0) return [];
  try {
    return [new X509Certificate(data)];
  } catch {
    return [];
  }
}

function matches({ selector, matchingType, data }: TlsaRecord, certificate: X509Certificate): boolean {
  const content = selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' });
  if (matchingType === 0) return content.equals(data);
  return createHash(matchingType === 1 ? 'sha256' : 'sha512')
    .update(content)
    .digest()
    .equals(data);
}

function mismatch(why: Mismatch['why'], message: string): Mismatch {
  return { kind: 'mismatch', why, message };
}
