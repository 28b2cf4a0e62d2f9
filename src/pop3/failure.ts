/** Maps failures to negative responses, with the response codes of RFC 2449 §8 and RFC 3206: the one place for it. */
import type { MailErrorCode } from '#base/errors.ts';
import type { SaslFailure } from '#sasl/mechanism.ts';
import { instructionText } from '#sasl/refusal-texts.ts';

export interface Failure {
  /** `AUTH` asks the client for another password; `SYS/TEMP` tells it to keep the one it has and come again. */
  readonly code?: 'AUTH' | 'SYS/TEMP' | 'SYS/PERM' | 'IN-USE';
  readonly text: string;
}

export function describeMailError(code: MailErrorCode): Failure {
  switch (code) {
    case 'notFound':
    case 'expunged':
      return { text: 'no such message' };
    case 'forbidden':
      return { code: 'SYS/PERM', text: 'not allowed' };
    case 'inUse':
      return { code: 'IN-USE', text: 'in use, try again later' };
    case 'unavailable':
      return { code: 'SYS/TEMP', text: 'cannot be read at present, try again later' };
    case 'alreadyExists':
    case 'overQuota':
    case 'tooLarge':
    case 'limit':
    case 'invalid':
    case 'stateMismatch':
      return { code: 'SYS/TEMP', text: 'cannot be done at present, try again later' };
  }
}

export function describeSignInFailure({ reason, url }: SaslFailure): Failure {
  switch (reason) {
    case 'invalidCredentials':
      return { code: 'AUTH', text: 'wrong user name or password' };
    case 'disabled':
      return { code: 'AUTH', text: 'this account is disabled' };
    case 'forbidden':
      return { code: 'AUTH', text: 'not allowed to act as that user' };
    case 'notActivated':
    case 'frozen':
    case 'wrongDoor':
    case 'passwordChangeRequired':
    case 'passwordExpired':
    case 'phoneRequired':
    case 'clientPasswordRequired':
    case 'archived':
    case 'archiveEnded':
      return { code: 'AUTH', text: instructionText(reason, url) };
    case 'limited':
      return { code: 'SYS/TEMP', text: 'too many failed sign-ins, try again later' };
    case 'unavailable':
      return { code: 'SYS/TEMP', text: 'sign-in is not possible at present, try again later' };
    case 'malformed':
      return { text: 'malformed authentication' };
    case 'cancelled':
      return { text: 'authentication cancelled' };
  }
}
