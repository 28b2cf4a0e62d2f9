/** Every change of what is remembered of SMS, by name: the one list that backends run from. */
import { SMS_LIMITS } from './limits.ts';
import type { Window } from './limits.ts';
import type { CodeRow, OutboxRow, SmsOperation, SmsTransaction } from './ports/sms-store.ts';

export interface AdmitArgs {
  readonly smsId: string;
  /** Whom it counts for, each with its bounds. */
  readonly counts: readonly { readonly key: string; readonly windows: readonly Window[] }[];
  /** Null: it costs nothing. `day`: `2026-11-28`, as the school counts days. */
  readonly cost: { readonly day: string; readonly mostADay: number; readonly mostAMonth: number } | null;
  /** What it carries, in place of the code before. */
  readonly code: CodeRow | null;
}

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'tooOften'; readonly retryAfterMs: number }
  | { readonly kind: 'ceiling' };

/** `expired` is also said of a code for another number, and of none. */
export type CodeCheck = 'right' | 'wrong' | 'expired';

const operations = {
  /** Counts an SMS, or says why it may not go. */
  admit: {
    async run(tx: SmsTransaction, { smsId, counts, cost, code }: AdmitArgs): Promise<Admission> {
      let retryAfterMs = 0;
      for (const { key, windows } of counts)
        for (const window of windows) retryAfterMs = Math.max(retryAfterMs, await waitFor(tx, key, window));
      if (retryAfterMs > 0) return { kind: 'tooOften', retryAfterMs };
      if (cost !== null) {
        const { day, mostADay, mostAMonth } = cost;
        const [today, month] = [await tx.spent(day), await tx.spent(day.slice(0, 8))];
        if (today >= mostADay || month >= mostAMonth) return { kind: 'ceiling' };
        await tx.addSpent(day);
      }
      for (const { key } of counts) await tx.insertMark(key, tx.nowMs, smsId);
      if (code !== null) await tx.putCode(code);
      return { kind: 'admitted' };
    },
  },
  /** A code is good for one use and few tries. */
  checkCode: {
    async run(
      tx: SmsTransaction,
      { codeId, phoneIndex, codeHash }: Pick<CodeRow, 'codeId' | 'phoneIndex' | 'codeHash'>,
    ): Promise<CodeCheck> {
      const row = await tx.code(codeId);
      if (row === undefined || row.phoneIndex !== phoneIndex) return 'expired';
      const isLive = tx.nowMs < row.expiresAt;
      if (isLive && row.codeHash !== codeHash && row.triesLeft > 1) {
        await tx.putCode({ ...row, triesLeft: row.triesLeft - 1 });
        return 'wrong';
      }
      await tx.deleteCode(codeId);
      return isLive && row.codeHash === codeHash ? 'right' : 'expired';
    },
  },
  /** The oldest go. */
  keepInOutbox: {
    async run(tx: SmsTransaction, row: OutboxRow): Promise<void> {
      await tx.insertOutbox(row);
      const rows = await tx.outbox(2 * SMS_LIMITS.outboxKept);
      for (const { smsId } of rows.slice(SMS_LIMITS.outboxKept)) await tx.deleteOutbox(smsId);
    },
  },
  /** Answers how many: fewer than `limit` were the last. */
  forget: {
    run: (tx: SmsTransaction, limits: Parameters<SmsTransaction['forget']>[0]): Promise<number> => tx.forget(limits),
  },
} satisfies Record<string, SmsOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type SmsOperations = typeof operations;

export const smsOperations: Readonly<Record<string, SmsOperation>> = operations;

/** Milliseconds until one more fits into the window; 0: it does. */
async function waitFor(tx: SmsTransaction, key: string, { withinMs, most }: Window): Promise<number> {
  const times = await tx.marks(key, tx.nowMs - withinMs, most);
  const oldest = times[most - 1];
  return oldest === undefined ? 0 : oldest + withinMs - tx.nowMs;
}
