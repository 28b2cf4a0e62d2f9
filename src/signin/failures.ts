/** Who has failed to sign in so often of late that a captcha is asked for. */
import type { Clock } from '#base/clock.ts';
import { LruMap } from '#base/lru-map.ts';
import { peerNetwork } from '#base/network-address.ts';
import { SIGNIN_LIMITS } from './limits.ts';

/** Plain data behind promises, as the directory's SignInLimits: one thread can count for all. */
export interface Failures {
  needsCaptcha(login: string, address: string): Promise<boolean>;
  /** Answers what `needsCaptcha` would from then on. */
  add(login: string, address: string): Promise<boolean>;
  /** Signed in: what the person mistyped before is forgotten, what others of the network did is not. */
  forget(login: string, address: string): Promise<void>;
}

interface Count {
  failures: number;
  readonly until: number;
}

/** Counted in one thread. */
export class LocalFailures implements Failures {
  readonly #clock: Clock;
  readonly #captchaAfter: number;
  readonly #counts = new LruMap<string, Count>(SIGNIN_LIMITS.failuresKept);

  /** `captchaAfter`: failures at one login from one address. */
  constructor(clock: Clock, captchaAfter: number) {
    this.#clock = clock;
    this.#captchaAfter = captchaAfter;
  }

  async needsCaptcha(login: string, address: string): Promise<boolean> {
    return (
      this.#count(pairOf(login, address)).failures >= this.#captchaAfter ||
      this.#count(peerNetwork(address)).failures >= this.#captchaAfter * SIGNIN_LIMITS.failuresPerNetworkFactor
    );
  }

  async add(login: string, address: string): Promise<boolean> {
    for (const key of [pairOf(login, address), peerNetwork(address)]) {
      const count = this.#count(key);
      count.failures++;
      this.#counts.set(key, count);
    }
    return this.needsCaptcha(login, address);
  }

  async forget(login: string, address: string): Promise<void> {
    this.#counts.delete(pairOf(login, address));
  }

  #count(key: string): Count {
    const now = this.#clock.monotonic();
    const count = this.#counts.get(key);
    return count !== undefined && count.until > now
      ? count
      : { failures: 0, until: now + SIGNIN_LIMITS.failuresCountMs };
  }
}

/** A login from a network, as one key. */
export function pairOf(login: string, address: string): string {
  return `${peerNetwork(address)} ${login.slice(0, 320).normalize('NFKC').toLowerCase()}`;
}
