import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, openCampus, ZHANG } from '#test/harness/campus.ts';
import { mustRun, startServerProcess } from '#test/harness/server-process.ts';
import { countMessageIds, startSmtpLoad } from '#test/harness/smtp-load.ts';

test('a backup made while mail flows, restored elsewhere, has every message acknowledged before it began, whole', async () => {
  await using campus = await openCampus();
  const { smtp } = campus.server.ports;
  const load = startSmtpLoad({ recipient: ZHANG, connections: 4, ports: () => [smtp as number] });
  await eventually('mail to flow', () => load.acknowledged.size > 50);
  const before = [...load.acknowledged.keys()];
  const backup = join(campus.folder, 'backup');
  await mustRun(campus.dataDir, ['backup', backup]);
  const during = load.acknowledged.size;
  await eventually('mail to flow on', () => load.acknowledged.size > during);
  await load.stop();
  assert.ok(load.acknowledged.size > before.length);

  const restored = join(campus.folder, 'restored');
  await mustRun(restored, ['restore', backup]);
  const server = await startServerProcess(restored);
  try {
    const found = await countMessageIds(server.ports['imap'] as number, ZHANG);
    for (const id of before) assert.equal(found.get(id), 1, id);
    assert.match(await mustRun(restored, ['verify']), /are whole[^]*agree/);
  } finally {
    await server.kill();
  }
});
