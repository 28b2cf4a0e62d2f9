/** What the queue needs from a storage backend: rows, not rules. The rules are in operations/. */
import type { AccountId, BlobKey, QueueId } from '#base/ids.ts';
import type { RunChanges } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { LeasedDelivery, QueuedDelivery, QueuedMessage } from '#queue/types.ts';

/** Which deliveries; all that is given must hold. */
export interface DeliverySelection {
  readonly queueId?: QueueId;
  readonly destination?: string;
  readonly accountId?: AccountId;
}

export interface DestinationSummary {
  readonly destination: string;
  /** The earliest `dueAt` of its deliveries; `NEVER` when all are held or under way. */
  readonly nextDueAt: number;
}

export interface QueueTotals {
  readonly messages: number;
  readonly deliveries: number;
  readonly held: number;
  readonly underWay: number;
  /** When the oldest message came; null in an empty queue. */
  readonly oldestAt: number | null;
}

/** Committed state. Unknown ids are absent from results, never errors. */
export interface QueueReader {
  message(queueId: QueueId): Promise<QueuedMessage | undefined>;
  /** The deliveries of one message, by destination. */
  deliveries(queueId: QueueId): Promise<readonly QueuedDelivery[]>;
  /** Every destination, by name, at a cost that grows with their number and not with that of messages. */
  destinations(): Promise<readonly DestinationSummary[]>;
  /** Deliveries nobody is trying whose `attentionAt` is not after `nowMs`, those longest waiting first. */
  needingAttention(nowMs: number, limit: number): Promise<readonly LeasedDelivery[]>;
  /** By queue id then destination, those after the given one. */
  list(
    selection: DeliverySelection,
    page: { readonly after?: { readonly queueId: QueueId; readonly destination: string }; readonly limit: number },
  ): Promise<readonly LeasedDelivery[]>;
  totals(): Promise<QueueTotals>;
  /** The whole message; `notFound` when it is no longer queued, `unavailable` when its octets are damaged. */
  readOctets(queueId: QueueId): Promise<Buffer>;
}

/** Reads see the change's own writes. */
export interface QueueTransaction extends Omit<QueueReader, 'readOctets' | 'needingAttention' | 'totals'> {
  readonly nowMs: number;
  /** As MailTransaction.storeMessage. */
  storeMessage(message: PreparedMessage): Promise<BlobKey>;
  /** References its blob. `alreadyExists` for an id that is there. */
  insertMessage(row: QueuedMessage): Promise<void>;
  /** Gives the reference to its blob back. Its deliveries must be gone. */
  deleteMessage(row: QueuedMessage): Promise<void>;
  updateMessage(row: QueuedMessage): Promise<void>;
  insertDelivery(row: QueuedDelivery): Promise<void>;
  updateDelivery(row: QueuedDelivery): Promise<void>;
  deleteDelivery(queueId: QueueId, destination: string): Promise<void>;
  /** The most urgent, then earliest due, that are due and not locked by another transaction; locks them. */
  lockDue(destination: string, nowMs: number, limit: number): Promise<readonly LeasedDelivery[]>;
  /** The earliest `dueAt` of a destination that is past `nowMs`; `NEVER` when there is none. */
  nextDueAfter(destination: string, nowMs: number): Promise<number>;
  /** One delivery, locked; undefined when it is gone. */
  lockDelivery(queueId: QueueId, destination: string): Promise<QueuedDelivery | undefined>;
  /** Deliveries whose owner is not among the live ones. */
  orphans(nowMs: number, limit: number): Promise<readonly QueuedDelivery[]>;
  /** Says that `owner` lives until then. */
  putWorker(owner: string, aliveUntil: number): Promise<void>;
  /** Forgets one worker, or all. */
  removeWorkers(owner?: string): Promise<void>;
  /** Watchers hear of it after the commit. */
  touch(destination: string): void;
}

/** `value`: the operation's; `outcomes`: one for each change. */
export interface RanWith {
  readonly value: unknown;
  readonly outcomes: Awaited<ReturnType<RunChanges>>;
}

export interface QueueStore {
  readonly reader: QueueReader;
  /** Runs a queue operation (names and arguments: #queue/operations.ts) atomically; durable when it resolves. Throws its MailError. */
  run(name: string, args: unknown): Promise<unknown>;
  /**
   * The same, and then changes of mailboxes of different accounts as by MailStore.run, in one commit. When the operation
   * fails, there are no changes; each of them succeeds or fails by itself.
   */
  runWith(name: string, args: unknown, changes: Parameters<RunChanges>[0]): Promise<RanWith>;
  /** Calls back with a destination after each commit that gave it something to do; `''`: any may have. */
  watch(listener: (destination: string) => void): () => void;
}

export interface QueueOperation {
  /** `false`: may be answered before it is on stable storage. */
  readonly durable?: boolean;
  run(tx: QueueTransaction, args: never): Promise<unknown>;
}
