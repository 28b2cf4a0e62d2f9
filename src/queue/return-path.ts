/** The Return-Path that our own delivery put before a message: it stays here when the message goes on. */
import { nextLine } from '#mime/octets.ts';

const NAME = 'return-path:';
const BLANK: ReadonlySet<number | undefined> = new Set([0x20, 0x09]);

/**
 * The octets behind a Return-Path that they begin with (RFC 5321 §4.4: who relays takes it off), else the octets
 * themselves. So a message that is put into mailboxes here and sent elsewhere, too, is stored once.
 */
export function withoutReturnPath(octets: Buffer): Buffer {
  if (octets.toString('latin1', 0, NAME.length).toLowerCase() !== NAME) return octets;
  let end = nextLine(octets, 0);
  while (BLANK.has(octets[end])) end = nextLine(octets, end);
  return octets.subarray(end);
}
