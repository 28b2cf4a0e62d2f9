/** Every change that can be made to what is counted of senders, by name: the one list that backends run from. */
import type { AccountId } from '#base/ids.ts';
import { refuse } from './operations/refuse.ts';
import { reserve } from './operations/reserve.ts';
import type { SendingOperation, SendingTransaction } from './ports/sending-store.ts';

const operations = {
  // The message that is counted is queued next, by a durable commit, which makes this durable with it: a crash before
  // that loses both.
  reserve: { durable: false, run: reserve },
  refuse: { durable: false, run: refuse },
  /** A new start: nothing was sent and nothing refused today. Whom the account knows stays known. */
  forgive: {
    async run(tx: SendingTransaction, { accountId }: { readonly accountId: AccountId }): Promise<void> {
      await tx.updateAccount({ ...(await tx.lockAccount(accountId)), refusedAt: null, refusals: 0 });
      await tx.deleteSlices(accountId, Number.MAX_SAFE_INTEGER);
    },
  },
  forget: {
    run: (tx: SendingTransaction, { accountId }: { readonly accountId: AccountId }): Promise<void> =>
      tx.deleteAccount(accountId),
  },
} satisfies Record<string, SendingOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type SendingOperations = typeof operations;

export const sendingOperations: Readonly<Record<string, SendingOperation>> = operations;
