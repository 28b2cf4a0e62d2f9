/**
 * The thread that owns the writer: takes requests from the ports of all other threads, answers each of them once a
 * group is committed, and tells them of changes to the accounts they watch.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { collectGarbageAtRest } from '#base/rest.ts';
import { IDLE_CHECKPOINT_MS } from '#store/limits.ts';
import { type SectionKey, type SectionName, loadOperations } from '#store/operations.ts';
import { failure } from '#store/outcomes.ts';
import type { GroupResult, Touched, Work } from './group-commit.ts';
import type { ClientMessage, ControlMessage, ControlReply, WriterMessage, WriterSettings } from './messages.ts';
import { type Writer, openWriter } from './writer.ts';

/** What is known of one connected thread. */
class Peer {
  readonly port: MessagePort;
  readonly watched = new Set<AccountId>();
  readonly watchedSections = new Set<SectionName>();
  ids: number[] = [];
  outcomes: WriterMessage['outcomes'][number][] = [];
  changed: number[] = [];

  constructor(port: MessagePort) {
    this.port = port;
  }

  /** Sends what has gathered. */
  flush(touched: Touched): void {
    const ours: SectionKey[] = [];
    for (const [section, keys] of touched)
      if (this.watchedSections.has(section)) for (const key of keys) ours.push(section, key);
    if (this.ids.length === 0 && this.changed.length === 0 && ours.length === 0) return;
    const message: WriterMessage = { ids: this.ids, outcomes: this.outcomes, changed: this.changed, touched: ours };
    try {
      this.port.postMessage(message);
    } catch {
      // One answer holds something that cannot cross threads: find it, so that the others are not lost with it.
      this.#postSingly(message);
    }
    this.ids = [];
    this.outcomes = [];
    this.changed = [];
  }

  #postSingly({ ids, outcomes, changed, touched }: WriterMessage): void {
    this.port.postMessage({ ids: [], outcomes: [], changed, touched } satisfies WriterMessage);
    for (const [index, id] of ids.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) continue;
      const rest = { ids: [id], changed: [], touched: [] };
      try {
        this.port.postMessage({ ...rest, outcomes: [outcome] } satisfies WriterMessage);
      } catch (error) {
        const fault = failure(error);
        this.port.postMessage({ ...rest, outcomes: [fault] } satisfies WriterMessage);
      }
    }
  }
}

interface PeerWork extends Work {
  readonly peer: Peer;
  readonly id: number;
}

const control = parentPort;
if (control === null) throw new Error('this module is a thread of its own');

const peers = new Set<Peer>();
const watchers = new Map<AccountId, Set<Peer>>();
let writer: Writer<PeerWork> | undefined;
let checkpointPending = false;

function reply(message: ControlReply): void {
  control?.postMessage(message);
}

function connect(port: MessagePort): void {
  const peer = new Peer(port);
  peers.add(peer);
  port.on('message', (message: ClientMessage) => receive(peer, message));
  port.on('close', () => {
    peers.delete(peer);
    for (const accountId of peer.watched) unwatch(peer, accountId);
  });
}

function receive(peer: Peer, message: ClientMessage): void {
  for (const accountId of message.watch as readonly AccountId[]) {
    peer.watched.add(accountId);
    const set = watchers.get(accountId);
    if (set === undefined) watchers.set(accountId, new Set([peer]));
    else set.add(peer);
  }
  for (const accountId of message.unwatch as readonly AccountId[]) unwatch(peer, accountId);
  for (const section of message.watchSections ?? []) peer.watchedSections.add(section);
  if (message.requests.length === 0) return;
  writer?.groups.submit(
    message.requests.map(([id, target, accountId, name, args, sizeBytes, changes = []]) => ({
      peer,
      id,
      target,
      accountId: accountId as AccountId,
      name,
      args,
      changes,
      sizeBytes,
      nowMs: message.nowMs,
    })),
  );
}

function unwatch(peer: Peer, accountId: AccountId): void {
  peer.watched.delete(accountId);
  const set = watchers.get(accountId);
  set?.delete(peer);
  if (set?.size === 0) watchers.delete(accountId);
}

function publish(result: GroupResult<PeerWork>): void {
  for (const [index, { peer, id }] of result.work.entries()) {
    const outcome = result.outcomes[index];
    if (outcome === undefined) continue;
    peer.ids.push(id);
    peer.outcomes.push(outcome);
  }
  for (const [accountId, modSeq] of result.changed)
    for (const peer of watchers.get(accountId) ?? []) peer.changed.push(accountId, modSeq);
  for (const peer of peers) peer.flush(result.touched);
  scheduleCheckpoint();
}

/** Empties the WAL once nothing has been written for a while: a quiet store is small. */
function scheduleCheckpoint(): void {
  if (checkpointPending || writer === undefined) return;
  checkpointPending = true;
  const { groups, steps } = writer;
  const groupsThen = groups.groups;
  systemClock.after(IDLE_CHECKPOINT_MS, () => {
    checkpointPending = false;
    // Closed meanwhile, with a checkpoint of its own.
    if (writer === undefined) return;
    if (groups.groups !== groupsThen) return scheduleCheckpoint();
    void groups.between(() => steps.checkpoint());
  });
}

async function step(message: Extract<ControlMessage, { kind: 'step' }>): Promise<void> {
  const { id, step: wanted } = message;
  try {
    if (writer === undefined) throw new Error('the writer is not open');
    const { groups, steps } = writer;
    reply({ kind: 'stepped', id, value: await groups.between(() => steps.run(wanted)) });
  } catch (error) {
    reply({ kind: 'stepFailed', id, message: errorText(error) });
  }
}

async function close(): Promise<void> {
  // A task of its own turn: what was submitted before is committed by then or answered after.
  await writer?.groups.drain();
  writer?.close();
  writer = undefined;
  for (const peer of peers) peer.port.close();
  control?.close();
}

function logThrough(bindings: object): Logger {
  const at = (level: Extract<ControlReply, { kind: 'log' }>['level']) => (fields: object, message: string) => {
    const all: Record<string, unknown> = { ...bindings, ...fields };
    const error = all['err'];
    if (error instanceof Error)
      all['err'] = { type: error.name, message: error.message, stack: error.stack ?? '', ...toPlain(error) };
    reply({ kind: 'log', level, fields: all, message });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logThrough({ ...bindings, ...fields }),
  };
}

/** An error's own simple fields (code, errno, path …). */
function toPlain(error: Error): Record<string, unknown> {
  const simple = Object.entries(error).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return Object.fromEntries(simple);
}

const settings = workerData as WriterSettings;
try {
  writer = await openWriter<PeerWork>({
    dataDir: settings.dataDir,
    nowMs: settings.nowMs,
    operations: await loadOperations(settings.operationsUrl),
    log: logThrough({ part: 'store' }),
    onResult: publish,
  });
  control.on('message', (message: ControlMessage) => {
    if (message.kind === 'connect') connect(message.port);
    else if (message.kind === 'step') void step(message);
    else void close();
  });
  collectGarbageAtRest();
  reply({ kind: 'ready' });
} catch (error) {
  reply({ kind: 'failed', error: failure(error).error });
  control.close();
}
