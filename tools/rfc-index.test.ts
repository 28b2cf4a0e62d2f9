/** Keeps docs/rfc/index.tsv true: what the code cites is listed, and what is claimed is cited where it is claimed. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const STATUSES = ['implemented', 'partial', 'planned', 'not planned'];

const [head, ...lines] = readFileSync(join(ROOT, 'docs/rfc/index.tsv'), 'utf8').replace(/\n$/, '').split('\n');
const rows = lines.map((line) => {
  const [rfc = '', title = '', status = '', where = '', notes] = line.split('\t');
  return { line, rfc, title, status, where, notes };
});

/** The RFC numbers named in the sources under a folder (or in one file); a list such as `RFC 2045, 2047` names each. */
function citedUnder(place: string): Set<string> {
  const cited = new Set<string>();
  for (const file of place.endsWith('.ts') ? [place] : globSync(`${place}/**/*.ts`, { cwd: ROOT })) {
    if (file.endsWith('.test.ts')) continue;
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [list] of text.matchAll(/\bRFCs? ?\d{3,5}(?: ?§[\d.]+)?(?:(?:,| and) \d{3,5}\b)*/g)) {
      for (const [number] of list.replaceAll(/§[\d.]+/g, '').matchAll(/\d{3,5}/g)) cited.add(number);
    }
  }
  return cited;
}

test('rows are well formed, sorted and unique', () => {
  assert.equal(head, 'rfc\ttitle\tstatus\twhere\tnotes');
  for (const { line, rfc, title, status, where, notes } of rows) {
    assert.match(rfc, /^\d{3,5}$/, line);
    assert.ok(title !== '' && notes !== undefined && STATUSES.includes(status), line);
    assert.equal(where !== '', status === 'implemented' || status === 'partial', line);
  }
  const numbers = rows.map(({ rfc }) => Number(rfc));
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].toSorted((a, b) => a - b),
  );
});

test('every RFC the sources cite is listed', () => {
  const listed = new Set(rows.map(({ rfc }) => rfc));
  const missing = [...citedUnder('src'), ...citedUnder('contract')].filter((rfc) => !listed.has(rfc));
  assert.deepEqual(missing, []);
});

test('what is called implemented or partial is cited where it is said to be', () => {
  const unproven: string[] = [];
  const citedIn = new Map<string, Set<string>>();
  for (const { rfc, status, where } of rows) {
    if (where === '') continue;
    if (!existsSync(join(ROOT, where))) {
      unproven.push(`RFC ${rfc}: ${status} in ${where}, which does not exist`);
      continue;
    }
    const cited = citedIn.get(where) ?? citedUnder(where);
    citedIn.set(where, cited);
    if (!cited.has(rfc)) unproven.push(`RFC ${rfc}: ${status}, but nothing in ${where} names it`);
  }
  assert.deepEqual(unproven, []);
});
