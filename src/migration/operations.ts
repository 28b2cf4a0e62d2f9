/** Every change that bringing mail from another system keeps, by name: the one list that backends run from. */
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { MIGRATION_LIMITS } from './limits.ts';
import type {
  AccountMoveRow,
  MailboxMoveRow,
  MigrationOperation,
  MigrationTransaction,
  MoveFailureRow,
  Pass,
} from './ports/migration-store.ts';

export interface ClaimArgs {
  /** `retry`: the pass that each had last, of those where something failed. */
  readonly pass: Pass | 'retry';
  /** Of the run: what was begun since then has had its turn. */
  readonly runAt: number;
  /** The account before. */
  readonly after: number;
  /** One account alone. */
  readonly only?: AccountId;
  /** Nobody else can be at work: what an earlier run left under way was killed. */
  readonly isAlone?: boolean;
}

export interface ProgressArgs {
  readonly mailbox: MailboxMoveRow;
  readonly fromEmailId: number;
  readonly failed: readonly Omit<MoveFailureRow, 'accountId' | 'path'>[];
  readonly mended: readonly number[];
}

const operations = {
  /** `taken`: the account has another sign-in there, whose mail has begun to come. */
  enlist: {
    async run(
      tx: MigrationTransaction,
      { accountId, login }: { readonly accountId: AccountId; readonly login: string },
    ): Promise<'added' | 'known' | 'taken'> {
      const row = await tx.account(accountId);
      if (row?.login === login) return 'known';
      if (row !== undefined && row.startedAt !== null) return 'taken';
      await tx.putAccount({
        accountId,
        login,
        state: 'waiting',
        pass: null,
        startedAt: null,
        aliveAt: null,
        finishedAt: null,
        fromEmailId: 0,
        skippedMailboxes: 0,
        reason: '',
        dismissedAt: null,
      });
      return 'added';
    },
  },
  /** The next account to be worked at becomes the caller's; null: there is none. */
  claim: {
    async run(tx: MigrationTransaction, args: ClaimArgs): Promise<AccountMoveRow | null> {
      const { only } = args;
      if (only !== undefined) {
        const row = await tx.account(only);
        return row !== undefined && (await isDue(tx, row, args)) ? take(tx, row, args) : null;
      }
      let { after } = args;
      for (;;) {
        const rows = await tx.accounts(after, MIGRATION_LIMITS.accountsAtOnce);
        for (const row of rows) if (await isDue(tx, row, args)) return take(tx, row, args);
        const last = rows.at(-1);
        if (last === undefined) return null;
        after = last.accountId;
      }
    },
  },
  /** Throws `stateMismatch`: another took the account over; `limit`: too much of it fails. */
  progress: {
    async run(tx: MigrationTransaction, { mailbox, fromEmailId, failed, mended }: ProgressArgs): Promise<void> {
      const { accountId, path } = mailbox;
      const row = await requireRunning(tx, accountId);
      await tx.putAccount({ ...row, aliveAt: tx.nowMs, fromEmailId });
      await tx.putMailbox(mailbox);
      for (const uid of mended) await tx.deleteFailure(accountId, path, uid);
      for (const failure of failed) await tx.putFailure({ accountId, path, ...failure });
      if (failed.length === 0) return;
      const known = await tx.failures(accountId, MIGRATION_LIMITS.failures + 1);
      if (known.length > MIGRATION_LIMITS.failures)
        throw new MailError(
          'limit',
          `more than ${MIGRATION_LIMITS.failures} messages of the account cannot be brought`,
        );
    },
  },
  /** The pass over an account is over. Throws `stateMismatch`. */
  finish: {
    async run(
      tx: MigrationTransaction,
      args: Pick<AccountMoveRow, 'accountId' | 'state' | 'reason' | 'skippedMailboxes'>,
    ): Promise<AccountMoveRow> {
      const row = { ...(await requireRunning(tx, args.accountId)), ...args, aliveAt: null, finishedAt: tx.nowMs };
      await tx.putAccount(row);
      return row;
    },
  },
  /** Its owner has seen what came of it. Throws `forbidden`: it is not over yet (A14). */
  dismiss: {
    async run(tx: MigrationTransaction, { accountId }: { readonly accountId: AccountId }): Promise<void> {
      const row = await tx.account(accountId);
      if (row === undefined) return;
      if (row.state !== 'done' && row.state !== 'closed') throw new MailError('forbidden', 'it is not over yet');
      await tx.putAccount({ ...row, dismissedAt: tx.nowMs });
    },
  },
  /** False: there was nothing. */
  forget: {
    run: (tx: MigrationTransaction, { accountId }: { readonly accountId: AccountId }): Promise<boolean> =>
      tx.deleteAccount(accountId),
  },
} satisfies Record<string, MigrationOperation>;

async function isDue(tx: MigrationTransaction, row: AccountMoveRow, args: ClaimArgs): Promise<boolean> {
  const { pass, runAt, isAlone = false } = args;
  const hadItsTurn = row.startedAt !== null && row.startedAt >= runAt;
  const isSilent = (row.aliveAt ?? 0) <= tx.nowMs - MIGRATION_LIMITS.silentMs;
  if (row.state === 'running' ? !isSilent && (hadItsTurn || !isAlone) : hadItsTurn) return false;
  // What is through, no base pass makes more so.
  if (pass === 'base') return row.pass !== 'delta';
  if (pass === 'delta') return true;
  if (row.pass === null) return false;
  return (
    row.state === 'running' ||
    row.state === 'failed' ||
    row.state === 'closed' ||
    (await tx.failures(row.accountId, 1)).length > 0
  );
}

async function take(tx: MigrationTransaction, row: AccountMoveRow, { pass }: ClaimArgs): Promise<AccountMoveRow> {
  const claimed: AccountMoveRow = {
    ...row,
    state: 'running',
    pass: pass === 'retry' ? row.pass : pass,
    startedAt: tx.nowMs,
    aliveAt: tx.nowMs,
    finishedAt: null,
    reason: '',
  };
  await tx.putAccount(claimed);
  return claimed;
}

async function requireRunning(tx: MigrationTransaction, accountId: AccountId): Promise<AccountMoveRow> {
  const row = await tx.account(accountId);
  if (row?.state !== 'running') throw new MailError('stateMismatch', 'the account is no longer being worked at here');
  return row;
}

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type MigrationOperations = typeof operations;

export const migrationOperations: Readonly<Record<string, MigrationOperation>> = operations;
