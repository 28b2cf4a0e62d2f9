/** RETR (RFC 1939 §5): a whole message. Its flags stay as they are: POP3 has none, and a copy kept is not one read. */
import type { Pop3Command } from '#pop3/command.ts';
import { findMessage } from '#pop3/find-message.ts';
import { RETR_CHUNK_BYTES } from '#pop3/limits.ts';
import { sendMessage } from '#pop3/send-message.ts';
import type { Session } from '#pop3/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  const number = findMessage(session, argument.trim());
  if (number === undefined) return;
  const size = await session.maildrop.sizeOf(number);
  if (size === undefined) return session.fail({ text: 'no such message' });
  await sendMessage(session, number, `${size} octets`, RETR_CHUNK_BYTES);
  if (!session.isClosed) session.noteRetrieved(size);
}

export const retr: Pop3Command = { verb: 'RETR', states: ['transaction'], run };
