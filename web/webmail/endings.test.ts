import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endingOf, mayWriteFrom } from './endings.ts';

const ENDINGS = [
  {
    domain: 'old.example',
    successor: 'new.example',
    sendBlockedAt: '2027-08-02T00:00:00Z',
    refusedAt: '2027-09-01T00:00:00Z',
  },
];
const OWN = ['20050012@new.example', 'zeng@new.example', 'zeng@old.example'];
const at = (address: string, when: string, own = OWN) => endingOf(address, ENDINGS, own, Date.parse(when));

test('an address is told how far its domain has come, and which one takes its place', () => {
  assert.equal(at('zeng@new.example', '2028-01-01'), undefined);
  assert.equal(at('Zeng@OLD.example', '2027-08-01')?.stage, 'announced');
  assert.equal(at('zeng@old.example', '2027-08-02')?.stage, 'sendBlocked');
  assert.equal(at('zeng@old.example', '2027-09-01')?.stage, 'refused');
  assert.equal(at('Zeng@OLD.example', '2027-08-01')?.instead, 'zeng@new.example');
  assert.equal(at('other@old.example', '2027-08-01')?.instead, '20050012@new.example');
  assert.equal(at('zeng@old.example', '2027-08-01', ['zeng@old.example'])?.instead, undefined);
});

test('one writes from an address until its domain sends nothing any more', () => {
  assert.ok(mayWriteFrom({ ending: undefined }));
  assert.ok(mayWriteFrom({ ending: at('zeng@old.example', '2027-08-01') }));
  assert.ok(!mayWriteFrom({ ending: at('zeng@old.example', '2027-08-03') }));
});
