/**
 * Authentication-Results fields (RFC 8601): writes ours, and takes out of incoming mail those that pretend to be ours.
 * Nothing that comes from outside can end its place in the field.
 */
import { domainToASCII } from 'node:url';
import { asBuffer } from '#mime/octets.ts';
import { MAX_RESULT_TEXT_LENGTH } from './limits.ts';
import type { MessageAuthentication } from './types.ts';

type Property = readonly [name: string, value: string | undefined];

/** One field, a result a line, with its last CRLF. `hostname` is our authserv-id. */
export function formatAuthenticationResults(
  hostname: string,
  { spf, dkim, dmarc, arc, iprev }: Omit<MessageAuthentication, 'field' | 'faults' | 'ignoredSignatures'>,
): string {
  return `Authentication-Results: ${[hostname, ...formatMethods({ spf, dkim, dmarc, arc, iprev })].join(
    ';\r\n\t',
  )}\r\n`;
}

/** What stands after the authserv-id, as ARC wants it too; each without its semicolon. */
export function formatMethods({
  spf,
  dkim,
  dmarc,
  arc,
  iprev,
}: Omit<MessageAuthentication, 'field' | 'faults' | 'ignoredSignatures'>): string[] {
  return [
    // RFC 8601 §3: an address with colons is quoted.
    formatMethod('iprev', iprev.result, '', [['policy.iprev', iprev.address]]),
    formatMethod('spf', spf.result, spf.comment, [[`smtp.${spf.identity}`, spf.domain]]),
    ...(dkim.length === 0
      ? [formatMethod('dkim', 'none', '', [])]
      : dkim.map((one) =>
          formatMethod('dkim', one.result, one.isTesting ? `${one.comment} testing`.trim() : one.comment, [
            ['header.d', one.domain],
            ['header.s', one.selector],
            ['header.a', one.algorithm],
            ['header.b', one.signatureStart],
          ]),
        )),
    formatMethod('dmarc', dmarc.result, dmarc.comment, [
      ['policy.dmarc', dmarc.published === undefined ? undefined : dmarc.policy],
      ['header.from', dmarc.fromDomain],
    ]),
    ...(arc.result === 'none'
      ? []
      : [formatMethod('arc', arc.result, arc.comment, [['smtp.remote-ip', iprev.address]])]),
  ];
}

function formatMethod(method: string, result: string, comment: string, properties: readonly Property[]): string {
  let text = `${method}=${result}`;
  // No parenthesis, quote or backslash: nothing to escape.
  const said = comment
    .slice(0, MAX_RESULT_TEXT_LENGTH)
    .replace(/[^A-Za-z0-9 .,=_@:/+-]/g, '?')
    .trim();
  if (said !== '') text += ` (${said})`;
  for (const [name, value] of properties) {
    const shown = value === undefined ? '' : formatValue(value);
    if (shown !== '') text += ` ${name}=${shown}`;
  }
  return text;
}

/** RFC 2045 §5.1: a token, or quoted what of it is harmless. */
function formatValue(value: string): string {
  const ascii = /^[\x20-\x7e]*$/.test(value) ? value : domainToASCII(value);
  const text = ascii.slice(0, MAX_RESULT_TEXT_LENGTH);
  if (/^[A-Za-z0-9._+-]+$/.test(text)) return text;
  const harmless = text.replace(/[^A-Za-z0-9._+:/=[\]@-]/g, '?');
  return harmless === '' ? '' : `"${harmless}"`;
}

const LF = 10;
const CR = 13;
const FIELD_NAME = 'authentication-results';
/** Octets of a field that are read to find whose it is; comments before the id are rare and short. */
const ID_OCTETS = 1024;

/**
 * The message without the Authentication-Results fields that bear our id (RFC 8601 §5), those of others untouched. The
 * same memory when there are none. Takes every header field into account, however many there are.
 */
export function removeForgedResults(octets: Uint8Array, hostname: string): Buffer {
  const message = asBuffer(octets);
  const ours = hostname.toLowerCase();
  const kept: Buffer[] = [];
  let keptUntil = 0;
  let lineStart = 0;
  while (lineStart < message.length && message[lineStart] !== CR && message[lineStart] !== LF) {
    const start = lineStart;
    const isResults = beginsResults(message, start);
    do lineStart = nextLine(message, lineStart);
    while (isResults && (message[lineStart] === 0x20 || message[lineStart] === 0x09));
    if (!isResults) continue;
    const field = message.toString('latin1', start, Math.min(lineStart, start + ID_OCTETS));
    if (readAuthservId(field.slice(field.indexOf(':') + 1)) !== ours) continue;
    kept.push(message.subarray(keptUntil, start));
    keptUntil = lineStart;
  }
  if (kept.length === 0) return message;
  kept.push(message.subarray(keptUntil));
  return Buffer.concat(kept);
}

function nextLine(message: Buffer, from: number): number {
  const lineFeed = message.indexOf(LF, from);
  return lineFeed === -1 ? message.length : lineFeed + 1;
}

function beginsResults(message: Buffer, start: number): boolean {
  // A or a: most lines are told apart by one octet.
  if (((message[start] ?? 0) | 0x20) !== 0x61) return false;
  const text = message.toString('latin1', start, start + FIELD_NAME.length + 32).toLowerCase();
  return text.startsWith(FIELD_NAME) && /^[ \t]*:/.test(text.slice(FIELD_NAME.length));
}

/** RFC 8601 §2.2: the id, a token or quoted, after any comments; lower case, without a final dot. */
function readAuthservId(value: string): string {
  let at = 0;
  let depth = 0;
  for (; at < value.length; at++) {
    const char = value[at]!;
    if (char === '\\' && depth > 0) at++;
    else if (char === '(') depth++;
    else if (char === ')' && depth > 0) depth--;
    else if (depth === 0 && !/\s/.test(char)) break;
  }
  const rest = value.slice(at);
  const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(rest)?.[1]?.replace(/\\(.)/gs, '$1');
  const id = quoted ?? /^[^\s;(]*/.exec(rest)?.[0] ?? '';
  return id.toLowerCase().replace(/\.$/, '');
}
