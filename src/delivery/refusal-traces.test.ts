/** What was refused at RCPT can be asked about afterwards, and fills no disk. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { systemRandom } from '#base/random.ts';
import type { SmtpReply, SmtpTransaction } from '#smtp/receiver.ts';
import type { TraceEvent, TracedMessage } from '#trace/types.ts';
import { RefusalTraces } from './refusal-traces.ts';
import { makeTransaction } from './testing/campus.ts';

const UNKNOWN: SmtpReply = { code: 550, enhanced: '5.1.1', text: '<x@example.edu>: no such user here' };

let clock: FakeClock;
let traced: { readonly message: TracedMessage; readonly events: readonly TraceEvent[] }[];
let uncounted: number;
let refusals: RefusalTraces;

beforeEach(() => {
  clock = new FakeClock();
  traced = [];
  uncounted = 0;
  refusals = new RefusalTraces({
    trace: {
      message: (message: TracedMessage, events: readonly TraceEvent[]) => void traced.push({ message, events }),
    } as never,
    clock,
    random: systemRandom,
    metrics: { count: () => void uncounted++, gauge() {}, observe() {} },
    limits: { refusalsTraced: 6, refusalsTracedPerNetwork: 2 },
  });
});

function from(remoteAddress: string): SmtpTransaction {
  const transaction = makeTransaction({ protocol: 'smtp', to: ['li@example.edu'], sizeBytes: 700 });
  return { ...transaction, peer: { ...transaction.peer, remoteAddress } };
}

test('a refusal is recorded with its reply, the first of a transaction', () => {
  const transaction = from('192.0.2.7');
  refusals.record(transaction, 'x@example.edu', UNKNOWN);
  refusals.record(transaction, 'y@example.edu', UNKNOWN);
  refusals.record(from('192.0.2.7'), 'li@example.edu', { code: 452, enhanced: '4.2.2', text: 'mailbox full' });
  assert.deepEqual(
    traced.map(({ message, events }) => [
      message.direction,
      message.sender,
      message.recipients,
      message.sizeBytes,
      events,
    ]),
    [
      ['in', 'a@example.net', ['x@example.edu'], 700, [event('failed', '5.1.1', `550 ${UNKNOWN.text}`)]],
      ['in', 'a@example.net', ['li@example.edu'], 700, [event('deferred', '4.2.2', '452 mailbox full')]],
    ],
  );
  assert.equal(uncounted, 0);
});

function event(kind: TraceEvent['kind'], enhanced: string, text: string): TraceEvent {
  return { at: clock.now(), kind, text, enhanced };
}

test('who tries many names is counted, a network at a time and in all, until the minute is over', () => {
  const attempt = (address: string): void => refusals.record(from(address), 'x@example.edu', UNKNOWN);
  for (let host = 1; host <= 5; host++) attempt(`192.0.2.${host}`);
  assert.deepEqual([traced.length, uncounted], [2, 3]);
  for (let host = 1; host <= 5; host++) attempt(`2001:db8:1:${host}::1`);
  assert.deepEqual([traced.length, uncounted], [4, 6]);
  for (let network = 1; network <= 5; network++) attempt(`198.51.${network}.1`);
  assert.deepEqual([traced.length, uncounted], [6, 9]);
  clock.advance(60_000);
  attempt('192.0.2.1');
  assert.deepEqual([traced.length, uncounted], [7, 9]);
});
