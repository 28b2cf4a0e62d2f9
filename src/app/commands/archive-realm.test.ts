import assert from 'node:assert/strict';
import test from 'node:test';
import { EXIT } from '#app/command.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem } from './testing/test-system.ts';

const realms = (archive: string): string => `
[[realm]]
name = "staff"
domain = "kust.example"
web = "mail.kust.example"
[[realm]]
name = "oldmail"
title = "老邮件系统"
domain = "old.kust.example"
web = "old.kust.example"
archive = "${archive}"
retires = "2020-09-16"
`;

test('what is to be done before an archive ends is told, and only a closed one is deleted', async (t) => {
  const openSchool = async (archive: string) => {
    const house = await openTestSystem(t, realms(archive));
    for (const domain of ['kust.example', 'old.kust.example']) await house.run(['domain', 'add', domain]);
    for (const name of ['li@kust.example', 'li@old.kust.example', 'gone@old.kust.example'])
      await house.run(['account', 'create', name]);
    return house;
  };
  const open = await openSchool('open');
  const { out } = await open.run(['archive', 'status']);
  assert.equal(
    out,
    [
      'oldmail (老邮件系统): open, 2 accounts, 0 messages (0 octets)',
      '[x] its last day is 2020-09-16, which has passed',
      '[ ] 0 of 2 accounts were taken along by their owners',
      '[x] 0 accounts signed in to in the last 30 days',
      '[ ] 1 account whose name the new system does not know',
      '[ ] closed: archive = "retired" in the settings',
      '',
    ].join('\n'),
  );
  const said = JSON.parse((await open.run(['archive', 'status', 'oldmail', '--accounts', '--json'])).out);
  assert.deepEqual(
    said.left.map(({ address }: { address: string }) => address),
    ['li@old.kust.example', 'gone@old.kust.example'],
  );
  await assert.rejects(open.run(['archive', 'status', 'staff']), failsWith(EXIT.failed, /no such archive/));
  await assert.rejects(open.run(['archive', 'delete', 'oldmail', '--yes']), failsWith(EXIT.failed, /is open/));

  const closed = await openSchool('retired');
  await assert.rejects(closed.run(['archive', 'delete', 'oldmail']), failsWith(EXIT.usage, /2 accounts.*--yes/));
  await closed.run(['archive', 'delete', 'oldmail', '--yes']);
  assert.match((await closed.run(['account', 'list'])).out, /li@kust\.example/);
  assert.doesNotMatch((await closed.run(['account', 'list'])).out, /old\.kust\.example/);
});
