/** Every change that can be made to web sessions, by name: the one list that backends run from. */
import type { AccountId } from '#base/ids.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import type {
  SessionOperation,
  SessionRow,
  SessionTransaction,
  SignInRecordRow,
  WalkRow,
} from './ports/session-store.ts';

interface SessionName {
  readonly accountId: AccountId;
  readonly sessionId: string;
}

const operations = {
  /** Of very many sessions of an account, the one longest unused ends. */
  begin: {
    async run(tx: SessionTransaction, row: SessionRow): Promise<void> {
      const others = await tx.sessions(row.accountId);
      for (const { sessionId } of others.slice(SIGNIN_LIMITS.sessionsPerAccount - 1)) {
        await tx.deleteSession(row.accountId, sessionId);
        tx.touch(row.accountId);
      }
      await tx.putSession(row);
    },
  },
  /** Another secret in place of `fromHash`; false when that is not the session's any more: another request was sooner. */
  rotate: {
    async run(
      tx: SessionTransaction,
      args: SessionName & { readonly fromHash: string; readonly toHash: string },
    ): Promise<boolean> {
      const row = await tx.lockSession(args.accountId, args.sessionId);
      if (row?.tokenHash !== args.fromHash) return false;
      await tx.putSession({ ...row, tokenHash: args.toHash, previousHash: args.fromHash, rotatedAt: tx.nowMs });
      tx.touch(args.accountId);
      return true;
    },
  },
  use: {
    durable: false,
    async run(tx: SessionTransaction, args: SessionName & { readonly address: string }): Promise<void> {
      const row = await tx.lockSession(args.accountId, args.sessionId);
      if (row !== undefined) await tx.putSession({ ...row, usedAt: tx.nowMs, address: args.address });
    },
  },
  /** False: there was none. */
  end: {
    async run(tx: SessionTransaction, { accountId, sessionId }: SessionName): Promise<boolean> {
      if ((await tx.lockSession(accountId, sessionId)) === undefined) return false;
      await tx.deleteSession(accountId, sessionId);
      tx.touch(accountId);
      return true;
    },
  },
  endAll: {
    async run(tx: SessionTransaction, { accountId }: { readonly accountId: AccountId }): Promise<void> {
      await tx.deleteSessions(accountId);
      tx.touch(accountId);
    },
  },
  /** Lost with the last moments of a crash: nobody's mail. */
  record: {
    durable: false,
    async run(tx: SessionTransaction, row: SignInRecordRow): Promise<void> {
      await tx.insertRecord(row);
      if (row.outcome === 'ok') await tx.putLastSignIn(row.accountId, row.at, SIGNIN_LIMITS.factEveryMs);
    },
  },
  forgetRecords: {
    run: (
      tx: SessionTransaction,
      { before, limit }: { readonly before: number; readonly limit: number },
    ): Promise<number> => tx.forgetRecords(before, limit),
  },
  /** Of an account that is gone. */
  forgetLastSignIn: {
    run: (tx: SessionTransaction, { accountId }: { readonly accountId: AccountId }): Promise<void> =>
      tx.deleteLastSignIn(accountId),
  },
  forget: {
    run: (tx: SessionTransaction, limits: Parameters<SessionTransaction['forget']>[0]): Promise<number> =>
      tx.forget(limits),
  },
  beginWalk: {
    run: (tx: SessionTransaction, row: WalkRow): Promise<void> => tx.putWalk(row),
  },
  /** One step on, with what is known by then; false when it is not where it was any more: another request was sooner. */
  advanceWalk: {
    async run(
      tx: SessionTransaction,
      args: Pick<WalkRow, 'walkId' | 'facts'> & { readonly fromStep: number; readonly toStep: number },
    ): Promise<boolean> {
      const row = await tx.lockWalk(args.walkId);
      if (row?.step !== args.fromStep) return false;
      await tx.putWalk({ ...row, step: args.toStep, facts: args.facts });
      return true;
    },
  },
  endWalk: {
    run: (tx: SessionTransaction, { walkId }: { readonly walkId: string }): Promise<void> => tx.deleteWalk(walkId),
  },
  forgetWalks: {
    run: (
      tx: SessionTransaction,
      { expiredBefore, limit }: { readonly expiredBefore: number; readonly limit: number },
    ): Promise<number> => tx.forgetWalks(expiredBefore, limit),
  },
} satisfies Record<string, SessionOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type SessionOperations = typeof operations;

export const sessionOperations: Readonly<Record<string, SessionOperation>> = operations;
