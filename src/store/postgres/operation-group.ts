/**
 * Runs operations of different accounts in one transaction: their accounts are locked in ascending order, they run
 * side by side on one connection, and what they write is sent together. One that fails just sends nothing.
 */
import { isMailError } from '#base/errors.ts';
import type { AccountId, BlobKey, ModSeq } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type { OperationOutcome, OperationRequest } from '#mail/ports/mail-store.ts';
import type { MailboxRow, PreparedMessage } from '#mail/types.ts';
import { findMessages } from '#store/messages-in-args.ts';
import type { Operations } from '#store/operations.ts';
import { failure } from '#store/outcomes.ts';
import { AccountState } from '#store/sql/account-state.ts';
import {
  ACCOUNT_COLUMNS,
  type AccountColumns,
  MAILBOX_COLUMNS,
  type MailboxColumns,
  toAccount,
  toMailbox,
} from '#store/sql/columns.ts';
import { SqlMailTransaction } from '#store/sql/mail-transaction.ts';
import { type SqlSession, toList } from '#store/sql/session.ts';
import { insertInto, integers } from '#store/sql/statements.ts';
import { BufferedSession, NeedsOwnTransaction, type Write, sendWrites } from './buffered-session.ts';
import { isStatementError } from './connection.ts';
import type { MessageStorage } from './message-storage.ts';

export interface GroupOptions {
  readonly operations: Operations;
  readonly messages: MessageStorage;
  readonly nowMs: number;
  readonly log: Logger;
  /** Whether there is more in the transaction than a single request; by default when there are several. */
  readonly isShared?: boolean;
}

/** `alone`: it must be run again in a transaction of its own. */
export type GroupOutcome = OperationOutcome | 'alone';

export interface GroupResult {
  readonly outcomes: readonly GroupOutcome[];
  readonly changed: ReadonlyMap<AccountId, ModSeq>;
}

const INSERT_REFERENCE = insertInto('blob_reference', integers('blob_key', 'delta'));

/**
 * The requests' accounts must differ. Throws when the transaction as a whole is lost; a single request's own failure
 * is thrown too, so that it is rolled back.
 */
export async function runGroup(
  options: GroupOptions,
  session: SqlSession,
  requests: readonly OperationRequest[],
): Promise<GroupResult> {
  const { isShared = requests.length > 1 } = options;
  const isDurable = requests.some(({ name }) => options.operations.mail[name]?.durable !== false);
  const brought = requests.flatMap(({ args }) => findMessages(args));
  const [states, blobKeys] = await Promise.all([
    lockAccounts(session, requests),
    options.messages.refer(session, brought),
    isDurable ? undefined : session.run('SET LOCAL synchronous_commit = off', []),
  ]);
  const storeMessage = async (message: PreparedMessage): Promise<BlobKey> =>
    blobKeys.get(message.blob.hash) ?? options.messages.referOne(session, message);

  const changed = new Map<AccountId, ModSeq>();
  const written: (readonly Write[])[] = [];
  const runOne = async ({ accountId, name, args }: OperationRequest): Promise<GroupOutcome> => {
    try {
      const operation = options.operations.mail[name];
      if (operation === undefined) throw new Error(`there is no mail operation ${name}`);
      const buffered = new BufferedSession(session, isShared);
      const state = states.get(accountId) ?? new AccountState(accountId);
      const tx = new SqlMailTransaction({ session: buffered, state, nowMs: options.nowMs, storeMessage });
      // Values cross threads in the embedded store: what cannot, fails here too.
      const value: unknown = structuredClone(await operation.run(tx, args as never));
      await state.flush(buffered);
      await insertReferences(buffered, tx.references);
      written.push(buffered.writes);
      if (tx.loggedModSeq !== undefined) changed.set(accountId, tx.loggedModSeq);
      return { ok: true, value };
    } catch (error) {
      if (error instanceof NeedsOwnTransaction) return 'alone';
      if (!isShared || isStatementError(error)) throw error;
      if (!isMailError(error)) options.log.error({ err: error, operation: name, accountId }, 'an operation failed');
      return failure(error);
    }
  };
  const outcomes = await Promise.all(requests.map(runOne));
  await sendWrites(session, written);
  return { outcomes, changed };
}

/** Counts what a transaction's rows gained or lost of each blob. */
export async function insertReferences(session: SqlSession, references: ReadonlyMap<BlobKey, number>): Promise<void> {
  await session.write(
    INSERT_REFERENCE,
    [...references].filter(([, count]) => count !== 0),
  );
}

/** Locks the accounts' rows and looks up their mailboxes, all with two statements. */
async function lockAccounts(
  session: SqlSession,
  requests: readonly OperationRequest[],
): Promise<ReadonlyMap<AccountId, AccountState>> {
  const accountIds = toList(requests.map(({ accountId }) => accountId));
  const { dialect } = session;
  const [accounts, mailboxes] = await Promise.all([
    session.all<AccountColumns>(
      `SELECT ${ACCOUNT_COLUMNS} FROM account WHERE ${dialect.isOneOf('account_id')} ORDER BY account_id${dialect.forUpdate}`,
      [accountIds],
    ),
    session.all<[...MailboxColumns, number]>(
      `SELECT ${MAILBOX_COLUMNS}, account_id FROM mailbox WHERE ${dialect.isOneOf('account_id')} ORDER BY mailbox_id`,
      [accountIds],
    ),
  ]);
  const accountById = new Map(accounts.map((row) => [row[0], toAccount(row)]));
  const mailboxesById = new Map<number, MailboxRow[]>();
  for (const row of mailboxes) {
    const list = mailboxesById.get(row.at(-1) as number);
    if (list === undefined) mailboxesById.set(row.at(-1) as number, [toMailbox(row)]);
    else list.push(toMailbox(row));
  }
  const states = new Map<AccountId, AccountState>();
  for (const { accountId } of requests) {
    const state = new AccountState(accountId);
    state.preload(accountById.get(accountId), mailboxesById.get(accountId) ?? []);
    states.set(accountId, state);
  }
  return states;
}
