/** Randomness comes in by this port, so that tests own it. */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export interface Random {
  /** Cryptographically strong bytes. */
  bytes(length: number): Buffer;
}

const POOL_OCTETS = 4096;
let pool = Buffer.alloc(0);

/** Each call to the system costs some 3 µs whatever it is asked for, so small requests are cut from a larger one. */
export const systemRandom: Random = {
  bytes(length) {
    if (length > POOL_OCTETS / 16) return randomBytes(length);
    if (pool.length < length) pool = randomBytes(POOL_OCTETS);
    const octets = pool.subarray(0, length);
    pool = pool.subarray(length);
    return octets;
  },
};

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
