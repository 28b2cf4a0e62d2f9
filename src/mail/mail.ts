/** The door to all mail: one account at a time, or a message to many at once. */
import type { AccountId } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import { MailAccount } from './account.ts';
import { IndexShelf } from './index-shelf.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { AppendItem } from './operations/append.ts';
import { SUBMITTED } from './operations/sent-copy.ts';
import type { MailOperationArgs, MailOperationResult } from './operations.ts';
import type { MailStore, OperationOutcome } from './ports/mail-store.ts';
import { prepareMessage } from './prepare-message.ts';
import type { QueryResults } from './query/query-emails.ts';
import type { PreparedMessage } from './types.ts';

/** Where a new message goes in an account, and under which keywords. */
export interface Destination {
  readonly mailboxes: AppendItem['mailboxes'];
  readonly keywords: readonly string[];
  readonly isPersonal?: boolean;
}

export const TO_INBOX: Destination = { mailboxes: ['inbox'], keywords: [] };
export const TO_JUNK: Destination = { mailboxes: ['junk'], keywords: ['$junk'] };

/** `MailStore.run`, or what runs the same changes in one commit with something else. */
export type RunChanges = MailStore['run'];

/** Accounts kept at hand, so that sessions of one account share its indexes. */
const RECENT_ACCOUNTS = 10_000;

export class Mail {
  readonly #store: MailStore;
  readonly #shelf = new IndexShelf(MAIL_LIMITS.idleIndexEntries);
  readonly #firstEntries: number;
  readonly #keepsDeletions: boolean;
  readonly #results: QueryResults = new LruMap(MAIL_LIMITS.queryResults, {
    maxWeight: MAIL_LIMITS.queryResultEmails,
    weigh: ({ length }) => length,
  });
  readonly #accounts = new Map<AccountId, MailAccount>();

  /**
   * `firstEntries`: rows an index loads first; tests that want to see it grow give few. `keepsDeletions`: whether what is
   * deleted can be had back.
   */
  constructor(store: MailStore, firstEntries: number = MAIL_LIMITS.firstEntries, keepsDeletions = true) {
    this.#store = store;
    this.#firstEntries = firstEntries;
    this.#keepsDeletions = keepsDeletions;
  }

  /** The same object for the same account while anybody uses it. Existence is not checked here. */
  account(accountId: AccountId): MailAccount {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = new MailAccount(
        this.#store,
        accountId,
        this.#shelf,
        this.#firstEntries,
        this.#results,
        this.#keepsDeletions,
      );
      if (this.#accounts.size >= RECENT_ACCOUNTS) this.#forgetIdle();
      this.#accounts.set(accountId, account);
    }
    return account;
  }

  #forgetIdle(): void {
    for (const [accountId, account] of this.#accounts) if (!account.isOpen) this.#accounts.delete(accountId);
  }

  /** Digest, hash and encode, on this thread. */
  prepareMessage(octets: Uint8Array): PreparedMessage {
    return prepareMessage(octets, (blob) => this.#store.prepareBlob(blob));
  }

  /**
   * Puts a new message into the mailboxes of accounts, each for itself; durable where it succeeded. Where a mailbox is gone
   * that `destinationOf` names, it comes into the inbox. `run`: in place of the store's own.
   */
  async deliver(
    message: PreparedMessage,
    accountIds: readonly AccountId[],
    receivedAt: number,
    destinationOf: (accountId: AccountId) => Destination = () => TO_INBOX,
    run?: RunChanges,
  ): Promise<ReadonlyMap<AccountId, OperationOutcome>> {
    // Those that go to the same place share what is asked for.
    const argsOf = new Map<Destination, MailOperationArgs<'append'>>();
    const requests = accountIds.map((accountId) => {
      const destination = destinationOf(accountId);
      const args = argsOf.get(destination) ?? { items: [{ message, ...destination, receivedAt }], source: 'smtp' };
      argsOf.set(destination, args);
      return { accountId, args };
    });
    const outcomes = await this.appendAll(requests, run);
    if (outcomes.length !== accountIds.length)
      throw new Error(`${outcomes.length} answers for ${accountIds.length} appends`);
    return new Map(accountIds.map((accountId, i) => [accountId, outcomes[i] as OperationOutcome]));
  }

  /**
   * Puts the author's copy of a submitted message into Sent, read, unless a mail program has done so; `notFound` for an
   * account without Sent. Asked for in the same turn as `deliver`, it shares its commit.
   */
  async saveSent(message: PreparedMessage, accountId: AccountId, sentAt: number): Promise<OperationOutcome> {
    const item = { message, mailboxes: ['sent' as const], keywords: ['$seen', SUBMITTED], receivedAt: sentAt };
    const [outcome] = await this.appendAll([{ accountId, args: { items: [item], source: 'submission' } }]);
    return outcome as OperationOutcome;
  }

  /**
   * Appends for many accounts in one group: each succeeds or fails by itself, and when the promise resolves the
   * successes are durable. The same PreparedMessage object in several items is stored once.
   */
  async appendAll(
    requests: readonly { readonly accountId: AccountId; readonly args: MailOperationArgs<'append'> }[],
    run: RunChanges = (changes) => this.#store.run(changes),
  ): Promise<readonly (OperationOutcome & { readonly value?: MailOperationResult<'append'> })[]> {
    const outcomes = await run(requests.map(({ accountId, args }) => ({ accountId, name: 'append', args })));
    return outcomes as readonly (OperationOutcome & { readonly value?: MailOperationResult<'append'> })[];
  }
}
