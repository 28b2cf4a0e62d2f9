/** SendingStore in memory: the readable model. */
import type { AccountId } from '#base/ids.ts';
import type {
  SendingAccount,
  SendingReader,
  SendingSlice,
  SendingStore,
  SendingTransaction,
} from '#submission/ports/sending-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

/** All that is known of an account, never changed in place. */
interface Sender extends SendingAccount {
  readonly slices: readonly SendingSlice[];
  /** Address to when it was last written to. */
  readonly correspondents: ReadonlyMap<string, number>;
}

type SendingData = Map<AccountId, Sender>;

export class MemorySendingStore implements SendingStore {
  readonly reader: SendingReader;
  readonly #section: MemorySection<SendingData>;

  constructor(options: Pick<MemorySectionOptions<SendingData>, 'operations' | 'clock'>) {
    this.#section = new MemorySection<SendingData>({
      ...options,
      section: 'sending',
      empty: new Map(),
      copy: (data) => new Map(data),
      open: (data, nowMs) => new MemorySendingTransaction(data, nowMs),
    });
    this.reader = new MemorySendingReader(() => this.#section.data);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }
}

class MemorySendingReader implements SendingReader {
  protected readonly data: () => SendingData;

  constructor(data: () => SendingData) {
    this.data = data;
  }

  async slices(accountId: AccountId, fromSlice: number): Promise<readonly SendingSlice[]> {
    const slices = this.data().get(accountId)?.slices ?? [];
    return slices.filter(({ slice }) => slice >= fromSlice).toSorted((a, b) => a.slice - b.slice);
  }

  async correspondents(accountId: AccountId, addresses: readonly string[]): Promise<readonly string[]> {
    return addresses.filter((address) => this.data().get(accountId)?.correspondents.has(address) === true);
  }
}

class MemorySendingTransaction extends MemorySendingReader implements SendingTransaction {
  readonly nowMs: number;
  readonly #data: SendingData;

  constructor(data: SendingData, nowMs: number) {
    super(() => data);
    this.#data = data;
    this.nowMs = nowMs;
  }

  async lockAccount(accountId: AccountId): Promise<SendingAccount> {
    const { refusedAt, refusals } = this.#sender(accountId);
    return { accountId, refusedAt, refusals };
  }

  async updateAccount(row: SendingAccount): Promise<void> {
    this.#change(row.accountId, () => row);
  }

  async putSlice(accountId: AccountId, row: SendingSlice): Promise<void> {
    this.#change(accountId, ({ slices }) => ({
      slices: [...slices.filter(({ slice }) => slice !== row.slice), row],
    }));
  }

  async deleteSlices(accountId: AccountId, beforeSlice: number): Promise<void> {
    this.#change(accountId, ({ slices }) => ({ slices: slices.filter(({ slice }) => slice >= beforeSlice) }));
  }

  async putCorrespondents(accountId: AccountId, addresses: readonly string[]): Promise<void> {
    const written = addresses.map((address): [string, number] => [address, this.nowMs]);
    this.#change(accountId, ({ correspondents }) => ({ correspondents: new Map([...correspondents, ...written]) }));
  }

  async deleteCorrespondents(accountId: AccountId, writtenBefore: number): Promise<void> {
    this.#change(accountId, ({ correspondents }) => ({
      correspondents: new Map([...correspondents].filter(([, writtenAt]) => writtenAt >= writtenBefore)),
    }));
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    this.#data.delete(accountId);
  }

  #sender(accountId: AccountId): Sender {
    return (
      this.#data.get(accountId) ?? { accountId, refusedAt: null, refusals: 0, slices: [], correspondents: new Map() }
    );
  }

  #change(accountId: AccountId, change: (sender: Sender) => Partial<Sender>): void {
    const sender = this.#sender(accountId);
    this.#data.set(accountId, { ...sender, ...change(sender) });
  }
}
