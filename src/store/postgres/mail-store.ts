/**
 * MailStore on PostgreSQL. What is asked for while transactions run waits and then shares the next one, account by
 * account: an account's changes keep their order, and many accounts' changes cost little more than one's.
 */
import type { Clock } from '#base/clock.ts';
import { isMailError } from '#base/errors.ts';
import type { AccountId, ModSeq } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { MailReader, MailStore, OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import type { PreparedBlob } from '#mail/types.ts';
import { encodeRecord } from '#store/files/record.ts';
import { SHARED_OPERATIONS, SHARED_TRANSACTIONS } from '#store/limits.ts';
import { findMessages } from '#store/messages-in-args.ts';
import type { Operations } from '#store/operations.ts';
import { failure } from '#store/outcomes.ts';
import { checkSqlInvariants } from '#store/sql/invariants.ts';
import type { MessageStorage } from './message-storage.ts';
import type { Notices } from './notices.ts';
import { runGroup } from './operation-group.ts';
import type { OperationRunner } from './operation-runner.ts';

export interface PostgresMailOptions {
  readonly operations: Operations;
  readonly runner: OperationRunner;
  readonly messages: MessageStorage;
  readonly notices: Notices;
  readonly reader: MailReader;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Waiting {
  readonly request: OperationRequest;
  readonly answer: (outcome: OperationOutcome) => void;
  /** Did not get on with others; runs in a transaction of its own. */
  alone: boolean;
}

export class PostgresMailStore implements MailStore {
  readonly reader: MailReader;
  readonly #options: PostgresMailOptions;
  #waiting: Waiting[] = [];
  readonly #busyAccounts = new Set<AccountId>();
  #running = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: PostgresMailOptions) {
    this.#options = options;
    this.reader = options.reader;
  }

  prepareBlob(octets: Uint8Array): PreparedBlob {
    return encodeRecord(octets);
  }

  run(requests: readonly OperationRequest[]): Promise<readonly OperationOutcome[]> {
    const outcomes = requests.map(
      (request) =>
        new Promise<OperationOutcome>((resolve) => this.#waiting.push({ request, answer: resolve, alone: false })),
    );
    // At the end of this turn, so that all that is asked for in it can go together.
    setImmediate(() => this.#start());
    return Promise.all(outcomes);
  }

  watch(accountId: AccountId, listener: (modSeq: ModSeq) => void): () => void {
    return this.#options.notices.watchAccount(accountId, listener);
  }

  checkInvariants(): Promise<void> {
    return this.#options.runner.transaction('repeatable read read only', checkSqlInvariants);
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    while (this.#running > 0 || this.#waiting.length > 0)
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #start(): void {
    while (this.#running < SHARED_TRANSACTIONS) {
      const group = this.#takeGroup();
      if (group.length === 0) break;
      this.#running++;
      void this.#runAndAnswer(group);
    }
    if (this.#running === 0 && this.#waiting.length === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** The first that wait, of accounts that are not being changed: one of each, in their order. */
  #takeGroup(): Waiting[] {
    const group: Waiting[] = [];
    const left: Waiting[] = [];
    const passed = new Set<AccountId>();
    for (const item of this.#waiting) {
      const { accountId } = item.request;
      const isFree = !this.#busyAccounts.has(accountId) && !passed.has(accountId);
      const fits = item.alone ? group.length === 0 : group.length < SHARED_OPERATIONS && group[0]?.alone !== true;
      if (isFree && fits) group.push(item);
      else left.push(item);
      passed.add(accountId);
    }
    this.#waiting = left;
    for (const { request } of group) this.#busyAccounts.add(request.accountId);
    return group;
  }

  async #runAndAnswer(group: readonly Waiting[]): Promise<void> {
    const again: Waiting[] = [];
    try {
      const outcomes = await this.#run(group.map(({ request }) => request));
      for (const [index, item] of group.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined || outcome === 'alone') again.push(item);
        else item.answer(outcome);
      }
    } catch (error) {
      const isOutage = isMailError(error, 'unavailable');
      if (group.length > 1 && !isOutage) again.push(...group);
      else this.#fail(group, error);
      if (isOutage && error.data['timedOut'] === true) this.#fail(this.#waiting.splice(0), error);
    }
    for (const item of again) item.alone = true;
    // Before whatever else waits for these accounts.
    this.#waiting.unshift(...again);
    for (const { request } of group) this.#busyAccounts.delete(request.accountId);
    this.#running--;
    this.#start();
  }

  async #run(requests: readonly OperationRequest[]): Promise<readonly (OperationOutcome | 'alone')[]> {
    const { operations, runner, messages, notices, clock, log } = this.#options;
    const nowMs = clock.now();
    await runner.within(() =>
      Promise.all(requests.flatMap(({ args }) => findMessages(args)).map((message) => messages.ensure(message))),
    );
    const { outcomes, changed } = await runner.transaction('read committed', (session) =>
      runGroup({ operations, messages, nowMs, log }, session, requests),
    );
    for (const [accountId, modSeq] of changed) notices.publishMail(accountId, modSeq);
    return outcomes;
  }

  #fail(group: readonly Waiting[], error: unknown): void {
    const outcome = failure(error);
    for (const { request, answer } of group) {
      const fields = { err: error, operation: request.name, accountId: request.accountId };
      if (outcome.error.code === 'fault') this.#options.log.error(fields, 'an operation failed');
      else if (outcome.error.code === 'unavailable') this.#options.log.warn(fields, 'the store is out of reach');
      answer(outcome);
    }
  }
}
