import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { REFUSED_SENDERS_EACH, SAME_REFUSED_SENDER_MS } from './limits.ts';
import { RefusedSenders } from './refused-senders.ts';
import type { AuditEvent } from './types.ts';

const LI = { accountId: 2 as AccountId, loginAddress: 'li@kust.example' };

function open() {
  const clock = new FakeClock();
  const told: AuditEvent[] = [];
  const refused = new RefusedSenders({ record: (event) => void told.push(event) }, clock);
  const note = (sender: string, by = LI): void =>
    refused.note({ by, sender, where: 'MAIL FROM', via: 'smtp', remoteAddress: '192.0.2.7' });
  return { clock, told, note };
}

test('the same sender is written down once an hour, whatever its letters, and then with what was left out', () => {
  const { clock, told, note } = open();
  for (let i = 0; i < 1000; i++) note(i % 2 === 0 ? 'dean@kust.example' : 'Dean@KUST.example');
  note('dean@kust.example', { accountId: 3 as AccountId, loginAddress: 'wang@kust.example' });
  assert.deepEqual(
    told.map(({ actor }) => actor.kind === 'account' && actor.name),
    ['li@kust.example', 'wang@kust.example'],
  );
  clock.advance(SAME_REFUSED_SENDER_MS);
  note('dean@kust.example');
  assert.deepEqual(told.at(-1), {
    action: 'identity.sender-refused',
    actor: { kind: 'account', accountId: 2, name: 'li@kust.example' },
    accountId: 2,
    subject: 'dean@kust.example',
    via: 'smtp',
    remoteAddress: '192.0.2.7',
    detail: { where: 'MAIL FROM', unwritten: 999 },
  });
});

test('who tries a new sender each time fills no record', () => {
  const { clock, told, note } = open();
  for (let i = 0; i < 10_000; i++) note(`${i}@elsewhere.example`);
  assert.equal(told.length, REFUSED_SENDERS_EACH);
  clock.advance(SAME_REFUSED_SENDER_MS);
  note('x'.repeat(100_000));
  assert.equal(told.length, REFUSED_SENDERS_EACH + 1);
  assert.ok((told.at(-1)?.subject.length ?? 0) < 1000);
  assert.equal(told.at(-1)?.detail?.['unwritten'], 10_000 - REFUSED_SENDERS_EACH);
});
