/**
 * Proof of work in place of riddles (ALTCHA): whoever has failed a few times lets a machine count for a second or two,
 * which costs a person nothing and a guesser a core for each guess. Nothing is asked of anybody's eyes or ears, nor of
 * any other site.
 */
import { createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import type { Challenge, Solution } from 'altcha-lib';
import type { Clock } from '#base/clock.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Random } from '#base/random.ts';
import { SIGNIN_LIMITS } from './limits.ts';

/** Solutions that count no more. Plain data behind a promise: one thread can remember for all. */
export interface Solutions {
  /** Whether it counts: the first time. */
  spend(signature: string): Promise<boolean>;
}

export class LocalSolutions implements Solutions {
  readonly #spent = new LruMap<string, true>(SIGNIN_LIMITS.solutionsKept);

  async spend(signature: string): Promise<boolean> {
    if (this.#spent.get(signature) === true) return false;
    this.#spent.set(signature, true);
    return true;
  }
}

export interface CaptchaOptions {
  /** The same in every thread: a challenge may be answered in another. */
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  /** Otherwise remembered here alone. */
  readonly solutions?: Solutions;
  /** Less work, for tests. */
  readonly tries?: { readonly from: number; readonly to: number };
}

export class Captcha {
  readonly #options: CaptchaOptions;
  readonly #secret: string;
  readonly #solutions: Solutions;

  constructor(options: CaptchaOptions) {
    this.#options = options;
    this.#solutions = options.solutions ?? new LocalSolutions();
    this.#secret = Buffer.from(options.secret).toString('base64url');
  }

  /** As ALTCHA's widget takes it. */
  challenge(): Promise<Challenge> {
    const { clock, random, tries = SIGNIN_LIMITS.captchaTries } = this.#options;
    return createChallenge({
      algorithm: 'PBKDF2/SHA-256',
      cost: SIGNIN_LIMITS.captchaCost,
      counter: tries.from + (random.bytes(4).readUInt32LE() % (tries.to - tries.from)),
      deriveKey,
      expiresAt: Math.floor((clock.now() + SIGNIN_LIMITS.captchaMs) / 1000),
      hmacSignatureSecret: this.#secret,
      // Answers are compared by it, at the cost of an HMAC.
      hmacKeySignatureSecret: this.#secret,
    });
  }

  /** `payload`: base64 of JSON, as the widget gives it. Whether it is solved, by work that counts for the first time. */
  async accept(payload: string): Promise<boolean> {
    const parsed = readPayload(payload);
    if (parsed === undefined) return false;
    const { challenge, solution } = parsed;
    const { expiresAt } = challenge.parameters;
    if (typeof expiresAt !== 'number' || expiresAt * 1000 < this.#options.clock.now()) return false;
    const { verified } = await verifySolution({
      challenge,
      solution,
      deriveKey,
      hmacSignatureSecret: this.#secret,
      hmacKeySignatureSecret: this.#secret,
    });
    // Asked after the wait: two that come at once are two.
    return verified && challenge.signature !== undefined && this.#solutions.spend(challenge.signature);
  }
}

/** As far as the library does not look for itself. */
function readPayload(payload: string): { challenge: Challenge; solution: Solution } | undefined {
  try {
    const value = JSON.parse(Buffer.from(payload, 'base64').toString()) as Partial<
      Record<'challenge', Partial<Challenge>> & Record<'solution', Partial<Solution>>
    > | null;
    const { challenge, solution } = value ?? {};
    const { parameters, signature } = challenge ?? {};
    const isWhole =
      typeof parameters === 'object' &&
      parameters !== null &&
      typeof signature === 'string' &&
      typeof solution === 'object';
    // Ours have a signature of the key: without one, the library would count for itself, as much as a stranger asks.
    if (!isWhole || solution === null || typeof parameters.keySignature !== 'string') return undefined;
    return { challenge: challenge as Challenge, solution: solution as Solution };
  } catch {
    return undefined;
  }
}
