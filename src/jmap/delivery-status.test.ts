import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TraceEvent } from '#trace/types.ts';
import { deliveryStatusOf } from './delivery-status.ts';

test('each recipient is told the last that happened to the message for it', () => {
  const events: TraceEvent[] = [
    { at: 1, kind: 'queued' },
    { at: 1, kind: 'delivered', recipients: ['here@edu.example'] },
    { at: 2, kind: 'deferred', recipients: ['Far@x.example', 'slow@y.example'], enhanced: '4.7.1', text: '稍后再试' },
    { at: 3, kind: 'relayed', recipients: ['far@x.example'], enhanced: '2.1.5', text: 'ok' },
    { at: 4, kind: 'failed', recipients: ['nobody@z.example'], enhanced: '5.1.1', text: 'no such user' },
    { at: 5, kind: 'reported', recipients: ['nobody@z.example', 'far@x.example'], text: 'failed' },
    { at: 6, kind: 'managed', recipients: ['held@z.example'], text: 'hold (console)' },
    { at: 7, kind: 'managed', recipients: ['gone@z.example'], text: 'cancel (console)' },
  ];
  const addresses = 'here@edu.example FAR@x.example slow@y.example nobody@z.example held@z.example gone@z.example';
  const status = deliveryStatusOf(addresses.split(' '), events);
  assert.deepEqual(
    Object.entries(status).map(([address, { smtpReply, delivered }]) => [address, delivered, smtpReply]),
    [
      ['here@edu.example', 'yes', '250 2.0.0 delivered'],
      ['FAR@x.example', 'unknown', '250 2.1.5 ok'],
      ['slow@y.example', 'queued', '451 4.7.1 稍后再试'],
      ['nobody@z.example', 'no', '550 5.1.1 no such user'],
      ['held@z.example', 'queued', '250 2.0.0 queued'],
      ['gone@z.example', 'no', '550 5.0.0 cancel (console)'],
    ],
  );
});

test('of a message whose trace is gone nothing is known', () => {
  assert.equal(deliveryStatusOf(['a@x.example'], [])['a@x.example']?.delivered, 'unknown');
});
