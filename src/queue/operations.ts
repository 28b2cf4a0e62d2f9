/** Every change that can be made to the queue, by name: the one list that backends run from. */
import { attend } from './operations/attend.ts';
import { conclude } from './operations/conclude.ts';
import { enqueue } from './operations/enqueue.ts';
import { lease } from './operations/lease.ts';
import { manage } from './operations/manage.ts';
import { keepAlive, stopWorker } from './operations/workers.ts';
import type { QueueOperation } from './ports/queue-store.ts';

const operations = {
  attend: { run: attend },
  conclude: { run: conclude },
  enqueue: { run: enqueue },
  // What a crash forgets of these falls due again, as it should.
  keepAlive: { durable: false, run: keepAlive },
  lease: { durable: false, run: lease },
  manage: { run: manage },
  stopWorker: { durable: false, run: stopWorker },
} satisfies Record<string, QueueOperation>;

/** Their names, arguments and results, for callers. Arguments are plain data: they may cross a thread. */
export type QueueOperations = typeof operations;

export const queueOperations: Readonly<Record<string, QueueOperation>> = operations;
