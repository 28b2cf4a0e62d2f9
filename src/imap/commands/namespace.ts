/** NAMESPACE (RFC 9051 §6.3.10, RFC 2342): one's own mailboxes, and those that others share. */
import { OTHER_USERS } from '#imap/places.ts';
import { defineCommand, ok, parseNothing, SIGNED_IN } from '#imap/command.ts';

export const namespace = defineCommand({
  name: 'NAMESPACE',
  states: SIGNED_IN,
  capabilities: () => ['NAMESPACE'],
  parse: parseNothing,
  run(session) {
    const others = session.surroundings.others === undefined ? 'NIL' : `(("${OTHER_USERS}/" "/"))`;
    session.untagged(`NAMESPACE (("" "/")) ${others} NIL`);
    return ok('Done');
  },
});
