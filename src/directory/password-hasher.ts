/**
 * Passwords to verifiers and back to yes or no. Which scheme wrote a verifier is read off its prefix; each scheme is
 * a file in verifiers/ and a line in `verify`. Knows neither accounts nor limits.
 */
import type { Random } from '#base/random.ts';
import { argon2idPrefix, hashArgon2id, makeArgon2idDecoy, verifyArgon2id } from './verifiers/argon2id.ts';
import type { Argon2idCost } from './verifiers/argon2id.ts';
import { initialPrefix, makeInitialVerifier, matchInitial } from './verifiers/initial.ts';

export type { Argon2idCost };

export interface PasswordHasher {
  /** The verifier to store. `password` is prepared already (SASLprep). */
  hash(password: string): Promise<string>;
  /** Of passwords given out by a rule, any of which is taken. Cheap. */
  hashInitial(passwords: readonly string[]): string;
  /** Which of them it is, from 0; -1: none. Cheap, so only for who has been let in. */
  matchInitial(verifier: string, password: string): number;
  /**
   * Takes as long for every scheme of ours. Rejects for a verifier that is damaged or of no known scheme: our fault, not
   * the user's.
   */
  verify(verifier: string, password: string): Promise<boolean>;
  /** What to verify against where there is no account, so that nobody can tell. */
  readonly decoy: string;
}

/** `initialKey`: 32 secret octets, the same in every thread and after a restart, and not in the database. */
export function createPasswordHasher(cost: Argon2idCost, random: Random, initialKey: Uint8Array): PasswordHasher {
  const decoy = makeArgon2idDecoy(cost, random);
  return {
    hash: (password) => hashArgon2id(password, cost, random),
    hashInitial: (passwords) => makeInitialVerifier(initialKey, passwords, random),
    matchInitial: (verifier, password) => matchInitial(initialKey, verifier, password),
    async verify(verifier, password) {
      if (verifier.startsWith(argon2idPrefix)) return verifyArgon2id(verifier, password);
      if (verifier.startsWith(initialPrefix)) {
        // Nobody is to see by the time it takes who has not activated yet.
        await verifyArgon2id(decoy, password);
        return matchInitial(initialKey, verifier, password) !== -1;
      }
      throw new Error('a stored password verifier is of no known scheme');
    },
    decoy,
  };
}
