/**
 * Remembers, for a while, messages that reached some of their recipients and not others. SMTP has one reply for all of
 * them: "later" is the only one that loses nothing, and when the sender comes again, those who have the message must
 * not get it twice. Kept in this thread's memory: a thread that does not know of it delivers once more, no worse.
 *
 * Once there is a queue, the rest of such a message is queued instead, and this file can go.
 */
import { hash } from 'node:crypto';

import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { SmtpTransaction } from '#smtp/receiver.ts';

interface PartialDelivery {
  /** Accounts, and groups by their address. */
  readonly receivers: Set<AccountId | string>;
  readonly untilMs: number;
}

const NOBODY: ReadonlySet<AccountId | string> = new Set();

export class PartialDeliveries {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #ttlMs: number;
  /** Oldest first. */
  readonly #entries = new Map<string, PartialDelivery>();

  constructor(clock: Clock, maxEntries: number, ttlMs: number) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
    this.#ttlMs = ttlMs;
  }

  /** Who has this very message from this very sender already. Costs nothing while nothing is remembered. */
  whoHas(transaction: SmtpTransaction, received: Buffer): ReadonlySet<AccountId | string> {
    this.#forgetOld();
    if (this.#entries.size === 0) return NOBODY;
    return this.#entries.get(nameOf(transaction, received))?.receivers ?? NOBODY;
  }

  remember(transaction: SmtpTransaction, received: Buffer, receivers: Iterable<AccountId | string>): void {
    const name = nameOf(transaction, received);
    const all = new Set([...(this.#entries.get(name)?.receivers ?? []), ...receivers]);
    this.#entries.delete(name);
    this.#entries.set(name, { receivers: all, untilMs: this.#clock.now() + this.#ttlMs });
    if (this.#entries.size > this.#maxEntries) this.#forgetOldest();
  }

  /** The sender has been told of success and will not come again: the same octets from now on are a new message. */
  forget(transaction: SmtpTransaction, received: Buffer): void {
    if (this.#entries.size > 0) this.#entries.delete(nameOf(transaction, received));
  }

  #forgetOld(): void {
    for (const [name, { untilMs }] of this.#entries) {
      if (untilMs > this.#clock.now()) return;
      this.#entries.delete(name);
    }
  }

  #forgetOldest(): void {
    for (const name of this.#entries.keys()) {
      this.#entries.delete(name);
      return;
    }
  }
}

/** A retry has the same octets: what a relay adds, it added before its first attempt. */
function nameOf(transaction: SmtpTransaction, received: Buffer): string {
  return `${hash('sha256', received, 'base64url')} ${transaction.reversePath.address}`;
}
