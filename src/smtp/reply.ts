/** Writes replies to the wire form (RFC 5321 §4.2.1, RFC 2034) and chooses one out of several. */
import { isAscii } from './address.ts';
import { MAX_REPLY_LINE_BYTES } from './limits.ts';
import type { SmtpReply } from './receiver.ts';

/** Octets of a line's text: what is left beside `250-2.1.0 ` (at most 15) and CRLF. */
const MAX_TEXT_BYTES = MAX_REPLY_LINE_BYTES - 17;

/**
 * The reply as it goes out. Long lines are folded into several, each with code and enhanced code (RFC 2034 §3);
 * control characters become `?`, and so does what is not ASCII unless `utf8` (RFC 6531 §3.7.4.1: only a client that
 * said SMTPUTF8 can read it).
 */
export function formatReply(reply: SmtpReply, options: { readonly utf8: boolean }): string {
  const prefix = reply.enhanced === undefined ? '' : `${reply.enhanced} `;
  const plain = reply.text.length <= MAX_TEXT_BYTES && /^[\x20-\x7e]*$/.test(reply.text);
  if (plain) return `${reply.code} ${prefix}${reply.text}\r\n`;
  const lines = reply.text.split(/\r\n|\r|\n/).flatMap((line) => foldLine(cleanLine(line, options.utf8)));
  return lines
    .map((line, index) => `${reply.code}${index === lines.length - 1 ? ' ' : '-'}${prefix}${line}\r\n`)
    .join('');
}

function cleanLine(line: string, utf8: boolean): string {
  return line.toWellFormed().replace(utf8 ? /\p{Cc}/gu : /[^\x20-\x7e]/gu, '?');
}

function foldLine(line: string): string[] {
  // A UTF-16 unit takes at most three octets.
  const maxChars = isAscii(line) ? MAX_TEXT_BYTES : Math.floor(MAX_TEXT_BYTES / 3);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > maxChars) {
    const blank = rest.lastIndexOf(' ', maxChars);
    // Not between the halves of a surrogate pair.
    const isInPair = (rest.charCodeAt(maxChars) & 0xfc00) === 0xdc00;
    const end = blank > 0 ? blank : isInPair ? maxChars - 1 : maxChars;
    lines.push(rest.slice(0, end));
    rest = rest.slice(blank > 0 ? end + 1 : end);
  }
  lines.push(rest);
  return lines;
}

export function isSuccess(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}

/** Whether a receiver's reply can stand as an answer: success, temporary or permanent failure. */
export function isFinalReply(reply: SmtpReply): boolean {
  return (
    Number.isInteger(reply.code) && reply.code >= 200 && reply.code < 600 && !(reply.code >= 300 && reply.code < 400)
  );
}

/**
 * What SMTP answers for a message with several outcomes: the first success, for then we are responsible for the
 * message and for telling the sender about the rest; else a temporary failure, so that it comes again and is done
 * for all; else the first.
 */
export function chooseReply(replies: readonly [SmtpReply, ...SmtpReply[]]): SmtpReply {
  return replies.find(isSuccess) ?? replies.find((reply) => reply.code < 500) ?? replies[0];
}
