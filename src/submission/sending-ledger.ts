/**
 * Counts what accounts send outside: one count for all threads, machines and restarts, since it is in the store. Whether
 * a recipient is new to the account is told by whom it wrote to before, and by the trace of who wrote to it.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { SENDING_LIMITS } from './limits.ts';
import type { SendingOperations } from './operations.ts';
import type { Refusal } from './operations/refuse.ts';
import type { SendingStore } from './ports/sending-store.ts';
import { findExcess, sliceAt } from './send-limits.ts';
import type { Excess, SendLimits } from './send-limits.ts';

export interface SendingLedgerParts {
  readonly store: SendingStore;
  /** Those of `senders` from whom mail was delivered to one of `recipients`; all in lower case. */
  readonly whoWrote: (senders: readonly string[], recipients: readonly string[]) => Promise<readonly string[]>;
  readonly clock: Clock;
}

export class SendingLedger {
  readonly #parts: SendingLedgerParts;

  constructor(parts: SendingLedgerParts) {
    this.#parts = parts;
  }

  /** Whether `recipients` more would be too many now, new or not. A look: nothing is counted. */
  async judge(accountId: AccountId, recipients: number, limits: SendLimits): Promise<Excess | undefined> {
    const { store, clock } = this.#parts;
    const now = sliceAt(clock.now());
    const slices = await store.reader.slices(accountId, now - SENDING_LIMITS.slicesPerDay + 1);
    return findExcess(slices, now, { recipients, newRecipients: 0 }, limits);
  }

  /**
   * Counts the recipients of a message that is queued next, unless they are too many. What is counted stays so when
   * the queue then fails: an outage may cost an account some of its day, and never lets it send more.
   */
  async reserve(
    accountId: AccountId,
    ownAddresses: readonly string[],
    recipients: readonly string[],
    limits: SendLimits,
  ): Promise<Excess | undefined> {
    const { store, whoWrote } = this.#parts;
    const addresses = recipients.map((address) => address.toLowerCase());
    const known = new Set(await store.reader.correspondents(accountId, [...new Set(addresses)]));
    const strangers = [...new Set(addresses.filter((address) => !known.has(address)))];
    const wroteFirst = strangers.length === 0 ? [] : await whoWrote(strangers, ownAddresses);
    return this.#run('reserve', { accountId, addresses, wroteFirst, limits });
  }

  /** A message was refused for what `judge` or `reserve` said. Of several at once each has its own number. */
  refuse(accountId: AccountId): Promise<Refusal> {
    return this.#run('refuse', { accountId });
  }

  /** As if it had sent nothing today. */
  forgive(accountId: AccountId): Promise<void> {
    return this.#run('forgive', { accountId });
  }

  /** The account is deleted. */
  forget(accountId: AccountId): Promise<void> {
    return this.#run('forget', { accountId });
  }

  async #run<Name extends keyof SendingOperations>(
    name: Name,
    args: Parameters<SendingOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<SendingOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<SendingOperations[Name]['run']>>;
  }
}
