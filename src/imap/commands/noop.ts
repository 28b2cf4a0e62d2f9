/** NOOP (RFC 9051 §6.1.2): whatever has changed is told with it. */
import { ANY_STATE, defineCommand, ok, parseNothing } from '#imap/command.ts';

export const noop = defineCommand({
  name: 'NOOP',
  states: ANY_STATE,
  parse: parseNothing,
  run: () => ok('Done'),
});
