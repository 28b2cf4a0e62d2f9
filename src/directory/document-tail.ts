/** The end of an identity document's number, kept only so that it can be known again in a password. */
import { createHmac } from 'node:crypto';

/** Characters of it: day of birth, sequence and check (S-13), what initial passwords were made of. */
export const TAIL_LENGTH = 6;

/** `PersonRow.tailCheck` of that number. The key is not in the database: a million tails are soon tried. */
export function digestTail(key: Uint8Array, documentNumber: string): string {
  const tail = documentNumber.slice(-TAIL_LENGTH).toUpperCase();
  return createHmac('sha256', key).update(`document tail\0${tail}`).digest('base64url');
}
