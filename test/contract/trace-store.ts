/** What every TraceStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import type { QueueId } from '#base/ids.ts';
import type { TraceEvent, TracedMessage } from '#trace/types.ts';
import type { TestStore } from '#test/harness/stores.ts';

const START = Date.UTC(2026, 8, 16);
const DAY = 86_400_000;

const traced = (day: number, patch: Partial<TracedMessage> = {}): TracedMessage => ({
  queueId: newQueueId(START + day * DAY, systemRandom),
  at: START + day * DAY,
  direction: 'in',
  accountId: null,
  sender: 'Editor@Nature.example',
  recipients: ['li@ylut.example', '张三@stu.ylut.example'],
  messageId: `${day}@nature.example`,
  subject: 'Re: 稿件 "x"',
  sizeBytes: 1234,
  remoteAddress: '2001:db8::1',
  helo: 'mx.nature.example',
  ...patch,
});

const delivered: TraceEvent = { at: START, kind: 'delivered', recipients: ['li@ylut.example'] };

export function traceStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (store: TestStore) => Promise<void>): void => {
    test(title, async () => {
      const store = await open();
      try {
        await body(store);
      } finally {
        await store.close();
      }
    });
  };
  const record = async (
    { trace }: TestStore,
    messages: readonly TracedMessage[],
    events: readonly TraceEvent[] = [delivered],
  ): Promise<void> => {
    await trace.run('record', { traces: messages.map((message) => ({ message, events })), events: [] });
  };

  describe(`TraceStore contract: ${name}`, () => {
    withStore('events come in the order they were recorded', async (store) => {
      const message = traced(0);
      await record(store, [message]);
      const { queueId } = message;
      const later: TraceEvent[] = [
        { at: START + 1, kind: 'deferred', remote: 'mx (192.0.2.1)', enhanced: '4.7.1', text: 'later\0' },
        { at: START, kind: 'relayed', recipients: ['张三@stu.ylut.example'] },
      ];
      for (const event of later) await store.trace.run('record', { traces: [], events: [{ queueId, event }] });
      const trace = await store.trace.reader.trace(queueId);
      assert.deepEqual(trace?.message, message);
      assert.deepEqual(
        trace?.events.map(({ kind }) => kind),
        ['delivered', 'deferred', 'relayed'],
      );
      assert.equal(await store.trace.reader.trace('aaaaaaaaaaaaa' as QueueId), undefined);
    });

    withStore('found by message id, sender, recipient and time, the newest first', async (store) => {
      const all = Array.from({ length: 6 }, (_, day) =>
        traced(day, day % 2 === 0 ? {} : { sender: '', recipients: ['LI@ylut.example', 'li@ylut.example'] }),
      );
      await record(store, all);
      const find = async (query: Parameters<TestStore['trace']['reader']['find']>[0], limit = 10) =>
        (await store.trace.reader.find(query, limit)).map(({ at }) => (at - START) / DAY);
      assert.deepEqual(await find({ messageId: '3@nature.example' }), [3]);
      assert.deepEqual(await find({ sender: 'editor@nature.example' }), [4, 2, 0]);
      assert.deepEqual(await find({ recipient: 'li@ylut.example' }, 4), [5, 4, 3, 2]);
      assert.deepEqual(await find({ recipient: '张三@stu.ylut.example', sender: 'editor@nature.example' }), [4, 2, 0]);
      assert.deepEqual(await find({ recipient: 'li@ylut.example', from: START + DAY, to: START + 3 * DAY }), [2, 1]);
      assert.deepEqual(await find({ sender: 'editor@nature.example', messageId: '2@nature.example' }), [2]);
      assert.deepEqual(await find({}), []);
    });

    withStore('the oldest are forgotten, in slices', async (store) => {
      const all = Array.from({ length: 5 }, (_, day) => traced(day));
      await record(store, all);
      const forget = (limit: number) => store.trace.run('forget', { before: START + 3 * DAY, limit });
      assert.deepEqual([await forget(2), await forget(2), await forget(2)], [2, 1, 0]);
      const left = await store.trace.reader.find({ recipient: 'li@ylut.example' }, 10);
      assert.deepEqual(
        left.map(({ at }) => (at - START) / DAY),
        [4, 3],
      );
    });
  });
}
