import assert from 'node:assert/strict';
import test from 'node:test';
import { employee } from '#directory/testing/person.ts';
import { openTestSystem } from './testing/test-system.ts';

test('T18: the help desk sees who waits, links a mailbox, and takes it away again', async (t) => {
  const house = await openTestSystem(t);
  assert.equal((await house.run(['sso', 'tickets'])).out, 'nobody waits\n');
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', 'li@kust.example']);
  const { directory, ssoStore } = house.system;
  await directory.enrolPeople([{ person: employee('20050012', '李梅'), account: null }]);
  for (const [ticketId, number] of [
    ['AAAA2222', '20050012'],
    ['BBBB2222', '9'],
  ])
    await ssoStore.run('noteUnlinked', { ticketId, number, name: '李\u001b梅' });
  const { out } = await house.run(['sso', 'tickets']);
  assert.match(out, /AAAA2222 +20050012 +李\ufffd梅 +yes +1 /);
  assert.match(out, /BBBB2222 +9 +李\ufffd梅 +no +1 /);

  assert.equal(
    (await house.run(['sso', 'link', '２００５００１２', 'li@kust.example'])).out,
    '20050012 enters li@kust.example\n',
  );
  assert.doesNotMatch((await house.run(['sso', 'tickets'])).out, /AAAA2222/);
  assert.notEqual((await directory.findPerson('20050012'))?.accountId, null);
  await assert.rejects(house.run(['sso', 'link', '9', 'li@kust.example']), /the roster has no number 9/);
  await assert.rejects(house.run(['sso', 'link', '20050012', 'nobody@kust.example']), /no account/);
  await house.run(['sso', 'unlink', '20050012']);
  assert.equal((await directory.findPerson('20050012'))?.accountId, null);
});
