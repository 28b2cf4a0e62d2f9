/**
 * Whether a message may be answered automatically at all, whoever got it (RFC 3834 §2, RFC 5230 §4.6): it was written by a
 * person, not by a program or for a list, and is no junk. That it names the reader is asked elsewhere.
 */
import { parseHeader } from '#mime/header.ts';
import type { Incoming } from './forwarding.ts';

/** Local parts of programs, ... */
const ROBOT_NAMES =
  /^(?:mailer-daemon|postmaster|daemon|root|listserv|majordomo|bounces?)(?:$|[-+_.=])|(?:^|[-+_.])(?:no|do[-_.]?not)[-_.]?reply/;
/** ... and of lists. */
const LIST_NAMES = /^owner-|-(?:owner|request|bounces?|relay)(?:$|[-+=])/;

const SILENT_PRECEDENCES: ReadonlySet<string> = new Set(['bulk', 'list', 'junk']);

export function mayAnswer({ octets, envelope, authentication, into, staysHere }: Incoming): boolean {
  if (into === 'junk' || staysHere === true) return false;
  const localPart = envelope.reversePath.slice(0, Math.max(0, envelope.reversePath.lastIndexOf('@'))).toLowerCase();
  if (localPart === '' || ROBOT_NAMES.test(localPart) || LIST_NAMES.test(localPart)) return false;
  // Whoever is named there did not send it: the answer would be the nuisance.
  if (authentication?.dmarc.result === 'fail' || authentication?.spf.result === 'fail') return false;
  const header = parseHeader(octets);
  if (header.fields.some(({ lowerName }) => lowerName.startsWith('list-'))) return false;
  const says = (name: string): string =>
    header
      .all(name)
      .map((value) => value.trim().toLowerCase())
      .join(', ');
  // RFC 3834 §5: what follows `no` are comments and parameters.
  if (header.all('auto-submitted').length > 0 && !/^no(?:$|[\s;(])/.test(says('auto-submitted'))) return false;
  if (SILENT_PRECEDENCES.has(says('precedence'))) return false;
  // Receipts and bounces of programs that put themselves into the reverse path.
  if (says('content-type').startsWith('multipart/report')) return false;
  // What Exchange and its kin say who want none (MS-OXCMAIL 2.2.3.2.14).
  return !/(?:^|[\s,;])(?:all|oof|autoreply)(?:$|[\s,;])/.test(says('x-auto-response-suppress'));
}
