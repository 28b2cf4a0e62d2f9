/** Connections to PostgreSQL as this store uses them, SqlSession over them, and what their errors mean to callers. */
import postgres from 'postgres';
import { MailError, errorText, isMailError } from '#base/errors.ts';
import { CONNECT_TIMEOUT_S, RETIRE_TIMEOUT_S, STATEMENT_TIMEOUT_MS } from '#store/limits.ts';
import { type SqlSession, type SqlValue, postgresDialect } from '#store/sql/session.ts';
import { type RowStatement, toArrayLiteral } from '#store/sql/statements.ts';

type Sql = postgres.Sql<{ bigint: number }>;

/** Something that takes statements: a pool, or one connection. */
export interface Queryable {
  readonly sql: Sql | postgres.TransactionSql<{ bigint: number }>;
}

export interface PoolOptions {
  /** For transactions at most, and as many again for single statements. */
  readonly connections: number;
  readonly onNotice?: (payload: string) => void;
  /** A connection was lost or could not be made. */
  readonly onLost?: () => void;
}

/**
 * Connections, made as they are needed: some for single statements, others for transactions. `url` is libpq's:
 * `postgres://user:password@host:port/database`, with `?host=/folder` for a Unix socket and `?sslmode=require`.
 *
 * postgres.js 3.4.9: a BEGIN that it sends behind a hundred statements of others is not followed by its transaction
 * (`execute` forgets `onexecute` once `max_pipeline` is reached); the connection stays in that transaction, and whoever
 * gets it next writes into what nobody commits. So no transaction ever shares its connection with single statements.
 */
export class Pool implements Queryable {
  readonly #url: string;
  readonly #statements: Connections;
  readonly #transactions: Connections;

  constructor(url: string, options: PoolOptions) {
    this.#url = url;
    this.#statements = new Connections(url, options);
    this.#transactions = new Connections(url, options);
  }

  /** For single statements, which are sent ahead of each other's answers. */
  get sql(): Sql {
    return this.#statements.sql;
  }

  /** What is asked for from now on gets new connections; these no longer answer, or can no longer be trusted. */
  retire(): void {
    this.#statements.retire();
    this.#transactions.retire();
  }

  /** Runs `body` in a transaction; `mode` is what follows BEGIN. Throws what `body` or the commit throws. */
  transaction<T>(mode: string, body: (session: PostgresSession) => Promise<T>): Promise<T> {
    const { sql } = this.#transactions;
    const isLost = (): boolean => this.#transactions.hasLost(sql);
    let isOver = false;
    const { promise: failed, reject } = Promise.withResolvers<never>();
    /** `begin` would send COMMIT or ROLLBACK: it is left waiting, and the connection goes with its pool. */
    const leave = (error: unknown): Promise<never> => {
      reject(error);
      return new Promise<never>(() => {});
    };
    const run = sql.begin(mode, async (tx) => {
      try {
        const value = await body(new PostgresSession(guarded(tx, () => isOver || isLost())));
        return isLost() ? await leave(new LostConnection()) : { value };
      } catch (error) {
        if (isLost()) return await leave(error);
        throw error;
      } finally {
        // What a body that failed left under way must not reach whoever has the connection next.
        isOver = true;
      }
    });
    return Promise.race([run.then(({ value }) => value as T), failed]);
  }

