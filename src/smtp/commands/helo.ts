/** HELO (RFC 5321 §4.1.1.1): EHLO's predecessor, without extensions. */
import { isHeloName } from '#smtp/address.ts';
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const helo: SmtpCommand = {
  verb: 'HELO',
  protocols: ['smtp', 'submission'],
  states: EVERY_STATE,
  beforeSignIn: true,
  beforeTls: true,
  beforeAuth: true,
  run(session, argument) {
    if (!isHeloName(argument)) return session.fail(501, '5.5.4', 'Name expected');
    session.greet(argument, false);
    session.reply(250, undefined, session.surroundings.hostname);
  },
};
