import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invocation } from '#contract/jmap/core.ts';
import { MethodError } from './errors.ts';
import { resolveReferences } from './references.ts';

/** RFC 8620 §3.7, its second example. */
const RESPONSES: readonly Invocation[] = [
  ['Email/query', { ids: ['E1', 'E2'] }, 't0'],
  ['Email/get', { list: [{ threadId: 'T1' }, { threadId: 'T2' }] }, 't1'],
  ['Thread/get', { list: [{ emailIds: ['a', 'b'] }, { emailIds: ['c'] }], 'x/y~z': { '': 1 } }, 't2'],
];

function resolve(path: string, name = 'Thread/get', resultOf = 't2'): unknown {
  return resolveReferences({ '#ids': { resultOf, name, path } }, RESPONSES)['ids'];
}

test('a path is followed, * maps over a list and joins lists of lists', () => {
  assert.deepEqual(resolve('/ids', 'Email/query', 't0'), ['E1', 'E2']);
  assert.deepEqual(resolve('/ids/1', 'Email/query', 't0'), 'E2');
  assert.deepEqual(resolve('/list/*/threadId', 'Email/get', 't1'), ['T1', 'T2']);
  assert.deepEqual(resolve('/list/*/emailIds'), ['a', 'b', 'c']);
  assert.deepEqual(resolve('/x~1y~0z/'), 1);
});

test('what is not there, is no path, or is another method’s is no reference', () => {
  for (const path of [
    '/nothing',
    '/list/2',
    '/list/*/threadId',
    '/list/01',
    'list',
    '/list/-1',
    '/__proto__',
    '/list/length',
  ])
    assert.throws(() => resolve(path), matches('invalidResultReference'), path);
  assert.throws(() => resolve('/list', 'Email/get'), matches('invalidResultReference'));
  assert.throws(() => resolve('/list', 'Thread/get', 't9'), matches('invalidResultReference'));
  assert.throws(() => resolveReferences({ '#ids': 'x' }, RESPONSES), matches('invalidResultReference'));
});

test('an argument is given plainly or by reference, not both', () => {
  assert.throws(() => resolveReferences({ ids: [], '#ids': {} }, RESPONSES), matches('invalidArguments'));
  assert.deepEqual(resolveReferences({ accountId: 'A1' }, RESPONSES), { accountId: 'A1' });
});

test('a reference that gathers values without end is too large', () => {
  const rows = Array.from({ length: 300 }, () => Array.from({ length: 300 }, () => 1));
  const responses: Invocation[] = [['Core/echo', { rows }, 'r']];
  const reference = { resultOf: 'r', name: 'Core/echo', path: '/rows/*/*' };
  assert.throws(() => resolveReferences({ '#ids': reference }, responses), matches('requestTooLarge'));
});

function matches(type: string): (error: unknown) => boolean {
  return (error) => error instanceof MethodError && error.type === type;
}
