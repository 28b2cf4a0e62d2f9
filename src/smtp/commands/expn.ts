/** EXPN (RFC 5321 §3.5.1): known and not offered; who is on a list is nobody's business on this port. */
import { EVERY_STATE } from '#smtp/command.ts';
import type { SmtpCommand } from '#smtp/command.ts';

export const expn: SmtpCommand = {
  verb: 'EXPN',
  protocols: ['smtp', 'lmtp', 'submission'],
  states: EVERY_STATE,
  run: (session) => session.fail(502, '5.5.1', 'EXPN is not offered'),
};
