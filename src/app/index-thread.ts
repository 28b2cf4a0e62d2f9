/**
 * The thread that indexes mail for searching, some moments after it was answered. It asks for little: a tenth of what
 * others get where they want it, after each slice a rest as long as the slice took, and a long one while mail comes
 * faster than it is indexed.
 */
import { readlinkSync } from 'node:fs';
import { setPriority, constants } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#base/clock.ts';
import { errorText } from '#base/errors.ts';
import { SEARCH_LIMITS } from '#search/limits.ts';
import { openIndexing } from './indexing.ts';
import { openLog } from './log.ts';
import { openStores } from './storage.ts';
import type { FromIndexThread, IndexThreadData, ToIndexThread } from './thread-messages.ts';

/** Between two looks for new mail. What came meanwhile is found by searches too: they read it. */
const LOOK_EVERY_MS = 2_000;
/** Deleted mail gives its space in the index back within a day at most. */
const TIDY_EVERY_MS = 6 * 3_600_000;

const { config, store } = workerData as IndexThreadData;
const port = parentPort;
if (port === null) throw new Error('the index thread runs in a worker');

const log = openLog(config.log.level, 'index');
lowerPriority();
const stores = await openStores(config, store, log);
const indexing = openIndexing(stores, log);
/** One step at a time, whoever asks. */
let last: Promise<unknown> = Promise.resolve();
let cancelLook = (): void => undefined;
let tidiedAt = systemClock.monotonic();
/** What waited at the last look. */
let lastWaiting = 0;
let isClosing = false;

port.on('message', (message: ToIndexThread) => {
  if (message.kind === 'close') void close();
  else void answer(message.id);
});
look(0);

function tell(message: FromIndexThread): void {
  port?.postMessage(message);
}

function step(): Promise<number> {
  const waiting = last.then(() => indexing.step());
  last = waiting.catch(() => undefined);
  return waiting;
}

async function answer(id: number): Promise<void> {
  try {
    tell({ kind: 'stepped', id, waiting: await step() });
  } catch (error) {
    tell({ kind: 'stepFailed', id, message: errorText(error) });
  }
}

function look(afterMs: number): void {
  if (isClosing) return;
  cancelLook = systemClock.after(afterMs, () => void lookAndRest());
}

async function lookAndRest(): Promise<void> {
  const startedAt = systemClock.monotonic();
  try {
    const waiting = await step();
    tell({ kind: 'waiting', waiting });
    const isFlood = waiting > lastWaiting + SEARCH_LIMITS.sliceEmails;
    lastWaiting = waiting;
    if (isFlood) return look(LOOK_EVERY_MS);
    if (waiting > 0) return look(systemClock.monotonic() - startedAt);
    if (startedAt - tidiedAt > TIDY_EVERY_MS) {
      tidiedAt = startedAt;
      const dropped = await stores.search.tidy();
      log.info({ dropped }, 'the search index was tidied');
    }
  } catch (error) {
    log.warn({ err: errorText(error) }, 'mail could not be indexed for searching');
  }
  look(LOOK_EVERY_MS);
}

async function close(): Promise<void> {
  isClosing = true;
  cancelLook();
  await last;
  await indexing.close();
  await stores.close();
  port?.close();
}

/** Of this thread alone, where the system tells threads apart (Linux). */
function lowerPriority(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), constants.priority.PRIORITY_BELOW_NORMAL);
  } catch (error) {
    log.debug({ err: errorText(error) }, 'indexing runs at the usual priority');
  }
}
