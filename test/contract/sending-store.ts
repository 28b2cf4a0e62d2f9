/** What every SendingStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { SENDING_LIMITS } from '#submission/limits.ts';
import { SendingLedger } from '#submission/sending-ledger.ts';
import type { TestStore } from '#test/harness/stores.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;
const LIMITS = { outsidePerHour: 10, outsidePerDay: 25, newPerDay: 12 };
const HOUR_MS = 3_600_000;

const strangers = (count: number, name = 'x'): string[] =>
  Array.from({ length: count }, (_, i) => `${name}${i}@net.example`);

export function sendingStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withLedger = (
    title: string,
    body: (given: {
      readonly ledger: SendingLedger;
      readonly store: TestStore;
      readonly clock: FakeClock;
    }) => Promise<void>,
  ): void => {
    test(title, async () => {
      const store = await open();
      try {
        const clock = store.clock as FakeClock;
        await body({ ledger: openLedger(store), store, clock });
      } finally {
        await store.close();
      }
    });
  };
  const openLedger = ({ sending, trace, clock }: TestStore): SendingLedger =>
    new SendingLedger({ store: sending, whoWrote: (from, to) => trace.reader.whoWrote(from, to), clock });

  describe(`SendingStore contract: ${name}`, () => {
    withLedger('an hour has room for exactly so many, and each account its own', async ({ ledger }) => {
      assert.equal(await ledger.reserve(LI, [], strangers(10), LIMITS), undefined);
      const excess = { window: 'hour', limit: 10 };
      assert.deepEqual(await ledger.reserve(LI, [], ['x1@net.example'], LIMITS), excess);
      assert.deepEqual(await ledger.judge(LI, 1, LIMITS), excess);
      assert.equal(await ledger.judge(LI, 0, LIMITS), undefined);
      assert.equal(await ledger.reserve(WANG, [], strangers(10), LIMITS), undefined);
    });

    withLedger('what was refused is not counted', async ({ ledger }) => {
      assert.notEqual(await ledger.reserve(LI, [], strangers(11), LIMITS), undefined);
      assert.equal(await ledger.reserve(LI, [], strangers(10, 'y'), LIMITS), undefined);
    });

    withLedger('fifty connections at once get no more through than one', async ({ ledger }) => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => ledger.reserve(LI, [], strangers(3, `n${i}-`), LIMITS)),
      );
      assert.equal(answers.filter((excess) => excess === undefined).length, 3);
      assert.equal(await ledger.judge(LI, 1, LIMITS), undefined);
      assert.notEqual(await ledger.judge(LI, 2, LIMITS), undefined);
    });

    withLedger('a day goes by slice by slice, and a restart forgives nothing', async ({ ledger, store, clock }) => {
      const known = ['x@net.example'];
      for (let i = 0; i < 2; i++) {
        for (let n = 0; n < 10; n++) assert.equal(await ledger.reserve(LI, [], known, LIMITS), undefined);
        clock.advance(HOUR_MS);
      }
      const reopened = await store.reopen();
      const again = openLedger(reopened);
      for (let n = 0; n < 5; n++) assert.equal(await again.reserve(LI, [], known, LIMITS), undefined);
      assert.deepEqual(await again.reserve(LI, [], known, LIMITS), { window: 'day', limit: 25 });
      clock.advance(22 * HOUR_MS - 1);
      assert.deepEqual(await again.reserve(LI, [], known, LIMITS), { window: 'day', limit: 25 });
      clock.advance(1);
      assert.equal(await again.reserve(LI, [], known, LIMITS), undefined);
      const { slicesPerDay } = SENDING_LIMITS;
      assert.equal((await reopened.sending.reader.slices(LI, 0)).length, 3, `no more than of ${slicesPerDay} slices`);
    });

    withLedger('new ones are those neither written to nor heard from', async ({ ledger, store, clock }) => {
      const { trace } = store;
      const message = {
        at: 0,
        direction: 'in',
        accountId: null,
        messageId: 'm',
        subject: '',
        sizeBytes: 1,
        remoteAddress: '192.0.2.1',
        helo: 'h',
      };
      const delivered = [{ at: 0, kind: 'delivered' }];
      const wrote = (queueId: string, sender: string, recipient: string, events: readonly object[] = delivered) => ({
        message: { ...message, queueId, sender, recipients: [recipient] },
        events,
      });
      const traces = [
        wrote('aaaaaaaaaaaaa', 'Prof@Net.example', 'LI@edu.example'),
        wrote('aaaaaaaaaaaab', 'refused@net.example', 'li@edu.example', [{ at: 0, kind: 'failed' }]),
        wrote('aaaaaaaaaaaac', 'other@net.example', 'wang@edu.example'),
      ];
      await trace.run('record', { traces, events: [] });
      const senders = ['nobody@net.example', 'other@net.example', 'prof@net.example', 'refused@net.example'];
      const own = ['lilei@edu.example', 'li@edu.example'];
      assert.deepEqual(await trace.reader.whoWrote(senders, own), ['prof@net.example']);

      const limits = { outsidePerHour: 100, outsidePerDay: 100, newPerDay: 2 };
      const excess = { window: 'new', limit: 2 };
      assert.deepEqual(await ledger.reserve(LI, own, senders.slice(0, 2).concat('z@net.example'), limits), excess);
      assert.equal(
        await ledger.reserve(LI, own, ['PROF@net.example', 'a@net.example', 'b@net.example'], limits),
        undefined,
      );
      assert.deepEqual(await ledger.reserve(LI, own, ['refused@net.example'], limits), excess);
      assert.equal(await ledger.reserve(LI, own, ['A@net.example', 'prof@net.example'], limits), undefined);
      clock.advance(24 * HOUR_MS);
      assert.equal(await ledger.reserve(LI, own, ['refused@net.example'], limits), undefined);
      clock.advance(SENDING_LIMITS.rememberedMs + 24 * HOUR_MS);
      assert.equal(await ledger.reserve(LI, [], ['q@net.example'], limits), undefined);
      assert.deepEqual(await store.sending.reader.correspondents(LI, ['a@net.example', 'q@net.example']), [
        'q@net.example',
      ]);
    });

    withLedger('refusals are numbered, of several at once each, until a day without', async ({ ledger, clock }) => {
      const numbers = await Promise.all(Array.from({ length: 20 }, () => ledger.refuse(LI)));
      assert.deepEqual(
        numbers.map(({ refusals }) => refusals).toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
      clock.advance(SENDING_LIMITS.incidentMs - 1);
      assert.deepEqual(await ledger.refuse(LI), { refusals: 21 });
      clock.advance(SENDING_LIMITS.incidentMs);
      assert.deepEqual(await ledger.refuse(LI), { refusals: 1 });
      assert.deepEqual(await ledger.refuse(WANG), { refusals: 1 });
    });

    withLedger('who is forgiven begins anew, and still knows whom it wrote to', async ({ ledger, store }) => {
      await ledger.reserve(LI, [], strangers(10), LIMITS);
      await ledger.refuse(LI);
      await ledger.forgive(LI);
      assert.deepEqual(await ledger.refuse(LI), { refusals: 1 });
      assert.equal(await ledger.reserve(LI, [], strangers(10), { ...LIMITS, newPerDay: 0 }), undefined);
      await ledger.forget(LI);
      assert.deepEqual(await store.sending.reader.correspondents(LI, strangers(10)), []);
      assert.deepEqual(await store.sending.reader.slices(LI, 0), []);
    });
  });
}
