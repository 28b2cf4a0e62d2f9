/** NoticeReader and NoticeTransaction over SQL: rows of the school's notices, no rules. */
import type { NoticeReader, NoticeTransaction } from '#notices/ports/notice-store.ts';
import type { NoticeFile, NoticeFileRow, NoticeHead, NoticeRow, NoticeView } from '#notices/types.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import type { SqlSession } from './session.ts';

const HEAD_COLUMNS = 'notice_id, number, title, published_at, edited_at, withdrawn_at, realm, views';

type HeadColumns = readonly [number, string, string, number, number | null, number | null, string | null, number];

function toHead([noticeId, number, title, publishedAt, editedAt, withdrawnAt, realm, views]: HeadColumns): NoticeHead {
  return { noticeId, number, title, publishedAt, editedAt, withdrawnAt, realm, views };
}

export class SqlNoticeReader implements NoticeReader {
  protected readonly db: SqlSession;

  constructor(session: SqlSession) {
    this.db = session;
  }

  async all(before: number, limit: number): Promise<readonly NoticeHead[]> {
    const sql = `SELECT ${HEAD_COLUMNS} FROM notice WHERE notice_id < ? ORDER BY notice_id DESC LIMIT ?`;
    return (await this.db.all<HeadColumns>(sql, [before, limit])).map(toHead);
  }

  async older(realm: string | null, before: number, limit: number): Promise<readonly NoticeHead[]> {
    const sql = `SELECT ${HEAD_COLUMNS} FROM notice
       WHERE notice_id < ? AND withdrawn_at IS NULL AND (realm IS NULL OR realm = ?) ORDER BY notice_id DESC LIMIT ?`;
    return (await this.db.all<HeadColumns>(sql, [before, realm, limit])).map(toHead);
  }

  async newer(realm: string | null, after: number, limit: number): Promise<readonly NoticeHead[]> {
    const sql = `SELECT ${HEAD_COLUMNS} FROM notice
       WHERE notice_id > ? AND withdrawn_at IS NULL AND (realm IS NULL OR realm = ?) ORDER BY notice_id LIMIT ?`;
    return (await this.db.all<HeadColumns>(sql, [after, realm, limit])).map(toHead);
  }

  async notice(noticeId: number): Promise<NoticeRow | undefined> {
    const sql = `SELECT body, ${HEAD_COLUMNS} FROM notice WHERE notice_id = ?`;
    const row = await this.db.get<readonly [string, ...HeadColumns]>(sql, [noticeId]);
    if (row === undefined) return undefined;
    const [body, ...head] = row;
    return { ...toHead(head), body };
  }

  async files(noticeId: number): Promise<readonly NoticeFileRow[]> {
    const sql = 'SELECT name, media_type, size_bytes FROM notice_file WHERE notice_id = ? ORDER BY position';
    const rows = await this.db.all<[string, string, number]>(sql, [noticeId]);
    return rows.map(([name, mediaType, sizeBytes]) => ({ name, mediaType, sizeBytes }));
  }

  async fileOctets(noticeId: number, at: number, start: number, end: number): Promise<Uint8Array | undefined> {
    // substr counts from 1.
    const sql = 'SELECT substr(content, ?, ?) FROM notice_file WHERE notice_id = ? AND position = ?';
    const row = await this.db.get<[Uint8Array | null]>(sql, [start + 1, end - start, noticeId, at]);
    // SQLite has nothing for a part of nothing.
    return row && (row[0] ?? new Uint8Array());
  }
}

export class SqlNoticeTransaction extends SqlNoticeReader implements NoticeTransaction, SqlSectionTransaction {
  readonly nowMs: number;

  constructor({ session, nowMs }: SectionScope) {
    super(session);
    this.nowMs = nowMs;
  }

  async insert({ body, ...head }: NoticeRow): Promise<void> {
    const { noticeId, number, title, publishedAt, editedAt, withdrawnAt, realm, views } = head;
    await this.db.run(`INSERT INTO notice (body, ${HEAD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
      toText(body),
      noticeId,
      toText(number),
      toText(title),
      publishedAt,
      editedAt,
      withdrawnAt,
      realm,
      views,
    ]);
  }

  async insertFile(noticeId: number, at: number, { name, mediaType, content }: NoticeFile): Promise<void> {
    await this.db.run(
      `INSERT INTO notice_file (notice_id, position, name, media_type, size_bytes, content) VALUES (?, ?, ?, ?, ?, ?)`,
      [noticeId, at, toText(name), mediaType, content.length, content],
    );
  }

  async setText(row: Pick<NoticeRow, 'noticeId' | 'number' | 'title' | 'body' | 'editedAt'>): Promise<void> {
    const { noticeId, number, title, body, editedAt } = row;
    await this.db.run('UPDATE notice SET number = ?, title = ?, body = ?, edited_at = ? WHERE notice_id = ?', [
      toText(number),
      toText(title),
      toText(body),
      editedAt,
      noticeId,
    ]);
  }

  async setWithdrawn(noticeId: number, at: number): Promise<void> {
    await this.db.run('UPDATE notice SET withdrawn_at = ? WHERE notice_id = ?', [at, noticeId]);
  }

  async addView(noticeId: number): Promise<void> {
    await this.db.run('UPDATE notice SET views = views + 1 WHERE notice_id = ?', [noticeId]);
  }

  async noteView({ slot, mark, seenAt }: NoticeView, after: number): Promise<boolean> {
    const noted = await this.db.run(
      `INSERT INTO notice_view (slot, mark, seen_at) VALUES (?, ?, ?)
       ON CONFLICT (slot) DO UPDATE SET mark = excluded.mark, seen_at = excluded.seen_at
       WHERE notice_view.mark <> excluded.mark OR notice_view.seen_at <= ?`,
      [slot, mark, seenAt, after],
    );
    return noted > 0;
  }
}
