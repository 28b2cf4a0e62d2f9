/** The one place where MailError codes become IMAP response codes (RFC 9051 §7.1, RFC 5530). */
import type { MailError } from '#base/errors.ts';
import { no, type Reply } from './command.ts';

export function refusalOf(error: MailError): Reply {
  return no(sentence(error.message), responseCode(error));
}

function responseCode(error: MailError): string {
  switch (error.code) {
    case 'notFound':
      return 'NONEXISTENT';
    case 'alreadyExists':
      return 'ALREADYEXISTS';
    case 'forbidden':
      return error.data['reason'] === 'rights' ? 'NOPERM' : 'CANNOT';
    case 'invalid':
      return 'CANNOT';
    case 'overQuota':
      return 'OVERQUOTA';
    case 'tooLarge':
      return 'TOOBIG';
    case 'limit':
      return 'LIMIT';
    case 'inUse':
      if (error.data['reason'] === 'children') return 'HASCHILDREN';
      // RFC 6154 §3: the special use cannot be had.
      return error.data['role'] === undefined ? 'INUSE' : 'USEATTR';
    case 'unavailable':
    case 'stateMismatch':
      return 'UNAVAILABLE';
    case 'expunged':
      return 'EXPUNGEISSUED';
  }
}

/** Response text may hold no line end and, without UTF8=ACCEPT, nothing but ASCII. */
export function sentence(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?').slice(0, 400);
  return plain === '' ? 'Failed' : plain.charAt(0).toUpperCase() + plain.slice(1);
}
