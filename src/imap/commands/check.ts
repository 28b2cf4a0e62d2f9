/** CHECK (RFC 3501 §6.4.1), gone from IMAP4rev2: everything is always written, so it does what NOOP does. */
import { defineCommand, ok, parseNothing } from '#imap/command.ts';

export const check = defineCommand({
  name: 'CHECK',
  states: ['selected'],
  parse: parseNothing,
  run: () => ok('Done'),
});
