/** Finds the message a command names; says what is wrong when it cannot be. */
import { parseNumber } from './arguments.ts';
import type { Session } from './session.ts';

/** The message number, or undefined once the refusal has been sent. */
export function findMessage(session: Session, word: string | undefined): number | undefined {
  const number = parseNumber(word ?? '');
  if (number === undefined) {
    session.reject('needs a message number');
    return undefined;
  }
  if (session.maildrop.isPresent(number)) return number;
  // Not the client's fault when somebody else removed it, so not counted.
  if (session.maildrop.isMarked(number)) session.fail({ text: 'message is marked as deleted' });
  else session.fail({ text: `no such message, ${session.maildrop.length} in the maildrop` });
  return undefined;
}
