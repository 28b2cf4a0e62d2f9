/** TraceReader and TraceTransaction over SQL. */
import type { QueueId } from '#base/ids.ts';
import { timePrefix } from '#base/queue-id.ts';
import type { TraceQuery, TraceReader, TraceTransaction } from '#trace/ports/trace-store.ts';
import type { Trace, TraceEvent, TracedMessage } from '#trace/types.ts';
import { toText } from './message-rows.ts';
import type { SectionScope, SqlSectionTransaction } from './sections.ts';
import { type SqlDialect, type SqlSession, type SqlValue, toList } from './session.ts';
import { insertInto, texts } from './statements.ts';

const INSERT_MESSAGE = insertInto('trace_message', texts('queue_id', 'message_id', 'message', 'events'));
const ADDRESS = insertInto('trace_address', texts('address', 'role', 'queue_id'));
const INSERT_EVENT = insertInto('trace_event', texts('queue_id', 'event'));
/** Of addresses longer than any real one, only so much is a key. */
const MAX_KEY_CHARS = 320;
/** What is looked at of a sender that writes to a whole campus, messages: some milliseconds' worth. */
const LATEST_OF_SENDER = 1000;

export class SqlTraceReader implements TraceReader {
  readonly #session: SqlSession;

  constructor(session: SqlSession) {
    this.#session = session;
  }

  async trace(queueId: QueueId): Promise<Trace | undefined> {
    const sql = 'SELECT message, events FROM trace_message WHERE queue_id = ?';
    const row = await this.#session.get<[string, string]>(sql, [queueId]);
    if (row === undefined) return undefined;
    const later = await this.#session.all<[string]>(
      'SELECT event FROM trace_event WHERE queue_id = ? ORDER BY event_id',
      [queueId],
    );
    const events = [...(JSON.parse(row[1]) as TraceEvent[]), ...later.map(([text]) => JSON.parse(text) as TraceEvent)];
    return { message: JSON.parse(row[0]) as TracedMessage, events };
  }

  async find(query: TraceQuery, limit: number): Promise<readonly TracedMessage[]> {
    const { messageId, sender, recipient } = query;
    const tables: string[] = [];
    const conditions: string[] = [];
    const values: SqlValue[] = [];
    const restrict = (table: string, condition: string, ...parameters: SqlValue[]): void => {
      tables.push(table);
      conditions.push(condition);
      values.push(...parameters);
    };
    if (messageId !== undefined) restrict('trace_message AS by_id', 'by_id.message_id = ?', keyOf(messageId));
    for (const [role, address] of [
      ['r', recipient],
      ['s', sender],
    ] as const) {
      if (address === undefined) continue;
      restrict(`trace_address AS by_${role}`, `by_${role}.address = ? AND by_${role}.role = '${role}'`, keyOf(address));
    }
    const [first, ...others] = tables.map((table) => table.slice(table.indexOf(' AS ') + 4));
    if (first === undefined) return [];
    for (const other of others) conditions.push(`${other}.queue_id = ${first}.queue_id`);
    if (query.from !== undefined) {
      conditions.push(`${first}.queue_id >= ?`);
      values.push(timePrefix(query.from));
    }
    if (query.to !== undefined) {
      conditions.push(`${first}.queue_id < ?`);
      values.push(timePrefix(query.to));
    }
    const found = await this.#session.all<[string]>(
      `SELECT ${first}.queue_id FROM ${tables.join(' CROSS JOIN ')} WHERE ${conditions.join(' AND ')}
       ORDER BY ${first}.queue_id DESC LIMIT ?`,
      [...values, limit],
    );
    const rows = await this.#session.all<[string]>(
      `SELECT message FROM trace_message WHERE ${this.#session.dialect.isOneOfTexts('queue_id')} ORDER BY queue_id DESC`,
      [toList(found.map(([queueId]) => queueId))],
    );
    return rows.map(([message]) => JSON.parse(message) as TracedMessage);
  }

  async whoWrote(senders: readonly string[], recipients: readonly string[]): Promise<readonly string[]> {
    const own = toList(recipients.map(keyOf));
    const found = await Promise.all(
      senders.map(async (sender) => {
        // From the sender's end: a stranger's has nothing, while an account's own mail is long.
        const rows = await this.#session.all<[string, string]>(writtenTo(this.#session.dialect), [
          keyOf(sender),
          LATEST_OF_SENDER,
          own,
        ]);
        return rows.some(([message, events]) => isDeliveredHere(message, events)) ? [sender] : [];
      }),
    );
    return found.flat();
  }
}

