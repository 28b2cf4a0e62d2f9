import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { AccountId } from '#base/ids.ts';
import { formatMembers, isMember } from './members.ts';

const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map((number) => number as AccountId);

test('whoever is written is found, and nobody else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(id), id, (members, other) => {
      const text = formatMembers(members);
      for (const member of members) assert.ok(isMember(text, member));
      assert.equal(isMember(text, other), members.includes(other));
    }),
  );
  assert.equal(isMember('', 1 as AccountId), false);
  assert.equal(formatMembers([40, 3, 4] as AccountId[]), '3 1 10');
});
