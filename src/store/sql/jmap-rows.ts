/** JmapReader and JmapTransaction over SQL: rows of what JMAP keeps beside mail, no rules. */
import type { AccountId, BlobKey } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type {
  JmapReader,
  JmapTally,
  JmapTransaction,
  OldChanges,
  RowName,
  RowSelection,
  TallyType,
} from '#jmap/ports/jmap-store.ts';
import { type JmapChange, type JmapRows, JMAP_TYPES, type JmapType, type Upload } from '#jmap/types.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { BlobFiles } from '#store/files/blob-files.ts';
import { readBlob } from './blob-octets.ts';
import { hashOctets, toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import { type SqlSession, type SqlValue, toList } from './session.ts';

const FROM_UPLOAD = 'FROM jmap_upload JOIN blob ON blob.blob_key = jmap_upload.blob_key WHERE account_id = ?';
const SELECT_UPLOAD = `SELECT hash, media_type, size_bytes, created_at, used_at ${FROM_UPLOAD}`;
type UploadColumns = [Uint8Array, string, number, number, number];

const SELECT_TALLY = 'SELECT state, row_count, size_bytes FROM jmap_tally WHERE account_id = ? AND type = ?';

class SqlJmapRows {
  protected readonly session: SqlSession;

  constructor(session: SqlSession) {
    this.session = session;
  }

  async tally(accountId: AccountId, type: TallyType): Promise<JmapTally> {
    return toTally(await this.session.get<[number, number, number]>(SELECT_TALLY, [accountId, type]));
  }

  async rows<Type extends JmapType>(
    accountId: AccountId,
    type: Type,
    { ids, limit }: RowSelection = {},
  ): Promise<readonly JmapRows[Type][]> {
    const parameters: SqlValue[] = [accountId, type];
    let sql = 'SELECT content FROM jmap_row WHERE account_id = ? AND type = ?';
    if (ids !== undefined) {
      sql += ` AND ${this.session.dialect.isOneOf('id')}`;
      parameters.push(toList(ids));
    }
    sql += ' ORDER BY id';
    if (limit !== undefined) {
      sql += ' LIMIT ?';
      parameters.push(limit);
    }
    const rows = await this.session.all<[string]>(sql, parameters);
    return rows.map(([content]) => JSON.parse(content) as JmapRows[Type]);
  }

  async changes(accountId: AccountId, type: JmapType, since: number, limit: number): Promise<readonly JmapChange[]> {
    const rows = await this.session.all<[number, string, number, number]>(
      `SELECT state, kind, id, changed_at FROM jmap_change WHERE account_id = ? AND type = ? AND state > ?
       ORDER BY state LIMIT ?`,
      [accountId, type, since, limit],
    );
    return rows.map(([state, kind, id, at]) => ({ state, kind: kind as JmapChange['kind'], id, at }));
  }

  async upload(accountId: AccountId, hash: string): Promise<Upload | undefined> {
    const row = await this.session.get<UploadColumns>(`${SELECT_UPLOAD} AND hash = ?`, [accountId, hashOctets(hash)]);
    return row === undefined ? undefined : toUpload(row);
  }

  async unusedUploads(accountId: AccountId, usedBefore: number): Promise<readonly Upload[]> {
    const sql = `${SELECT_UPLOAD} AND used_at < ? ORDER BY used_at, hash`;
    return (await this.session.all<UploadColumns>(sql, [accountId, usedBefore])).map(toUpload);
  }
}

export class SqlJmapReader extends SqlJmapRows implements JmapReader {
  readonly #blobs: BlobFiles;

  constructor(session: SqlSession, blobs: BlobFiles) {
    super(session);
    this.#blobs = blobs;
  }

  async pushAccounts(): Promise<readonly AccountId[]> {
    const rows = await this.session.all<[number]>(
      `SELECT DISTINCT account_id FROM jmap_row WHERE type = 'PushSubscription' ORDER BY account_id`,
      [],
    );
    return rows.map(([accountId]) => accountId as AccountId);
  }

  async readUpload(accountId: AccountId, hash: string, start?: number, end?: number): Promise<Buffer> {
    const octets = await readBlob(
      this.session,
      this.#blobs,
      `${FROM_UPLOAD} AND hash = ?`,
      [accountId, hashOctets(hash)],
      { start, end },
    );
    if (octets === undefined) throw new MailError('notFound', 'There is no such upload', { data: { hash } });
    return octets;
  }
}

export class SqlJmapTransaction extends SqlJmapRows implements JmapTransaction, SqlSectionTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();
  readonly references = new Map<BlobKey, number>();
  readonly #scope: SectionScope;

  constructor(scope: SectionScope) {
    super(scope.session);
    this.#scope = scope;
    this.nowMs = scope.nowMs;
  }

  async lockTally(accountId: AccountId, type: TallyType): Promise<JmapTally> {
    const { forUpdate } = this.session.dialect;
    // Where others write too there has to be a row to lock.
    const sql = `${SELECT_TALLY}${forUpdate}`;
    const row = await this.session.get<[number, number, number]>(sql, [accountId, type]);
    if (row !== undefined || forUpdate === '') return toTally(row);
    await this.session.run(
      'INSERT INTO jmap_tally (account_id, type, state, row_count, size_bytes) VALUES (?, ?, 0, 0, 0) ON CONFLICT DO NOTHING',
      [accountId, type],
    );
    return toTally(await this.session.get<[number, number, number]>(sql, [accountId, type]));
  }

  async putTally(accountId: AccountId, type: TallyType, { state, count, sizeBytes }: JmapTally): Promise<void> {
    await this.session.run(
      `INSERT INTO jmap_tally (account_id, type, state, row_count, size_bytes) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account_id, type) DO UPDATE
       SET state = excluded.state, row_count = excluded.row_count, size_bytes = excluded.size_bytes`,
      [accountId, type, state, count, sizeBytes],
    );
  }

  async putRow<Type extends JmapType>(
    accountId: AccountId,
    type: Type,
    row: JmapRows[Type],
    dueAt: number | null,
  ): Promise<void> {
    await this.session.run(
      `INSERT INTO jmap_row (account_id, type, id, content, due_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account_id, type, id) DO UPDATE SET content = excluded.content, due_at = excluded.due_at`,
      [accountId, type, row.id, toText(JSON.stringify(row)), dueAt],
    );
  }

  async deleteRow(accountId: AccountId, type: JmapType, id: number): Promise<void> {
    const sql = 'DELETE FROM jmap_row WHERE account_id = ? AND type = ? AND id = ?';
    await this.session.run(sql, [accountId, type, id]);
  }

  async dueRows(nowMs: number, limit: number): Promise<readonly RowName[]> {
    const rows = await this.session.all<[number, string, number]>(
      'SELECT account_id, type, id FROM jmap_row WHERE due_at <= ? ORDER BY due_at LIMIT ?',
      [nowMs, limit],
    );
    return rows.map(([accountId, type, id]) => ({ accountId: accountId as AccountId, type: type as JmapType, id }));
  }

  async insertChange(accountId: AccountId, type: JmapType, { state, kind, id, at }: JmapChange): Promise<void> {
    await this.session.run(
      'INSERT INTO jmap_change (account_id, type, state, kind, id, changed_at) VALUES (?, ?, ?, ?, ?, ?)',
      [accountId, type, state, kind, id, at],
    );
  }

  async deleteChanges(accountId: AccountId, type: JmapType, upToState: number): Promise<void> {
    const sql = 'DELETE FROM jmap_change WHERE account_id = ? AND type = ? AND state <= ?';
    await this.session.run(sql, [accountId, type, upToState]);
  }

  async oldChanges(before: number, limit: number): Promise<readonly OldChanges[]> {
    const rows = await this.session.all<[number, string, number]>(
      `SELECT account_id, type, max(state) FROM (
         SELECT account_id, type, state FROM jmap_change WHERE changed_at < ? ORDER BY changed_at LIMIT ?
       ) AS old GROUP BY account_id, type ORDER BY account_id, type`,
      [before, limit],
    );
    return rows.map(([accountId, type, upToState]) => ({
      accountId: accountId as AccountId,
      type: type as JmapType,
      upToState,
    }));
  }

  async insertUpload(accountId: AccountId, message: PreparedMessage, mediaType: string): Promise<void> {
    const blobKey = await this.#scope.storeMessage(message);
    await this.session.run(
      'INSERT INTO jmap_upload (account_id, blob_key, media_type, created_at, used_at) VALUES (?, ?, ?, ?, ?)',
      [accountId, blobKey, mediaType, this.nowMs, this.nowMs],
    );
    this.#addReferences(blobKey, 1);
  }

  async updateUpload(accountId: AccountId, { hash, mediaType, usedAt }: Upload): Promise<void> {
    await this.session.run(
      `UPDATE jmap_upload SET media_type = ?, used_at = ? WHERE account_id = ?
       AND blob_key = (SELECT blob_key FROM blob WHERE hash = ?)`,
      [mediaType, usedAt, accountId, hashOctets(hash)],
    );
  }

  async deleteUpload(accountId: AccountId, hash: string): Promise<void> {
    const sql = `SELECT blob.blob_key ${FROM_UPLOAD} AND hash = ?`;
    const row = await this.session.get<[number]>(sql, [accountId, hashOctets(hash)]);
    if (row === undefined) return;
    await this.session.run('DELETE FROM jmap_upload WHERE account_id = ? AND blob_key = ?', [accountId, row[0]]);
    this.#addReferences(row[0] as BlobKey, -1);
  }

  async longestUnusedBy(usedBefore: number): Promise<AccountId | undefined> {
    const sql = 'SELECT account_id FROM jmap_upload WHERE used_at < ? ORDER BY used_at LIMIT 1';
    return (await this.session.get<[number]>(sql, [usedBefore]))?.[0] as AccountId | undefined;
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    for (const type of [...JMAP_TYPES, 'Upload'] as const) await this.lockTally(accountId, type);
    const uploads = await this.session.all<[number]>('SELECT blob_key FROM jmap_upload WHERE account_id = ?', [
      accountId,
    ]);
    for (const [blobKey] of uploads) this.#addReferences(blobKey as BlobKey, -1);
    for (const table of ['jmap_upload', 'jmap_change', 'jmap_row', 'jmap_tally'])
      await this.session.run(`DELETE FROM ${table} WHERE account_id = ?`, [accountId]);
  }

  touch(accountId: AccountId): void {
    this.touched.add(accountId);
  }

  #addReferences(blobKey: BlobKey, count: number): void {
    this.references.set(blobKey, (this.references.get(blobKey) ?? 0) + count);
  }
}

function toTally([state, count, sizeBytes]: readonly [number, number, number] = [0, 0, 0]): JmapTally {
  return { state, count, sizeBytes };
}

function toUpload([hash, mediaType, sizeBytes, createdAt, usedAt]: UploadColumns): Upload {
  return { hash: Buffer.from(hash).toString('hex'), mediaType, sizeBytes, createdAt, usedAt };
}
