/**
 * Messages in the shared store: octets go to this process's own segment first, then a row of their own names them,
 * and only then do operations refer to them. So no account waits for another's octets.
 */
import type { Clock } from '#base/clock.ts';
import type { BlobKey } from '#base/ids.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { BlobWriter } from '#store/files/blob-writer.ts';
import { hashOctets, toText } from '#store/sql/message-rows.ts';
import type { SqlSession } from '#store/sql/session.ts';
import { type Pool, PostgresSession } from './connection.ts';

const INSERT_MESSAGE = `WITH stored AS (
    INSERT INTO blob (hash, segment, segment_offset, stored_bytes, size_bytes, refs, unreferenced_at)
    VALUES (?, ?, ?, ?, ?, 0, ?) ON CONFLICT (hash) DO NOTHING RETURNING blob_key
  ), listed AS (
    INSERT INTO message (blob_key, imap_envelope, summary, preview)
    SELECT blob_key, ?::text, ?::text, ?::text FROM stored
  )
  INSERT INTO message_structure (blob_key, structure) SELECT blob_key, ?::text FROM stored`;

export class MessageStorage {
  readonly #pool: Pool;
  readonly #writer: BlobWriter;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(pool: Pool, writer: BlobWriter, clock: Clock) {
    this.#pool = pool;
    this.#writer = writer;
    this.#clock = clock;
  }

  /** Makes the message's octets durable and its rows committed, unless they are. */
  ensure(message: PreparedMessage): Promise<void> {
    const { hash } = message.blob;
    let running = this.#underWay.get(hash);
    if (running === undefined) {
      running = this.#ensure(message).finally(() => this.#underWay.delete(hash));
      this.#underWay.set(hash, running);
    }
    return running;
  }

  async #ensure({ blob, digest }: PreparedMessage): Promise<void> {
    const session = new PostgresSession(this.#pool);
    const sql = 'SELECT blob_key FROM blob WHERE hash = ?';
    if ((await session.get(sql, [hashOctets(blob.hash)])) !== undefined) return;
    const location = await this.#writer.write(blob.encoded);
    // A blob that another process stored first is as good; our octets are then garbage.
    await session.run(INSERT_MESSAGE, [
      hashOctets(blob.hash),
      location.segment,
      location.offset,
      location.storedBytes,
      blob.sizeBytes,
      this.#clock.now(),
      digest.imapEnvelope,
      toText(JSON.stringify(digest.summary)),
      toText(digest.preview),
      toText(JSON.stringify(digest.structure)),
    ]);
  }

  /** The key of the message's blob, which cannot be collected until the transaction ends. */
  async refer(session: SqlSession, message: PreparedMessage): Promise<BlobKey> {
    for (;;) {
      const row = await session.get<[number]>('SELECT blob_key FROM blob WHERE hash = ? FOR KEY SHARE', [
        hashOctets(message.blob.hash),
      ]);
      if (row !== undefined) return row[0] as BlobKey;
      await this.ensure(message);
    }
  }
}
