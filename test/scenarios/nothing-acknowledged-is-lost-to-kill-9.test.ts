import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKillSoak } from '#test/harness/kill-soak.ts';
import { temporaryFolder } from '#test/harness/server-process.ts';

test('every message answered 250 survives kill -9 at random moments', async () => {
  await using folder = await temporaryFolder();
  const lives = [0.3, 0.9, 0.55, 0.7];
  let next = 0;
  const result = await runKillSoak({
    dataDir: folder.path,
    kills: lives.length,
    connections: 8,
    lifeMs: 900,
    random: () => lives[next++ % lives.length] as number,
  });
  assert.deepEqual(result.lost, []);
  assert.deepEqual(result.doubled, []);
  assert.ok(result.acknowledged > 20, `only ${result.acknowledged} messages were acknowledged`);
});
