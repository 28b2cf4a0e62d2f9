/** QUIT (RFC 1939 §4, §6): removes what is marked, and ends the session. */
import { EVERY_STATE } from '#pop3/command.ts';
import type { Pop3Command } from '#pop3/command.ts';
import type { Session } from '#pop3/session.ts';

async function run(session: Session): Promise<void> {
  session.end();
  if (session.state === 'authorization') return session.succeed('goodbye');
  session.noteRemoved(await session.maildrop.removeMarked(session.login));
  session.succeed('goodbye');
}

export const quit: Pop3Command = { verb: 'QUIT', states: EVERY_STATE, run };
