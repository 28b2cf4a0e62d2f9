/**
 * Octets and "binary strings" (one character per octet, U+0000 to U+00FF): raw header values are handled as
 * binary strings, because searching and slicing a string is cheaper than a Buffer call per token.
 */

/** The same memory as a Buffer. */
export function asBuffer(octets: Uint8Array): Buffer {
  return Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** The octets of a binary string. */
export function toOctets(binary: string): Buffer {
  return Buffer.from(binary, 'latin1');
}

/** How many LF octets lie in [start, end). */
export function countLineEnds(octets: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (octets[i] === 10) count++;
  return count;
}

/** Octets walked before a call looks further: a call for each line costs far more than the walk when lines are short. */
const NEAR = 32;

/** One past the line end at or after `position`; the end of `octets` where there is none. */
export function nextLine(octets: Buffer, position: number): number {
  const near = Math.min(octets.length, position + NEAR);
  for (let i = position; i < near; i++) if (octets[i] === 10) return i + 1;
  const lineFeed = octets.indexOf(10, near);
  return lineFeed === -1 ? octets.length : lineFeed + 1;
}

/** Whether a binary string has an octet above 0x7F. */
export function hasHighOctet(binary: string): boolean {
  for (let i = 0; i < binary.length; i++) if (binary.charCodeAt(i) > 0x7f) return true;
  return false;
}

/** At most `maxChars` UTF-16 units of `text`, never ending in half a surrogate pair. */
export function truncateText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const last = text.charCodeAt(maxChars - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? maxChars - 1 : maxChars);
}
