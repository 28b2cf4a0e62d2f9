/** Every change of the school's notices, by name: the one list that backends run from. */
import type { NoticeOperation, NoticeTransaction } from './ports/notice-store.ts';
import type { NoticeFile, NoticeRow, NoticeView } from './types.ts';

export type EditArgs = Pick<NoticeRow, 'noticeId' | 'number' | 'title' | 'body'>;

export interface PublishArgs extends Pick<NoticeRow, 'number' | 'title' | 'body' | 'realm'> {
  readonly files: readonly NoticeFile[];
}

export interface CountArgs extends Pick<NoticeRow, 'noticeId'>, Omit<NoticeView, 'seenAt'> {
  readonly after: number;
}

const operations = {
  /** Answers the notice's id. */
  publish: {
    async run(tx: NoticeTransaction, { files, ...notice }: PublishArgs): Promise<number> {
      // None is ever deleted: no id comes twice.
      const [last] = await tx.all(Number.MAX_SAFE_INTEGER, 1);
      const noticeId = (last?.noticeId ?? 0) + 1;
      await tx.insert({ ...notice, noticeId, publishedAt: tx.nowMs, editedAt: null, withdrawnAt: null, views: 0 });
      for (const [at, file] of files.entries()) await tx.insertFile(noticeId, at, file);
      return noticeId;
    },
  },
  /** Whether it stands. */
  edit: {
    async run(tx: NoticeTransaction, args: EditArgs): Promise<boolean> {
      const notice = await tx.notice(args.noticeId);
      if (notice === undefined || notice.withdrawnAt !== null) return false;
      await tx.setText({ ...args, editedAt: tx.nowMs });
      return true;
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
    /** Whether it was counted: whoever reads was not there since `after`. */
    async run(tx: NoticeTransaction, { noticeId, after, ...view }: CountArgs): Promise<boolean> {
      if (!(await tx.noteView({ ...view, seenAt: tx.nowMs }, after))) return false;
      await tx.addView(noticeId);
      return true;
    },
  },
} satisfies Record<string, NoticeOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type NoticeOperations = typeof operations;

export const noticeOperations: Readonly<Record<string, NoticeOperation>> = operations;
