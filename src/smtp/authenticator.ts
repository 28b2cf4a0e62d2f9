/** How the engine asks who somebody is, a port onto sign-in that app/ fills from directory/; and how it says what came of it. */
import type { SaslAuthority, SaslFailure } from '#sasl/mechanism.ts';
import { instructionText } from '#sasl/refusal-texts.ts';
import type { SmtpPeer, SmtpReply } from './receiver.ts';

/** An authority for the sign-ins of a session as it is now. */
export type Authenticate = (peer: SmtpPeer) => SaslAuthority;

/** RFC 4954 §6; RFC 5248 §2.4 for the disabled account. */
export function signInRefusal({ reason, url }: Pick<SaslFailure, 'reason' | 'url'>): SmtpReply {
  switch (reason) {
    case 'invalidCredentials':
      return { code: 535, enhanced: '5.7.8', text: 'User name or password is wrong' };
    case 'forbidden':
      return { code: 535, enhanced: '5.7.8', text: 'You may not act for that account' };
    case 'disabled':
      return { code: 525, enhanced: '5.7.13', text: 'This account may not sign in, please ask the help desk' };
    case 'notActivated':
    case 'frozen':
    case 'wrongDoor':
    case 'passwordExpired':
    case 'phoneRequired':
    case 'clientPasswordRequired':
    case 'archived':
    case 'archiveEnded':
      return { code: 535, enhanced: '5.7.9', text: instructionText(reason, url) };
    case 'passwordChangeRequired':
      // RFC 4954 §6: the user has to do something before this password is of use.
      return { code: 432, enhanced: '4.7.12', text: instructionText(reason, url) };
    case 'limited':
      return { code: 454, enhanced: '4.7.0', text: 'Too many failed sign-ins, try again later' };
    case 'unavailable':
      return { code: 454, enhanced: '4.7.0', text: 'Sign-in is not possible just now, try again later' };
    case 'malformed':
      return { code: 501, enhanced: '5.5.2', text: 'Malformed authentication exchange' };
    case 'cancelled':
      return { code: 501, enhanced: '5.7.0', text: 'Authentication cancelled' };
  }
}
