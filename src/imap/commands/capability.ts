/** CAPABILITY (RFC 9051 §6.1.1). */
import { ANY_STATE, defineCommand, ok, parseNothing } from '#imap/command.ts';

export const capability = defineCommand({
  name: 'CAPABILITY',
  states: ANY_STATE,
  parse: parseNothing,
  run(session) {
    session.untagged(`CAPABILITY ${session.listCapabilities()}`);
    return ok('Done');
  },
});
