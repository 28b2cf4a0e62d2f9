/**
 * Operations for testing stores: the real ones, and some that do what no real one does. A module of its own, so that
 * a store can load it into whatever thread it runs operations on.
 */
import { MailError } from '#base/errors.ts';
import { directoryOperations as realDirectoryOperations } from '#directory/operations.ts';
import type { DirectoryOperation, DirectoryTransaction } from '#directory/ports/directory-store.ts';
import { mailOperations as realMailOperations } from '#mail/operations.ts';
import type { MailTransaction, StoredOperation } from '#mail/ports/mail-store.ts';
import type { EmailRow, PreparedMessage } from '#mail/types.ts';

/** One call of a transaction's method: its name, then its arguments. */
export type Call<Transaction> = readonly [keyof Transaction, ...unknown[]];

export interface ScriptArgs<Transaction> {
  readonly calls: readonly Call<Transaction>[];
  /** How it ends after the calls: as a MailError, or as a bug; well when absent. */
  readonly end?: 'refuse' | 'bug';
}

async function runScript<Transaction>(tx: Transaction, { calls, end }: ScriptArgs<Transaction>): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const [name, ...args] of calls) {
    const method = tx[name];
    results.push(typeof method === 'function' ? await method.apply(tx, args) : method);
  }
  if (end === 'refuse') throw new MailError('forbidden', 'not today', { data: { day: '星期一', number: 7 } });
  if (end === 'bug') throw new TypeError('a bug of the operation');
  return results;
}

/** An Email whose blob is stored by the same operation. */
export interface StoreAndInsertArgs {
  readonly message: PreparedMessage;
  readonly email: Omit<EmailRow, 'blobKey'>;
  readonly end?: 'refuse' | 'bug';
}

const mail: Record<string, StoredOperation> = {
  script: { durable: true, run: (tx, args: ScriptArgs<MailTransaction>) => runScript(tx, args) },
  quickScript: { durable: false, run: (tx, args: ScriptArgs<MailTransaction>) => runScript(tx, args) },
  /** Rows only: counts are left to the test. */
  storeAndInsert: {
    durable: true,
    async run(tx: MailTransaction, { message, email, end }: StoreAndInsertArgs) {
      const blobKey = await tx.storeMessage(message);
      await tx.insertEmails([{ ...email, blobKey }]);
      return runScript(tx, end === undefined ? { calls: [] } : { calls: [], end });
    },
  },
  /** Stores a message that no Email refers to; the message lies where a store does not look for it beforehand. */
  storeOnly: {
    durable: true,
    run: async (tx: MailTransaction, { nested }: { nested: { deep: { message: PreparedMessage } } }) =>
      tx.storeMessage(nested.deep.message),
  },
  /** Looks at what crossed threads. */
  describeMessage: {
    durable: true,
    run: async (_tx: MailTransaction, { message }: { message: PreparedMessage }) => ({
      structure: message.digest.structure,
      summary: message.digest.summary,
      hash: message.blob.hash,
    }),
  },
  answerFunction: { durable: true, run: async () => () => 1 },
};

export const mailOperations: Readonly<Record<string, StoredOperation>> = { ...realMailOperations, ...mail };

const directory: Record<string, DirectoryOperation> = {
  script: { run: (tx, args: ScriptArgs<DirectoryTransaction>) => runScript(tx, args) },
  /** An account with an address, as one operation. */
  enrol: {
    async run(tx: DirectoryTransaction, { localPart, domain }: { localPart: string; domain: string }) {
      const accountId = await tx.allocateAccountId();
      await tx.insertAccounts([
        {
          accountId,
          displayName: localPart,
          state: 'active',
          receives: true,
          serviceClass: null,
          sending: 'allowed',
          sendingNote: '',
          stage: 'active',
          createdAt: tx.nowMs,
        },
      ]);
      await tx.insertAddresses([{ localPart, domain, accountId, kind: 'primary', createdAt: tx.nowMs }]);
      return accountId;
    },
  },
};

export const directoryOperations: Readonly<Record<string, DirectoryOperation>> = {
  ...realDirectoryOperations,
  ...directory,
};

/** The address of this module, for a store's `operationsUrl`. */
export const storeOperationsUrl = import.meta.url;
