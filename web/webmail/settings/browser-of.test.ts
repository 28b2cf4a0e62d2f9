import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserOf } from './browser-of.ts';

test('a browser is known again by its name and system', () => {
  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  assert.equal(
    browserOf(`Mozilla/5.0 (Windows NT 10.0; Win64) ${webkit} Chrome/140.0 Safari/537.36 Edg/140.0`),
    'Edge · Windows',
  );
  assert.equal(
    browserOf(`Mozilla/5.0 (Linux; Android 14) ${webkit} Version/4.0 Chrome/120 MicroMessenger/8.0`),
    '微信 · Android',
  );
  assert.equal(
    browserOf('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1'),
    'Safari · iPhone',
  );
  assert.equal(browserOf('curl/8'), '');
});
