import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { judgeAlias, makeAliasRules } from './alias-policy.ts';
import { UNIT_WORDS_KEPT_MS } from './limits.ts';
import { loadReadings } from './pinyin-readings.ts';
import { employee } from './testing/person.ts';
import type { PersonRow } from './types.ts';
import { UnitWords, wordsOfUnit } from './unit-words.ts';

test('a unit is called by its initials, by those of both ends, and in full', async () => {
  const stepOf = await loadReadings();
  const of = (name: string) => new Set(wordsOfUnit(name, stepOf));
  const holds = (name: string, ...words: readonly string[]): void => {
    for (const word of words) assert.ok(of(name).has(word), `${name}: ${word} is not among ${[...of(name)].join(' ')}`);
  };
  holds('教务处', 'jwc', 'jiaowuchu');
  holds('信息化建设管理中心', 'xxhjsglzx', 'xxzx');
  holds('党委办公室', 'dwbgs', 'dwb');
  // 行 is hang and xing; either is meant.
  holds('行政处', 'xzc', 'hzc');
  holds('School of Law', 'sol', 'schooloflaw');
  assert.deepEqual(of(''), new Set());
  assert.deepEqual(of('·'), new Set());
  // Characters of many readings do not multiply for ever.
  assert.ok(of('行'.repeat(20)).size < 400);
});

test('nobody chooses the short name of a unit, nor what looks like it; a new unit counts after a while', async () => {
  const clock = new FakeClock();
  const rows: PersonRow[] = [];
  const add = (unit: string): void =>
    void rows.push({
      ...employee('1', '张三', { unit }),
      personId: (rows.length + 1) as PersonRow['personId'],
    } as PersonRow);
  add('招生办公室');
  const words = new UnitWords(
    { persons: async (after, limit) => rows.filter(({ personId }) => personId > after).slice(0, limit) },
    clock,
  );
  const judge = async (alias: string) => judgeAlias(alias, makeAliasRules(await words.list()));
  assert.equal(await judge('zsbgs'), 'reserved');
  assert.equal(await judge('zs-bgs'), 'lookalike');
  assert.deepEqual(await judge('kxjsc'), { alias: 'kxjsc' });
  add('科学技术处');
  assert.deepEqual(await judge('kxjsc'), { alias: 'kxjsc' });
  clock.advance(UNIT_WORDS_KEPT_MS);
  await judge('kxjsc');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await judge('kxjsc'), 'reserved');
});
