/** UIDL (RFC 1939 §7): names by which a client knows messages again in later sessions. */
import { splitWords } from '#pop3/arguments.ts';
import type { Pop3Command } from '#pop3/command.ts';
import { findMessage } from '#pop3/find-message.ts';
import { LINES_PER_WRITE } from '#pop3/limits.ts';
import type { Session } from '#pop3/session.ts';

async function run(session: Session, argument: string): Promise<void> {
  const { maildrop } = session;
  const [word] = splitWords(argument);
  if (word !== undefined) {
    const number = findMessage(session, word);
    if (number !== undefined) session.succeed(`${number} ${maildrop.uniqueIdOf(number)}`);
    return;
  }
  await session.write('+OK unique ids follow\r\n');
  for (let first = 1; first <= maildrop.length && !session.isClosed; first += LINES_PER_WRITE) {
    const last = Math.min(first + LINES_PER_WRITE - 1, maildrop.length);
    let lines = '';
    for (let number = first; number <= last; number++) {
      if (maildrop.isPresent(number)) lines += `${number} ${maildrop.uniqueIdOf(number)}\r\n`;
    }
    await session.write(lines);
  }
  await session.write('.\r\n');
}

export const uidl: Pop3Command = {
  verb: 'UIDL',
  states: ['transaction'],
  capabilities: () => ['UIDL'],
  run,
};
