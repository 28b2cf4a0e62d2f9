/**
 * Passwords to verifiers and back to yes or no. Which scheme wrote a verifier is read off its prefix; each scheme is
 * a file in verifiers/ and a line in `verify`. Knows neither accounts nor limits.
 */
import type { Random } from '#base/random.ts';
import { argon2idPrefix, hashArgon2id, makeArgon2idDecoy, verifyArgon2id } from './verifiers/argon2id.ts';
import type { Argon2idCost } from './verifiers/argon2id.ts';

export type { Argon2idCost };

export interface PasswordHasher {
  /** The verifier to store. `password` is prepared already (SASLprep). */
  hash(password: string): Promise<string>;
  /** Rejects for a verifier that is damaged or of no known scheme: our fault, not the user's. */
  verify(verifier: string, password: string): Promise<boolean>;
  /** What to verify against where there is no account, so that nobody can tell. */
  readonly decoy: string;
}

export function createPasswordHasher(cost: Argon2idCost, random: Random): PasswordHasher {
  return {
    hash: (password) => hashArgon2id(password, cost, random),
    async verify(verifier, password) {
      if (verifier.startsWith(argon2idPrefix)) return verifyArgon2id(verifier, password);
      throw new Error('a stored password verifier is of no known scheme');
    },
    decoy: makeArgon2idDecoy(cost, random),
  };
}
