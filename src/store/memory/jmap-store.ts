/** JmapStore in memory: the readable model of what the other backends store. */
import type { AccountId, BlobKey } from '#base/ids.ts';
import { MailError } from '#base/errors.ts';
import type {
  JmapReader,
  JmapStore,
  JmapTally,
  JmapTransaction,
  OldChanges,
  RowName,
  RowSelection,
  TallyType,
} from '#jmap/ports/jmap-store.ts';
import type { JmapChange, JmapRows, JmapType, Upload } from '#jmap/types.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { MemoryBlobs } from './queue-store.ts';
import { MemorySection, type MemorySectionOptions } from './section.ts';

interface StoredRow extends RowName {
  readonly row: JmapRows[JmapType];
  readonly dueAt: number | null;
}

interface StoredChange extends JmapChange {
  readonly accountId: AccountId;
  readonly type: JmapType;
}

interface StoredUpload extends Upload {
  readonly accountId: AccountId;
  readonly blobKey: BlobKey;
}

/** Keys join what tells rows apart by a blank. */
interface JmapData {
  readonly tallies: Map<string, JmapTally>;
  readonly rows: Map<string, StoredRow>;
  /** In the order they were made. */
  readonly changes: Map<string, StoredChange>;
  readonly uploads: Map<string, StoredUpload>;
}

type Surroundings = Pick<MemorySectionOptions<JmapData>, 'operations' | 'clock'> & { readonly blobs: MemoryBlobs };

export class MemoryJmapStore implements JmapStore {
  readonly reader: JmapReader;
  readonly #section: MemorySection<JmapData>;

  constructor({ operations, clock, blobs }: Surroundings) {
    this.#section = new MemorySection<JmapData>({
      section: 'jmap',
      operations,
      clock,
      empty: { tallies: new Map(), rows: new Map(), changes: new Map(), uploads: new Map() },
      copy: ({ tallies, rows, changes, uploads }) => ({
        tallies: new Map(tallies),
        rows: new Map(rows),
        changes: new Map(changes),
        uploads: new Map(uploads),
      }),
      open: (data, nowMs) => new MemoryJmapTransaction(data, nowMs, blobs),
    });
    this.reader = new MemoryJmapReader(() => this.#section.data, blobs);
  }

  /** What uploads refer to, each as often as they do. */
  get blobKeys(): BlobKey[] {
    return Array.from(this.#section.data.uploads.values(), ({ blobKey }) => blobKey);
  }

  run(name: string, args: unknown): Promise<unknown> {
    return this.#section.run(name, args);
  }

  watch(listener: (accountId: AccountId | null) => void): () => void {
    return this.#section.watch((key) => listener(key as AccountId));
  }
}

class MemoryJmapRows {
  protected readonly data: () => JmapData;

  constructor(data: () => JmapData) {
    this.data = data;
  }

  async tally(accountId: AccountId, type: TallyType): Promise<JmapTally> {
    return this.data().tallies.get(`${accountId} ${type}`) ?? { state: 0, count: 0, sizeBytes: 0 };
  }

  async rows<Type extends JmapType>(
    accountId: AccountId,
    type: Type,
    { ids, limit = Infinity }: RowSelection = {},
  ): Promise<readonly JmapRows[Type][]> {
    return [...this.data().rows.values()]
      .filter((stored) => stored.accountId === accountId && stored.type === type)
      .filter(({ id }) => ids?.includes(id) ?? true)
      .toSorted((a, b) => a.id - b.id)
      .slice(0, limit)
      .map(({ row }) => structuredClone(row) as JmapRows[Type]);
  }

  async changes(accountId: AccountId, type: JmapType, since: number, limit: number): Promise<readonly JmapChange[]> {
    return [...this.data().changes.values()]
      .filter((change) => change.accountId === accountId && change.type === type && change.state > since)
      .slice(0, limit)
      .map(({ state, kind, id, at }) => ({ state, kind, id, at }));
  }

  async upload(accountId: AccountId, hash: string): Promise<Upload | undefined> {
    const stored = this.data().uploads.get(`${accountId} ${hash}`);
    return stored && toUpload(stored);
  }

  async unusedUploads(accountId: AccountId, usedBefore: number): Promise<readonly Upload[]> {
    return this.unused(usedBefore)
      .filter((stored) => stored.accountId === accountId)
      .map(toUpload);
  }

  protected unused(usedBefore: number): StoredUpload[] {
    return [...this.data().uploads.values()]
      .filter(({ usedAt }) => usedAt < usedBefore)
      .toSorted((a, b) => a.usedAt - b.usedAt || (a.hash < b.hash ? -1 : 1));
  }
}

class MemoryJmapReader extends MemoryJmapRows implements JmapReader {
  readonly #blobs: MemoryBlobs;

  constructor(data: () => JmapData, blobs: MemoryBlobs) {
    super(data);
    this.#blobs = blobs;
  }

