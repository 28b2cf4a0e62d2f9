import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecipientTraceView } from '#web/webmail/traces-model.ts';
import { summariseDelivery } from './delivery-summary.ts';

const NOTHING = {
  address: 'a@b.example',
  at: undefined,
  isRead: undefined,
  server: undefined,
  words: undefined,
  reason: undefined,
  nextTryAt: undefined,
} as const;

function stateOf(...states: readonly (RecipientTraceView['state'] | 'read')[]): string {
  const recipients = states.map((state) =>
    state === 'read' ? { ...NOTHING, state: 'delivered' as const, isRead: true } : { ...NOTHING, state },
  );
  return summariseDelivery({ recipients }).state;
}

test('a letter is as well off as the recipient who is worst off', () => {
  assert.equal(stateOf('read', 'read'), 'read');
  assert.equal(stateOf('read', 'delivered'), 'arrived');
  assert.equal(stateOf('relayed', 'posted'), 'arrived');
  assert.equal(stateOf('read', 'waiting'), 'waiting');
  assert.equal(stateOf('waiting', 'failed', 'read'), 'failed');
  assert.equal(stateOf('recalled', 'delivered'), 'recalled');
  assert.equal(stateOf('unknown'), 'unknown');
  assert.equal(stateOf(), 'unknown');
});

test('each recipient is counted', () => {
  const recipients = (['delivered', 'failed', 'waiting', 'relayed'] as const).map((state) => ({ ...NOTHING, state }));
  assert.deepEqual(summariseDelivery({ recipients }), {
    state: 'failed',
    total: 4,
    arrived: 2,
    read: 0,
    waiting: 1,
    failed: 1,
    recalled: 0,
  });
});
