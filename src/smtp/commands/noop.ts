/** NOOP (RFC 5321 §4.1.1.9): its argument, if any, is ignored. */
import { EVERY_PROTOCOL, EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const noop: SmtpCommand = {
  verb: 'NOOP',
  protocols: EVERY_PROTOCOL,
  states: EVERY_STATE,
  beforeSignIn: true,
  beforeTls: true,
  run: (session) => session.reply(250, '2.0.0', 'Ok'),
};
