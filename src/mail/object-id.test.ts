import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { AccountId, EmailId } from '#base/ids.ts';
import { formatEmailObjectId, parseEmailObjectId, parseMailboxObjectId, parseThreadObjectId } from './object-id.ts';

const account = 7 as AccountId;

it('reads back what it wrote', () => {
  assert.equal(formatEmailObjectId(account, 42 as EmailId), 'E7-42');
  assert.equal(parseEmailObjectId(account, 'E7-42'), 42);
});

it('knows no other account, kind or spelling', () => {
  for (const text of [
    'E8-42',
    'M7-42',
    'E7-042',
    'E7-0',
    'E7-',
    'E7-4x',
    'E7-42 ',
    '',
    'E77-42',
    'E7-12345678901234567',
  ]) {
    assert.equal(parseEmailObjectId(account, text), undefined, text);
  }
  assert.equal(parseMailboxObjectId(account, 'M7-1'), 1);
  assert.equal(parseThreadObjectId(account, 'T7-3'), 3);
});
