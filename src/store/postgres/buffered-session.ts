/**
 * One operation's view of a transaction: its writes are kept back and sent as few statements at the end, its reads
 * go out at once. An operation that reads a table it has written needs the transaction for itself, because what it
 * wrote must then be sent before it is known whether it succeeds.
 */
import type { SqlSession, SqlValue } from '#store/sql/session.ts';
import type { RowStatement } from '#store/sql/statements.ts';

export interface Write {
  readonly statement: RowStatement;
  readonly rows: readonly (readonly SqlValue[])[];
}

/** Thrown to an operation that shares its transaction and cannot: it is run again by itself. */
export class NeedsOwnTransaction extends Error {}

export class BufferedSession implements SqlSession {
  readonly dialect: SqlSession['dialect'];
  readonly #session: SqlSession;
  readonly #shared: boolean;
  #writes: Write[] = [];

  /** `shared`: other operations use the same transaction. */
  constructor(session: SqlSession, shared: boolean) {
    this.#session = session;
    this.#shared = shared;
    this.dialect = session.dialect;
  }

  /** What was kept back, in order. */
  get writes(): readonly Write[] {
    return this.#writes;
  }

  async all<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]> {
    if (this.#hasWritten(sql)) await this.#send();
    return this.#session.all<Row>(sql, parameters);
  }

  async get<Row extends readonly unknown[]>(sql: string, parameters: readonly SqlValue[]): Promise<Row | undefined> {
    if (this.#hasWritten(sql)) await this.#send();
    return this.#session.get<Row>(sql, parameters);
  }

  async run(sql: string, parameters: readonly SqlValue[]): Promise<number> {
    await this.#send();
    return this.#session.run(sql, parameters);
  }

  write(statement: RowStatement, rows: readonly (readonly SqlValue[])[]): void {
    if (rows.length > 0) this.#writes.push({ statement, rows });
  }

  #hasWritten(sql: string): boolean {
    return this.#writes.length > 0 && this.#writes.some(({ statement }) => tablesRead(sql).has(statement.table));
  }

  async #send(): Promise<void> {
    if (this.#shared) throw new NeedsOwnTransaction();
    await sendWrites(this.#session, [this.#writes.splice(0)]);
  }
}

/**
 * Sends the writes of several operations: each one's in its order, those of the same statement and the same place in
 * that order together.
 */
export async function sendWrites(session: SqlSession, operations: readonly (readonly Write[])[]): Promise<void> {
  const sent: Promise<void>[] = [];
  for (let place = 0; operations.some((writes) => place < writes.length); place++) {
    const together = new Map<RowStatement, (readonly SqlValue[])[]>();
    for (const writes of operations) {
      const write = writes[place];
      if (write === undefined) continue;
      const rows = together.get(write.statement);
      if (rows === undefined) together.set(write.statement, [...write.rows]);
      else for (const row of write.rows) rows.push(row);
    }
    // One connection: they take effect in the order in which they are sent.
    for (const [statement, rows] of together) sent.push(Promise.resolve(session.write(statement, rows)));
  }
  await Promise.all(sent);
}

const tablesBySql = new Map<string, ReadonlySet<string>>();

function tablesRead(sql: string): ReadonlySet<string> {
  let tables = tablesBySql.get(sql);
  if (tables === undefined) {
    tables = new Set(Array.from(sql.matchAll(/\b(?:FROM|JOIN)\s+([a-z_]+)/g), (match) => match[1] ?? ''));
    tablesBySql.set(sql, tables);
  }
  return tables;
}
