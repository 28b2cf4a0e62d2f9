import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { formatRowId, parseRowId } from './row-ids.ts';
import type { IdentityId } from './types.ts';

const LI = 7 as AccountId;

test('an id names one row of one type and account', () => {
  const id = formatRowId('Identity', LI, 12 as IdentityId);
  assert.equal(id, 'I7-12');
  assert.equal(parseRowId('Identity', LI, id), 12);
  assert.equal(parseRowId('Identity', 8 as AccountId, id), undefined);
  assert.equal(parseRowId('EmailSubmission', LI, id), undefined);
  for (const wrong of ['', 'I7-', 'I7-012', 'I7-1x', 'i7-12', 'P7-12'])
    assert.equal(parseRowId('Identity', LI, wrong), undefined);
});
