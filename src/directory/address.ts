/**
 * Addresses as the directory keeps them: one canonical spelling each, so that a look-up is an equality. Full-width
 * letters, upper case and surrounding blanks are folded (a campus types with input methods); domains become A-labels.
 * Knows no store and no account.
 */
import { domainToASCII } from 'node:url';
import { MAX_ADDRESS_INPUT_LENGTH, MAX_DOMAIN_OCTETS, MAX_LOCAL_PART_OCTETS } from './limits.ts';

export interface Address {
  /** Canonical: NFKC, lower case, without quotes. */
  readonly localPart: string;
  /** Canonical: lower-case A-labels, no trailing dot. */
  readonly domain: string;
}

/**
 * Reads `localPart@domain` in any spelling, a quoted local part without its quotes; undefined when it cannot be an
 * address of ours. The last `@` divides.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_ADDRESS_INPUT_LENGTH) return undefined;
  // NFKC first: a full-width ＠ divides as well.
  const folded = text.normalize('NFKC');
  const at = folded.lastIndexOf('@');
  if (at === -1) return undefined;
  const localPart = canonicalizeLocalPart(folded.slice(0, at));
  const domain = canonicalizeDomain(folded.slice(at + 1));
  return localPart === undefined || domain === undefined ? undefined : { localPart, domain };
}

export function formatAddress(address: Address): string {
  return `${address.localPart}@${address.domain}`;
}

/** The canonical local part, or undefined when it is empty, too long (RFC 5321 §4.5.3.1.1), or holds control characters. */
export function canonicalizeLocalPart(text: string): string | undefined {
  if (text.length > MAX_ADDRESS_INPUT_LENGTH) return undefined;
  const localPart = foldCase(text).trim();
  if (localPart === '' || /[\p{Cc}\p{Cs}]/u.test(localPart)) return undefined;
  return Buffer.byteLength(localPart) > MAX_LOCAL_PART_OCTETS ? undefined : localPart;
}

/** One label: letters, digits and inner hyphens (RFC 5321 §4.1.2 sub-domain). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The canonical domain, or undefined when it is none (address literals are none of ours). */
export function canonicalizeDomain(text: string): string | undefined {
  if (text.length > MAX_ADDRESS_INPUT_LENGTH) return undefined;
  let domain = foldCase(text).trim();
  if (/[^\x20-\x7e]/.test(domain)) {
    // domainToASCII reads a URL's host: it would take `%2e` and `/` as syntax.
    if (/[\x20-\x7e]/.test(domain.replace(/[a-z0-9.-]/g, ''))) return undefined;
    domain = domainToASCII(domain);
  }
  if (domain.endsWith('.')) domain = domain.slice(0, -1);
  if (domain === '' || domain.length > MAX_DOMAIN_OCTETS) return undefined;
  const labels = domain.split('.');
  // An all-digit last label is an IPv4 address, not a domain (RFC 3696 §2).
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return undefined;
  return labels.every((label) => LABEL.test(label)) ? domain : undefined;
}

/** RFC 5321 §4.1.2 Dot-string in lower case: what accounts and aliases made here may be named. Digits alone are fine. */
export function isCreatableLocalPart(localPart: string): boolean {
  return /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(localPart);
}

/** RFC 5233: splits `user+detail` at the first separator; undefined when there is none, or nothing before it. */
export function splitSubaddress(
  localPart: string,
  separator: string,
): { readonly user: string; readonly detail: string } | undefined {
  const at = localPart.indexOf(separator);
  return at <= 0 ? undefined : { user: localPart.slice(0, at), detail: localPart.slice(at + separator.length) };
}

// Lower-casing can leave NFKC (`İ` falls apart into two code points), hence once more.
function foldCase(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC');
}
