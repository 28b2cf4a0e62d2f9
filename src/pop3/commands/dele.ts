/** DELE (RFC 1939 §5): marks a message; QUIT removes it. */
import type { Pop3Command } from '#pop3/command.ts';
import { findMessage } from '#pop3/find-message.ts';
import type { Session } from '#pop3/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  const number = findMessage(session, argument.trim());
  if (number === undefined) return;
  if (await session.maildrop.mark(number)) session.succeed(`message ${number} marked as deleted`);
  else session.fail({ text: 'no such message' });
}

export const dele: Pop3Command = { verb: 'DELE', states: ['transaction'], run };
