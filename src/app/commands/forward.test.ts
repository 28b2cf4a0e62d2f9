import assert from 'node:assert/strict';
import test from 'node:test';
import { openTestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';
const STU = 'wang@stu.kust.example';

test('forwarding is set, shown and stopped, within the rules', async (t) => {
  const house = await openTestSystem(t, '[forwarding]\ncopy = "choice"\nbarred_domains = ["KUST.example"]\n');
  for (const domain of ['kust.example', 'stu.kust.example']) await house.run(['domain', 'add', domain]);
  for (const address of [LI, STU]) await house.run(['account', 'create', address]);
  assert.equal((await house.run(['forward', 'show', STU])).out, `Mail for ${STU} is not forwarded.\n`);
  const set = await house.run(['forward', 'set', STU, 'Me@Example.org', LI]);
  assert.equal(set.out, `Mail for ${STU} goes to me@example.org, ${LI}, and stays in its mailbox, too.\n`);
  await house.run(['forward', 'set', STU, 'me@example.org', '--no-copy']);
  const shown = JSON.parse((await house.run(['forward', 'show', STU, '--json'])).out);
  assert.deepEqual(shown, { targets: ['me@example.org'], keepsCopy: false });
  await assert.rejects(house.run(['forward', 'set', LI, 'me@example.org']), /may not be forwarded to me@example\.org/);
  assert.equal((await house.run(['forward', 'off', STU])).out, `Mail for ${STU} is not forwarded.\n`);
});
