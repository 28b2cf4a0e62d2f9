/** RSET (RFC 5321 §4.1.1.5). */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const rset: SmtpCommand = {
  verb: 'RSET',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: EVERY_STATE,
  beforeAuth: true,
  run(session, argument) {
    if (argument !== '') return session.fail(501, '5.5.4', 'RSET takes no argument');
    session.reset();
    session.reply(250, '2.0.0', 'Ok');
  },
};
