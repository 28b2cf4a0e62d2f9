/** GuessStore in memory: the readable model. */
import { emptyCount } from '#guesses/operations.ts';
import type {
  CountRow,
  Forgotten,
  GuessReader,
  GuessStore,
  GuessTransaction,
  KnownRow,
  TallyRow,
} from '#guesses/ports/guess-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface GuessData {
  counts: Map<string, CountRow>;
  tallies: Map<string, TallyRow>;
  known: Map<string, KnownRow & { readonly subject: string }>;
}

export class MemoryGuessStore implements GuessStore {
  readonly reader: GuessReader;
  readonly #section: MemorySection<GuessData>;

  constructor(options: Pick<MemorySectionOptions<GuessData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<GuessData>({
      ...options,
      section: 'guesses',
      empty: { counts: new Map(), tallies: new Map(), known: new Map() },
      copy: ({ counts, tallies, known }) => ({
        counts: new Map(counts),
        tallies: new Map(tallies),
        known: new Map(known),
      }),
      open: (data, nowMs) => new MemoryGuessTransaction(data, nowMs),
    });
    this.reader = new MemoryGuessReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemoryGuessReader implements GuessReader {
  protected readonly data: () => GuessData;

  constructor(data: () => GuessData) {
    this.data = data;
  }

  async known(subject: string, range: string): Promise<{ seenAt: number; isCounted: boolean } | undefined> {
    const row = this.data().known.get(keyOf(subject, range));
    return row && { seenAt: row.seenAt, isCounted: this.data().counts.has(keyOf(subject, range)) };
  }

  async tally(key: string): Promise<TallyRow | undefined> {
    return this.data().tallies.get(key);
  }
}

class MemoryGuessTransaction extends MemoryGuessReader implements GuessTransaction {
  readonly nowMs: number;
  readonly #data: GuessData;

  constructor(data: GuessData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async count(subject: string, range: string): Promise<CountRow | undefined> {
    return this.#data.counts.get(keyOf(subject, range));
  }

  async lockCount(subject: string, range: string): Promise<CountRow> {
    const row = (await this.count(subject, range)) ?? emptyCount(subject, range);
    await this.putCount(row);
    return row;
  }

  async putCount(row: CountRow): Promise<void> {
    this.#data.counts.set(keyOf(row.subject, row.range), row);
  }

  async deleteCount(subject: string, range: string): Promise<void> {
    this.#data.counts.delete(keyOf(subject, range));
  }

  async deleteCounts(subject: string): Promise<void> {
    for (const [key, row] of this.#data.counts) if (row.subject === subject) this.#data.counts.delete(key);
  }

  async lockTally(key: string): Promise<TallyRow> {
    const row = (await this.tally(key)) ?? { key, tally: 0, endsAt: 0, members: [] };
    await this.putTally(row);
    return row;
  }

  async putTally(row: TallyRow): Promise<void> {
    this.#data.tallies.set(row.key, row);
  }

  async deleteTally(key: string): Promise<void> {
    this.#data.tallies.delete(key);
  }

  async knownRanges(subject: string): Promise<readonly KnownRow[]> {
    return [...this.#data.known.values()]
      .filter((row) => row.subject === subject)
      .toSorted((a, b) => b.seenAt - a.seenAt || (a.range < b.range ? -1 : 1));
  }

  async putKnown(subject: string, { range, seenAt }: KnownRow): Promise<void> {
    this.#data.known.set(keyOf(subject, range), { subject, range, seenAt });
  }

  async deleteKnown(subject: string, range: string): Promise<void> {
    this.#data.known.delete(keyOf(subject, range));
  }

  async forget({ now, seenBefore, limit }: Forgotten): Promise<number> {
    const { counts, tallies, known } = this.#data;
    const endOf = (row: CountRow): number => Math.max(row.claimedUntil, row.windowEndsAt, row.lockedUntil);
    return Math.max(
      drop(counts, (row) => endOf(row) <= now, limit),
      drop(tallies, (row) => row.endsAt <= now, limit),
      drop(known, (row) => row.seenAt < seenBefore, limit),
    );
  }
}

function drop<Row>(rows: Map<string, Row>, isOver: (row: Row) => boolean, limit: number): number {
  const over = [...rows].filter(([, row]) => isOver(row)).slice(0, limit);
  for (const [key] of over) rows.delete(key);
  return over.length;
}

function keyOf(subject: string, range: string): string {
  return `${subject}\n${range}`;
}