  async pushAccounts(): Promise<readonly AccountId[]> {
    const rows = [...this.data().rows.values()].filter(({ type }) => type === 'PushSubscription');
    return [...new Set(rows.map(({ accountId }) => accountId))].toSorted((a, b) => a - b);
  }

  async readUpload(accountId: AccountId, hash: string, start = 0, end = Infinity): Promise<Buffer> {
    const stored = this.data().uploads.get(`${accountId} ${hash}`);
    if (stored === undefined) throw new MailError('notFound', 'There is no such upload', { data: { hash } });
    return this.#blobs.octets(stored.blobKey).subarray(Math.max(0, start), Math.max(0, start, end));
  }
}

class MemoryJmapTransaction extends MemoryJmapRows implements JmapTransaction {
  readonly nowMs: number;
  readonly touched = new Set<AccountId>();
  readonly #data: JmapData;
  readonly #blobs: MemoryBlobs;

  constructor(data: JmapData, nowMs: number, blobs: MemoryBlobs) {
    super(() => data);
    this.#data = data;
    this.#blobs = blobs;
    this.nowMs = nowMs;
  }

  lockTally(accountId: AccountId, type: TallyType): Promise<JmapTally> {
    return this.tally(accountId, type);
  }

  async putTally(accountId: AccountId, type: TallyType, tally: JmapTally): Promise<void> {
    this.#data.tallies.set(`${accountId} ${type}`, tally);
  }

  async putRow<Type extends JmapType>(
    accountId: AccountId,
    type: Type,
    row: JmapRows[Type],
    dueAt: number | null,
  ): Promise<void> {
    const { id } = row;
    this.#data.rows.set(`${accountId} ${type} ${id}`, { accountId, type, id, row: structuredClone(row), dueAt });
  }

  async deleteRow(accountId: AccountId, type: JmapType, id: number): Promise<void> {
    this.#data.rows.delete(`${accountId} ${type} ${id}`);
  }

  async dueRows(nowMs: number, limit: number): Promise<readonly RowName[]> {
    const due = [...this.#data.rows.values()].flatMap((stored) => {
      const { accountId, type, id, dueAt } = stored;
      return dueAt !== null && dueAt <= nowMs ? [{ accountId, type, id, dueAt }] : [];
    });
    return due.toSorted((a, b) => a.dueAt - b.dueAt).slice(0, limit);
  }

  async insertChange(accountId: AccountId, type: JmapType, change: JmapChange): Promise<void> {
    this.#data.changes.set(`${accountId} ${type} ${change.state}`, { ...change, accountId, type });
  }

  async deleteChanges(accountId: AccountId, type: JmapType, upToState: number): Promise<void> {
    for (const [key, change] of this.#data.changes)
      if (change.accountId === accountId && change.type === type && change.state <= upToState)
        this.#data.changes.delete(key);
  }

  async oldChanges(before: number, limit: number): Promise<readonly OldChanges[]> {
    const old = [...this.#data.changes.values()].filter(({ at }) => at < before).slice(0, limit);
    const found = new Map<string, OldChanges>();
    for (const { accountId, type, state } of old)
      found.set(`${accountId} ${type}`, { accountId, type, upToState: state });
    return [...found.values()];
  }

  async insertUpload(accountId: AccountId, message: PreparedMessage, mediaType: string): Promise<void> {
    const { hash, sizeBytes } = message.blob;
    const blobKey = this.#blobs.storeMessage(message);
    const instants = { createdAt: this.nowMs, usedAt: this.nowMs };
    this.#data.uploads.set(`${accountId} ${hash}`, { accountId, blobKey, hash, mediaType, sizeBytes, ...instants });
  }

  async updateUpload(accountId: AccountId, { hash, mediaType, usedAt }: Upload): Promise<void> {
    const key = `${accountId} ${hash}`;
    const stored = this.#data.uploads.get(key);
    if (stored !== undefined) this.#data.uploads.set(key, { ...stored, mediaType, usedAt });
  }

  async deleteUpload(accountId: AccountId, hash: string): Promise<void> {
    this.#data.uploads.delete(`${accountId} ${hash}`);
  }

  async longestUnusedBy(usedBefore: number): Promise<AccountId | undefined> {
    return this.unused(usedBefore)[0]?.accountId;
  }

  async deleteAccount(accountId: AccountId): Promise<void> {
    for (const table of [this.#data.rows, this.#data.changes, this.#data.uploads])
      for (const [key, stored] of table) if (stored.accountId === accountId) table.delete(key);
    for (const key of this.#data.tallies.keys()) if (key.startsWith(`${accountId} `)) this.#data.tallies.delete(key);
  }

  touch(accountId: AccountId): void {
    this.touched.add(accountId);
  }
}

function toUpload({ hash, mediaType, sizeBytes, createdAt, usedAt }: StoredUpload): Upload {
  return { hash, mediaType, sizeBytes, createdAt, usedAt };
}
