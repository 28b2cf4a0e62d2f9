import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '#http/types.ts';
import { JMAP_PATHS, JMAP_UPGRADES } from '#jmap/paths.ts';
import { jmapRoutes, type JmapSurroundings } from '#jmap/routes.ts';
import { listLater } from './later-routes.ts';

test('what JMAP lists is what it has', () => {
  const { routes, upgrades } = jmapRoutes({} as JmapSurroundings);
  assert.deepEqual(
    routes.map(({ method, path }) => ({ method, path })),
    [...JMAP_PATHS],
  );
  assert.deepEqual(
    upgrades.map(({ path }) => path),
    [...JMAP_UPGRADES],
  );
});

test('the code is loaded once, by the first who asks; a failure is tried again', async () => {
  let loads = 0;
  const later = listLater({ routes: [{ method: 'GET', path: '/a' }], upgrades: [] }, async () => {
    loads++;
    if (loads === 1) throw new Error('not yet');
    return { routes: [{ method: 'GET', path: '/a', respond: () => ({ status: 204 }) }], upgrades: [] };
  });
  const [route] = later.routes;
  const ask = async () => (await route?.respond({} as HttpRequest))?.status;
  await assert.rejects(ask(), /not yet/);
  assert.deepEqual(await Promise.all([ask(), ask()]), [204, 204]);
  assert.equal(loads, 2);
});
