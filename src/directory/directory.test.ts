import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { MailErrorCode } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { openCampus, PASSWORD } from './testing/campus.ts';

const NO_ACCOUNT = 999 as AccountId;

function failsAs(code: MailErrorCode) {
  return (error: unknown) => isMailError(error, code);
}

test('domains are kept in one spelling', async () => {
  const { directory } = await openCampus();
  await directory.addDomain('昆明理工大学.CN');
  assert.equal(await directory.isLocalDomain('昆明理工大学。cn'), true);
  assert.equal(await directory.isLocalDomain('ＫＵＳＴ.edu.cn'), true);
  assert.equal(await directory.isLocalDomain('example.org'), false);
  assert.equal(await directory.isLocalDomain('[192.0.2.1]'), false);
  await assert.rejects(directory.addDomain('KUST.EDU.CN.'), failsAs('alreadyExists'));
  await assert.rejects(directory.addDomain('192.0.2.1'), failsAs('invalid'));
  assert.deepEqual(
    (await directory.listDomains()).map(({ domain }) => domain),
    ['kmust.edu.cn', 'kust.edu.cn', 'xn--pss25cz2c27mfb626n.cn'],
  );
});

test('a domain goes only when it is empty', async () => {
  const { directory } = await openCampus();
  await assert.rejects(directory.removeDomain('kmust.edu.cn'), failsAs('inUse'));
  await directory.removeAlias('zhang@kmust.edu.cn');
  await directory.removeDomain('KMUST.edu.cn');
  await assert.rejects(directory.removeDomain('kmust.edu.cn'), failsAs('notFound'));
});

test('an account is made whole or not at all', async () => {
  const { directory, store } = await openCampus();
  const before = await directory.listAccounts();
  await assert.rejects(directory.createAccount('Zhang@kust.edu.cn', 'x'), failsAs('alreadyExists'));
  await assert.rejects(directory.createAccount('li@example.org', 'x'), failsAs('notFound'));
  await assert.rejects(directory.createAccount('李四@kust.edu.cn', 'x'), failsAs('invalid'));
  await assert.rejects(directory.createAccount('li', 'x'), failsAs('invalid'));
  await assert.rejects(directory.createAccount('li@kust.edu.cn', ''), failsAs('invalid'));
  await assert.rejects(directory.createAccount('li@kust.edu.cn', 'a\u0000b'), failsAs('invalid'));
  await assert.rejects(directory.createAccount('li@kust.edu.cn', 'x'.repeat(257)), failsAs('invalid'));
  await assert.rejects(directory.createAccount('li@kust.edu.cn', 'x', { displayName: 'a\nb' }), failsAs('invalid'));
  assert.deepEqual(await directory.listAccounts(), before);

  const li = await directory.createAccount('２０１９１２３４@kust.edu.cn', 'x', { displayName: ' 李‏四 ' });
  assert.equal((await directory.account(li))?.displayName, '李‏四');
  assert.equal((await directory.findAddress('20191234@kust.edu.cn'))?.accountId, li);
  const [credential] = await store.reader.credentialsOf(li);
  assert.match(credential?.verifier ?? '', /^\$argon2id\$/);
  assert.match(credential?.scramSha256 ?? '', /^SCRAM-SHA-256\$4096:/);
});

test('of two who want one alias at the same time, one gets it', async () => {
  const { directory, zhang } = await openCampus();
  const li = await directory.createAccount('li@kust.edu.cn', 'x');
  const results = await Promise.allSettled([
    directory.addAlias(zhang, 'laoshi@kust.edu.cn'),
    directory.addAlias(li, 'ＬaoShi@kust.edu.cn'),
    directory.createAccount('laoshi@kust.edu.cn', 'x'),
  ]);
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const result of results) if (result.status === 'rejected') assert.ok(failsAs('alreadyExists')(result.reason));
  const everyone = await Promise.all(
    (await directory.listAccounts()).accounts.map((row) => directory.addressesOf(row.accountId)),
  );
  assert.equal(everyone.flat().filter(({ localPart }) => localPart === 'laoshi').length, 1);
});

test('aliases come and go, a primary address stays', async () => {
  const { directory, zhang } = await openCampus();
  await assert.rejects(directory.removeAlias('zhang@kust.edu.cn'), failsAs('forbidden'));
  await assert.rejects(directory.removeAlias('nobody@kust.edu.cn'), failsAs('notFound'));
  await assert.rejects(directory.addAlias(NO_ACCOUNT, 'x@kust.edu.cn'), failsAs('notFound'));
  await assert.rejects(directory.addAlias(zhang, 'x@example.org'), failsAs('notFound'));
  await directory.removeAlias('ZHANG.SAN@kust.edu.cn');
  assert.deepEqual(
    (await directory.addressesOf(zhang)).map(({ kind, domain }) => `${kind} ${domain}`),
    ['primary kust.edu.cn', 'alias kmust.edu.cn'],
  );
});

test('a deleted account leaves nothing, and its address is free', async () => {
  const { directory, store, zhang } = await openCampus();
  await directory.deleteAccount(zhang);
  assert.equal(await directory.account(zhang), undefined);
  assert.deepEqual(await directory.addressesOf(zhang), []);
  assert.deepEqual(await store.reader.credentialsOf(zhang), []);
  for (const change of [
    () => directory.deleteAccount(zhang),
    () => directory.setPassword(zhang, 'x'),
    () => directory.disableAccount(zhang),
    () => directory.setDisplayName(zhang, ''),
  ]) {
    await assert.rejects(change(), failsAs('notFound'));
  }
  assert.notEqual(await directory.createAccount('zhang@kust.edu.cn', PASSWORD), zhang);
});

