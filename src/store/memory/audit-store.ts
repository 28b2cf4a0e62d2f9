/** AuditStore in memory: the readable model. */
import { GENESIS } from '#audit/chain.ts';
import type { AuditQuery, AuditReader, AuditStore, AuditTransaction } from '#audit/ports/audit-store.ts';
import type { AuditLink, AuditRow } from '#audit/types.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface AuditData {
  anchor: AuditLink;
  last: AuditLink;
  rows: readonly AuditRow[];
}

export class MemoryAuditStore implements AuditStore {
  readonly reader: AuditReader;
  readonly #section: MemorySection<AuditData>;

  constructor(options: Pick<MemorySectionOptions<AuditData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<AuditData>({
      ...options,
      section: 'audit',
      empty: { anchor: GENESIS, last: GENESIS, rows: [] },
      copy: (data) => ({ ...data }),
      open: (data, nowMs) => new MemoryAuditTransaction(data, nowMs),
    });
    this.reader = {
      rows: async (after, limit) => this.#section.data.rows.filter(({ seq }) => seq > after).slice(0, limit),
      find: async (query, limit) =>
        this.#section.data.rows
          .filter((row) => isMatch(row, query))
          .toSorted((a, b) => b.at - a.at || b.seq - a.seq)
          .slice(0, limit),
      ends: async () => ({ anchor: this.#section.data.anchor, last: this.#section.data.last }),
    };
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemoryAuditTransaction implements AuditTransaction {
  readonly nowMs: number;
  readonly #data: AuditData;

  constructor(data: AuditData, nowMs: number) {
    this.#data = data;
    this.nowMs = nowMs;
  }

  async lockLast(): Promise<AuditLink> {
    return this.#data.last;
  }

  async insertRows(rows: readonly AuditRow[]): Promise<void> {
    this.#data.rows = [...this.#data.rows, ...rows];
    const last = rows.at(-1);
    if (last !== undefined) this.#data.last = { seq: last.seq, hash: last.hash };
  }

  async forget(before: number, limit: number): Promise<number> {
    const { rows } = this.#data;
    const kept = rows.findIndex(({ at }) => at >= before);
    const count = Math.min(limit, kept === -1 ? rows.length : kept);
    const anchor = rows[count - 1];
    if (anchor === undefined) return 0;
    this.#data.rows = rows.slice(count);
    this.#data.anchor = { seq: anchor.seq, hash: anchor.hash };
    return count;
  }
}

function isMatch(row: AuditRow, { accountId, action, from, to }: AuditQuery): boolean {
  return (
    (accountId === undefined || row.accountId === accountId) &&
    (action === undefined || row.action === action) &&
    (from === undefined || row.at >= from) &&
    (to === undefined || row.at < to)
  );
}
