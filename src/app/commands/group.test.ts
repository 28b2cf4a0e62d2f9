import assert from 'node:assert/strict';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { EXIT } from '#app/command.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';
const STAFF = 'staff@kust.example';

async function openHouse(t: TestContext) {
  const house = await openTestSystem(t, '[groups]\nlarge_members = 2\nmax_members = 4\n');
  await house.run(['domain', 'add', 'kust.example']);
  for (const address of [LI, 'wang@kust.example']) await house.run(['account', 'create', address]);
  return house;
}

test('a group is created, filled, shown and deleted', async (t) => {
  const house = await openHouse(t);
  await assert.rejects(house.run(['group', 'create', STAFF]), failsWith(EXIT.usage, /--owner/));
  await assert.rejects(
    house.run(['group', 'create', 'a@b.example', '--owner', LI]),
    failsWith(EXIT.failed, /domain add b\.example/),
  );
  await assert.rejects(
    house.run(['group', 'create', STAFF, '--owner', LI, '--posting', 'nobody']),
    failsWith(EXIT.usage, /everyone, inside, members, named/),
  );
  const words = ['group', 'create', 'Staff@kust.example', '--owner', LI, '--name', '全体教师', '--list'];
  assert.match((await house.run(words)).out, /^Created the group staff@kust\.example, open to: inside\./);
  await assert.rejects(house.run(words), /taken/);
  await house.run(['group', 'create', 'all@kust.example', '--owner', LI, '--posting', 'members']);

  const added = await house.run(['group', 'add', STAFF, LI, '--stdin'], 'guest@example.org\r\n\r\nwang@kust.example\n');
  assert.equal(added.out, `Added 3 members to ${STAFF}.\n`);
  assert.equal((await house.run(['group', 'add', 'all@kust.example', STAFF, LI])).out.slice(0, 15), 'Added 2 members');
  assert.match((await house.run(['group', 'add', STAFF, LI])).out, /Added 0 members .* \(1 there already\)/);
  await assert.rejects(house.run(['group', 'add', STAFF, 'nobody@kust.example']), /nobody has the address/);
  await assert.rejects(house.run(['group', 'add', STAFF]), failsWith(EXIT.usage, /name somebody/));
  await house.run(['group', 'add', STAFF, 'wang@kust.example', '--as', 'owner']);
  await assert.rejects(house.run(['group', 'add', STAFF, LI, '--as', 'king']), failsWith(EXIT.usage, /--as is one of/));

  const shown = JSON.parse((await house.run(['group', 'show', 'all@kust.example', '--json'])).out);
  assert.deepEqual(
    [shown.posting, shown.owners, shown.members, shown.reaches],
    ['members', [LI], [LI, STAFF], { mailboxes: 2, outside: 1 }],
  );
  const { out } = await house.run(['group', 'show', STAFF]);
  assert.match(out, /^name +全体教师$/m);
  assert.match(out, /^bounces +staff-bounces@kust\.example$/m);
  assert.match(out, /^reaches +mailboxes here: 2, addresses outside: 1$/m);
  assert.match((await house.run(['group', 'list'])).out, /^staff@kust\.example +inside +list +3 members +全体教师$/m);
  assert.match((await house.run(['group', 'list', '--json'])).out, /"members":2\}\n$/);

  await house.run(['group', 'remove', STAFF, 'GUEST@example.org']);
  await assert.rejects(house.run(['group', 'remove', STAFF, 'guest@example.org']), /no member of the group/);
  await assert.rejects(house.run(['group', 'delete', STAFF]), failsWith(EXIT.usage, /of 2 members; add --yes/));
  await house.run(['group', 'delete', STAFF, '--yes']);
  await assert.rejects(house.run(['group', 'show', STAFF]), failsWith(EXIT.failed, /no group/));
  await assert.rejects(house.run(['group', 'show', LI]), failsWith(EXIT.failed, /is an account/));
});

test('a large group is open to everyone only by force', async (t) => {
  const house = await openHouse(t);
  const people = ['a@b.org', 'c@b.org', 'd@b.org'];
  await house.run(['group', 'create', STAFF, '--owner', LI, '--posting', 'everyone']);
  await assert.rejects(house.run(['group', 'add', STAFF, ...people]), failsWith(EXIT.failed, /add --force/));
  await house.run(['group', 'set', STAFF, '--posting', 'named', '--name', 'X', '--list']);
  await house.run(['group', 'add', STAFF, ...people]);
  const open = ['group', 'set', STAFF, '--posting', 'everyone'];
  await assert.rejects(house.run(open), failsWith(EXIT.failed, /more than 2 members/));
  await house.run([...open, '--force', '--no-list']);
  assert.match((await house.run(['group', 'list'])).out, /everyone +- +3 members +X\n/);
  await assert.rejects(house.run(['group', 'set', STAFF]), failsWith(EXIT.usage, /say what to change/));
  await assert.rejects(house.run([...open, '--list', '--no-list']), failsWith(EXIT.usage, /not both/));
});
