/**
 * Mail addresses as SMTP writes them (RFC 5321 §4.1.2, RFC 6531 §3.3): reads a path, writes an address, compares
 * domains. It knows no domain of ours and nobody's mailbox.
 *
 * Strict, with three allowances for what is really on the wire: blanks between the colon and the path (many scripts
 * and devices write `FROM: <a@b>`), underscores in domains (bounce domains of mass mailers), and sender local parts
 * beyond 64 octets (VERP), if the caller's limit allows.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

import { MAX_ADDRESS_BYTES, MAX_DOMAIN_BYTES } from './limits.ts';

export interface Address {
  /** Unquoted. */
  readonly localPart: string;
  /** As written: U-labels or A-labels or `[192.0.2.1]`; compare by `asciiDomain`. Empty for a bare `Postmaster`. */
  readonly domain: string;
}

export type PathProblem = 'syntax' | 'tooLong';

export type PathResult =
  | { readonly ok: true; readonly address: Address | undefined; readonly end: number }
  | { readonly ok: false; readonly problem: PathProblem; readonly text: string };

/**
 * Reads a path at the beginning of `text`, blanks before it allowed: `<>` (address undefined), `<a@b>`,
 * `<"a b"@[192.0.2.1]>`, `<@relay,@relay2:a@b>` (the source route is dropped, RFC 5321 §C), `<Postmaster>`.
 * `end` is the index after `>`. Addresses beyond ASCII are read; whether they may be used is the caller's question.
 */
export function readPath(text: string, maxLocalPartBytes: number): PathResult {
  let at = 0;
  while (text[at] === ' ') at += 1;
  if (text[at] !== '<') return wrong('Address must be in <angle brackets>');
  at += 1;
  if (text[at] === '>') return { ok: true, address: undefined, end: at + 1 };
  if (text[at] === '@') {
    const colon = text.indexOf(':', at);
    if (colon === -1 || !isSourceRoute(text.slice(at, colon))) return wrong('Bad source route');
    at = colon + 1;
  }
  const local = readLocalPart(text, at);
  if (local === undefined) return wrong('Bad local part');
  if (Buffer.byteLength(local.value) > maxLocalPartBytes) {
    return { ok: false, problem: 'tooLong', text: `Local part longer than ${maxLocalPartBytes} octets` };
  }
  at = local.end;
  // RFC 5321 §4.1.1.3: the only address without a domain.
  if (text[at] === '>' && local.value.toLowerCase() === 'postmaster') {
    return { ok: true, address: { localPart: local.value, domain: '' }, end: at + 1 };
  }
  if (text[at] !== '@') return wrong('Address has no domain');
  const close = text.indexOf('>', at);
  if (close === -1) return wrong('Missing >');
  const domain = text.slice(at + 1, close);
  if (
    Buffer.byteLength(domain) > MAX_DOMAIN_BYTES ||
    Buffer.byteLength(local.value) + 1 + Buffer.byteLength(domain) > MAX_ADDRESS_BYTES
  ) {
    return { ok: false, problem: 'tooLong', text: `Address longer than ${MAX_ADDRESS_BYTES} octets` };
  }
  if (asciiDomain(domain) === undefined) return wrong('Bad domain');
  return { ok: true, address: { localPart: local.value, domain }, end: close + 1 };
}

/** Reads `localPart@domain`, quoted or not, without brackets; undefined if it is none. */
export function parseAddress(text: string): Address | undefined {
  const result = readPath(`<${text}>`, MAX_ADDRESS_BYTES);
  if (!result.ok || result.end !== text.length + 2 || result.address?.domain === '') return undefined;
  return result.address;
}

/**
 * Whether a name given with EHLO will do. RFC 5321 §4.1.4: mail is not refused for what the name is, and half the
 * devices on a campus give a bad one; it only has to be a word.
 */
export function isHeloName(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= MAX_DOMAIN_BYTES && !/[\s\p{Cc}]/u.test(text);
}

