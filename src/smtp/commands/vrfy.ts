/** VRFY (RFC 5321 §3.5.3): must exist, and need not tell: it would list the university to whoever asks. */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const vrfy: SmtpCommand = {
  verb: 'VRFY',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: EVERY_STATE,
  run(session, argument) {
    if (argument === '') return session.fail(501, '5.5.4', 'Syntax: VRFY address');
    session.reply(252, '2.5.0', 'Cannot VRFY user, but will take mail for it if it exists');
  },
};
