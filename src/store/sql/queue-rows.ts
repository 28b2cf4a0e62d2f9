/** QueueReader and QueueTransaction over SQL: rows of the queue, no rules. */
import type { AccountId, BlobKey, QueueId } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type {
  DeliverySelection,
  DestinationSummary,
  QueueReader,
  QueueTotals,
  QueueTransaction,
} from '#queue/ports/queue-store.ts';
import { NEVER } from '#queue/types.ts';
import type {
  DeliveryFailure,
  DeliveryState,
  LeasedDelivery,
  QueuedDelivery,
  QueuedEnvelope,
  QueuedMessage,
  QueuedRecipient,
} from '#queue/types.ts';
import type { BlobFiles } from '#store/files/blob-files.ts';
import { readBlob } from './blob-octets.ts';
import { toText } from './message-rows.ts';
import type { SqlSession, SqlValue } from './session.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';

const MESSAGE = 'account_id, reverse_path, envelope, blob_key, size_bytes, priority, created_at, expires_at';
type MessageColumns = [number | null, string, string, number, number, number, number, number];
const MESSAGE_LIST = MESSAGE.split(', ')
  .map((name) => `queue_message.${name}`)
  .join(', ');

const DELIVERY =
  'queue_id, destination, urgency, state, due_at, attention_at, attempts, owner, recipients, last_failure';
const DELIVERY_LIST = DELIVERY.split(', ')
  .map((name) => `queue_delivery.${name}`)
  .join(', ');
type DeliveryColumns = [string, string, number, string, number, number, number, string | null, string, string | null];
const DELIVERY_WIDTH = 10;

const JOINED = `SELECT ${DELIVERY_LIST}, ${MESSAGE_LIST} FROM queue_delivery
  JOIN queue_message ON queue_message.queue_id = queue_delivery.queue_id`;

/** The index is by destination, urgency and due instant. */
const URGENCIES = [0, 1, 2] as const;

const NEXT_DUE = `SELECT ${URGENCIES.map((urgency) => `(SELECT min(due_at) FROM queue_delivery WHERE destination = ? AND urgency = ${urgency} AND due_at > ?)`).join(', ')}`;

/**
 * Every destination and the first due instant of each of its urgencies: the index is entered a few times for each
 * destination, however many deliveries it has.
 */
const DESTINATIONS = `WITH RECURSIVE each_one (destination) AS (
    SELECT min(destination) FROM queue_delivery
    UNION ALL
    SELECT (SELECT min(destination) FROM queue_delivery WHERE destination > each_one.destination)
    FROM each_one WHERE each_one.destination IS NOT NULL
  )
  SELECT destination, ${URGENCIES.map((urgency) => `(SELECT min(due_at) FROM queue_delivery WHERE queue_delivery.destination = each_one.destination AND urgency = ${urgency})`).join(', ')}
  FROM each_one WHERE destination IS NOT NULL`;

type Envelope = Pick<
  QueuedEnvelope,
  'body' | 'smtpUtf8' | 'requireTls' | 'ret' | 'envid' | 'deliverBy' | 'forwardedBy'
>;

class SqlQueueRows {
  protected readonly session: SqlSession;

  constructor(session: SqlSession) {
    this.session = session;
  }

  async message(queueId: QueueId): Promise<QueuedMessage | undefined> {
    const sql = `SELECT ${MESSAGE} FROM queue_message WHERE queue_id = ?`;
    const row = await this.session.get<MessageColumns>(sql, [queueId]);
    return row === undefined ? undefined : toMessage(queueId, row);
  }

  async deliveries(queueId: QueueId): Promise<readonly QueuedDelivery[]> {
    const sql = `SELECT ${DELIVERY} FROM queue_delivery WHERE queue_id = ?`;
    const rows = (await this.session.all<DeliveryColumns>(sql, [queueId])).map(toDelivery);
    // Sorted here: the databases' collations differ.
    return rows.toSorted((a, b) => (a.destination < b.destination ? -1 : 1));
  }

  async destinations(): Promise<readonly DestinationSummary[]> {
    type Row = [string, number | null, number | null, number | null];
    const rows = await this.session.all<Row>(DESTINATIONS, []);
    return rows.map(([destination, ...due]) => ({ destination, nextDueAt: Math.min(...due.map((at) => at ?? NEVER)) }));
  }

  async list(
    { queueId, destination, accountId }: DeliverySelection,
    { after, limit }: Parameters<QueueReader['list']>[1],
  ): Promise<readonly LeasedDelivery[]> {
    const conditions: string[] = [];
    const values: SqlValue[] = [];
    const add = (condition: string, ...parameters: SqlValue[]): void => {
      conditions.push(condition);
      values.push(...parameters);
    };
    if (queueId !== undefined) add('queue_delivery.queue_id = ?', queueId);
    if (destination !== undefined) add('queue_delivery.destination = ?', destination);
    if (accountId !== undefined) add('queue_message.account_id = ?', accountId);
    if (after !== undefined)
      add('(queue_delivery.queue_id, queue_delivery.destination) > (?, ?)', after.queueId, after.destination);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const rows = await this.session.all<[...DeliveryColumns, ...MessageColumns]>(
      `${JOINED} ${where} ORDER BY queue_delivery.queue_id, queue_delivery.destination LIMIT ?`,
      [...values, limit],
    );
    return rows.map(toLeased);
  }
}

