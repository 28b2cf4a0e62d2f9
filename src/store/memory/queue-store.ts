/** QueueStore in memory: the readable model of what the other backends store. */
import type { BlobKey, QueueId } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type { RunChanges } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type {
  DeliverySelection,
  DestinationSummary,
  QueueReader,
  QueueStore,
  QueueTotals,
  QueueTransaction,
  RanWith,
} from '#queue/ports/queue-store.ts';
import { NEVER } from '#queue/types.ts';
import type { LeasedDelivery, QueuedDelivery, QueuedMessage } from '#queue/types.ts';
import type { SectionKey } from '#store/operations.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface QueueData {
  readonly messages: Map<QueueId, QueuedMessage>;
  /** By `queueId destination`. */
  readonly deliveries: Map<string, QueuedDelivery>;
  readonly workers: Map<string, number>;
}

/** The mailboxes, whose blobs the queue shares. */
export interface MemoryBlobs {
  storeMessage(message: PreparedMessage): BlobKey;
  octets(blobKey: BlobKey): Buffer;
  readonly run: RunChanges;
}

type Surroundings = Pick<MemorySectionOptions<QueueData>, 'operations' | 'clock'> & { readonly blobs: MemoryBlobs };

export class MemoryQueueStore implements QueueStore {
  readonly reader: QueueReader;
  readonly #section: MemorySection<QueueData>;
  readonly #runChanges: RunChanges;

