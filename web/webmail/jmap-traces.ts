/** What became of letters, from the server: asked for many letters at once, and kept as long as the page is open. */
import type { MessageTrace, MessageTraceRecallResponse, RecallResult } from '#contract/jmap/message-trace.ts';
import type { Client } from '#web/jmap/client.ts';
import { failureOf } from '#web/jmap/failures.ts';
import { resultOf, type Outcome } from '#web/jmap/types.ts';
import { derive } from './derived.ts';
import { utcDate } from './jmap-words.ts';
import { createLive, type Live, type Settable } from './live.ts';
import type { RecallOutcome, TracesModel, TraceView } from './traces-model.ts';

/** Letters asked for by one request. */
const AT_ONCE = 50;

const SECOND_MS = 1000;

/** What is still on its way is asked for again: soon at first, then less and less often. */
const AGAIN_MS = 12_000;
const AGAIN_TIMES = 8;

export function createJmapTraces({ accountId, connection, store }: Client): TracesModel {
  /** By Message-ID. */
  const traces = new Map<string, Settable<TraceView | undefined>>();
  const letters = new Map<string, Live<TraceView | undefined>>();
  const waiting = new Set<string>();
  /** How often what waits was asked for again. */
  const asked = new Map<string, number>();

  async function ask(filter: object, limit: number): Promise<readonly MessageTrace[]> {
    const [, got] = await connection.run([
      ['MessageTrace/query', { accountId, filter, limit }],
      ['MessageTrace/get', { accountId, '#ids': resultOf(0, 'MessageTrace/query', '/ids') }],
    ]);
    const outcome = got as Outcome<{ readonly list: readonly MessageTrace[] }>;
    if (!outcome.ok) throw new Error(outcome.error.type);
    return outcome.value.list;
  }

  /** What cannot be had now stays as it was: the letter itself is there. */
  async function fetchWaiting(): Promise<void> {
    // Whatever the rest of this turn wants comes along.
    await Promise.resolve();
    while (waiting.size > 0) {
      const messageIds = [...waiting].slice(0, AT_ONCE);
      for (const messageId of messageIds) waiting.delete(messageId);
      const list = await ask({ direction: 'out', messageIds }, AT_ONCE).catch(() => []);
      // The latest comes first: of a letter that was sent twice it is the one to tell of.
      for (const trace of list.toReversed()) {
        traces.get(trace.messageId)?.set(toView(trace));
        if (trace.recipients.some(({ state }) => state === 'waiting')) wantAgain(trace.messageId);
      }
    }
  }

  function wantAgain(messageId: string): void {
    const times = asked.get(messageId) ?? 0;
    if (times === AGAIN_TIMES) return;
    asked.set(messageId, times + 1);
    setTimeout(() => want(messageId), AGAIN_MS * 2 ** times);
  }

  function want(messageId: string): void {
    waiting.add(messageId);
    if (waiting.size === 1) void fetchWaiting();
  }

  function traceOf(messageId: string): Live<TraceView | undefined> {
    let live = traces.get(messageId);
    if (live === undefined) {
      traces.set(messageId, (live = createLive<TraceView | undefined>(undefined)));
      want(messageId);
    }
    return live;
  }

  const refresh = (id: string): void => {
    const messageId = store.peek('Email', id)?.messageId?.[0];
    if (messageId !== undefined) want(messageId);
  };

  return {
    ofLetter(id) {
      let live = letters.get(id);
      if (live === undefined) {
        live = derive((read) => {
          const email = read('email', () => store.record('Email', id, ['messageId']));
          const messageId = email?.messageId?.[0];
          return messageId === undefined ? undefined : read(messageId, () => traceOf(messageId));
        });
        letters.set(id, live);
      }
      return live;
    },
    refresh,
    async recall(letterId, id, notifies): Promise<RecallOutcome> {
      const results = new Map<string, RecallResult>();
      try {
        for (let position: number | null = 0; position !== null;) {
          const args = { accountId, id, notifies, position };
          const slice = (await connection.call('MessageTrace/recall', args)) as MessageTraceRecallResponse;
          for (const result of slice.results) results.set(result.address, add(results.get(result.address), result));
          position = slice.next;
        }
      } catch (error) {
        const failure = failureOf(error);
        // What it was taken out of so far stays so; asked again, the rest is.
        if (failure.kind === 'offline') return { why: 'offline' };
        return { why: failure.kind === 'method' && failure.error.type === 'forbidden' ? 'forbidden' : 'failed' };
      } finally {
        refresh(letterId);
      }
      return { results: [...results.values()] };
    },
    // Instants are told without fractions: those of the same second come again, and are known by their ids.
    list: (direction, before) =>
      ask(
        { direction, ...(before !== undefined && { before: utcDate(new Date(before.getTime() + SECOND_MS)) }) },
        AT_ONCE,
      ).then(
        (list) => list.map(toView),
        () => 'failed',
      ),
  };
}

function add(one: RecallResult | undefined, other: RecallResult): RecallResult {
  if (one === undefined) return other;
  return {
    address: one.address,
    recalled: one.recalled + other.recalled,
    read: one.read + other.read,
    missing: one.missing + other.missing,
    outside: one.outside + other.outside,
  };
}

function toView({ id, at, from, subject, recipients, recallableUntil }: MessageTrace): TraceView {
  return {
    id,
    at: new Date(at),
    from,
    subject,
    recipients: recipients.map((recipient) => ({
      address: recipient.address,
      state: recipient.state,
      at: dateOf(recipient.at),
      isRead: recipient.isRead ?? undefined,
      server: recipient.server ?? undefined,
      words: recipient.words ?? undefined,
      reason: recipient.reason ?? undefined,
      nextTryAt: dateOf(recipient.nextTryAt),
    })),
    recallableUntil: dateOf(recallableUntil),
  };
}

function dateOf(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(text);
}
