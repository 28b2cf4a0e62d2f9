/** Who comes by a token that was found good elsewhere: whether the account lets them in is still the directory's to say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignInSource } from './sign-in.ts';
import type { Realm } from './realms.ts';
import { openCampus } from './testing/campus.ts';

const SOURCE: SignInSource = { protocol: 'imap', remoteAddress: '192.0.2.1' };

const STUDENT: Realm = {
  name: 'student',
  title: '学生邮件系统',
  englishTitle: 'Student mail',
  domain: 'stu.kust.edu.cn',
  domains: ['stu.kust.edu.cn'],
  serviceClass: 'student',
  servers: { web: 'mail.stu.kust.edu.cn', imap: '', pop3: '', smtp: '' },
  webHosts: ['mail.stu.kust.edu.cn'],
  hosts: ['mail.stu.kust.edu.cn'],
  isStrict: false,
  needsActivation: false,
  secondStep: 'optional',
  archive: null,
  phone: 'advise',
};
const STAFF: Realm = {
  ...STUDENT,
  name: 'staff',
  domain: 'kust.edu.cn',
  domains: ['kust.edu.cn'],
  webHosts: ['mail.kust.edu.cn'],
  hosts: ['mail.kust.edu.cn'],
};

test('it is the address that the owner had signed in with, and the primary one where that is no longer theirs', async () => {
  const { directory, zhang } = await openCampus();
  const comeIn = async (login: string): Promise<unknown> => {
    const result = await directory.signInByToken({ accountId: zhang, login }, '', SOURCE);
    return result.ok && result.accountId === zhang ? result.loginAddress : result;
  };
  assert.equal(await comeIn('zhang@kmust.edu.cn'), 'zhang@kmust.edu.cn');
  await directory.removeAlias('zhang@kmust.edu.cn');
  assert.equal(await comeIn('zhang@kmust.edu.cn'), 'zhang@kust.edu.cn');
  await directory.createAccount('zhang@kmust.edu.cn', 'Eines-anderen-7', {});
  assert.equal(await comeIn('zhang@kmust.edu.cn'), 'zhang@kust.edu.cn', 'another has it now');
});

test('it comes in as the account alone, and not at all where that may not', async () => {
  const { directory, zhang } = await openCampus({ realms: [STAFF, STUDENT] });
  await directory.createAccount('li@kust.edu.cn', 'Eines-anderen-7', {});
  const reasonOf = async (authzid = '', host?: string): Promise<string> => {
    const grounds = { accountId: zhang, login: 'zhang@kust.edu.cn' };
    const result = await directory.signInByToken(grounds, authzid, { ...SOURCE, host });
    return result.ok ? 'ok' : result.reason;
  };
  assert.equal(await reasonOf('ZHANG@kust.edu.cn', 'mail.kust.edu.cn'), 'ok');
  assert.equal(await reasonOf('li@kust.edu.cn'), 'forbidden');
  assert.equal(await reasonOf('', 'mail.stu.kust.edu.cn'), 'wrongDoor');
  await directory.disableAccount(zhang);
  assert.equal(await reasonOf(), 'disabled');
  await directory.enableAccount(zhang);
  await directory.setStage(zhang, 'suspended');
  assert.equal(await reasonOf(), 'disabled');
  await directory.deleteAccount(zhang);
  assert.equal(await reasonOf(), 'invalidCredentials');
});

test('an account with a second step is opened: the owner has shown it on the page', async () => {
  const { directory, zhang } = await openCampus();
  const unused = { name: '', usedAt: null, usedFrom: '' };
  await directory.addFactor({ accountId: zhang, factorId: 'totp', kind: 'totp', secret: 'x', ...unused });
  const grounds = { accountId: zhang, login: 'zhang@kust.edu.cn' };
  assert.equal((await directory.signInByToken(grounds, '', SOURCE)).ok, true);
});
