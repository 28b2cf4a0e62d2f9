import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import { openCampus, PASSWORD } from './testing/campus.ts';

const LOGIN = { login: 'zhang@kust.edu.cn', password: PASSWORD, protocol: 'imap', remoteAddress: '192.0.2.1' } as const;

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn();
}

test('a session ends with what it was signed in by, and by nothing less', async () => {
  const { clock, directory, zhang } = await openCampus();
  clock.advance(1);
  const ended: string[] = [];
  assert.equal((await directory.signIn(LOGIN)).ok, true);
  directory.watchSignIn(zhang, () => ended.push('first'));
  directory.watchSignIn(zhang, () => ended.push('left before'))();
  await directory.addAlias(zhang, 'san@kust.edu.cn');
  await directory.setDisplayName(zhang, '张三丰');
  await directory.setReceives(zhang, false);
  await settled();
  assert.equal(ended.length, 0);
  // The same password again is another proof: whoever changes it means it.
  await directory.setPassword(zhang, PASSWORD);
  await settled();
  assert.deepEqual(ended, ['first']);

  assert.equal((await directory.signIn(LOGIN)).ok, true);
  directory.watchSignIn(zhang, () => ended.push('second'));
  await directory.disableAccount(zhang);
  await directory.enableAccount(zhang);
  await settled();
  assert.deepEqual(ended, ['first', 'second'], 'once each');
});

test('a change while the password was being checked ends the session at once', async () => {
  const { clock, directory, zhang, hasher } = await openCampus();
  clock.advance(1);
  let open = (): void => {};
  hasher.gate = new Promise((resolve) => (open = resolve));
  const signingIn = directory.signIn(LOGIN);
  while (hasher.verified.length === 0) await nextTurn();
  await directory.setPassword(zhang, 'another 密码');
  await settled();
  open();
  assert.equal((await signingIn).ok, true, 'it was right when it was asked');
  const ended: string[] = [];
  directory.watchSignIn(zhang, () => ended.push('at once'));
  await settled();
  assert.deepEqual(ended, ['at once']);
});
