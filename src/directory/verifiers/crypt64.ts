/** The base64 of crypt(3): its own alphabet, least significant bits first. */

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `value` as `characters` of six bits each. */
export function encodeCrypt64(value: number, characters: number): string {
  let text = '';
  for (let left = value, at = 0; at < characters; at++, left >>>= 6) text += ALPHABET[left & 63];
  return text;
}
