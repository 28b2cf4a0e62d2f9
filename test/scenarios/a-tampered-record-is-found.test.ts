/** Who did what is written down so that nobody changes it afterwards without being found. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openTestSystem } from '#app/commands/testing/test-system.ts';

test('an entry changed behind our back is found, and so is a record made anew', async (t) => {
  const house = await openTestSystem(t);
  const { audit, config } = house.system;
  for (const subject of ['a', 'b', 'c']) {
    audit.record({ action: 'identity.alias', actor: { kind: 'system', name: 'test' }, subject });
    await audit.flush();
  }
  const whole = await house.run(['audit', 'verify']);
  const [, link = ''] = /The last link is (3:[0-9a-f]{64})\n/.exec(whole.out) ?? [];
  assert.equal((await house.run(['audit', 'verify', '--noted', link])).exit, 0);
  await assert.rejects(house.run(['audit', 'verify', '--noted', `2${link.slice(1)}`]), /not what was written/);

  const db = new DatabaseSync(join(config.dataDir, 'mail.db'));
  db.exec(`UPDATE audit_entry SET entry = replace(entry, '"b"', '"x"') WHERE seq = 2`);
  db.close();
  await assert.rejects(house.run(['audit', 'verify']), /not what was written/);
});
