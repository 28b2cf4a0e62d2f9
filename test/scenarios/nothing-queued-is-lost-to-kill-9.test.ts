import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runQueueKillSoak } from '#test/harness/queue-kill-soak.ts';
import { temporaryFolder } from '#test/harness/server-process.ts';

test('mail for elsewhere survives kill -9, and little of it is sent twice', async () => {
  await using folder = await temporaryFolder();
  const lives = [0.9, 0.5, 0.7];
  let next = 0;
  const result = await runQueueKillSoak({
    dataDir: folder.path,
    kills: lives.length,
    connections: 4,
    lifeMs: 1500,
    random: () => lives[next++ % lives.length] as number,
  });
  assert.deepEqual(result.lost, []);
  assert.deepEqual(result.doubled, []);
  assert.deepEqual(result.halves, []);
  assert.ok(result.acknowledged > 20, `only ${result.acknowledged} messages were acknowledged`);
});
