/**
 * The door: mail of another system brought here, account after account, several at once. What is done stands in the store, so
 * that it can be interrupted, killed and run again at any time; run twice, it brings nothing twice (S-21).
 */
import type { Clock } from '#base/clock.ts';
import { errorText, isMailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { ImapConnection } from '#imap/client/connection.ts';
import type { Mail } from '#mail/mail.ts';
import { MIGRATION_LIMITS } from './limits.ts';
import { closedReason, moveAccount } from './move-account.ts';
import { Interrupted } from './move-mailbox.ts';
import type { ClaimArgs } from './operations.ts';
import type {
  AccountMoveRow,
  MailboxMoveRow,
  MigrationReader,
  MigrationStore,
  MoveState,
} from './ports/migration-store.ts';

/** The latest there can be: all of it. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

export interface MigrationOptions {
  readonly store: MigrationStore;
  readonly mail: Mail;
  /** Signs in at the other system. Throws `forbidden`, `unavailable`. */
  readonly open: (login: string) => Promise<ImapConnection>;
  /** Octets of a message that is taken. */
  readonly messageBytes: number;
  /** Octets that an account may hold which has no mailboxes yet; null: no limit. */
  readonly quotaBytes: number | null;
  /** No other process can be at work on the same store. */
  readonly isAlone: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RunOptions {
  readonly pass: ClaimArgs['pass'];
  /** Of the base pass: INTERNALDATE up to and with this, milliseconds. */
  readonly until: number;
  /** Accounts at once. */
  readonly workers: number;
  /** Accounts in all; Infinity: every one. */
  readonly limit: number;
  /** Between two accounts of a worker: the other system has its people, too. Milliseconds. */
  readonly pauseMs: number;
  /** These alone. */
  readonly only?: readonly AccountId[];
  readonly signal: AbortSignal;
  readonly onProgress: (tally: RunTally) => void;
}

export interface RunTally {
  accounts: number;
  failed: number;
  closed: number;
  /** Copied or found here, by this run. */
  messages: number;
  bytes: number;
  /** Why it ended before its end; undefined: it did not. */
  stopped: string | undefined;
}

export class Migration {
  readonly #options: MigrationOptions;

  constructor(options: MigrationOptions) {
    this.#options = options;
  }

  get reader(): MigrationReader {
    return this.#options.store.reader;
  }

  enlist(accountId: AccountId, login: string): Promise<'added' | 'known' | 'taken'> {
    return this.#options.store.run('enlist', { accountId, login }) as Promise<'added' | 'known' | 'taken'>;
  }

  /** Never throws for what one account meets; that stands in its row. Throws `unavailable`: the store. */
  async run(options: RunOptions): Promise<RunTally> {
    const { workers, limit, pauseMs, signal, pass } = options;
    const { clock, isAlone } = this.#options;
    const tally: RunTally = { accounts: 0, failed: 0, closed: 0, messages: 0, bytes: 0, stopped: undefined };
    const only = options.only?.values();
    const runAt = clock.now();
    let [after, begun, refusals] = [0, 0, 0];
    /** One after another, so that each begins behind the one before. */
    let claiming: Promise<AccountMoveRow | null> = Promise.resolve(null);
    const claim = async (): Promise<AccountMoveRow | null> => {
      for (;;) {
        const next = only?.next();
        if (next?.done === true) return null;
        const place = next === undefined ? { after } : { after: 0, only: next.value };
        const row = (await this.#options.store.run('claim', {
          pass,
          runAt,
          isAlone,
          ...place,
        })) as AccountMoveRow | null;
        if (row !== null) after = row.accountId;
        if (row !== null || next === undefined) return row;
      }
    };
    const work = async (): Promise<void> => {
      while (begun < limit && !signal.aborted && tally.stopped === undefined) {
        begun++;
        claiming = claiming.then(claim);
        const row = await claiming;
        if (row === null) return;
        const state = await this.#moveOne(row, options, tally);
        tally.accounts++;
        if (state === 'failed') tally.failed++;
        if (state === 'closed') tally.closed++;
        refusals = state === 'closed' ? refusals + 1 : 0;
        // It is hardly all of them who have gone.
        if (refusals >= MIGRATION_LIMITS.refusals)
          tally.stopped = `the other system refused ${refusals} accounts in a row: is the password of migration right?`;
        options.onProgress(tally);
        if (pauseMs > 0 && begun < limit) await pause(clock, pauseMs, signal);
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
    return tally;
  }

  async #moveOne(row: AccountMoveRow, options: RunOptions, tally: RunTally): Promise<MoveState> {
    const { store, clock, log } = this.#options;
    const { accountId } = row;
    const finish = async (
      state: MoveState,
      reason: string,
      skippedMailboxes = row.skippedMailboxes,
    ): Promise<MoveState> => {
      await store.run('finish', {
        accountId,
        state,
        reason: reason.slice(0, MIGRATION_LIMITS.reasonChars),
        skippedMailboxes,
      });
      return state;
    };
    let attempt = 0;
    const onMoved = (messages: number, bytes: number): void => {
      // Some servers hang up after so many messages: as long as each attempt brings some, it gets there.
      attempt = 0;
      tally.messages += messages;
      tally.bytes += bytes;
      options.onProgress(tally);
    };
    for (;;) {
      attempt++;
      try {
        return await finish(row.pass === 'delta' ? 'done' : 'based', '', await this.#tryOne(row, options, onMoved));
      } catch (error) {
        if (isMailError(error, 'stateMismatch')) return 'running';
        if (error instanceof Interrupted || options.signal.aborted) return finish('failed', 'interrupted');
        const reason = closedReason(error);
        if (reason !== undefined) return finish('closed', reason);
        if (!isMailError(error)) log.error({ accountId, error }, 'an account could not be brought over');
        if (!isMailError(error, 'unavailable') || attempt >= MIGRATION_LIMITS.attempts)
          return finish('failed', errorText(error));
        await pause(clock, MIGRATION_LIMITS.attemptPauseMs, options.signal);
      }
    }
  }

  async #tryOne(
    row: AccountMoveRow,
    { until, signal }: RunOptions,
    onMoved: (messages: number, bytes: number) => void,
  ): Promise<number> {
    const { store, mail, messageBytes, quotaBytes, clock, open } = this.#options;
    const connection = await open(row.login);
    try {
      // Of the row as it is: an attempt before may have come some way.
      const now = (await store.reader.account(row.accountId)) ?? row;
      const skipped = await moveAccount({
        store,
        account: mail.account(row.accountId),
        connection,
        row: now,
        pass: row.pass ?? 'base',
        until: row.pass === 'delta' ? EVERYTHING : until,
        messageBytes,
        quotaBytes,
        clock,
        signal,
        onMoved,
      });
      await connection.logOut();
      return skipped;
    } finally {
      connection.destroy();
    }
  }
}

/** Shorter when the person gives up. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => resolve();
  const cancel = clock.after(delayMs, end);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return promise.finally(() => {
    cancel();
    signal.removeEventListener('abort', end);
  });
}

/** What has been brought of an account, summed up. */
export interface MoveSums {
  /** There, at the last look. */
  readonly sourceMessages: number;
  readonly sourceBytes: number;
  /** Here: brought, or here before. */
  readonly movedMessages: number;
  readonly movedBytes: number;
}

export function sumMailboxes(rows: Iterable<MailboxMoveRow>): MoveSums {
  const sums = { sourceMessages: 0, sourceBytes: 0, movedMessages: 0, movedBytes: 0 };
  for (const row of rows) {
    sums.sourceMessages += row.sourceMessages;
    sums.sourceBytes += row.sourceBytes;
    sums.movedMessages += row.copiedMessages + row.presentMessages;
    sums.movedBytes += row.copiedBytes + row.presentBytes;
  }
  return sums;
}
