/** Domain names as they are asked for and compared: one spelling each. Knows no record and no server. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';

/** RFC 1035 §2.3.4, as text without the final dot. */
const MAX_NAME_LENGTH = 253;
/** What domainToASCII is given at most: a name of U-labels is no longer than its A-labels, but for separators and the like. */
const MAX_INPUT_LENGTH = 1_000;
/**
 * RFC 2181 §11: any octet may stand in a label. Blanks, controls and the like are in no name that is meant; `/` is in
 * reverse zones (RFC 2317), and SPF's macros put local parts into names (RFC 7208 §7).
 */
const NAME = /^(?:[!-\-/-~]{1,63}\.)*[!-\-/-~]{1,63}$/;
/** With `_`, which host names should not have and have. */
const HOST_NAME = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/;

/** The name in lower-case A-labels without a final dot; undefined when it cannot be asked for: empty, too long, blanks. */
export function canonicalizeName(text: string): string | undefined {
  if (text.length > MAX_INPUT_LENGTH) return undefined;
  let name = text.toLowerCase();
  if (/[^\0-\x7f]/.test(name)) {
    // domainToASCII reads a URL's host: it would take `%2e` and `/` as syntax.
    if (/[\0-\x7f]/.test(name.replace(/[a-z0-9._-]/g, ''))) return undefined;
    name = domainToASCII(name);
  }
  if (name.endsWith('.')) name = name.slice(0, -1);
  return name.length <= MAX_NAME_LENGTH && NAME.test(name) ? name : undefined;
}

/** Whether a canonical name may be a host's: what a PTR or MX record holds is written into logs and header fields. */
export function isHostName(name: string): boolean {
  return HOST_NAME.test(name);
}

/**
 * The name at which an address's PTR records are (RFC 1035 §3.5, RFC 3596 §2.5); undefined when it is no numeric
 * address. An IPv4-mapped one counts as IPv4.
 */
export function reverseName(address: string): string | undefined {
  if (isIP(address) === 0) return undefined;
  const parsed = ipaddr.process(address);
  const octets = parsed.toByteArray();
  if (parsed.kind() === 'ipv4') return `${octets.toReversed().join('.')}.in-addr.arpa`;
  return `${Array.from(Buffer.from(octets).toString('hex')).toReversed().join('.')}.ip6.arpa`;
}
