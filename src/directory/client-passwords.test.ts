import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMailError } from '#base/errors.ts';
import { readClientPassword } from './client-passwords.ts';
import { openCampus, PASSWORD } from './testing/campus.ts';
import type { Campus } from './testing/campus.ts';

const LOGIN = { login: 'zhang@kust.edu.cn' };

async function outcome(campus: Campus, request: Partial<Parameters<Campus['signIn']>[0]>) {
  const result = await campus.signIn({ ...LOGIN, ...request });
  return result.ok ? 'ok' : result.reason;
}

const secondStep = (campus: Campus) =>
  campus.directory.addFactor({
    accountId: campus.zhang,
    factorId: 'totp',
    kind: 'totp',
    name: '',
    secret: '{}',
    usedAt: null,
    usedFrom: '',
  });

describe('client passwords', () => {
  test('sixteen letters in four groups, read in any spelling', async () => {
    const campus = await openCampus();
    const password = await campus.directory.makeClientPassword(campus.zhang, '手机', ['imap', 'smtp']);
    assert.match(password, /^[a-km-z2-9]{4}(-[a-km-z2-9]{4}){3}$/);
    const typed = [password, password.replaceAll('-', ''), password.replaceAll('-', ' ').toUpperCase()];
    for (const text of typed) assert.equal(await outcome(campus, { password: text }), 'ok', text);
    for (const text of ['', 'abcd-efgh', `${password}a`, `${password.slice(0, -1)}!`])
      assert.equal(readClientPassword(text), undefined, text);
  });

  test('stand beside the password until there is a second step, and then alone', async () => {
    const campus = await openCampus();
    const password = await campus.directory.makeClientPassword(campus.zhang, 'Thunderbird', ['imap']);
    assert.equal(await outcome(campus, { password: PASSWORD }), 'ok');
    await secondStep(campus);
    for (const protocol of ['imap', 'pop3', 'smtp', 'http'] as const)
      assert.equal(await outcome(campus, { password: PASSWORD, protocol }), 'clientPasswordRequired', protocol);
    assert.equal(await outcome(campus, { password: PASSWORD, protocol: 'http', isForm: true }), 'ok');
    assert.equal(await outcome(campus, { password }), 'ok');
    assert.equal(await outcome(campus, { password: 'wrong' }), 'invalidCredentials');
  });

  test('or alone from the first, where a domain wants it so', async () => {
    const campus = await openCampus({ clientPasswordDomains: new Set(['kust.edu.cn']) });
    assert.equal(await outcome(campus, { password: PASSWORD }), 'clientPasswordRequired');
    assert.equal(await outcome(campus, { password: PASSWORD, protocol: 'http', isForm: true }), 'ok');
    await campus.directory.createAccount('wu@kmust.edu.cn', PASSWORD);
    assert.equal(await outcome(campus, { login: 'wu@kmust.edu.cn', password: PASSWORD }), 'ok');
  });

  test('are good for what they were made for, and never for our own page', async () => {
    const campus = await openCampus();
    const password = await campus.directory.makeClientPassword(campus.zhang, '打印机', ['smtp']);
    assert.equal(await outcome(campus, { password, protocol: 'smtp' }), 'ok');
    for (const protocol of ['imap', 'pop3', 'http'] as const)
      assert.equal(await outcome(campus, { password, protocol }), 'clientPasswordRequired', protocol);
    assert.equal(await outcome(campus, { password, protocol: 'http', isForm: true }), 'invalidCredentials');
  });

  test('open nobody else’s account, and none that is shut', async () => {
    const campus = await openCampus();
    const password = await campus.directory.makeClientPassword(campus.zhang, '', ['imap']);
    await campus.directory.createAccount('wu@kust.edu.cn', PASSWORD);
    assert.equal(await outcome(campus, { login: 'wu@kust.edu.cn', password }), 'invalidCredentials');
    await campus.directory.setStage(campus.zhang, 'pending');
    assert.equal(await outcome(campus, { password }), 'notActivated');
    await campus.directory.setStage(campus.zhang, 'suspended');
    assert.equal(await outcome(campus, { password }), 'disabled');
  });

  test('are ten at most, without odd names', async () => {
    const { directory, zhang } = await openCampus();
    await assert.rejects(directory.makeClientPassword(zhang, 'a\nb', ['imap']), (error) =>
      isMailError(error, 'invalid'),
    );
    for (let made = 0; made < 10; made++) await directory.makeClientPassword(zhang, `${made}`, ['imap']);
    await assert.rejects(directory.makeClientPassword(zhang, '11', ['imap']), (error) => isMailError(error, 'limit'));
  });

  test('what began by one ends with it; a further one ends nothing', async () => {
    const campus = await openCampus();
    const { directory, zhang } = campus;
    const password = await directory.makeClientPassword(zhang, '手机', ['imap']);
    const [client] = await directory.factorsOf(zhang);
    assert.equal(await outcome(campus, { password }), 'ok');
    let ended = 0;
    directory.watchSignIn(zhang, () => ended++);
    await directory.makeClientPassword(zhang, '平板', ['imap']);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    assert.equal(ended, 0);
    assert.equal(await directory.removeFactors(zhang, ['client'], client?.factorId), 1);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    assert.equal(ended, 1);
    assert.equal(await outcome(campus, { password }), 'invalidCredentials');
  });

  test('last use is written down, now and then, and forgets nothing that a thread remembers', async () => {
    const campus = await openCampus();
    const { directory, zhang, clock } = campus;
    const password = await directory.makeClientPassword(zhang, '手机', ['imap']);
    const use = async () => {
      assert.equal(await outcome(campus, { password }), 'ok');
      await nextTurn();
      const [client] = await directory.factorsOf(zhang);
      return [client?.usedAt, client?.usedFrom];
    };
    const firstAt = clock.now();
    assert.deepEqual(await use(), [firstAt, '192.0.2.1 imap']);
    clock.advance(60_000);
    assert.deepEqual(await use(), [firstAt, '192.0.2.1 imap']);
    clock.advance(300_000);
    assert.deepEqual(await use(), [clock.now(), '192.0.2.1 imap']);
  });

  test('costs no hash', async () => {
    const campus = await openCampus();
    const password = await campus.directory.makeClientPassword(campus.zhang, '手机', ['imap']);
    campus.hasher.verified.length = 0;
    assert.equal(await outcome(campus, { password }), 'ok');
    assert.equal(campus.hasher.verified.length, 0);
  });
});

describe('passwords that an account had', () => {
  test('are not set again, the last five', async () => {
    const campus = await openCampus();
    const { directory, zhang, clock } = campus;
    const used = ['v9#Lq2!xTa', 'v9#Lq2!xTb', 'v9#Lq2!xTc', 'v9#Lq2!xTd', 'v9#Lq2!xTe', 'v9#Lq2!xTf'];
    for (const password of used) {
      clock.advance(1);
      assert.deepEqual(await directory.judgePassword(zhang, password), []);
      await directory.setPassword(zhang, password);
    }
    for (const password of used.slice(1)) assert.deepEqual(await directory.judgePassword(zhang, password), ['used']);
    assert.deepEqual(await directory.judgePassword(zhang, 'v9#Lq2!xTa'), []);
    assert.deepEqual(await directory.judgePassword(zhang, 'Zhang.San-2023'), ['holdsAccount', 'holdsName']);
  });
});
