/**
 * Which passwords have been proven of late, so that a phone that connects every minute does not cost a hash each time.
 * Holds keyed digests only (see `fingerprint` in sign-in.ts). A digest covers the stored verifier, which is read afresh
 * at every sign-in: a changed password misses here even before the store has told us of the change.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';

interface Proven {
  readonly fingerprint: string;
  expiresAt: number;
}

export class CredentialCache {
  readonly #byAccount: LruMap<AccountId, Proven>;
  readonly #clock: Clock;
  readonly #ttlMs: number;

  /** `ttlMs` counts from the last use. */
  constructor(options: { readonly clock: Clock; readonly maxAccounts: number; readonly ttlMs: number }) {
    this.#byAccount = new LruMap(options.maxAccounts);
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs;
  }

  /**
   * Fingerprints are HMACs under a key nobody outside knows: how long comparing them takes tells an attacker nothing
   * that leads to a password.
   */
  has(accountId: AccountId, fingerprint: string): boolean {
    const proven = this.#byAccount.get(accountId);
    const now = this.#clock.monotonic();
    if (proven === undefined || proven.fingerprint !== fingerprint) return false;
    if (proven.expiresAt <= now) {
      this.#byAccount.delete(accountId);
      return false;
    }
    proven.expiresAt = now + this.#ttlMs;
    return true;
  }

  add(accountId: AccountId, fingerprint: string): void {
    this.#byAccount.set(accountId, { fingerprint, expiresAt: this.#clock.monotonic() + this.#ttlMs });
  }

  forget(accountId: AccountId): void {
    this.#byAccount.delete(accountId);
  }
}
