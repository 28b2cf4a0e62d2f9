import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { EXIT } from '#app/command.ts';
import { DAY_MS } from '#base/clock.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';
const WANG = 'wang@kust.example';
const BOX = 'jwc@kust.example';

async function openHouse(t: TestContext) {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  for (const address of [LI, WANG]) await house.run(['account', 'create', address]);
  return house;
}

test('a box is created for a person, opened to others, shown, listed, and closed to them', async (t) => {
  const house = await openHouse(t);
  await assert.rejects(house.run(['mailbox', 'create', BOX]), failsWith(EXIT.usage, /--responsible/));
  await assert.rejects(
    house.run(['mailbox', 'create', BOX, '--responsible', 'nobody@kust.example']),
    failsWith(EXIT.failed, /no account/),
  );
  const words = ['mailbox', 'create', BOX, '--responsible', LI, '--name', '教务处'];
  const created = await house.run([...words, '--until', '2030-08-31', '--purpose', '教务公告']);
  assert.match(created.out, /^Created the box jwc@kust\.example \(#3\)/);
  await assert.rejects(house.run(['mailbox', 'grant', BOX, WANG, 'own']), failsWith(EXIT.usage, /"own" is no right/));
  await house.run(['mailbox', 'grant', BOX, WANG, 'read', 'send-on-behalf']);
  const { out } = await house.run(['mailbox', 'show', BOX]);
  assert.match(out, /^responsible +li@kust\.example$/m);
  assert.match(out, /^until +2030-08-31T/m);
  assert.match(out, /^may +wang@kust\.example: read, send-on-behalf$/m);
  assert.match((await house.run(['mailbox', 'list'])).out, /^jwc@\S+ +li@\S+ +2030-\S+ +2 delegates +教务处$/m);
  assert.match((await house.run(['mailbox', 'list', '--json'])).out, /"people":2\}\n$/);
  await assert.rejects(house.run(['mailbox', 'revoke', BOX, LI]), /name somebody else first/);
  await house.run(['mailbox', 'revoke', BOX, WANG]);
  await assert.rejects(house.run(['mailbox', 'revoke', BOX, WANG]), failsWith(EXIT.failed, /may do nothing/));
  const shown = JSON.parse((await house.run(['mailbox', 'show', BOX, '--json'])).out);
  assert.deepEqual(
    shown.delegates.map(({ address }: { address: string }) => address),
    [LI],
  );
});

test('who answers for a box changes, its end is lifted, and one whose person is gone says so', async (t) => {
  const house = await openHouse(t);
  await house.run(['mailbox', 'create', BOX, '--responsible', LI, '--until', '2001-01-01']);
  assert.match((await house.run(['mailbox', 'show', BOX])).out, /^until .*\(over\)$/m);
  await assert.rejects(house.run(['mailbox', 'set', BOX]), failsWith(EXIT.usage, /what is to be changed/));
  await house.run(['mailbox', 'set', BOX, '--responsible', WANG, '--until', 'none']);
  assert.match((await house.run(['mailbox', 'show', BOX])).out, /^until +-$/m);
  const review = async (): Promise<string> => (await house.run(['mailbox', 'list', '--review'])).out;
  assert.equal(await review(), '');
  t.mock.timers.enable({ apis: ['Date'], now: house.system.clock.now() + 400 * DAY_MS });
  assert.match(await review(), /^jwc@\S+ +wang@\S+ .* reviewed 20/m);
  t.mock.timers.reset();
  await house.run(['mailbox', 'set', BOX, '--reviewed']);
  await house.run(['account', 'delete', WANG, '--yes']);
  assert.match((await house.run(['mailbox', 'list'])).out, /NOBODY/);
  assert.match(await review(), /NOBODY/);
  assert.match((await house.run(['doctor', 'store', '--json'])).out, /nobody answers for: 1, as jwc@/);
  await assert.rejects(house.run(['mailbox', 'set', LI, '--until', 'none']), /no such box/);
});
