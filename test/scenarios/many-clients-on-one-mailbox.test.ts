import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { runImapStress } from '#test/harness/imap-stress.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';

test('many clients on one mailbox, over several threads, are never told anything wrong, and agree in the end', async () => {
  await using campus = await openCampus({ settings: { CAMPUSMAIL_SERVER_THREADS: '2' } });
  const result = await runImapStress({
    ports: [campus.server.ports['imap'] as number],
    login: ZHANG,
    password: PASSWORD,
    clients: 6,
    operations: 60,
    random: seededRandom(20_260_901),
    messages: 40,
  });
  assert.ok(result.commands > 300, `only ${result.commands} commands`);
  assert.ok(result.expunged > 5, `only ${result.expunged} messages were expunged`);
  assert.equal(await campus.server.stop(), 0);
  assert.equal(campus.server.log(), '');
});
