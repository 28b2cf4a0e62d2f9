import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { DelegatedActs } from './delegated-acts.ts';
import { SAME_ACT_MS } from './limits.ts';
import type { AuditEvent } from './types.ts';

test('an act in the mailbox of another bears a name, and the same again only its number', () => {
  const clock = new FakeClock();
  const told: AuditEvent[] = [];
  const acts = new DelegatedActs({ record: (event) => void told.push(event) }, clock);
  const li = { accountId: 2 as AccountId, login: 'li@kust.example' };
  const note = (act: string, by = li): void =>
    acts.note({
      by,
      accountId: 1 as AccountId,
      address: 'office@kust.example',
      act,
      via: 'imap',
      remoteAddress: '::1',
    });
  for (let i = 0; i < 1000; i++) note('STORE');
  note('EXPUNGE');
  note('STORE', { accountId: 3 as AccountId, login: 'wang@kust.example' });
  assert.deepEqual(
    told.map(({ actor, detail }) => [actor.kind === 'account' && actor.name, detail?.['act']]),
    [
      ['li@kust.example', 'STORE'],
      ['li@kust.example', 'EXPUNGE'],
      ['wang@kust.example', 'STORE'],
    ],
  );
  clock.advance(SAME_ACT_MS);
  note('STORE');
  assert.deepEqual(told.at(-1), {
    action: 'identity.delegated-act',
    actor: { kind: 'account', accountId: 2, name: 'li@kust.example' },
    accountId: 1,
    subject: 'office@kust.example',
    via: 'imap',
    remoteAddress: '::1',
    detail: { act: 'STORE', unwritten: 999 },
  });
});
