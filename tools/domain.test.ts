/** Keeps docs/domain.md true: what it names exists, and what is cited of it anywhere is there. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/domain.md'), 'utf8');

const numbered = (prefix: string, count: number, width = 0): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at + 1).padStart(width, '0')}`);

test('every requirement, choice and proof stands there once', () => {
  const wanted = [...numbered('S-', 30, 2), ...numbered('A', 20), ...numbered('T', 20)];
  const rows = Array.from(PAGE.matchAll(/^\| ([SAT]-?\d+) \|/gm), ([, name]) => name);
  assert.deepEqual(rows, wanted);
});

test('every file that it names exists', () => {
  const named = Array.from(PAGE.matchAll(/`((?:src|web|docs|test|tools)\/[^`…]+)`/g), ([, path]) => path as string);
  assert.ok(named.length > 40);
  assert.deepEqual(
    named.filter((path) => !existsSync(join(ROOT, path))),
    [],
  );
});

test('each proof is a scenario of its number', () => {
  const scenarios = globSync('test/scenarios/t*.test.ts', { cwd: ROOT }).map((path) => /t(\d\d)-/.exec(path)?.[1]);
  assert.deepEqual(scenarios.filter((number) => number !== undefined).toSorted(), numbered('', 20, 2));
});

test('what is cited of it is there', () => {
  const missing: string[] = [];
  let cited = 0;
  for (const file of globSync('{src,web,test,docs,tools}/**/*.{ts,tsx,md}', { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, list = ''] of text.matchAll(/domain\.md ((?:(?:§?\d[\d.]*\d|§\d|[SAT]-?\d+)(?:, | and |-)?)+)/g))
      for (const [name] of list.matchAll(/§?\d+(?:\.\d+)?|[SAT]-?\d+/g)) {
        const isThere = /^[SAT]/.test(name)
          ? PAGE.includes(`| ${name} |`)
          : PAGE.includes(`**§${name.replace('§', '')}**`);
        cited += 1;
        if (!isThere) missing.push(`${file}: ${name}`);
      }
  }
  assert.ok(cited > 50);
  assert.deepEqual(missing, []);
});
