import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLocal, scheduleChoices } from './schedule.ts';

const choicesAt = (now: Date) => scheduleChoices(now).map(({ name, at }) => `${name} ${formatLocal(at)}`);

test('this evening, tomorrow, Monday: each once, and none that has nearly come', () => {
  assert.deepEqual(choicesAt(new Date(2026, 4, 27, 10)), [
    'tonight 2026-05-27T20:00',
    'tomorrow 2026-05-28T08:00',
    'monday 2026-06-01T08:00',
  ]);
  assert.deepEqual(choicesAt(new Date(2026, 4, 31, 19, 30)), ['tomorrow 2026-06-01T08:00']);
  assert.deepEqual(choicesAt(new Date(2026, 5, 1, 23)), ['tomorrow 2026-06-02T08:00', 'monday 2026-06-08T08:00']);
});
