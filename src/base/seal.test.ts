import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from './random.ts';
import { seal, unseal } from './seal.ts';

const key = Buffer.alloc(32, 1);

test('what is sealed opens with the same key and context, and is never the same twice', () => {
  const sealed = seal(key, 'totp 7', '密钥', systemRandom);
  assert.equal(unseal(key, 'totp 7', sealed), '密钥');
  assert.notEqual(seal(key, 'totp 7', '密钥', systemRandom), sealed);
  assert.equal(unseal(key, 'totp 8', sealed), undefined);
  assert.equal(unseal(Buffer.alloc(32, 2), 'totp 7', sealed), undefined);
  for (const broken of ['', 'AAAA', sealed.slice(0, -4), `A${sealed.slice(1)}`, `${sealed.slice(0, -1)}*`, '💥'])
    if (broken !== sealed) assert.equal(unseal(key, 'totp 7', broken), undefined, broken);
});
