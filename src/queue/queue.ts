/**
 * The door of the queue: what is waiting to leave, put in, looked at, managed and taken out. Whoever sends
 * (sending/…) takes deliveries by `lease` and says by `conclude` what became of them.
 */
import type { Clock } from '#base/clock.ts';
import type { QueueId } from '#base/ids.ts';
import type { RunChanges } from '#mail/mail.ts';
import type { PreparedMessage } from '#mail/types.ts';
import type { TraceRecorder } from '#trace/recorder.ts';
import { canonicalDestination } from './destination.ts';
import { QUEUE_LIMITS } from './limits.ts';
import type { QueueOperations } from './operations.ts';
import type { ManageArgs } from './operations/manage.ts';
import type { DeliverySelection, QueueStore } from './ports/queue-store.ts';
import type { Leased } from './operations/lease.ts';
import { LOCAL, NEVER } from './types.ts';
import type { LeasedDelivery, QueuedEnvelope, QueuedRecipient } from './types.ts';

export interface NewQueuedMessage {
  readonly queueId: QueueId;
  readonly message: PreparedMessage;
  readonly envelope: QueuedEnvelope;
  /** `isLocal`: they have a mailbox here, and only did not get it yet. */
  readonly recipients: readonly (QueuedRecipient & { readonly isLocal?: boolean })[];
  /** RFC 4865: not before then. */
  readonly holdUntil?: number;
  /** Waits for a person. */
  readonly isHeld?: boolean;
}

type ArgsOf<Name extends keyof QueueOperations> = Parameters<QueueOperations[Name]['run']>[1];
type ResultOf<Name extends keyof QueueOperations> = Awaited<ReturnType<QueueOperations[Name]['run']>>;

export class Queue {
  readonly #store: QueueStore;
  readonly #clock: Clock;

  constructor({ store, clock }: { readonly store: QueueStore; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Durable when it resolves. `alreadyExists` for an id that is queued, `unavailable`. */
  async enqueue(queued: NewQueuedMessage): Promise<void> {
    await this.#run('enqueue', this.#describe(queued));
  }

  /**
   * The same, and mailboxes are changed in the same commit, each by itself: so a message that was only half taken is
   * nowhere, and nobody who sends it again has it there twice. When it is not queued, no mailbox is changed.
   */
  async enqueueWith(queued: NewQueuedMessage, changes: Parameters<RunChanges>[0]): ReturnType<RunChanges> {
    return (await this.#store.runWith('enqueue', this.#describe(queued), changes)).outcomes;
  }

  #describe(queued: NewQueuedMessage): ArgsOf<'enqueue'> {
    const { queueId, message, envelope, recipients, holdUntil, isHeld = false } = queued;
    const nowMs = this.#clock.now();
    const dueAt = Math.max(nowMs, Math.min(holdUntil ?? nowMs, nowMs + QUEUE_LIMITS.maxHoldMs));
    const expiresAt = dueAt + QUEUE_LIMITS.lifetimeMs;
    const attentionAt = Math.min(dueAt + QUEUE_LIMITS.delayNoticeMs, envelope.deliverBy?.until ?? NEVER);
    const deliveries = groupByDestination(recipients);
    return { queueId, message, envelope, expiresAt, attentionAt, dueAt, isHeld, deliveries };
  }

  lease(args: ArgsOf<'lease'>): Promise<Leased> {
    return this.#run('lease', args);
  }

  /** Durable when it resolves. See the operation. */
  conclude(args: ArgsOf<'conclude'>): Promise<boolean> {
    return this.#run('conclude', args);
  }

  attend(args: ArgsOf<'attend'>): Promise<boolean> {
    return this.#run('attend', args);
  }

  keepAlive(args: ArgsOf<'keepAlive'>): Promise<number> {
    return this.#run('keepAlive', args);
  }

  stopWorker(owner: string): Promise<void> {
    return this.#run('stopWorker', { owner });
  }

  /** Does it to all that are selected, in slices, and says so in the trace; `by`: who, in a word or two. */
  async manage(
    action: ManageArgs['action'],
    selection: DeliverySelection,
    { by, trace }: { readonly by: string; readonly trace: TraceRecorder },
  ): Promise<{ readonly changed: number; readonly busy: number }> {
    let changed = 0;
    let busy = 0;
    let after: ManageArgs['after'];
    do {
      const more = after === undefined ? {} : { after };
      const slice = await this.#run('manage', { action, selection, graceMs: QUEUE_LIMITS.graceMs, ...more });
      changed += slice.changed.length;
      for (const { queueId, recipients } of slice.changed) {
        const addresses = recipients.map(({ address }) => address);
        const text = `${action} (${by})`;
        trace.event(queueId, { at: this.#clock.now(), kind: 'managed', recipients: addresses, text });
      }
      busy += slice.busy;
      after = slice.next ?? undefined;
    } while (after !== undefined);
    return { changed, busy };
  }

  needingAttention(limit: number): Promise<readonly LeasedDelivery[]> {
    return this.#store.reader.needingAttention(this.#clock.now(), limit);
  }

  destinations(): ReturnType<QueueStore['reader']['destinations']> {
    return this.#store.reader.destinations();
  }

  list(...args: Parameters<QueueStore['reader']['list']>): ReturnType<QueueStore['reader']['list']> {
    return this.#store.reader.list(...args);
  }

  totals(): ReturnType<QueueStore['reader']['totals']> {
    return this.#store.reader.totals();
  }

  readOctets(queueId: QueueId): Promise<Buffer> {
    return this.#store.reader.readOctets(queueId);
  }

  watch(listener: (destination: string) => void): () => void {
    return this.#store.watch(listener);
  }

  async #run<Name extends keyof QueueOperations>(name: Name, args: ArgsOf<Name>): Promise<ResultOf<Name>> {
    return (await this.#store.run(name, args)) as ResultOf<Name>;
  }
}

function groupByDestination(
  recipients: NewQueuedMessage['recipients'],
): { readonly destination: string; readonly recipients: QueuedRecipient[] }[] {
  const groups = new Map<string, QueuedRecipient[]>();
  for (const { isLocal = false, ...recipient } of recipients) {
    const destination = isLocal ? LOCAL : canonicalDestination(recipient.address);
    const group = groups.get(destination);
    if (group === undefined) groups.set(destination, [recipient]);
    else group.push(recipient);
  }
  return Array.from(groups, ([destination, group]) => ({ destination, recipients: group }));
}
