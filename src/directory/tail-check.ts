/**
 * What is kept of an identity document's number (domain.md §5.4): a digest of its end under a key that is not in the database,
 * so that a password can be refused that holds it (S-25), and nobody can read the number back.
 */
import { createHmac } from 'node:crypto';

/** Characters of a number's end: of an identity number the day of birth, a sequence and the check character. */
export const TAIL_LENGTH = 6;

/** `number` is the person's in the roster: two with the same tail have different digests. '' for a document too short to have one. */
export function digestTail(key: Uint8Array, number: string, document: string): string {
  const tail = document.slice(-TAIL_LENGTH).toUpperCase();
  return tail.length < TAIL_LENGTH ? '' : digest(key, number, tail);
}

/** Whether the end of the person's document stands anywhere in the password. */
export function holdsTail(
  key: Uint8Array,
  { number, tailCheck }: { readonly number: string; readonly tailCheck: string },
  password: string,
): boolean {
  if (tailCheck === '') return false;
  const text = password.toUpperCase();
  for (let at = 0; at + TAIL_LENGTH <= text.length; at++) {
    if (digest(key, number, text.slice(at, at + TAIL_LENGTH)) === tailCheck) return true;
  }
  return false;
}

function digest(key: Uint8Array, number: string, tail: string): string {
  return createHmac('sha256', key).update(`document tail\0${number}\0${tail}`).digest('base64url');
}
