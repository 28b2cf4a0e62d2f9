import assert from 'node:assert/strict';
import test from 'node:test';
import { EXIT } from '#app/command.ts';
import { failsWith } from '#app/commands/testing/fails-with.ts';
import { formatTime, parseTime } from './time.ts';

const MORNING = Date.UTC(2026, 8, 16, 2, 0, 5);

test('a time that is written can be read again, wherever this runs', () => {
  for (let month = 0; month < 12; month++) {
    const at = Date.UTC(2026, month, 16, 2, 0, 5);
    assert.match(formatTime(at), /^2026-\d\d-1\dT\d\d:\d\d:05[+-]\d\d:\d\d$/);
    assert.equal(parseTime(formatTime(at)), at);
  }
  assert.equal(formatTime(MORNING + 999), formatTime(MORNING));
});

test('a zone that is named counts, else it is the local one', () => {
  assert.equal(parseTime('2026-09-16T10:00:05+08:00'), MORNING);
  assert.equal(parseTime('2026-09-16 02:00:05Z'), MORNING);
  assert.equal(parseTime('2026-09-16'), new Date(2026, 8, 16).getTime());
  assert.equal(parseTime('2026-09-16T10:00'), new Date(2026, 8, 16, 10).getTime());
});

test('what is no time is refused, and a day that does not exist', () => {
  for (const text of [
    '',
    'yesterday',
    '2026-02-31',
    '2026-09-16T25:00',
    '1789000000',
    '10:00',
    `2026-09-16${' '.repeat(9)}`,
  ]) {
    assert.throws(() => parseTime(text), failsWith(EXIT.usage, /is no time/), text);
  }
});
