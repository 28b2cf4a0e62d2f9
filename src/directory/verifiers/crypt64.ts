/** The base64 of crypt(3): its own alphabet, least significant bits first. */

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `value` as `characters` of six bits each. */
export function encodeCrypt64(value: number, characters: number): string {
  let text = '';
  for (let left = value, at = 0; at < characters; at++, left >>>= 6) text += ALPHABET[left & 63];
  return text;
}

/** Of a character, from 0; -1: none of the alphabet. */
export function valueOfCrypt64(character: string): number {
  return ALPHABET.indexOf(character);
}

/** Three octets in four characters, what is left in two or three. */
export function encodeCrypt64Octets(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at += 3) {
    const [a = 0, b = 0, c = 0] = octets.subarray(at, at + 3);
    text += encodeCrypt64(a | (b << 8) | (c << 16), Math.min(4, octets.length - at + 1));
  }
  return text;
}

/** The octets that have that form, of characters of the alphabet; undefined: none. */
export function decodeCrypt64(text: string): Buffer | undefined {
  const octets: number[] = [];
  for (let at = 0; at < text.length; at += 4) {
    const values = Array.from(text.slice(at, at + 4), valueOfCrypt64);
    let value = values.reduce((sum, one, place) => sum + one * 64 ** place, 0);
    for (let left = values.length; left > 1; left--, value = Math.floor(value / 256)) octets.push(value % 256);
    if (values.length === 1 || value !== 0) return undefined;
  }
  return Buffer.from(octets);
}
