/** NOOP (RFC 5321 §4.1.1.9): its argument, if any, is ignored. */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const noop: SmtpCommand = {
  verb: 'NOOP',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: EVERY_STATE,
  beforeTls: true,
  beforeAuth: true,
  run: (session) => session.reply(250, '2.0.0', 'Ok'),
};