export class SqlQueueReader extends SqlQueueRows implements QueueReader {
  readonly #blobs: BlobFiles;

  constructor(session: SqlSession, blobs: BlobFiles) {
    super(session);
    this.#blobs = blobs;
  }

  async needingAttention(nowMs: number, limit: number): Promise<readonly LeasedDelivery[]> {
    const rows = await this.session.all<[...DeliveryColumns, ...MessageColumns]>(
      `${JOINED} WHERE attention_at <= ? AND owner IS NULL ORDER BY attention_at LIMIT ?`,
      [nowMs, limit],
    );
    return rows.map(toLeased);
  }

  async totals(): Promise<QueueTotals> {
    type Row = [number, number, number, number, number | null];
    const row = await this.session.get<Row>(
      `SELECT (SELECT count(*) FROM queue_message), (SELECT count(*) FROM queue_delivery),
         (SELECT count(*) FROM queue_delivery WHERE state = 'held'),
         (SELECT count(*) FROM queue_delivery WHERE owner IS NOT NULL), (SELECT min(created_at) FROM queue_message)`,
      [],
    );
    const [messages = 0, deliveries = 0, held = 0, underWay = 0, oldestAt = null] = row ?? [];
    return { messages, deliveries, held, underWay, oldestAt };
  }

  async readOctets(queueId: QueueId): Promise<Buffer> {
    const octets = await readBlob(
      this.session,
      this.#blobs,
      'FROM queue_message JOIN blob ON blob.blob_key = queue_message.blob_key WHERE queue_id = ?',
      [queueId],
    );
    if (octets === undefined) throw new MailError('notFound', 'The message is no longer queued', { data: { queueId } });
    return octets;
  }
}

export class SqlQueueTransaction extends SqlQueueRows implements QueueTransaction, SqlSectionTransaction {
  readonly nowMs: number;
  readonly touched = new Set<string>();
  readonly references = new Map<BlobKey, number>();
  readonly #scope: SectionScope;

  constructor(scope: SectionScope) {
    super(scope.session);
    this.#scope = scope;
    this.nowMs = scope.nowMs;
  }

  storeMessage(message: PreparedMessage): Promise<BlobKey> {
    return this.#scope.storeMessage(message);
  }

