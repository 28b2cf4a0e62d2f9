/** Randomness comes in by this port, so that tests own it. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export interface Random {
  /** Cryptographically strong bytes. */
  bytes(length: number): Buffer;
}

export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A random id of `length` letters and digits (5 bits each). */
export function randomId(random: Random, length: number): string {
  let id = '';
  for (const byte of random.bytes(length)) id += ID_ALPHABET[byte & 31];
  return id;
}

/** Compares secrets in time that depends on their lengths only. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
