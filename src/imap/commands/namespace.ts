/** NAMESPACE (RFC 9051 §6.3.10, RFC 2342): everything is personal. */
import { defineCommand, ok, parseNothing, SIGNED_IN } from '#imap/command.ts';

export const namespace = defineCommand({
  name: 'NAMESPACE',
  states: SIGNED_IN,
  capabilities: () => ['NAMESPACE'],
  parse: parseNothing,
  run(session) {
    session.untagged('NAMESPACE (("" "/")) NIL NIL');
    return ok('Done');
  },
});
