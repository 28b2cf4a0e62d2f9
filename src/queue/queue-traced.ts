/** Queues a message that leaves because of another one (a forward, a group's copy), with a trace of its own. */
import type { Clock } from '#base/clock.ts';
import type { QueueId } from '#base/ids.ts';
import { newQueueId } from '#base/queue-id.ts';
import type { Random } from '#base/random.ts';
import type { TraceRecorder } from '#trace/recorder.ts';
import { traceMessage } from '#trace/traced-message.ts';
import type { TraceFacts } from '#trace/traced-message.ts';
import type { NewQueuedMessage, Queue } from './queue.ts';

export interface QueueSurroundings {
  readonly queue: Pick<Queue, 'enqueue'>;
  /** Absent: nothing is traced. */
  readonly trace?: TraceRecorder;
  readonly clock: Clock;
  readonly random: Random;
}

/** `peer`: who brought the other one. Durable when it resolves; `unavailable`. */
export async function queueTraced(
  { queue, trace, clock, random }: QueueSurroundings,
  queued: Pick<NewQueuedMessage, 'message' | 'envelope' | 'recipients'>,
  peer: TraceFacts['transaction']['peer'],
): Promise<QueueId> {
  const { message, envelope, recipients } = queued;
  const at = clock.now();
  const queueId = newQueueId(at, random);
  await queue.enqueue({ queueId, ...queued });
  const transaction = { peer, reversePath: { address: envelope.reversePath }, forwardPaths: recipients };
  const facts = { queueId, at, transaction, summary: message.digest.summary, sizeBytes: message.blob.sizeBytes };
  trace?.message(traceMessage({ ...facts, direction: 'out' }), [{ at, kind: 'queued' }]);
  return queueId;
}
