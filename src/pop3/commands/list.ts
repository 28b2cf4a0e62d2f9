/** LIST (RFC 1939 §5): the sizes of messages. */
import { splitWords } from '#pop3/arguments.ts';
import type { Pop3Command } from '#pop3/command.ts';
import { SIZES_PER_FETCH } from '#pop3/limits.ts';
import { findMessage } from '#pop3/find-message.ts';
import type { Session } from '#pop3/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  const { maildrop } = session;
  const [word] = splitWords(argument);
  if (word !== undefined) {
    const number = findMessage(session, word);
    if (number === undefined) return;
    const size = await maildrop.sizeOf(number);
    if (size === undefined) return session.fail({ text: 'no such message' });
    return session.succeed(`${number} ${size}`);
  }
  await session.write('+OK sizes follow\r\n');
  for (let first = 1; first <= maildrop.length && !session.isClosed; first += SIZES_PER_FETCH) {
    const last = Math.min(first + SIZES_PER_FETCH - 1, maildrop.length);
    await maildrop.loadSizes(first, last);
    let lines = '';
    for (let number = first; number <= last; number++) {
      if (maildrop.isPresent(number)) lines += `${number} ${maildrop.knownSizeOf(number)}\r\n`;
    }
    await session.write(lines);
  }
  await session.write('.\r\n');
}

export const list: Pop3Command = { verb: 'LIST', states: ['transaction'], run };
