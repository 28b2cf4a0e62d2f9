/**
 * Messages in the shared store: octets go to this process's own segment first, then rows of their own name them, and
 * only then do operations refer to them. So no account waits for another's octets. What is asked for while others are
 * being stored goes together: a statement and a commit for many messages cost little more than for one.
 */
import type { Clock } from '#base/clock.ts';
import type { BlobKey } from '#base/ids.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { BlobWriter } from '#store/files/blob-writer.ts';
import { SIDE_CONNECTIONS, STORED_CHARACTERS, STORED_MESSAGES } from '#store/limits.ts';
import { hashOctets, toText } from '#store/sql/message-rows.ts';
import type { SqlSession, SqlValue } from '#store/sql/session.ts';
import { type RowStatement, integers, texts, unnest } from '#store/sql/statements.ts';
import { type Pool, PostgresSession, toStoreError } from './connection.ts';

const MESSAGE = {
  ...texts('hash'),
  ...integers('segment', 'segment_offset', 'stored_bytes', 'size_bytes', 'unreferenced_at'),
  ...texts('imap_envelope', 'summary', 'preview', 'structure'),
};
const INSERT_MESSAGE: RowStatement = {
  table: 'blob',
  one: insertFrom(
    `SELECT ${Object.values(MESSAGE)
      .map((type) => (type === 'integer' ? '?::int8' : '?::text'))
      .join(', ')}`,
  ),
  many: insertFrom(`SELECT * FROM ${unnest(MESSAGE)}`),
  types: Object.values(MESSAGE),
};
const SELECT_KEY = `SELECT encode(hash, 'hex'), blob_key FROM blob WHERE hash`;

/** In the order of hashes: of two processes that store the same messages one waits for the other, never both. */
function insertFrom(rows: string): string {
  return `WITH given (${Object.keys(MESSAGE).join(', ')}) AS (${rows}), stored AS (
    INSERT INTO blob (hash, segment, segment_offset, stored_bytes, size_bytes, refs, unreferenced_at)
    SELECT decode(hash, 'hex'), segment, segment_offset, stored_bytes, size_bytes, 0, unreferenced_at FROM given ORDER BY 1
    ON CONFLICT (hash) DO NOTHING RETURNING blob_key, encode(hash, 'hex') AS hash
  ), listed AS (
    INSERT INTO message (blob_key, imap_envelope, summary, preview)
    SELECT blob_key, imap_envelope, summary, preview FROM stored JOIN given USING (hash)
  )
  INSERT INTO message_structure (blob_key, structure) SELECT blob_key, structure FROM stored JOIN given USING (hash)`;
}

interface Waiting {
  readonly message: PreparedMessage;
  /** Its texts, as they are stored. */
  readonly rowTexts: readonly string[];
  readonly characters: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class MessageStorage {
  readonly #pool: Pool;
  readonly #writer: BlobWriter;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, Promise<void>>();
  #waiting: Waiting[] = [];
  #running = 0;

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
      running = this.#enqueue(message).finally(() => this.#underWay.delete(hash));
      this.#underWay.set(hash, running);
    }
    return running;
  }

  /** The keys of the messages' blobs by their hashes; they cannot be collected until the transaction ends. */
  async refer(session: SqlSession, messages: readonly PreparedMessage[]): Promise<ReadonlyMap<string, BlobKey>> {
    const wanted = [...new Map(messages.map((message) => [message.blob.hash, message])).values()];
    if (wanted.length === 0) return new Map();
    for (;;) {
      const keys = await selectKeys(session, wanted, ' ORDER BY blob_key FOR KEY SHARE');
      const missing = wanted.filter(({ blob }) => !keys.has(blob.hash));
      if (missing.length === 0) return keys;
      await Promise.all(missing.map((message) => this.ensure(message)));
    }
  }

  /** The same for one message. */
  async referOne(session: SqlSession, message: PreparedMessage): Promise<BlobKey> {
    return (await this.refer(session, [message])).get(message.blob.hash) as BlobKey;
  }

  #enqueue(message: PreparedMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { imapEnvelope, summary, preview, structure } = message.digest;
    const rowTexts = [imapEnvelope, JSON.stringify(summary), preview, JSON.stringify(structure)].map(toText);
    const characters = rowTexts.reduce((sum, { length }) => sum + length, 0);
    this.#waiting.push({ message, rowTexts, characters, resolve, reject });
    // Once all are there that are asked for in one go.
    queueMicrotask(() => this.#start());
    return promise;
  }

  #start(): void {
    while (this.#running < SIDE_CONNECTIONS && this.#waiting.length > 0) {
      this.#running++;
      void this.#store(this.#takeBatch()).finally(() => {
        this.#running--;
        this.#start();
      });
    }
  }

  #takeBatch(): Waiting[] {
    let count = 0;
    let characters = 0;
    for (const waiting of this.#waiting) {
      characters += waiting.characters;
      if (count > 0 && (count === STORED_MESSAGES || characters > STORED_CHARACTERS)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Answers each; never rejects. */
  async #store(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.#insert(batch);
      for (const { resolve } of batch) resolve();
    } catch (error) {
      const isOutage = toStoreError(error) !== error;
      if (isOutage || batch.length === 1) for (const { reject } of batch) reject(error);
      // What the database does not take goes by itself, and takes no others along.
      else for (const waiting of batch) await this.#store([waiting]);
    }
  }

  async #insert(batch: readonly Waiting[]): Promise<void> {
    const session = new PostgresSession(this.#pool);
    const known = await selectKeys(
      session,
      batch.map(({ message }) => message),
    );
    const missing = batch.filter(({ message }) => !known.has(message.blob.hash));
    if (missing.length === 0) return;
    const rows = await Promise.all(
      missing.map(async ({ message: { blob }, rowTexts }): Promise<SqlValue[]> => {
        const { segment, offset, storedBytes } = await this.#writer.write(blob.encoded);
        return [blob.hash, segment, offset, storedBytes, blob.sizeBytes, this.#clock.now(), ...rowTexts];
      }),
    );
    // A blob that another process stored first is as good; our octets are then garbage.
    await session.write(INSERT_MESSAGE, rows);
  }
}

async function selectKeys(
  session: SqlSession,
  messages: readonly PreparedMessage[],
  tail = '',
): Promise<ReadonlyMap<string, BlobKey>> {
  const [only, ...others] = messages;
  // For a list the database makes a plan each time.
  const [condition, parameter] =
    only !== undefined && others.length === 0
      ? ['= ?', hashOctets(only.blob.hash)]
      : ['= ANY (?::text::bytea[])', `{${messages.map(({ blob }) => String.raw`"\\x${blob.hash}"`).join(',')}}`];
  return new Map(await session.all<[string, BlobKey]>(`${SELECT_KEY} ${condition}${tail}`, [parameter]));
}
