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

export const ehlo: SmtpCommand = {
  verb: 'EHLO',
  protocols: ['smtp', 'submission'],
  states: EVERY_STATE,
  beforeTls: true,
  beforeSignIn: true,
  run,
};
export const lhlo: SmtpCommand = {
  verb: 'LHLO',
  protocols: ['lmtp'],
  states: EVERY_STATE,
  beforeTls: true,
  beforeSignIn: true,
  run,
};
