/** Mailbox names as they go over the wire: modified UTF-7, or UTF-8 once the client has asked for it. */
import { isUtf8 } from 'node:buffer';
import { MailError } from '#base/errors.ts';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from './modified-utf7.ts';
import type { ResponseWriter } from './wire/response-writer.ts';

/**
 * The name that `octets` stand for. With `utf8` (after ENABLE UTF8=ACCEPT or IMAP4rev2; RFC 6855 §3, RFC 9051 §5.1)
 * they are UTF-8; without, modified UTF-7, and UTF-8 where it cannot be that because it has octets above 127.
 * Throws `invalid`.
 */
export function decodeMailboxName(octets: Buffer, utf8: boolean): string {
  const text = octets.toString('latin1');
  if (/[\x00-\x1f\x7f]/.test(text)) throw new MailError('invalid', 'a mailbox name cannot contain control characters');
  const isAscii = !/[\x80-\xff]/.test(text);
  if (!isAscii && !isUtf8(octets)) throw new MailError('invalid', 'the mailbox name is not UTF-8');
  if (!isAscii) return octets.toString('utf8');
  if (utf8) return text;
  const decoded = decodeModifiedUtf7(text);
  if (decoded === undefined) throw new MailError('invalid', 'the mailbox name is not modified UTF-7');
  return decoded;
}

/** As decodeMailboxName, for a LIST pattern: a lone `&` between wildcards means itself. */
export function decodeMailboxPattern(octets: Buffer, utf8: boolean): string {
  const text = octets.toString('latin1');
  const isMeantRaw = !utf8 && /^[\x20-\x7e]*$/.test(text) && decodeModifiedUtf7(text) === undefined;
  return isMeantRaw ? text : decodeMailboxName(octets, utf8);
}

/** Writes a name for the client. */
export function writeMailboxName(out: ResponseWriter, path: string, utf8: boolean): void {
  out.string(utf8 ? path : encodeModifiedUtf7(path), utf8);
}
