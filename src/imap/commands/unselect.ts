/** UNSELECT (RFC 9051 §6.4.2, RFC 3691): as CLOSE, removing nothing. */
import { defineCommand, ok, parseNothing } from '#imap/command.ts';

export const unselect = defineCommand({
  name: 'UNSELECT',
  states: ['selected'],
  updates: 'own',
  capabilities: () => ['UNSELECT'],
  parse: parseNothing,
  run(session) {
    session.deselect();
    return ok('Unselected');
  },
});
