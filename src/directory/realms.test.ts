import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { PhoneVault } from './phone-number.ts';
import { nearestHost, type Realm } from './realms.ts';
import { openCampus, PASSWORD } from './testing/campus.ts';
import { realm } from './testing/realm.ts';

const STAFF = realm('staff', 'kust.edu.cn', { domains: ['kust.edu.cn', 'kmust.edu.cn'] });
const STUDENT = realm('student', 'stu.kust.edu.cn');

async function openSchool(realms: readonly Realm[] = [STAFF, STUDENT]) {
  const campus = await openCampus({ realms });
  await campus.directory.addDomain('stu.kust.edu.cn');
  const student = await campus.directory.createAccount('2023ab1@stu.kust.edu.cn', PASSWORD);
  return { ...campus, student };
}

test('at a realm’s host a name is taken in its domain, however it is written', async () => {
  const { signIn, student, directory } = await openSchool();
  await directory.addAlias(student, 'xiao.ming@stu.kust.edu.cn');
  const host = 'Mail.STU.kust.edu.cn';
  for (const login of [
    '2023ab1',
    ' ２０２３ＡＢ１ ',
    '2023AB1@stu.kust.edu.cn',
    'XIAO.MING',
    'xiao.ming@STU.kust.edu.cn',
  ]) {
    const result = await signIn({ login, host, protocol: 'http' });
    assert.deepEqual([login, result.ok && result.accountId], [login, student]);
  }
});

test('the right password at the wrong host is answered with the way to the right one, and no session', async () => {
  const { signIn, zhang } = await openSchool();
  const place = { title: '学生邮件系统', englishTitle: 'student mail' };
  const wrongDoor = { ok: false, reason: 'wrongDoor', place };
  for (const login of ['2023ab1', '2023ab1@stu.kust.edu.cn']) {
    assert.deepEqual(await signIn({ login, host: 'mail.kust.edu.cn', protocol: 'http' }), {
      ...wrongDoor,
      url: 'https://mail.stu.kust.edu.cn/',
    });
    assert.deepEqual(await signIn({ login, host: 'imap.kust.edu.cn', protocol: 'imap' }), {
      ...wrongDoor,
      url: 'imap.stu.kust.edu.cn',
    });
    // It has no POP3 server of its own to name.
    const { url } = (await signIn({ login, host: 'imap.kust.edu.cn', protocol: 'pop3' })) as { url?: string };
    assert.equal(url, 'https://mail.stu.kust.edu.cn/');
  }
  const atHome = await signIn({ login: 'zhang@kmust.edu.cn', host: 'mail.kust.edu.cn' });
  assert.deepEqual(atHome.ok && atHome.accountId, zhang);
});

test('a wrong password learns nothing of doors', async () => {
  const { signIn } = await openSchool();
  for (const login of ['2023ab1', '2023ab1@stu.kust.edu.cn', 'nobody'])
    assert.deepEqual(await signIn({ login, host: 'mail.kust.edu.cn', password: 'x' }), {
      ok: false,
      reason: 'invalidCredentials',
    });
});

test('SCRAM meets the same doors', async () => {
  const { directory, student } = await openSchool();
  const authority = (host: string) => directory.saslAuthority({ protocol: 'imap', remoteAddress: '192.0.2.1', host });
  const attempt = await authority('imap.kust.edu.cn').beginScram('2023ab1', '');
  assert.equal(((await attempt.finish(0)) as { reason?: string }).reason, 'wrongDoor');
  const home = await (await authority('imap.stu.kust.edu.cn').beginScram('2023ab1', '')).finish(0);
  assert.equal(home.ok && home.accountId, student);
});

test('where no host is named, or one of nobody’s, all come in; of a strict realm nobody', async () => {
  const { signIn } = await openSchool();
  assert.equal((await signIn({ login: '2023ab1' })).ok, true);
  assert.equal((await signIn({ login: '2023ab1', host: 'localhost' })).ok, true);
  const strict = await openSchool([STAFF, { ...STUDENT, isStrict: true }]);
  for (const host of [undefined, 'localhost'])
    assert.equal(((await strict.signIn({ login: '2023ab1', host })) as { reason?: string }).reason, 'wrongDoor');
  assert.equal((await strict.signIn({ login: '2023ab1', host: 'imap.stu.kust.edu.cn' })).ok, true);
});

test('an account’s realm and class follow its primary address', async () => {
  const { directory, student, zhang } = await openSchool();
  assert.equal((await directory.realmOf(student))?.name, 'student');
  assert.equal((await directory.realmOf(zhang))?.name, 'staff');
  assert.equal((await directory.senderStanding(student))?.serviceClass, 'student');
  assert.deepEqual(
    await Promise.all(
      ['mail.kust.edu.cn', 'mail.stu.kust.edu.cn', 'localhost'].map((host) => directory.isWelcomeAt(student, host)),
    ),
    [false, true, true],
  );
});

test('of several names the one most like that asked is told', () => {
  const names = ['mail.stu.ylut.example', 'mail.stu.ylut.localhost'];
  assert.equal(nearestHost(names, 'mail.ylut.localhost'), 'mail.stu.ylut.localhost');
  assert.equal(nearestHost(names, 'mail.ylut.example'), 'mail.stu.ylut.example');
  assert.equal(nearestHost(names, '127.0.0.1'), 'mail.stu.ylut.example');
  assert.equal(nearestHost([], 'x'), undefined);
});

test('where it is allowed, one signs in on the web by the telephone that only one account there is bound to', async () => {
  const phoneKey = Buffer.alloc(32, 7);
  const { store, directory, signIn, zhang } = await openCampus({ realms: [STAFF, STUDENT], phoneKey });
  await directory.addDomain('stu.kust.edu.cn');
  const student = await directory.createAccount('2023ab1@stu.kust.edu.cn', PASSWORD);
  const vault = new PhoneVault(phoneKey);
  const bind = (accountId: AccountId, phone: string) =>
    store.run('bindPhone', { accountId, sealed: 'x', phoneIndex: vault.indexOf(phone) });
  // The student's and the teacher's: the door says whose is meant.
  await bind(zhang, '+8613800001234');
  await bind(student, '+8613800001234');
  const ask = (login: string, host: string, isForm = true) => signIn({ login, host, protocol: 'http', isForm });
  const staff = await ask('138 0000 1234', 'mail.kust.edu.cn');
  assert.deepEqual(staff, { ok: true, accountId: zhang, loginAddress: 'zhang@kust.edu.cn' });
  const result = await ask('+8613800001234', 'mail.stu.kust.edu.cn');
  assert.equal(result.ok && result.accountId, student);
  for (const [login, host, isForm] of [
    ['13800001234', '', true],
    ['13800001234', 'mail.kust.edu.cn', false],
    ['13800001235', 'mail.kust.edu.cn', true],
  ] as const)
    assert.deepEqual(await ask(login, host, isForm), { ok: false, reason: 'invalidCredentials' }, `${login} ${host}`);
});
