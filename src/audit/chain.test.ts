import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainEntries, GENESIS, verifyChain, type ChainBreak } from './chain.ts';
import type { AuditReader } from './ports/audit-store.ts';
import type { AuditEntry, AuditLink, AuditRow } from './types.ts';

const entries = Array.from({ length: 2500 }, (_, at): AuditEntry => ({
  at,
  action: 'identity.password',
  actor: { kind: 'stranger' },
  subject: `人${at}`,
}));
const whole = chainEntries(GENESIS, entries);
const lastOf = (rows: readonly AuditRow[]): AuditLink => rows.at(-1) ?? GENESIS;

async function breaksOf(
  rows: readonly AuditRow[],
  { noted, last = lastOf(whole) }: { noted?: AuditLink; last?: AuditLink } = {},
): Promise<readonly ChainBreak[]> {
  const reader: Pick<AuditReader, 'rows' | 'ends'> = {
    rows: async (after, limit) =>
      rows
        .toSorted((a, b) => a.seq - b.seq)
        .filter(({ seq }) => seq > after)
        .slice(0, limit),
    ends: async () => ({ anchor: GENESIS, last }),
  };
  return (await verifyChain(reader as AuditReader, noted === undefined ? {} : { noted })).breaks;
}

const row = (seq: number): AuditRow => whole[seq - 1] as AuditRow;
const replaced = (...rows: AuditRow[]): AuditRow[] =>
  whole.map((one) => rows.find(({ seq }) => seq === one.seq) ?? one);

test('a chain nobody touched holds', async () => {
  assert.deepEqual(await breaksOf(whole), []);
  assert.deepEqual(await breaksOf(whole, { noted: row(1234) }), []);
});

test('a row whose text was changed is found', async () => {
  const text = row(1200).text.replace('人1199', '人1');
  assert.deepEqual(await breaksOf(replaced({ ...row(1200), text })), [{ kind: 'changed', seq: 1200 }]);
});

test('a row whose columns say something else than its text is found', async () => {
  for (const patch of [{ at: 7 }, { action: 'identity.alias' }, { accountId: 1 as AuditRow['accountId'] }])
    assert.deepEqual(await breaksOf(replaced({ ...row(3), ...patch })), [{ kind: 'changed', seq: 3 }]);
});

test('a changed row with a hash that fits is found by the row after it', async () => {
  const [forged] = chainEntries(row(999), [{ ...(entries[999] as AuditEntry), subject: 'somebody else' }]);
  assert.deepEqual(await breaksOf(replaced(forged as AuditRow)), [{ kind: 'changed', seq: 1001 }]);
});

test('rows that were taken out are found: in the middle, at the beginning, at the end, all', async () => {
  const without = (from: number, until: number) => whole.filter(({ seq }) => seq < from || seq > until);
  assert.deepEqual(await breaksOf(without(1000, 1001)), [{ kind: 'missing', seq: 1000, until: 1001 }]);
  assert.deepEqual(await breaksOf(without(1, 1)), [{ kind: 'missing', seq: 1, until: 1 }]);
  assert.deepEqual(await breaksOf(without(2500, 2500)), [{ kind: 'missing', seq: 2500, until: 2500 }]);
  assert.deepEqual(await breaksOf([]), [{ kind: 'missing', seq: 1, until: 2500 }]);
});

test('rows that changed places are found', async () => {
  const swapped = replaced({ ...row(5), seq: 6 }, { ...row(6), seq: 5 });
  assert.deepEqual(
    (await breaksOf(swapped)).map(({ seq }) => seq),
    [5, 6, 7],
  );
});

test('a row taken out with those after it made anew is found by the end, and by a link that was noted', async () => {
  const forged = chainEntries(GENESIS, entries.toSpliced(10, 1));
  assert.deepEqual(await breaksOf(forged), [{ kind: 'missing', seq: 2500, until: 2500 }]);
  const last = lastOf(forged);
  assert.deepEqual(await breaksOf(forged, { last }), []);
  assert.deepEqual(await breaksOf(forged, { last, noted: row(2000) }), [{ kind: 'rewritten', seq: 2000 }]);
  assert.deepEqual(await breaksOf(forged, { last, noted: row(2500) }), [{ kind: 'rewritten', seq: 2500 }]);
});
