/** How a failed sign-in is answered (RFC 4954 §6, RFC 3463 and the IANA list of enhanced codes). */
import type { SaslFailureReason } from '#sasl/mechanism.ts';
import type { SmtpReply } from './receiver.ts';

/** A wrong user and a wrong password look alike. Temporary (454) where the credentials may well be right. */
export function refuseSignIn(reason: SaslFailureReason): SmtpReply {
  switch (reason) {
    case 'invalidCredentials':
      return { code: 535, enhanced: '5.7.8', text: 'User name or password is wrong' };
    case 'disabled':
      return { code: 535, enhanced: '5.7.13', text: 'This account is disabled, ask the help desk' };
    case 'forbidden':
      return { code: 535, enhanced: '5.7.8', text: 'Not allowed to act for that user' };
    case 'limited':
      return { code: 454, enhanced: '4.7.0', text: 'Too many failed sign-ins, try again later' };
    case 'unavailable':
      return { code: 454, enhanced: '4.7.0', text: 'Sign-in is not possible just now, try again later' };
    case 'malformed':
      return { code: 501, enhanced: '5.5.2', text: 'Authentication exchange malformed' };
    case 'cancelled':
      return { code: 501, enhanced: '5.7.0', text: 'Authentication cancelled' };
  }
}
