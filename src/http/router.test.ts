import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Router } from './router.ts';

function routerOf(...paths: string[]): Router<string> {
  const router = new Router<string>();
  for (const path of paths) router.add(path, () => path);
  return router;
}

test('the most literal route wins, and a path that leads nowhere literally is tried again by name', () => {
  const router = routerOf('/', '/jmap', '/jmap/:id', '/jmap/:id/blob', '/jmap/upload/x', '/jmap/*rest', '/*file');
  const found = (path: string) => {
    const match = router.find(path);
    return match && [match.target, { ...match.params }];
  };
  assert.deepEqual(found('/'), ['/', {}]);
  assert.deepEqual(found('/jmap'), ['/jmap', {}]);
  assert.deepEqual(found('/jmap/7'), ['/jmap/:id', { id: '7' }]);
  assert.deepEqual(found('/jmap/upload'), ['/jmap/:id', { id: 'upload' }]);
  assert.deepEqual(found('/jmap/upload/blob'), ['/jmap/:id/blob', { id: 'upload' }]);
  assert.deepEqual(found('/jmap/a/b/c'), ['/jmap/*rest', { rest: 'a/b/c' }]);
  assert.deepEqual(found('/jmap/'), ['/jmap/*rest', { rest: '' }]);
  assert.deepEqual(found('/other/x.js'), ['/*file', { file: 'other/x.js' }]);
});

test('names are decoded, an encoded slash among them; a rest neither climbs nor hides a slash', () => {
  const router = routerOf('/blob/:id/:name', '/assets/*file');
  assert.equal(router.find('/blob/1/%E4%BC%9A%2F%E8%AE%AE.pdf')?.params['name'], '会/议.pdf');
  assert.equal(router.find('/blob/1/%zz'), undefined);
  assert.equal(router.find('/blob//x'), undefined);
  assert.equal(router.find('/assets/a%20b.js')?.params['file'], 'a b.js');
  for (const path of ['../x', '..%2Fx', '%2e%2e/x', 'a/./b', 'a%5C..%5Cb', 'a%00.js', '%2Fetc', 'x/%ff'])
    assert.equal(router.find(`/assets/${path}`), undefined, path);
});

test('a path of very many parts is looked at no further', () => {
  assert.equal(routerOf('/*file').find('/a'.repeat(1000)), undefined);
});

test('one path under two names is a mistake of ours', () => {
  assert.throws(() => routerOf('/a/:x', '/a/:y'));
});