test('accounts are listed in pages', async () => {
  const { directory } = await openCampus();
  for (const name of ['li', 'wang', 'zhao', 'qian']) {
    await directory.createAccount(`${name}@kust.edu.cn`, 'x');
  }
  const first = await directory.listAccounts({ limit: 2 });
  const second = await directory.listAccounts({ limit: 2, after: first.next ?? 0 });
  const third = await directory.listAccounts({ limit: 2, after: second.next ?? 0 });
  assert.deepEqual(
    [first, second, third].map(({ accounts }) => accounts.length),
    [2, 2, 1],
  );
  assert.equal(third.next, null);
  const ids = [first, second, third].flatMap(({ accounts }) => accounts.map(({ accountId }) => accountId));
  assert.equal(new Set(ids).size, 5);
});

test('mail finds its account by any address of it', async () => {
  const { directory, zhang } = await openCampus();
  for (const [text, address, detail] of [
    ['Zhang@KUST.edu.cn', 'zhang@kust.edu.cn', null],
    ['zhang.san@kust.edu.cn', 'zhang.san@kust.edu.cn', null],
    ['zhang@kmust.edu.cn', 'zhang@kmust.edu.cn', null],
    ['zhang+News@kust.edu.cn', 'zhang@kust.edu.cn', 'news'],
    ['zhang+a+b@kust.edu.cn', 'zhang@kust.edu.cn', 'a+b'],
  ] as const) {
    assert.deepEqual(await directory.resolveAddress(text), { kind: 'account', accountId: zhang, address, detail });
  }
  assert.deepEqual(await directory.resolveAddress('nobody@kust.edu.cn'), { kind: 'unknownUser' });
  assert.deepEqual(await directory.resolveAddress('nobody+x@kust.edu.cn'), { kind: 'unknownUser' });
  assert.deepEqual(await directory.resolveAddress('+zhang@kust.edu.cn'), { kind: 'unknownUser' });
  assert.deepEqual(await directory.resolveAddress('zhang@example.org'), { kind: 'unknownDomain' });
  assert.deepEqual(await directory.resolveAddress('zhang@[192.0.2.1]'), { kind: 'unknownDomain' });
  assert.deepEqual(await directory.resolveAddress('zhang'), { kind: 'unknownDomain' });
});

test('an address with the separator in its name comes before a subaddress', async () => {
  const { directory } = await openCampus();
  const accountId = await directory.createAccount('zhang+li@kust.edu.cn', 'x');
  const address = 'zhang+li@kust.edu.cn';
  assert.deepEqual(await directory.resolveAddress(address), { kind: 'account', accountId, address, detail: null });
});

test('subaddresses can be off', async () => {
  const { directory } = await openCampus({ subaddressSeparator: null });
  assert.deepEqual(await directory.resolveAddress('zhang+x@kust.edu.cn'), { kind: 'unknownUser' });
});

test('a disabled account still receives, until that is stopped too', async () => {
  const { directory, zhang } = await openCampus();
  await directory.disableAccount(zhang);
  assert.equal((await directory.resolveAddress('zhang@kust.edu.cn')).kind, 'account');
  await directory.setReceives(zhang, false);
  assert.deepEqual(await directory.resolveAddress('zhang+x@kust.edu.cn'), { kind: 'notReceiving', accountId: zhang });
});

test('postmaster and abuse are always taken in domains of ours', async () => {
  const { directory, zhang } = await openCampus();
  const li = await directory.createAccount('li@kust.edu.cn', 'x');
  const toZhang = (address: string) => ({ kind: 'account', accountId: zhang, address, detail: null });
  assert.deepEqual(await directory.resolveAddress('Postmaster@kmust.edu.cn'), toZhang('postmaster@kmust.edu.cn'));
  assert.deepEqual(await directory.resolveAddress('abuse@kust.edu.cn'), toZhang('abuse@kust.edu.cn'));
  assert.deepEqual(await directory.resolveAddress('Postmaster'), toZhang('postmaster@kmust.edu.cn'));
  assert.deepEqual(await directory.resolveAddress('postmaster@example.org'), { kind: 'unknownDomain' });

  await directory.addAlias(li, 'postmaster@kust.edu.cn');
  assert.equal((await directory.resolveAddress('postmaster')).kind, 'account');
  const own = { kind: 'account', accountId: li, address: 'postmaster@kust.edu.cn', detail: null };
  assert.deepEqual(await directory.resolveAddress('postmaster@kust.edu.cn'), own);
  await directory.setReceives(li, false);
  assert.deepEqual(await directory.resolveAddress('postmaster@kust.edu.cn'), toZhang('postmaster@kust.edu.cn'));
});

test('role mail goes where it is set to go', async () => {
  const { directory, zhang } = await openCampus({ postmasterAddress: 'Li@kust.edu.cn', defaultDomain: 'kust.edu.cn' });
  const resolve = async () => (await directory.resolveAddress('postmaster')) as { accountId?: AccountId };
  assert.equal((await resolve()).accountId, zhang);
  const li = await directory.createAccount('li@kust.edu.cn', 'x');
  assert.equal((await resolve()).accountId, li);
});
