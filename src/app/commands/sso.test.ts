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

  assert.match(
    (await house.run(['person', 'link', '２００５００１２', 'li@kust.example'])).out,
    /mailbox +li@kust\.example/,
  );
  assert.doesNotMatch((await house.run(['sso', 'tickets'])).out, /AAAA2222/);
  assert.notEqual((await directory.findPerson('20050012'))?.accountId, null);
  await assert.rejects(
    house.run(['person', 'link', '9', 'li@kust.example']),
    /nobody of the roster has the number "9"/,
  );
  await assert.rejects(house.run(['person', 'link', '20050012', 'nobody@kust.example']), /no account/);
  await house.run(['person', 'unlink', '20050012']);
  assert.equal((await directory.findPerson('20050012'))?.accountId, null);
});