/** The second parameter bounds what is walked. */
const writtenTo = (dialect: SqlDialect): string => `SELECT message, events FROM (
    SELECT queue_id FROM trace_address WHERE address = ? AND role = 's' ORDER BY queue_id DESC LIMIT ?
  ) AS sent CROSS JOIN trace_message WHERE trace_message.queue_id = sent.queue_id
  AND EXISTS (SELECT 1 FROM trace_address AS taken WHERE taken.queue_id = sent.queue_id AND taken.role = 'r'
    AND ${dialect.isOneOfTexts('taken.address')}) LIMIT 20`;

function isDeliveredHere(message: string, events: string): boolean {
  return (
    (JSON.parse(message) as TracedMessage).direction === 'in' &&
    (JSON.parse(events) as TraceEvent[]).some(({ kind }) => kind === 'delivered')
  );
}

export class SqlTraceTransaction implements TraceTransaction, SqlSectionTransaction {
  readonly nowMs: number;
  readonly #session: SqlSession;

  constructor({ session, nowMs }: SectionScope) {
    this.#session = session;
    this.nowMs = nowMs;
  }

  async insertTrace(message: TracedMessage, events: readonly TraceEvent[]): Promise<void> {
    const { queueId, messageId, sender, recipients } = message;
    await this.#session.write(INSERT_MESSAGE, [
      [queueId, keyOf(messageId), toText(JSON.stringify(message)), toText(JSON.stringify(events))],
    ]);
    const keys = new Set(recipients.map((address) => keyOf(address.toLowerCase())));
    const addresses = Array.from(keys, (address) => [address, 'r', queueId]);
    if (sender !== '') addresses.push([keyOf(sender.toLowerCase()), 's', queueId]);
    await this.#session.write(ADDRESS, addresses);
  }

  async insertEvents(events: readonly { readonly queueId: QueueId; readonly event: TraceEvent }[]): Promise<void> {
    await this.#session.write(
      INSERT_EVENT,
      events.map(({ queueId, event }) => [queueId, toText(JSON.stringify(event))]),
    );
  }

  async forget(before: number, limit: number): Promise<number> {
    const rows = await this.#session.all<[string, string]>(
      'SELECT queue_id, message FROM trace_message WHERE queue_id < ? ORDER BY queue_id LIMIT ?',
      [timePrefix(before), limit],
    );
    for (const [queueId, text] of rows) {
      const { sender, recipients } = JSON.parse(text) as TracedMessage;
      for (const address of new Set(recipients.map((address) => keyOf(address.toLowerCase()))))
        await this.#deleteAddress(address, 'r', queueId);
      if (sender !== '') await this.#deleteAddress(keyOf(sender.toLowerCase()), 's', queueId);
      await this.#session.run('DELETE FROM trace_event WHERE queue_id = ?', [queueId]);
      await this.#session.run('DELETE FROM trace_message WHERE queue_id = ?', [queueId]);
    }
    // Events that came for a message after it was forgotten.
    if (rows.length < limit)
      await this.#session.run('DELETE FROM trace_event WHERE queue_id < ?', [timePrefix(before)]);
    return rows.length;
  }

  async #deleteAddress(address: string, role: string, queueId: string): Promise<void> {
    const sql = 'DELETE FROM trace_address WHERE address = ? AND role = ? AND queue_id = ?';
    await this.#session.run(sql, [address, role, queueId]);
  }
}

function keyOf(text: string): string {
  return toText(text).slice(0, MAX_KEY_CHARS);
}
