/**
 * Passwords to verifiers and back to yes or no. Which scheme wrote a verifier is read off its prefix; each scheme is
 * a file in verifiers/ and a line in `verify`. Knows neither accounts nor limits.
 */
import { MailError } from '#base/errors.ts';
import type { Random } from '#base/random.ts';
import { argon2idPrefix, hashArgon2id, makeArgon2idDecoy, verifyArgon2id } from './verifiers/argon2id.ts';
import type { Argon2idCost } from './verifiers/argon2id.ts';
import { readForeign } from './verifiers/foreign.ts';
import { initialPrefix, makeInitialVerifier, matchInitial } from './verifiers/initial.ts';

export type { Argon2idCost };

/** The mail system that was here before, which knows passwords whose verifiers it did not hand over. */
export interface OldServer {
  /** Rejects with `unavailable` (MailError) when it cannot be asked. Bounded in time. */
  accepts(login: string, password: string): Promise<boolean>;
}

/** `{IMAP}zhangsan`: the old server is asked, where that login is somebody's. */
const ASK_PREFIX = '{IMAP}';

export interface PasswordHasher {
  /** The verifier to store. `password` is prepared already (SASLprep). */
  hash(password: string): Promise<string>;
  /** Of passwords given out by a rule, any of which is taken. Cheap. */
  hashInitial(passwords: readonly string[]): string;
  /** Which of them it is, from 0; -1: none. Cheap, so only for who has been let in. */
  matchInitial(verifier: string, password: string): number;
  /** Whether it is another system's, and one of ours is to take its place as soon as the password is known. */
  isForeign(verifier: string): boolean;
  /** `invalid` (MailError): it can never be checked here, and why. */
  requireReadable(verifier: string): void;
  /**
   * Takes as long for every scheme of ours, and no less for others'. Rejects for a verifier that is damaged or of no known scheme: our fault, not
   * the user's.
   */
  verify(verifier: string, password: string): Promise<boolean>;
  /** What to verify against where there is no account, so that nobody can tell. */
  readonly decoy: string;
}

/** `initialKey`: 32 secret octets, the same in every thread and after a restart, and not in the database. */
export function createPasswordHasher(
  cost: Argon2idCost,
  random: Random,
  initialKey: Uint8Array,
  oldServer?: OldServer,
): PasswordHasher {
  const decoy = makeArgon2idDecoy(cost, random);
  return {
    hash: (password) => hashArgon2id(password, cost, random),
    hashInitial: (passwords) => makeInitialVerifier(initialKey, passwords, random),
    matchInitial: (verifier, password) => matchInitial(initialKey, verifier, password),
    isForeign: (verifier) => !verifier.startsWith(argon2idPrefix) && !verifier.startsWith(initialPrefix),
    requireReadable(verifier) {
      if (!verifier.startsWith(ASK_PREFIX)) readForeign(verifier);
      else if (oldServer === undefined) throw new MailError('invalid', 'no old server is set that could be asked');
    },
    async verify(verifier, password) {
      if (verifier.startsWith(argon2idPrefix)) return verifyArgon2id(verifier, password);
      if (verifier.startsWith(initialPrefix)) {
        // Nobody is to see by the time it takes who has not activated yet.
        await verifyArgon2id(decoy, password);
        return matchInitial(initialKey, verifier, password) !== -1;
      }
      if (verifier.startsWith(ASK_PREFIX)) {
        if (oldServer === undefined) throw new MailError('unavailable', 'no old server is set that could be asked');
        return oldServer.accepts(verifier.slice(ASK_PREFIX.length), password);
      }
      const check = readForeign(verifier);
      // Nor who comes from elsewhere, where that is quicker.
      await verifyArgon2id(decoy, password);
      return check(password);
    },
    decoy,
  };
}
