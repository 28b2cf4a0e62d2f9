import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { MailboxId, ModSeq, Uid } from '#base/ids.ts';
import type { ChangeRecord } from '#mail/types.ts';
import { decodeChange, encodeChange, encodeNumbers } from './change-record.ts';
import { fromKeywords, fromPlacements, toKeywords, toPlacements } from './columns.ts';

const id = fc.integer({ min: 1, max: 0xffff_ffff });

test('placements come back as they were', () => {
  const placement = fc.record({
    mailboxId: id.map((n) => n as MailboxId),
    uid: id.map((n) => n as Uid),
    deleted: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(placement, { minLength: 1, maxLength: 5 }), (placements) => {
      assert.deepEqual(toPlacements(fromPlacements(placements)), structuredClone(placements));
    }),
  );
  const text = '3.17 12.4d';
  assert.deepEqual(toPlacements(text), [
    { mailboxId: 3, uid: 17, deleted: false },
    { mailboxId: 12, uid: 4, deleted: true },
  ]);
  assert.equal(fromPlacements(toPlacements(text)), text);
});

test('keywords come back as they were', () => {
  for (const keywords of [[], ['a'], ['$label1', 'todo', 'work']])
    assert.deepEqual(toKeywords(fromKeywords(keywords)), keywords);
  assert.equal(fromKeywords([]), null);
});

test('number lists are runs', () => {
  assert.equal(encodeNumbers([]), '');
  assert.equal(encodeNumbers([5]), '5');
  assert.equal(encodeNumbers([1, 2, 3, 7, 9, 10]), '1-3,7,9-10');
  assert.equal(encodeNumbers([3, 2, 1]), '3,2,1');
});

test('change records come back as they were', () => {
  const ids = <T>(): fc.Arbitrary<T[]> => fc.array(id, { maxLength: 6 }) as unknown as fc.Arbitrary<T[]>;
  const lists = fc.record({ created: ids<never>(), updated: ids<never>(), destroyed: ids<never>() });
  const entry = fc
    .record({
      mailboxId: id.map((n) => n as MailboxId),
      added: ids<number>(),
      changed: ids<number>(),
      expunged: ids<number>(),
    })
    .filter(({ added, changed, expunged }) => added.length + changed.length + expunged.length > 0);
  const record: fc.Arbitrary<ChangeRecord> = fc.record({
    modSeq: id.map((n) => n as ModSeq),
    emails: lists,
    threads: lists,
    mailboxes: fc.record({
      created: ids<never>(),
      updated: ids<never>(),
      counted: ids<never>(),
      destroyed: ids<never>(),
    }),
    entries: fc.uniqueArray(entry, { selector: ({ mailboxId }) => mailboxId, maxLength: 4 }),
  });
  fc.assert(
    fc.property(record, (one) => {
      assert.deepEqual(decodeChange(one.modSeq, encodeChange(one)), structuredClone(one));
    }),
  );
  assert.equal(
    encodeChange({
      modSeq: 9 as ModSeq,
      emails: { created: [12, 13, 14] as never[], updated: [], destroyed: [] },
      threads: { created: [5] as never[], updated: [], destroyed: [] },
      mailboxes: { created: [], updated: [], counted: [1] as never[], destroyed: [] },
      entries: [{ mailboxId: 1 as MailboxId, added: [7, 8, 9], changed: [], expunged: [2] }],
    }),
    'E+12-14 T+5 M#1 1+7-9 1-2',
  );
});
