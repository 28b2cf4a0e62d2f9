/** argon2id (RFC 9106): how we hash passwords ourselves. */
import { hash, verify } from '@node-rs/argon2';
import type { Random } from '#base/random.ts';

export interface Argon2idCost {
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
}

const ARGON2ID = 2;
const SALT_OCTETS = 16;
const TAG_OCTETS = 32;

export const argon2idPrefix = '$argon2id$';

/** A PHC string. Runs off the main thread. */
export function hashArgon2id(password: string, cost: Argon2idCost, random: Random): Promise<string> {
  return hash(password, {
    algorithm: ARGON2ID,
    memoryCost: cost.memoryKib,
    timeCost: cost.iterations,
    parallelism: cost.parallelism,
    outputLen: TAG_OCTETS,
    salt: random.bytes(SALT_OCTETS),
  });
}

/** Rejects when the PHC string is damaged. Runs off the main thread. */
export function verifyArgon2id(verifier: string, password: string): Promise<boolean> {
  return verify(verifier, password);
}

/** A PHC string that no password fits: checking one costs as much as checking a real one. Made without hashing. */
export function makeArgon2idDecoy(cost: Argon2idCost, random: Random): string {
  const [salt, tag] = [SALT_OCTETS, TAG_OCTETS].map((octets) =>
    random.bytes(octets).toString('base64').replaceAll('=', ''),
  );
  return `${argon2idPrefix}v=19$m=${cost.memoryKib},t=${cost.iterations},p=${cost.parallelism}$${salt}$${tag}`;
}
