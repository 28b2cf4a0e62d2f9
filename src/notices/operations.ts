/** Every change of the school's notices, by name: the one list that backends run from. */
import type { NoticeOperation, NoticeTransaction } from './ports/notice-store.ts';
import type { NoticeFile, NoticeRow } from './types.ts';

export interface PublishArgs extends Pick<NoticeRow, 'number' | 'title' | 'body' | 'realm'> {
  readonly files: readonly NoticeFile[];
}

const operations = {
  /** Answers the notice's id. */
  publish: {
    async run(tx: NoticeTransaction, { files, ...notice }: PublishArgs): Promise<number> {
      // None is ever deleted: no id comes twice.
      const [last] = await tx.all(Number.MAX_SAFE_INTEGER, 1);
      const noticeId = (last?.noticeId ?? 0) + 1;
      await tx.insert({ ...notice, noticeId, publishedAt: tx.nowMs, withdrawnAt: null, views: 0 });
      for (const [at, file] of files.entries()) await tx.insertFile(noticeId, at, file);
      return noticeId;
    },
  },
  /** Whether it stood until now. */
  withdraw: {
    async run(tx: NoticeTransaction, { noticeId }: Pick<NoticeRow, 'noticeId'>): Promise<boolean> {
      const notice = await tx.notice(noticeId);
      if (notice === undefined || notice.withdrawnAt !== null) return false;
      await tx.setWithdrawn(noticeId, tx.nowMs);
      return true;
    },
  },
  countView: {
    durable: false,
    run: (tx: NoticeTransaction, { noticeId }: Pick<NoticeRow, 'noticeId'>): Promise<void> => tx.addView(noticeId),
  },
} satisfies Record<string, NoticeOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type NoticeOperations = typeof operations;

export const noticeOperations: Readonly<Record<string, NoticeOperation>> = operations;
