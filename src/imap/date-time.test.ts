import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatDateTime, parseDateTime, parseDay } from './date-time.ts';

it('reads date and time', () => {
  assert.equal(parseDateTime('17-Jul-1996 02:44:25 -0700'), Date.UTC(1996, 6, 17, 9, 44, 25));
  assert.equal(parseDateTime(' 1-feb-2020 00:00:00 +0800'), Date.UTC(2020, 0, 31, 16));
  for (const text of [
    '',
    '30-Feb-2020 00:00:00 +0000',
    '1-Jan-2020 24:00:00 +0000',
    '1-Jan-20 00:00:00 +0000',
    '1-Jan-2020',
    '1-Xxx-2020 00:00:00 +0000',
  ]) {
    assert.equal(parseDateTime(text), undefined, text);
  }
});

it('writes what it reads', () => {
  const ms = Date.UTC(2019, 8, 6, 4, 5, 6);
  assert.equal(formatDateTime(ms), '" 6-Sep-2019 04:05:06 +0000"');
  assert.equal(parseDateTime(formatDateTime(ms).slice(1, -1)), ms);
});

it('reads days', () => {
  assert.equal(parseDay('1-Jan-1970'), 0);
  assert.equal(parseDay('02-Jan-1970'), 1);
  assert.equal(parseDay('32-Jan-1970'), undefined);
});