  async insertMessage(row: QueuedMessage): Promise<void> {
    const inserted = await this.session.run(
      `INSERT INTO queue_message (queue_id, ${MESSAGE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
      [row.queueId, ...fromMessage(row)],
    );
    const { queueId } = row;
    if (inserted === 0) throw new MailError('alreadyExists', 'The message is queued already', { data: { queueId } });
    this.#addReferences(row.blobKey, 1);
  }

  async deleteMessage(row: QueuedMessage): Promise<void> {
    await this.session.run('DELETE FROM queue_message WHERE queue_id = ?', [row.queueId]);
    this.#addReferences(row.blobKey, -1);
  }

  async updateMessage(row: QueuedMessage): Promise<void> {
    const columns = MESSAGE.split(', ').map((name) => `${name} = ?`);
    await this.session.run(`UPDATE queue_message SET ${columns.join(', ')} WHERE queue_id = ?`, [
      ...fromMessage(row),
      row.queueId,
    ]);
  }

  async insertDelivery(row: QueuedDelivery): Promise<void> {
    await this.session.run(`INSERT INTO queue_delivery (${DELIVERY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
      row.queueId,
      row.destination,
      ...fromDelivery(row),
    ]);
  }

  async updateDelivery(row: QueuedDelivery): Promise<void> {
    await this.session.run(
      `UPDATE queue_delivery SET urgency = ?, state = ?, due_at = ?, attention_at = ?, attempts = ?,
         owner = ?, recipients = ?, last_failure = ? WHERE queue_id = ? AND destination = ?`,
      [...fromDelivery(row), row.queueId, row.destination],
    );
  }

  async deleteDelivery(queueId: QueueId, destination: string): Promise<void> {
    const sql = 'DELETE FROM queue_delivery WHERE queue_id = ? AND destination = ?';
    await this.session.run(sql, [queueId, destination]);
  }

  async lockDue(destination: string, nowMs: number, limit: number): Promise<readonly LeasedDelivery[]> {
    const found: LeasedDelivery[] = [];
    // A query for each urgency: together they would read past all that is urgent and not due.
    for (const urgency of URGENCIES) {
      if (found.length === limit) break;
      const rows = await this.session.all<[...DeliveryColumns, ...MessageColumns]>(
        `${JOINED} WHERE destination = ? AND urgency = ? AND due_at <= ? ORDER BY due_at LIMIT ?
         ${this.session.dialect.forUpdateOfFree('queue_delivery')}`,
        [destination, urgency, nowMs, limit - found.length],
      );
      found.push(...rows.map(toLeased));
    }
    return found;
  }

  async nextDueAfter(destination: string, nowMs: number): Promise<number> {
    const row = await this.session.get<(number | null)[]>(
      NEXT_DUE,
      URGENCIES.flatMap(() => [destination, nowMs]),
    );
    return Math.min(NEVER, ...(row ?? []).map((at) => at ?? NEVER));
  }

  async lockDelivery(queueId: QueueId, destination: string): Promise<QueuedDelivery | undefined> {
    // The message first and for all: of two deliveries that end at once, one has to see that it is the last.
    const { forUpdate } = this.session.dialect;
    if (forUpdate !== '')
      await this.session.get(`SELECT 1 FROM queue_message WHERE queue_id = ?${forUpdate}`, [queueId]);
    const sql = `SELECT ${DELIVERY} FROM queue_delivery WHERE queue_id = ? AND destination = ?${forUpdate}`;
    const row = await this.session.get<DeliveryColumns>(sql, [queueId, destination]);
    return row === undefined ? undefined : toDelivery(row);
  }

  async orphans(nowMs: number, limit: number): Promise<readonly QueuedDelivery[]> {
    const rows = await this.session.all<DeliveryColumns>(
      `SELECT ${DELIVERY} FROM queue_delivery
       WHERE owner IS NOT NULL AND owner NOT IN (SELECT owner FROM queue_worker WHERE alive_until > ?) LIMIT ?
       ${this.session.dialect.forUpdateOfFree('queue_delivery')}`,
      [nowMs, limit],
    );
    return rows.map(toDelivery);
  }

  async putWorker(owner: string, aliveUntil: number): Promise<void> {
    await this.session.run(
      `INSERT INTO queue_worker (owner, alive_until) VALUES (?, ?)
       ON CONFLICT (owner) DO UPDATE SET alive_until = excluded.alive_until`,
      [owner, aliveUntil],
    );
  }

  async removeWorkers(owner?: string): Promise<void> {
    if (owner === undefined) await this.session.run('DELETE FROM queue_worker', []);
    else await this.session.run('DELETE FROM queue_worker WHERE owner = ?', [owner]);
  }

  touch(destination: string): void {
    this.touched.add(destination);
  }

  #addReferences(blobKey: BlobKey, count: number): void {
    this.references.set(blobKey, (this.references.get(blobKey) ?? 0) + count);
  }
}

function toMessage(queueId: QueueId, row: MessageColumns): QueuedMessage {
  return {
    queueId,
    accountId: row[0] as AccountId | null,
    reversePath: row[1],
    ...(JSON.parse(row[2]) as Envelope),
    blobKey: row[3] as BlobKey,
    sizeBytes: row[4],
    priority: row[5],
    createdAt: row[6],
    expiresAt: row[7],
  };
}

function fromMessage(row: QueuedMessage): SqlValue[] {
  const { body, smtpUtf8, requireTls, ret, envid, deliverBy, forwardedBy } = row;
  const envelope = { body, smtpUtf8, requireTls, ret, envid, deliverBy, forwardedBy } as Envelope;
  return [
    row.accountId,
    toText(row.reversePath),
    toText(JSON.stringify(envelope)),
    row.blobKey,
    row.sizeBytes,
    row.priority,
    row.createdAt,
    row.expiresAt,
  ];
}

function toDelivery(row: DeliveryColumns): QueuedDelivery {
  return {
    queueId: row[0] as QueueId,
    destination: row[1],
    urgency: row[2],
    state: row[3] as DeliveryState,
    dueAt: row[4],
    attentionAt: row[5],
    attempts: row[6],
    owner: row[7],
    recipients: JSON.parse(row[8]) as QueuedRecipient[],
    lastFailure: row[9] === null ? null : (JSON.parse(row[9]) as DeliveryFailure),
  };
}

function fromDelivery(row: QueuedDelivery): SqlValue[] {
  return [
    row.urgency,
    row.state,
    row.dueAt,
    row.attentionAt,
    row.attempts,
    row.owner,
    toText(JSON.stringify(row.recipients)),
    row.lastFailure === null ? null : toText(JSON.stringify(row.lastFailure)),
  ];
}

function toLeased(row: [...DeliveryColumns, ...MessageColumns]): LeasedDelivery {
  const delivery = toDelivery(row.slice(0, DELIVERY_WIDTH) as DeliveryColumns);
  return { ...delivery, message: toMessage(delivery.queueId, row.slice(DELIVERY_WIDTH) as MessageColumns) };
}
