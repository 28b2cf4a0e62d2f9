/** QUIT (RFC 5321 §4.1.1.10). */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const quit: SmtpCommand = {
  verb: 'QUIT',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: EVERY_STATE,
  beforeTls: true,
  beforeAuth: true,
  run(session) {
    session.reply(221, '2.0.0', `${session.surroundings.hostname} closing`);
    session.end();
  },
};
