import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openTestSystem, temporaryFolder } from './commands/testing/test-system.ts';
import { deriveVapidKeys, OWNER_BY_PASSWORD, startPush } from './push.ts';

const PASSWORD = 'Campus-密码-7';
const ZHANG = 'zhang@kust.example';

test('push services know us by one key, made once', (t) => {
  const folder = temporaryFolder(t);
  const keys = deriveVapidKeys(folder);
  assert.deepEqual(deriveVapidKeys(folder), keys);
  assert.notEqual(deriveVapidKeys(temporaryFolder(t)).publicKey, keys.publicKey);
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(keys.privateKey, 'base64url');
  assert.equal(curve.getPublicKey('base64url'), keys.publicKey);
});

test('subscriptions end with the session, or the password, that they were made by', { timeout: 30_000 }, async (t) => {
  const { system } = await openTestSystem(t);
  const { directory, sessions, jmapRecords, clock } = system;
  await directory.addDomain('kust.example');
  const accountId = await directory.createAccount(ZHANG, PASSWORD, { displayName: '张三' });
  await system.mail.account(accountId).provision();
  const provedAt = clock.now() + 1;
  const begun = { accountId, login: ZHANG, address: '192.0.2.7', agent: '', provedAt };
  const [one, two] = [await sessions.begin(begun), await sessions.begin(begun)];
  const owners = [one.sessionId, two.sessionId, OWNER_BY_PASSWORD];
  for (const owner of owners) {
    // Nothing is looked up: the domain has no address anywhere.
    const url = 'https://push.invalid/';
    const given = { accountId, owner, deviceClientId: owner, url, keys: null, types: null, withSubject: false };
    await jmapRecords.createPushSubscription({ ...given, expires: null });
  }
  const push = await startPush(system);
  t.after(() => push.stop());
  const ownersLeft = async () => (await jmapRecords.pushSubscriptions(accountId)).map(({ owner }) => owner);
  const until = async (left: readonly string[]): Promise<void> => {
    while ((await ownersLeft()).join() !== left.join()) await nextTurn();
  };
  assert.deepEqual(await ownersLeft(), owners);
  await sessions.end(accountId, one.sessionId);
  await until(owners.slice(1));
  await directory.setPassword(accountId, 'Another-密码-8');
  await until([]);
});