  /** Runs `body` on a connection that nobody else has and that ends with it; once it is lost every statement fails. */
  async withConnection<T>(body: (session: PostgresSession) => Promise<T>): Promise<T> {
    let isLost = false;
    const line = new Pool(this.#url, { connections: 1, onLost: () => (isLost = true) });
    try {
      return await body(new PostgresSession(guarded(line.sql, () => isLost)));
    } finally {
      await line.end(1);
    }
  }

  /** Waits for what is under way, at most `timeoutS`. */
  async end(timeoutS: number): Promise<void> {
    await Promise.all([this.#statements.end(timeoutS), this.#transactions.end(timeoutS)]);
  }
}

/**
 * postgres.js 3.4.9: a connection that is closed with a write pending keeps half of it, and hangs when it is used
 * again (`closed` clears the timer of the write, but neither forgets timer nor octets). So connections of which any
 * was lost are not used again: single statements on the others may end, new ones get new ones. And a statement for a
 * closed connection, as a transaction goes on to send them, is written to no socket in a turn of its own, where nothing
 * can catch the TypeError (its issues 1154, 1208): it would end the thread. So transactions send nothing more once
 * theirs are lost. Its `reserve` is not used at all: on a new connection it never resolves.
 */
class Connections {
  readonly #url: string;
  readonly #options: PoolOptions;
  #sql: Sql | undefined;
  readonly #lost = new WeakSet<Sql>();
  #ended = false;

  constructor(url: string, options: PoolOptions) {
    this.#url = url;
    this.#options = options;
  }

  get sql(): Sql {
    if (this.#sql === undefined) {
      const sql = connect(this.#url, this.#options, () => {
        this.#lost.add(sql);
        this.#retire(sql);
      });
      if (this.#ended) void sql.end({ timeout: 0 });
      else this.#sql = sql;
      return sql;
    }
    return this.#sql;
  }

  hasLost(sql: Sql): boolean {
    return this.#lost.has(sql);
  }

  retire(): void {
    if (this.#sql !== undefined) this.#retire(this.#sql);
  }

  async end(timeoutS: number): Promise<void> {
    this.#ended = true;
    const sql = this.#sql;
    this.#sql = undefined;
    await sql?.end({ timeout: timeoutS });
  }

  #retire(sql: Sql): void {
    if (this.#sql !== sql) return;
    this.#sql = undefined;
    sql.end({ timeout: RETIRE_TIMEOUT_S }).catch(() => {});
    this.#options.onLost?.();
  }
}

function connect(url: string, { connections, onNotice }: PoolOptions, onClose: () => void): Sql {
  const plain = new URL(url);
  const socketDir = plain.searchParams.get('host');
  plain.searchParams.delete('host');
  return postgres(plain.href, {
    ...(socketDir === null ? {} : { host: socketDir }),
    max: connections,
    connect_timeout: CONNECT_TIMEOUT_S,
    idle_timeout: 0,
    max_lifetime: null,
    fetch_types: false,
    backoff: () => 0,
    onnotice: () => {},
    ...(onNotice === undefined ? {} : { onnotify: (_channel: string, payload: string) => onNotice(payload) }),
    onclose: onClose,
    connection: {
      application_name: 'campusmail',
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS * 2,
    },
    // Ids and sizes stay far below 2^53.
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
  } as postgres.Options<{ bigint: postgres.PostgresType<number> }>);
}

/** As the client library's own errors: an outage. */
class LostConnection extends Error {
  readonly code = 'CONNECTION_CLOSED';

  constructor() {
    super('the connection to PostgreSQL was lost');
  }
}

/** `sql`, until it is lost. */
function guarded(sql: Queryable['sql'], isLost: () => boolean): Queryable {
  return {
    get sql() {
      if (isLost()) throw new LostConnection();
      return sql;
    },
  };
}

/** SqlSession over a pool (each statement by itself) or a transaction. Statements are prepared by the server once. */
export class PostgresSession implements SqlSession {
  readonly dialect = postgresDialect;
  readonly #on: Queryable;

  constructor(on: Queryable) {
    this.#on = on;
  }

  async all<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
    return (await this.#send(sql, parameters)) as unknown as Row[];
  }

  async get<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Promise<Row | undefined> {
    const rows = await this.#send(sql, parameters);
    return rows[0] as unknown as Row | undefined;
  }

  async run(sql: string, parameters: readonly SqlValue[]): Promise<number> {
    return (await this.#send(sql, parameters)).count;
  }

  async write(statement: RowStatement, rows: readonly (readonly SqlValue[])[]): Promise<void> {
    const [only] = rows;
    if (only === undefined) return;
    if (rows.length === 1) await this.#send(statement.one, only);
    else
      await this.#send(
        statement.many,
        statement.types.map((type, column) => toArrayLiteral(rows, column, type)),
      );
  }

  #send(sql: string, parameters: readonly SqlValue[]) {
    return this.#on.sql.unsafe(numberParameters(sql), [...parameters], { prepare: true }).values();
  }
}

const numbered = new Map<string, string>();

/** `?` as `$1`, `$2` …; none of our statements has a question mark elsewhere. */
function numberParameters(sql: string): string {
  let text = numbered.get(sql);
  if (text === undefined) {
    let count = 0;
    text = sql.replaceAll('?', () => `$${++count}`);
    numbered.set(sql, text);
  }
  return text;
}

/** SQLSTATE classes that mean: the server or the way to it is in trouble, not the statement. */
const OUTAGE_CLASSES = new Set(['08', '53', '57', '58', 'F0', 'XX']);
const OUTAGE_CODES = new Set([
  '25P03', // idle in transaction too long
  '25006', // read-only: a standby after fail-over
  '55P03', // lock timeout
]);
/** Serialization failure, deadlock, and the unique violation that one of two racing creators meets. */
const RETRY_CODES = new Set(['40001', '40P01', '23505']);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Whether the same transaction may well succeed when run again at once. */
export function isWorthRetrying(error: unknown): boolean {
  return RETRY_CODES.has(codeOf(error));
}

/** Whether the server refused a statement, after which it refuses the rest of the transaction too. */
export function isStatementError(error: unknown): boolean {
  return error instanceof postgres.PostgresError || codeOf(error).startsWith('CONNECT');
}

/** An outage as `unavailable`; anything else as it is. */
export function toStoreError(error: unknown): unknown {
  if (isMailError(error)) return error;
  const code = codeOf(error);
  const isOutage =
    error instanceof postgres.PostgresError
      ? OUTAGE_CLASSES.has(code.slice(0, 2)) || OUTAGE_CODES.has(code) || RETRY_CODES.has(code)
      : // The client library's own (CONNECTION_CLOSED …) and the system's (ECONNREFUSED, ENOSPC …).
        /^(CONNECT|E[A-Z0-9]+$)/.test(code);
  if (!isOutage) return error;
  return new MailError('unavailable', `The mail store is out of reach: ${errorText(error)}`, { cause: error });
}
