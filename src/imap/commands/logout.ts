/** LOGOUT (RFC 9051 §6.1.3). */
import { ANY_STATE, defineCommand, ok, parseNothing } from '#imap/command.ts';

export const logout = defineCommand({
  name: 'LOGOUT',
  states: ANY_STATE,
  updates: 'own',
  parse: parseNothing,
  run(session) {
    session.end('Logging out');
    return ok('Goodbye');
  },
});
