/** Every change that can be made to grants, by name: the one list that backends run from. */
import type { AccountId } from '#base/ids.ts';
import { OAUTH_LIMITS } from './limits.ts';
import type { GrantOperation, GrantRow, GrantTransaction } from './ports/grant-store.ts';

interface GrantName {
  readonly accountId: AccountId;
  readonly grantId: string;
}

/** What a program brings, and what takes its place; all of them hashes. */
interface Exchange extends GrantName, Pick<GrantRow, 'clientId'> {
  readonly fromHash: string;
  readonly toHash: string;
  readonly accessHash: string;
}

/** `ended`: what was brought was not right, so the grant is no more. Null: there was none. */
export type ExchangeOutcome = { readonly kind: 'given' | 'ended'; readonly row: GrantRow } | null;

const operations = {
  /** Of very many grants of an account, the one longest unused ends. */
  give: {
    async run(tx: GrantTransaction, row: GrantRow): Promise<void> {
      const others = (await tx.grants(row.accountId)).toSorted((a, b) => lastUseOf(b) - lastUseOf(a));
      for (const { grantId } of others.slice(OAUTH_LIMITS.grantsPerAccount - 1))
        await tx.deleteGrant(row.accountId, grantId);
      await tx.putGrant(row);
      tx.touch(row.accountId);
    },
  },
  /**
   * The first tokens for the code. Whoever names the grant otherwise ends it: the code was brought twice (RFC 6749 §4.1.2), or
   * by somebody who has read it on its way and lacks the rest.
   */
  redeem: {
    async run(
      tx: GrantTransaction,
      args: Exchange & Pick<GrantRow, 'redirectUri' | 'challenge'>,
    ): Promise<ExchangeOutcome> {
      const row = await tx.lockGrant(args.accountId, args.grantId);
      if (row === undefined) return null;
      const isRight =
        row.rotatedAt === null &&
        tx.nowMs - row.createdAt < OAUTH_LIMITS.codeMs &&
        row.secretHash === args.fromHash &&
        row.clientId === args.clientId &&
        row.redirectUri === args.redirectUri &&
        row.challenge === args.challenge;
      return isRight ? rotate(tx, row, args) : end(tx, row);
    },
  },
  /**
   * Another pair of tokens for the refresh token. One that was given out before and is brought again ends the grant (RFC 9700
   * §4.14.2): two have it. Save that it may be repeated for some moments, and leads to the same pair then.
   */
  refresh: {
    async run(tx: GrantTransaction, args: Exchange): Promise<ExchangeOutcome> {
      const row = await tx.lockGrant(args.accountId, args.grantId);
      if (row === undefined) return null;
      if (row.rotatedAt === null || row.clientId !== args.clientId) return end(tx, row);
      if (row.secretHash === args.fromHash) return rotate(tx, row, args);
      const isRepeated = row.previousHash === args.fromHash && tx.nowMs - row.rotatedAt < OAUTH_LIMITS.repeatMs;
      return isRepeated && row.secretHash === args.toHash ? { kind: 'given', row } : end(tx, row);
    },
  },
  use: {
    durable: false,
    async run(tx: GrantTransaction, args: GrantName & { readonly usedFrom: string }): Promise<void> {
      const row = await tx.lockGrant(args.accountId, args.grantId);
      if (row !== undefined) await tx.putGrant({ ...row, usedAt: tx.nowMs, usedFrom: args.usedFrom });
    },
  },
  /** The grant that there was. */
  end: {
    async run(tx: GrantTransaction, { accountId, grantId }: GrantName): Promise<GrantRow | null> {
      const row = await tx.lockGrant(accountId, grantId);
      if (row !== undefined) await end(tx, row);
      return row ?? null;
    },
  },
  endAll: {
    async run(tx: GrantTransaction, { accountId }: { readonly accountId: AccountId }): Promise<void> {
      await tx.deleteGrants(accountId);
      tx.touch(accountId);
    },
  },
  forget: {
    run: (tx: GrantTransaction, limits: Parameters<GrantTransaction['forget']>[0]): Promise<number> =>
      tx.forget(limits),
  },
} satisfies Record<string, GrantOperation>;

async function rotate(
  tx: GrantTransaction,
  row: GrantRow,
  { fromHash, toHash, accessHash }: Exchange,
): Promise<ExchangeOutcome> {
  const isFirst = row.rotatedAt === null;
  const isFresh = !isFirst && tx.nowMs - row.rotatedAt < OAUTH_LIMITS.accessMs;
  const rotated: GrantRow = {
    ...row,
    secretHash: toHash,
    // The code is none of them.
    previousHash: isFirst ? '' : fromHash,
    accessHash,
    previousAccessHash: isFresh ? row.accessHash : '',
    rotatedAt: tx.nowMs,
  };
  await tx.putGrant(rotated);
  tx.touch(row.accountId);
  return { kind: 'given', row: rotated };
}

async function end(tx: GrantTransaction, row: GrantRow): Promise<ExchangeOutcome> {
  await tx.deleteGrant(row.accountId, row.grantId);
  tx.touch(row.accountId);
  return { kind: 'ended', row };
}

function lastUseOf({ usedAt, rotatedAt, createdAt }: GrantRow): number {
  return Math.max(usedAt ?? 0, rotatedAt ?? 0, createdAt);
}

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type GrantOperations = typeof operations;

export const grantOperations: Readonly<Record<string, GrantOperation>> = operations;
