/** EHLO (RFC 5321 §4.1.1.1) and LMTP's LHLO (RFC 2033 §4.1). */
import { isHeloName } from '#smtp/address.ts';
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';
import type { Session } from '#smtp/session.ts';

function run(session: Session, argument: string): void {
  if (!isHeloName(argument)) return session.fail(501, '5.5.4', 'Name or address literal expected');
  session.greet(argument, true);
  const { hostname } = session.surroundings;
  session.reply(250, undefined, [hostname, 'PIPELINING', 'ENHANCEDSTATUSCODES', ...session.listKeywords()].join('\n'));
}

const hello: Omit<SmtpCommand, 'verb' | 'protocols'> = { states: EVERY_STATE, beforeTls: true, beforeAuth: true, run };

export const ehlo: SmtpCommand = { verb: 'EHLO', protocols: ['smtp', 'submission'], ...hello };
export const lhlo: SmtpCommand = { verb: 'LHLO', protocols: ['lmtp'], ...hello };
