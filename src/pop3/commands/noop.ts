/** NOOP (RFC 1939 §5). */
import type { Pop3Command } from '#pop3/command.ts';

export const noop: Pop3Command = {
  verb: 'NOOP',
  states: ['transaction'],
  run: (session) => session.succeed('still here'),
};
