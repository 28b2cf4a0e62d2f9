/** HELP (RFC 5321 §4.1.1.8). */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const help: SmtpCommand = {
  verb: 'HELP',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: EVERY_STATE,
  keywords: () => ['HELP'],
  run(session) {
    // RFC 5321 §3.5.2: what is not offered is not listed either.
    const offered = session.listVerbs().filter((verb) => verb !== 'EXPN');
    session.reply(214, '2.0.0', `Commands: ${offered.join(' ')}`);
  },
};
