/** HELP (RFC 5321 §4.1.1.8). */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const help: SmtpCommand = {
  verb: 'HELP',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: EVERY_STATE,
  keywords: () => ['HELP'],
  run(session) {
    session.reply(214, '2.0.0', `Commands: ${session.listVerbs().join(' ')}`);
  },
};