/** Splits `localPart@domain` with its local part unquoted, as in ReversePath and ForwardPath: the last @ parts them. */
export function splitAddress(address: string): Address {
  const at = address.lastIndexOf('@');
  return at === -1
    ? { localPart: address, domain: '' }
    : { localPart: address.slice(0, at), domain: address.slice(at + 1) };
}

/**
 * Writes `localPart@domain` (its local part unquoted) as it goes on the wire: quoted where it must be. Without `utf8`
 * the domain is written in A-labels, and what is still not ASCII in the local part becomes `?`: for comments only.
 */
export function formatAddress(address: string, options: { readonly utf8: boolean }): string {
  if (address === '') return '';
  const { localPart, domain } = splitAddress(address);
  const local = isDotString(localPart) ? localPart : `"${localPart.replace(/["\\]/g, String.raw`\$&`)}"`;
  const written = options.utf8 ? domain : (asciiDomain(domain) ?? domain);
  const whole = domain === '' ? local : `${local}@${written}`;
  return whole.replace(options.utf8 ? /\p{Cc}/gu : /[^\x20-\x7e]/gu, '?');
}

/**
 * The form in which domains are compared: lower case, A-labels; address literals in lower case. Undefined if it is no
 * domain that mail can be for.
 */
export function asciiDomain(domain: string): string | undefined {
  if (domain.startsWith('[')) return isAddressLiteral(domain) ? domain.toLowerCase() : undefined;
  let ascii = domain;
  if (!isAscii(domain)) {
    // domainToASCII is made for URLs: it would also decode %41 and accept ports, so those never reach it.
    if (!/^[\p{L}\p{N}\p{M}._\u00b7\u30fb\u3002\uff0e\uff61-]+$/u.test(domain)) return undefined;
    ascii = domainToASCII(domain);
  }
  return isHostname(ascii) ? ascii.toLowerCase() : undefined;
}

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3). */
export function isAddressLiteral(text: string): boolean {
  if (!text.startsWith('[') || !text.endsWith(']')) return false;
  const inside = text.slice(1, -1);
  if (isIPv4(inside)) return true;
  return inside.slice(0, 5).toLowerCase() === 'ipv6:' && !inside.includes('%') && isIPv6(inside.slice(5));
}

export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

function isHostname(domain: string): boolean {
  return (
    domain.length > 0 && domain.length <= MAX_DOMAIN_BYTES && domain.split('.').every((label) => LABEL.test(label))
  );
}

function isSourceRoute(text: string): boolean {
  return text.split(',').every((hop) => hop.startsWith('@') && asciiDomain(hop.slice(1)) !== undefined);
}

function readLocalPart(text: string, start: number): { value: string; end: number } | undefined {
  if (text[start] === '"') return readQuoted(text, start);
  let end = start;
  while (end < text.length && isLocalChar(text.charCodeAt(end))) end += 1;
  const value = text.slice(start, end);
  return isDotString(value) ? { value, end } : undefined;
}

function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    let char = text[at]!;
    if (char === '"') return { value, end: at + 1 };
    if (char === '\\') {
      at += 1;
      if (at >= text.length) return undefined;
      char = text[at]!;
    }
    const code = char.charCodeAt(0);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return undefined;
    value += char;
  }
  return undefined;
}

function isDotString(text: string): boolean {
  if (text === '' || text.startsWith('.') || text.endsWith('.') || text.includes('..')) return false;
  for (let i = 0; i < text.length; i++) if (!isLocalChar(text.charCodeAt(i))) return false;
  return true;
}

const SPECIALS: ReadonlySet<number> = new Set(Buffer.from('()<>[]:;@\\,"'));

/** RFC 5322 atext, the dot, and RFC 6531's UTF8-non-ascii without C1 controls. */
function isLocalChar(code: number): boolean {
  if (code >= 0x80) return code >= 0xa0;
  return code > 0x20 && code < 0x7f && !SPECIALS.has(code);
}

function wrong(text: string): PathResult {
  return { ok: false, problem: 'syntax', text };
}
