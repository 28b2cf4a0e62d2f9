import assert from 'node:assert/strict';
import test from 'node:test';
import { EXIT } from '#app/command.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';

test('a personal alias is chosen by the rules, and a telephone shown in part and released', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI]);
  assert.match((await house.run(['alias', 'choose', 'Li.Na', LI])).out, /li\.na@kust\.example arrives at li@/);
  await assert.rejects(house.run(['alias', 'choose', 'na.li', LI]), failsWith(EXIT.failed, /once in 180 days \(until/));
  await assert.rejects(house.run(['alias', 'choose', 'adm1n', LI]), failsWith(EXIT.failed, /looks like/));

  // Nobody gets another's old name, by whatever way.
  await house.run(['alias', 'remove', 'li.na@kust.example']);
  await house.run(['account', 'create', 'hua@kust.example']);
  const given = house.run(['alias', 'add', 'li.na@kust.example', 'hua@kust.example']);
  await assert.rejects(given, failsWith(EXIT.failed, /kept for whoever had chosen it until/));
  await house.run(['alias', 'add', 'li.na@kust.example', LI]);

  assert.match((await house.run(['phone', 'show', LI])).out, /no telephone/);
  const account = await house.system.directory.findAddress(LI);
  assert.ok(account);
  await house.system.selfService.bindPhone(account.accountId, '+8613800001234');
  const shown = (await house.run(['phone', 'show', LI])).out;
  assert.equal(shown, `${LI}: 138****1234\n`);
  assert.match((await house.run(['phone', 'release', LI])).out, /any more/);
  assert.match((await house.run(['phone', 'release', LI])).out, /was bound to no/);
});
