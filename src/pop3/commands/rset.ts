/** RSET (RFC 1939 §5): takes all deletion marks back. */
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

function run(session: Session): void {
  session.maildrop.unmarkAll();
  session.succeed(`${session.maildrop.presentCount} messages`);
}

export const rset: Pop3Command = { verb: 'RSET', states: ['transaction'], run };
