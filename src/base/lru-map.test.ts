import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LruMap } from './lru-map.ts';

test('the entry longest unused is forgotten first', () => {
  const map = new LruMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.get('a'), 1);
  map.set('c', 3);
  assert.equal(map.get('b'), undefined);
  map.set('a', 4);
  map.set('d', 5);
  assert.deepEqual([map.get('a'), map.get('c'), map.get('d'), map.size], [4, undefined, 5, 2]);
  map.delete('a');
  assert.equal(map.size, 1);
});

test('what is held never weighs more than it may', () => {
  const map = new LruMap<string, string>(10, { maxWeight: 6, weigh: (value) => value.length });
  map.set('a', 'xxx');
  map.set('b', 'xxx');
  map.set('a', 'x');
  map.set('c', 'xx');
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c')], ['x', 'xxx', 'xx']);
  map.set('d', 'xxxx');
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.get('d')], [undefined, undefined, 'xx', 'xxxx']);
  map.set('e', 'xxxxxxx');
  assert.deepEqual([map.size, map.get('e')], [0, undefined]);
  map.set('f', 'xxxxxx');
  assert.equal(map.size, 1);
});
