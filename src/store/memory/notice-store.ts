/** NoticeStore in memory: the readable model. */
import type { NoticeReader, NoticeStore, NoticeTransaction } from '#notices/ports/notice-store.ts';
import type { NoticeFile, NoticeFileRow, NoticeHead, NoticeRow, NoticeView } from '#notices/types.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface NoticeData {
  /** By id, the oldest first. */
  notices: ReadonlyMap<number, NoticeRow>;
  files: ReadonlyMap<number, readonly NoticeFile[]>;
  /** By slot. */
  views: ReadonlyMap<number, NoticeView>;
}

export class MemoryNoticeStore implements NoticeStore {
  readonly reader: NoticeReader;
  readonly #section: MemorySection<NoticeData>;

  constructor(options: Pick<MemorySectionOptions<NoticeData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<NoticeData>({
      ...options,
      section: 'notices',
      empty: { notices: new Map(), files: new Map(), views: new Map() },
      copy: (data) => ({ ...data }),
      open: (data, nowMs) => new MemoryNoticeTransaction(data, nowMs),
    });
    this.reader = new MemoryNoticeReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemoryNoticeReader implements NoticeReader {
  protected readonly data: () => NoticeData;

  constructor(data: () => NoticeData) {
    this.data = data;
  }

  async all(before: number, limit: number): Promise<readonly NoticeHead[]> {
    return this.#heads(({ noticeId }) => noticeId < before)
      .toReversed()
      .slice(0, limit);
  }

  async older(realm: string | null, before: number, limit: number): Promise<readonly NoticeHead[]> {
    return this.#heads((row) => row.noticeId < before && isShown(row, realm))
      .toReversed()
      .slice(0, limit);
  }

  async newer(realm: string | null, after: number, limit: number): Promise<readonly NoticeHead[]> {
    return this.#heads((row) => row.noticeId > after && isShown(row, realm)).slice(0, limit);
  }

  async notice(noticeId: number): Promise<NoticeRow | undefined> {
    return this.data().notices.get(noticeId);
  }

  async files(noticeId: number): Promise<readonly NoticeFileRow[]> {
    const files = this.data().files.get(noticeId) ?? [];
    return files.map(({ name, mediaType, content }) => ({ name, mediaType, sizeBytes: content.length }));
  }

  async fileOctets(noticeId: number, at: number, start: number, end: number): Promise<Uint8Array | undefined> {
    return this.data().files.get(noticeId)?.[at]?.content.slice(start, end);
  }

  #heads(isWanted: (row: NoticeRow) => boolean): NoticeHead[] {
    return [...this.data().notices.values()].filter(isWanted).map(({ body: _body, ...head }) => head);
  }
}

class MemoryNoticeTransaction extends MemoryNoticeReader implements NoticeTransaction {
  readonly nowMs: number;
  readonly #data: NoticeData;

  constructor(data: NoticeData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async insert(row: NoticeRow): Promise<void> {
    this.#data.notices = new Map(this.#data.notices).set(row.noticeId, row);
  }

  async insertFile(noticeId: number, at: number, file: NoticeFile): Promise<void> {
    const others = this.#data.files.get(noticeId) ?? [];
    this.#data.files = new Map(this.#data.files).set(noticeId, others.toSpliced(at, 0, file));
  }

  async setText({
    noticeId,
    ...text
  }: Pick<NoticeRow, 'noticeId' | 'number' | 'title' | 'body' | 'editedAt'>): Promise<void> {
    this.#change(noticeId, (row) => ({ ...row, ...text }));
  }

  async setWithdrawn(noticeId: number, at: number): Promise<void> {
    this.#change(noticeId, (row) => ({ ...row, withdrawnAt: at }));
  }

  async addView(noticeId: number): Promise<void> {
    this.#change(noticeId, (row) => ({ ...row, views: row.views + 1 }));
  }

  async noteView(view: NoticeView, after: number): Promise<boolean> {
    const held = this.#data.views.get(view.slot);
    if (held?.mark === view.mark && held.seenAt > after) return false;
    this.#data.views = new Map(this.#data.views).set(view.slot, view);
    return true;
  }

  #change(noticeId: number, change: (row: NoticeRow) => NoticeRow): void {
    const row = this.#data.notices.get(noticeId);
    if (row !== undefined) this.#data.notices = new Map(this.#data.notices).set(noticeId, change(row));
  }
}

function isShown({ withdrawnAt, realm }: NoticeRow, asked: string | null): boolean {
  return withdrawnAt === null && (realm === null || realm === asked);
}
