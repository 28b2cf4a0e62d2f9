/** TOP (RFC 1939 §7): a message's header section and the first lines of its body. */
import { parseNumber, splitWords } from '#pop3/arguments.ts';
import type { Pop3Command } from '#pop3/command.ts';
import { findMessage } from '#pop3/find-message.ts';
import { TOP_CHUNK_BYTES } from '#pop3/limits.ts';
import { sendMessage } from '#pop3/send-message.ts';
import type { Session } from '#pop3/session.ts';
import { TopCutter } from '#pop3/wire/top-cutter.ts';

async function run(session: Session, argument: string): Promise<void> {
  const [word, linesWord = ''] = splitWords(argument);
  const lines = parseNumber(linesWord);
  if (lines === undefined) return session.reject('TOP needs a message number and a number of lines');
  const number = findMessage(session, word);
  if (number === undefined) return;
  await sendMessage(session, number, 'top of message follows', TOP_CHUNK_BYTES, new TopCutter(lines));
}

export const top: Pop3Command = { verb: 'TOP', states: ['transaction'], capabilities: () => ['TOP'], run };
