/** SmsStore in memory: the readable model. */
import type { CodeRow, OutboxRow, SmsReader, SmsStore, SmsTransaction } from '#sms/ports/sms-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface SmsData {
  marks: readonly { readonly key: string; readonly at: number }[];
  spent: Map<string, number>;
  codes: Map<string, CodeRow>;
  outbox: Map<string, OutboxRow>;
}

export class MemorySmsStore implements SmsStore {
  readonly reader: SmsReader;
  readonly #section: MemorySection<SmsData>;

  constructor(options: Pick<MemorySectionOptions<SmsData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<SmsData>({
      ...options,
      section: 'sms',
      empty: { marks: [], spent: new Map(), codes: new Map(), outbox: new Map() },
      copy: ({ marks, spent, codes, outbox }) => ({
        marks,
        spent: new Map(spent),
        codes: new Map(codes),
        outbox: new Map(outbox),
      }),
      open: (data, nowMs) => new MemorySmsTransaction(data, nowMs),
    });
    this.reader = new MemorySmsReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemorySmsReader implements SmsReader {
  protected readonly data: () => SmsData;

  constructor(data: () => SmsData) {
    this.data = data;
  }

  async outbox(limit: number): Promise<readonly OutboxRow[]> {
    const rows = [...this.data().outbox.values()];
    return rows.toSorted((a, b) => b.sentAt - a.sentAt || (a.smsId < b.smsId ? -1 : 1)).slice(0, limit);
  }
}

class MemorySmsTransaction extends MemorySmsReader implements SmsTransaction {
  readonly nowMs: number;
  readonly #data: SmsData;

  constructor(data: SmsData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async marks(key: string, since: number, limit: number): Promise<readonly number[]> {
    const rows = this.#data.marks.filter((mark) => mark.key === key && mark.at > since);
    return rows
      .map(({ at }) => at)
      .toSorted((a, b) => b - a)
      .slice(0, limit);
  }

  async insertMark(key: string, at: number): Promise<void> {
    this.#data.marks = [...this.#data.marks, { key, at }];
  }

  async spent(prefix: string): Promise<number> {
    let sum = 0;
    for (const [day, messages] of this.#data.spent) if (day.startsWith(prefix)) sum += messages;
    return sum;
  }

  async addSpent(day: string): Promise<void> {
    this.#data.spent.set(day, (this.#data.spent.get(day) ?? 0) + 1);
  }

  async code(codeId: string): Promise<CodeRow | undefined> {
    return this.#data.codes.get(codeId);
  }

  async putCode(row: CodeRow): Promise<void> {
    this.#data.codes.set(row.codeId, { ...row });
  }

  async deleteCode(codeId: string): Promise<void> {
    this.#data.codes.delete(codeId);
  }

  async insertOutbox(row: OutboxRow): Promise<void> {
    this.#data.outbox.set(row.smsId, { ...row });
  }

  async deleteOutbox(smsId: string): Promise<void> {
    this.#data.outbox.delete(smsId);
  }

  async forget({
    before,
    expiredBefore,
    limit,
  }: {
    readonly before: number;
    readonly expiredBefore: number;
    readonly limit: number;
  }): Promise<number> {
    const old = this.#data.marks.filter(({ at }) => at < before).slice(0, limit);
    const gone = new Set(old);
    this.#data.marks = this.#data.marks.filter((mark) => !gone.has(mark));
    const expired = [...this.#data.codes.values()].filter((row) => row.expiresAt <= expiredBefore).slice(0, limit);
    for (const { codeId } of expired) this.#data.codes.delete(codeId);
    return Math.max(old.length, expired.length);
  }
}
