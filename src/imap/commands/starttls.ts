/** STARTTLS (RFC 9051 §6.2.1). */
import { defineCommand, no, ok, parseNothing, type Reply } from '#imap/command.ts';

export const starttls = defineCommand({
  name: 'STARTTLS',
  states: ['notAuthenticated'],
  capabilities: (session) => (session.canStartTls ? ['STARTTLS'] : []),
  parse: parseNothing,
  run(session): Reply {
    if (session.connection.isSecure) return no('TLS is on already', 'CANNOT');
    if (!session.canStartTls) return no('TLS is not offered here', 'CANNOT');
    session.secureAfterReply();
    return ok('Begin TLS now');
  },
});
