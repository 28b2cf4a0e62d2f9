/** How IMAP, SMTP, POP3 and ManageSieve all write SASL octets: one base64 line (RFC 4422 §4 leaves it to them). */
import { MAX_LINE_OCTETS } from './limits.ts';

/** What `*` decodes to: the client gives up (RFC 9051 §6.2.2, RFC 4954 §4, RFC 5034 §4). */
export const CANCEL = Symbol('cancel');

/** Strict base64 (RFC 4648 §4): canonical alphabet and padding, nothing around it. Linear: one class and a bound tail. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The octets, or undefined for anything that is not base64. The empty text is no octets. */
export function decodeBase64(text: string): Buffer | undefined {
  return text.length % 4 === 0 && BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** One line from the client, without its line end. `undefined`: not base64, or too long. */
export function decodeResponseLine(line: string | Buffer): Buffer | typeof CANCEL | undefined {
  if (line.length > MAX_LINE_OCTETS) return undefined;
  const text = asText(line);
  return text === '*' ? CANCEL : decodeBase64(text);
}

/** The initial response given with the command. `undefined`: not base64, or too long. */
export function decodeInitialResponse(line: string | Buffer): Buffer | undefined {
  if (line.length > MAX_LINE_OCTETS) return undefined;
  const text = asText(line);
  // RFC 4954 §4, RFC 4959 §3, RFC 5034 §4: `=` is a response of no octets.
  return text === '=' ? Buffer.alloc(0) : decodeBase64(text);
}

/** A challenge as it goes on the line (without `+ ` or `334 `). */
export function encodeChallenge(challenge: Buffer): string {
  return challenge.toString('base64');
}

// latin1 keeps one character an octet, so that no octet above 127 can pass for base64.
function asText(line: string | Buffer): string {
  return typeof line === 'string' ? line : line.toString('latin1');
}
