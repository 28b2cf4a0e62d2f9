import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { Audit } from './audit.ts';
import { REFUSALS_PER_MINUTE, RETRY_MS, SAME_SIGN_IN_MS, SAME_WEB_SIGN_IN_MS } from './limits.ts';
import { maskText } from './mask.ts';
import type { AppendArgs } from './operations.ts';
import { SignInAudit, type SignInTold } from './sign-ins.ts';
import type { AuditEntry, AuditEvent } from './types.ts';

const event: AuditEvent = {
  action: 'identity.phone',
  actor: { kind: 'system', name: 'test' },
  subject: 'li@ylut.example',
};

function open() {
  const clock = new FakeClock();
  const runs: [name: string, subjects: string[]][] = [];
  const store = {
    isAway: false,
    async run(name: string, args: unknown): Promise<void> {
      if (store.isAway) throw new MailError('unavailable', 'away');
      runs.push([name, (args as AppendArgs).entries.map(({ subject }) => subject)]);
      kept.push(...(args as AppendArgs).entries);
    },
  };
  const kept: AuditEntry[] = [];
  return { clock, store, runs, kept, audit: new Audit({ store, clock, log: silentLog }) };
}

describe('Audit', () => {
  test('what one turn records is written together, with its instant', async () => {
    const { audit, runs, kept, clock } = open();
    audit.record(event);
    audit.record({ ...event, subject: 'x'.repeat(1000) });
    await audit.flush();
    assert.deepEqual(runs, [['append', ['li@ylut.example', 'x'.repeat(300)]]]);
    assert.equal(kept[0]?.at, clock.now());
  });

  test('sign-ins alone share the next sync of anything', async () => {
    const { audit, runs } = open();
    audit.record({ ...event, action: 'sign-in.accepted' });
    await audit.flush();
    audit.record({ ...event, action: 'sign-in.accepted' });
    audit.record(event);
    await audit.flush();
    assert.deepEqual(
      runs.map(([name]) => name),
      ['appendSoon', 'append'],
    );
  });

  test('events wait for a store that is away, in their order', async () => {
    const { audit, store, clock, kept } = open();
    store.isAway = true;
    audit.record(event);
    await audit.flush();
    audit.record({ ...event, subject: 'second' });
    await audit.flush();
    store.isAway = false;
    clock.advance(RETRY_MS);
    await audit.flush();
    assert.deepEqual(
      kept.map(({ subject }) => subject),
      ['li@ylut.example', 'second'],
    );
  });

  test('closing tries once more', async () => {
    const { audit, store, kept } = open();
    store.isAway = true;
    audit.record(event);
    await audit.flush();
    store.isAway = false;
    await audit.close();
    assert.equal(kept.length, 1);
  });

  test('no document number and no whole telephone number is kept', async () => {
    const { audit, kept } = open();
    const detail = { words: 'phone 13812345678 id 11010519491231002X number 20231234567 at +86 13912345678', times: 2 };
    audit.record({ ...event, detail });
    await audit.flush();
    assert.deepEqual(kept[0]?.detail, {
      words: 'phone 138****5678 id [document number] number 20231234567 at 139****5678',
      times: 2,
    });
    assert.equal(maskText('1'.repeat(40)), '1'.repeat(40));
  });
});

describe('SignInAudit', () => {
  const told: SignInTold = {
    protocol: 'imap',
    remoteAddress: '192.0.2.1',
    accountId: 7 as AccountId,
    loginAddress: 'li@ylut.example',
    outcome: 'ok',
  };

  test('a sign-in from the same place by the same way is written down once in a while', () => {
    const clock = new FakeClock();
    const events: AuditEvent[] = [];
    const signIns = new SignInAudit({ record: (one) => void events.push(one) }, clock);
    const tell = (patch: Partial<SignInTold> = {}): number => {
      signIns.tell({ ...told, ...patch });
      return events.length;
    };
    assert.deepEqual([tell(), tell(), tell({ remoteAddress: '192.0.2.2' }), tell({ protocol: 'http' })], [1, 1, 2, 3]);
    clock.advance(SAME_WEB_SIGN_IN_MS);
    assert.deepEqual([tell(), tell({ protocol: 'http' })], [3, 4]);
    clock.advance(SAME_SIGN_IN_MS);
    assert.equal(tell(), 5);
  });

  test('refusals are written down, and beyond so many a minute counted', () => {
    const clock = new FakeClock();
    const events: AuditEvent[] = [];
    const signIns = new SignInAudit({ record: (one) => void events.push(one) }, clock);
    const stranger = { ...told, accountId: undefined, loginAddress: undefined, outcome: 'invalidCredentials' };
    for (let attempt = 0; attempt < REFUSALS_PER_MINUTE + 40; attempt++) signIns.tell(stranger);
    assert.equal(events.length, REFUSALS_PER_MINUTE);
    assert.deepEqual(
      [events[0]?.subject, events[0]?.detail, events[0]?.accountId],
      ['no such account', { reason: 'invalidCredentials' }, undefined],
    );
    clock.advance(60_000);
    signIns.tell({ ...told, outcome: 'disabled' });
    assert.deepEqual(
      events.slice(REFUSALS_PER_MINUTE).map(({ action, accountId, detail }) => [action, accountId, detail]),
      [
        ['sign-in.uncounted', undefined, { count: 40 }],
        ['sign-in.refused', 7, { reason: 'disabled' }],
      ],
    );
  });
});