  constructor({ operations, clock, blobs }: Surroundings) {
    this.#runChanges = (changes) => blobs.run(changes);
    this.#section = new MemorySection<QueueData>({
      section: 'queue',
      operations,
      clock,
      empty: { messages: new Map(), deliveries: new Map(), workers: new Map() },
      copy: ({ messages, deliveries, workers }) => ({
        messages: new Map(messages),
        deliveries: new Map(deliveries),
        workers: new Map(workers),
      }),
      open: (data, nowMs) => new MemoryQueueTransaction(data, nowMs, blobs),
    });
    this.reader = new MemoryQueueReader(() => this.#section.data, blobs);
  }

  /** What messages refer to, each as often as they do. */
  get blobKeys(): BlobKey[] {
    return Array.from(this.#section.data.messages.values(), ({ blobKey }) => blobKey);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }

  async runWith(name: string, args: unknown, changes: Parameters<RunChanges>[0]): Promise<RanWith> {
    const value = await this.run(name, args);
    return { value, outcomes: await this.#runChanges(changes) };
  }

  watch(listener: (destination: string) => void): () => void {
    return this.#section.watch((key) => listener(String(key)));
  }
}

class MemoryQueueRows {
  protected readonly data: () => QueueData;

  constructor(data: () => QueueData) {
    this.data = data;
  }

  async message(queueId: QueueId): Promise<QueuedMessage | undefined> {
    return this.data().messages.get(queueId);
  }

  async deliveries(queueId: QueueId): Promise<readonly QueuedDelivery[]> {
    return this.all().filter((row) => row.queueId === queueId);
  }

  async destinations(): Promise<readonly DestinationSummary[]> {
    const names = [...new Set(this.all().map(({ destination }) => destination))].toSorted();
    return names.map((destination) => {
      const due = this.all().flatMap((row) => (row.destination === destination ? [row.dueAt] : []));
      return { destination, nextDueAt: Math.min(...due) };
    });
  }

  async list(
    { queueId, destination, accountId }: DeliverySelection,
    { after, limit }: Parameters<QueueReader['list']>[1],
  ): Promise<readonly LeasedDelivery[]> {
    const rows = this.all().filter(
      (row) =>
        (queueId === undefined || row.queueId === queueId) &&
        (destination === undefined || row.destination === destination) &&
        (accountId === undefined || this.withMessage(row).message.accountId === accountId) &&
        (after === undefined || keyOf(row.queueId, row.destination) > keyOf(after.queueId, after.destination)),
    );
    return rows.slice(0, limit).map((row) => this.withMessage(row));
  }

  /** By queue id, then destination. */
  protected all(): QueuedDelivery[] {
    return [...this.data().deliveries].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }

  protected withMessage(row: QueuedDelivery): LeasedDelivery {
    const message = this.data().messages.get(row.queueId);
    if (message === undefined) throw new Error(`message ${row.queueId} is missing`);
    return { ...row, message };
  }
}

class MemoryQueueReader extends MemoryQueueRows implements QueueReader {
  readonly #blobs: MemoryBlobs;

  constructor(data: () => QueueData, blobs: MemoryBlobs) {
    super(data);
    this.#blobs = blobs;
  }

  async needingAttention(nowMs: number, limit: number): Promise<readonly LeasedDelivery[]> {
    return this.all()
      .filter(({ owner, attentionAt }) => owner === null && attentionAt <= nowMs)
      .toSorted((a, b) => a.attentionAt - b.attentionAt)
      .slice(0, limit)
      .map((row) => this.withMessage(row));
  }

  async totals(): Promise<QueueTotals> {
    const messages = [...this.data().messages.values()];
    const deliveries = this.all();
    return {
      messages: messages.length,
      deliveries: deliveries.length,
      held: deliveries.filter(({ state }) => state === 'held').length,
      underWay: deliveries.filter(({ owner }) => owner !== null).length,
      oldestAt: messages.length === 0 ? null : Math.min(...messages.map(({ createdAt }) => createdAt)),
    };
  }

  async readOctets(queueId: QueueId): Promise<Buffer> {
    const message = this.data().messages.get(queueId);
    if (message === undefined)
      throw new MailError('notFound', 'The message is no longer queued', { data: { queueId } });
    return this.#blobs.octets(message.blobKey);
  }
}

class MemoryQueueTransaction extends MemoryQueueRows implements QueueTransaction {
  readonly nowMs: number;
  readonly touched = new Set<SectionKey>();
  readonly #data: QueueData;
  readonly #blobs: MemoryBlobs;

  constructor(data: QueueData, nowMs: number, blobs: MemoryBlobs) {
    super(() => data);
    this.#data = data;
    this.#blobs = blobs;
    this.nowMs = nowMs;
  }

  async storeMessage(message: PreparedMessage): Promise<BlobKey> {
    return this.#blobs.storeMessage(message);
  }

  async insertMessage(row: QueuedMessage): Promise<void> {
    const { queueId } = row;
    if (this.#data.messages.has(queueId))
      throw new MailError('alreadyExists', 'The message is queued already', { data: { queueId } });
    this.#data.messages.set(queueId, { ...row });
  }

  async deleteMessage({ queueId }: QueuedMessage): Promise<void> {
    this.#data.messages.delete(queueId);
  }

  async updateMessage(row: QueuedMessage): Promise<void> {
    this.#data.messages.set(row.queueId, { ...row });
  }

  async insertDelivery(row: QueuedDelivery): Promise<void> {
    this.#data.deliveries.set(keyOf(row.queueId, row.destination), withoutMessage(row));
  }

  async updateDelivery(row: QueuedDelivery): Promise<void> {
    this.#data.deliveries.set(keyOf(row.queueId, row.destination), withoutMessage(row));
  }

  async deleteDelivery(queueId: QueueId, destination: string): Promise<void> {
    this.#data.deliveries.delete(keyOf(queueId, destination));
  }

  async lockDue(destination: string, nowMs: number, limit: number): Promise<readonly LeasedDelivery[]> {
    return this.all()
      .filter((row) => row.destination === destination && row.dueAt <= nowMs)
      .toSorted((a, b) => a.urgency - b.urgency || a.dueAt - b.dueAt)
      .slice(0, limit)
      .map((row) => this.withMessage(row));
  }

  async nextDueAfter(destination: string, nowMs: number): Promise<number> {
    const rows = this.all().filter((row) => row.destination === destination && row.dueAt > nowMs);
    return Math.min(NEVER, ...rows.map(({ dueAt }) => dueAt));
  }

  async lockDelivery(queueId: QueueId, destination: string): Promise<QueuedDelivery | undefined> {
    return this.#data.deliveries.get(keyOf(queueId, destination));
  }

  async orphans(nowMs: number, limit: number): Promise<readonly QueuedDelivery[]> {
    const isAlive = (owner: string): boolean => (this.#data.workers.get(owner) ?? 0) > nowMs;
    return this.all()
      .filter(({ owner }) => owner !== null && !isAlive(owner))
      .slice(0, limit);
  }

  async putWorker(owner: string, aliveUntil: number): Promise<void> {
    this.#data.workers.set(owner, aliveUntil);
  }

  async removeWorkers(owner?: string): Promise<void> {
    if (owner === undefined) this.#data.workers.clear();
    else this.#data.workers.delete(owner);
  }

  touch(destination: string): void {
    this.touched.add(destination);
  }
}

/** Callers may hand a row they got together with its message. */
function withoutMessage(row: QueuedDelivery): QueuedDelivery {
  const { message: _message, ...plain } = row as LeasedDelivery;
  return { ...plain, recipients: [...plain.recipients] };
}

function keyOf(queueId: QueueId, destination: string): string {
  return `${queueId} ${destination}`;
}
