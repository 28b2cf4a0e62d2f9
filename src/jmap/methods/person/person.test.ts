import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Invocation } from '#contract/jmap/core.ts';
import { openJmap, type Answer } from '#jmap/testing/jmap.ts';

const answerOf = (response: Invocation | undefined): Answer => response?.[1] ?? {};

test('people are found and read in one request', async () => {
  const jmap = await openJmap();
  const [query, get] = await jmap.request([
    ['Person/query', { filter: { text: 'lisi' }, limit: 5 }, 'q'],
    ['Person/get', { '#ids': { resultOf: 'q', name: 'Person/query', path: '/ids' } }],
  ]);
  assert.equal(answerOf(query)['ids'].length, 1);
  const [person] = answerOf(get)['list'] as readonly Answer[];
  assert.deepEqual({ ...person, id: '' }, { id: '', kind: 'person', name: '李四', email: 'li@kust.example', unit: '' });
});

test('nobody gets everybody, and ids of nothing are not found', async () => {
  const jmap = await openJmap();
  assert.equal((await jmap.refusal('Person/get', { ids: null }))['type'], 'requestTooLarge');
  assert.equal((await jmap.refusal('Person/query', { filter: null }))['type'], 'invalidArguments');
  assert.equal((await jmap.refusal('Person/query', { filter: { text: 'x'.repeat(101) } }))['type'], 'invalidArguments');
  const ids = ['P99999', 'G1', 'X', 'P0'];
  assert.deepEqual((await jmap.call('Person/get', { ids }))['notFound'], ids);
  assert.deepEqual((await jmap.call('Unit/get'))['list'], []);
});
