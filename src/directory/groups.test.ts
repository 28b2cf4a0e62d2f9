import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { MailErrorCode } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import type { DirectorySettings } from './directory.ts';
import { openCampus as openEmptyCampus, PASSWORD } from './testing/campus.ts';
import type { GroupId, GroupRow, PostingPolicy } from './types.ts';

const ZHANG = 'zhang@kust.edu.cn';
const OUTSIDE = 'guest@example.org';

function failsAs(code: MailErrorCode) {
  return (error: unknown) => isMailError(error, code);
}

async function openCampus(settings: Partial<DirectorySettings> = {}) {
  const campus = await openEmptyCampus(settings);
  const { directory } = campus;
  const li = await directory.createAccount('li@kust.edu.cn', PASSWORD);
  const create = (name: string, posting: PostingPolicy = 'everyone'): Promise<GroupId> => {
    const address = `${name}@kust.edu.cn`;
    return directory.createGroup({ address, displayName: `群组 ${name}`, posting, isList: false, owners: [ZHANG] });
  };
  const group = async (groupId: GroupId): Promise<GroupRow> => (await directory.group(groupId)) as GroupRow;
  /** Who is reached, group by group. */
  const expand = async (groupId: GroupId) =>
    (await directory.expandGroup(await group(groupId))).map(({ address, accountIds, outside }) => [
      address.split('@')[0],
      ...accountIds,
      ...outside,
    ]);
  return { ...campus, li, create, group, expand };
}

test('a group and an account cannot have the same address', async () => {
  const { directory, create } = await openCampus();
  const groupId = await create('Physik');
  assert.equal((await directory.findGroup('ＰＨＹＳＩＫ@kust.edu.cn'))?.groupId, groupId);
  await assert.rejects(create('physik'), failsAs('alreadyExists'));
  await assert.rejects(create('zhang'), failsAs('alreadyExists'));
  await assert.rejects(directory.createAccount('physik@kust.edu.cn', PASSWORD), failsAs('alreadyExists'));
  await directory.deleteGroup(groupId);
  await directory.createAccount('physik@kust.edu.cn', PASSWORD);
  await assert.rejects(directory.deleteGroup(groupId), failsAs('notFound'));
});

test('an account here answers for each group, always', async () => {
  const { directory, create, zhang, li } = await openCampus();
  const args = { address: 'a@kust.edu.cn', displayName: '', posting: 'inside', isList: false } as const;
  await assert.rejects(directory.createGroup({ ...args, owners: [] }), failsAs('invalid'));
  await assert.rejects(directory.createGroup({ ...args, owners: [OUTSIDE] }), failsAs('invalid'));
  await assert.rejects(directory.createGroup({ ...args, owners: ['nobody@kust.edu.cn'] }), failsAs('notFound'));
  assert.equal(await directory.findGroup(args.address), undefined);
  const groupId = await create('a');
  await assert.rejects(directory.removeFromGroup(groupId, 'owner', [ZHANG]), failsAs('forbidden'));
  await directory.addToGroup(groupId, 'owner', ['li@kust.edu.cn']);
  const owners = { kind: 'groupOwners', accountIds: [zhang, li] };
  assert.deepEqual(await directory.resolveAddress('a-bounces@kust.edu.cn'), owners);
  assert.deepEqual(await directory.resolveAddress('A-request@kust.edu.cn'), owners);
  await directory.removeFromGroup(groupId, 'owner', [ZHANG]);
  // Whoever is left is gone: the oldest account is the postmaster.
  await directory.deleteAccount(li);
  const postmaster = { kind: 'groupOwners', accountIds: [zhang] };
  assert.deepEqual(await directory.resolveAddress('a-bounces@kust.edu.cn'), postmaster);
});

test('an address is a group only where it is no account', async () => {
  const { directory, create, store, zhang } = await openCampus();
  const groupId = await create('a');
  store.reads.length = 0;
  assert.equal((await directory.resolveAddress(ZHANG)).kind, 'account');
  assert.deepEqual(store.reads, ['address', 'account']);
  const resolution = await directory.resolveAddress('A@kust.edu.cn');
  assert.equal(resolution.kind === 'group' && resolution.group.groupId, groupId);
  assert.equal((await directory.resolveAddress('b-bounces@kust.edu.cn')).kind, 'unknownUser');
  assert.equal((await directory.resolveAddress('-bounces@kust.edu.cn')).kind, 'unknownUser');
  assert.equal((await directory.resolveAddress('a@example.org')).kind, 'unknownDomain');
  assert.equal((await directory.resolveAddress('postmaster@kust.edu.cn')).kind, 'account');
  // A role may be a group, and is one from now on.
  await create('postmaster');
  assert.equal((await directory.resolveAddress('postmaster@kust.edu.cn')).kind, 'group');
  await directory.addAlias(zhang, 'a-bounces@kust.edu.cn');
  assert.equal((await directory.resolveAddress('a-bounces@kust.edu.cn')).kind, 'account');
});

test('nobody is reached twice, nor who takes no mail', async () => {
  const { directory, create, expand, zhang, li } = await openCampus();
  const [all, staff] = [await create('all'), await create('staff')];
  assert.equal(await directory.addToGroup(staff, 'member', ['zhang.san@kust.edu.cn', ZHANG, OUTSIDE]), 2);
  assert.equal(await directory.addToGroup(staff, 'member', ['GUEST@Example.ORG']), 0);
  await directory.addToGroup(all, 'member', ['staff@kust.edu.cn', OUTSIDE, 'li@kust.edu.cn', ZHANG]);
  assert.deepEqual(await expand(all), [['all', zhang, li, OUTSIDE], ['staff']]);
  await directory.removeFromGroup(all, 'member', [ZHANG, OUTSIDE]);
  await directory.setReceives(li, false);
  assert.deepEqual(await expand(all), [['all'], ['staff', zhang, OUTSIDE]]);
  await assert.rejects(directory.removeFromGroup(all, 'member', [ZHANG]), failsAs('notFound'));
  await directory.deleteAccount(zhang);
  await directory.deleteGroup(all);
  assert.deepEqual(await expand(staff), [['staff', OUTSIDE]]);
});

test('who was elsewhere can leave although the domain is ours now', async () => {
  const { directory, create, expand } = await openCampus();
  const all = await create('all');
  await directory.addToGroup(all, 'member', [OUTSIDE]);
  await directory.addDomain('example.org');
  await assert.rejects(directory.addToGroup(all, 'member', ['other@example.org']), failsAs('notFound'));
  await directory.createAccount(OUTSIDE, PASSWORD);
  await directory.removeFromGroup(all, 'member', [OUTSIDE]);
  assert.deepEqual(await expand(all), [['all']]);
});

test('a message reaches a bounded number of people', async () => {
  const { directory, create, expand } = await openCampus({ largeGroupMembers: 20_000, maxGroupMembers: 20_000 });
  const [all, staff] = [await create('all'), await create('staff')];
  const many = Array.from({ length: 10_001 }, (_, i) => `p${i}@example.org`);
  await directory.addToGroup(all, 'member', ['staff@kust.edu.cn', ...many]);
  assert.equal((await expand(all))[0]?.length, 10_002);
  await directory.addToGroup(
    staff,
    'member',
    many.map((address) => `x${address}`),
  );
  await assert.rejects(expand(all), failsAs('limit'));
});

test('groups make no ring, and no tower', async () => {
  const { directory, create, expand } = await openCampus();
  const ids: GroupId[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) ids.push(await create(name));
  const join = (outer: number, inner: string) =>
    directory.addToGroup(ids[outer] as GroupId, 'member', [`${inner}@kust.edu.cn`]);
  await assert.rejects(join(0, 'a'), failsAs('invalid'));
  for (const [outer, inner] of ['b', 'c', 'd', 'e'].entries()) await join(outer, inner);
  await assert.rejects(join(4, 'a'), failsAs('invalid'));
  await assert.rejects(join(4, 'f'), failsAs('invalid'));
  await assert.rejects(join(5, 'a'), failsAs('invalid'));
  await join(3, 'f');
  assert.deepEqual((await expand(ids[0] as GroupId)).flat(), ['a', 'b', 'c', 'd', 'e', 'f']);
});

test('who may write is as the policy says', async () => {
  const { directory, create, group, zhang, li } = await openCampus();
  const account = (accountId: AccountId) => ({ kind: 'account', accountId }) as const;
  const guest = { kind: 'outside', address: OUTSIDE } as const;
  const [all, staff] = [await create('all'), await create('staff')];
  await directory.addToGroup(staff, 'member', [ZHANG]);
  await directory.addToGroup(all, 'member', ['staff@kust.edu.cn', OUTSIDE]);
  const ask = async (posting: PostingPolicy) => {
    await directory.updateGroup(all, { posting });
    const senders = [undefined, account(zhang), account(li), guest, { ...guest, address: 'other@example.org' }];
    return Promise.all(senders.map(async (sender) => directory.mayPost(await group(all), sender)));
  };
  assert.deepEqual(await ask('everyone'), [true, true, true, true, true]);
  assert.deepEqual(await ask('inside'), [false, true, true, false, false]);
  assert.deepEqual(await ask('members'), [false, true, false, true, false]);
  assert.deepEqual(await ask('named'), [false, false, false, false, false]);
  await directory.addToGroup(all, 'poster', ['li@kust.edu.cn', 'other@example.org']);
  assert.deepEqual(await ask('named'), [false, false, true, false, true]);
  await directory.addToGroup(all, 'poster', ['staff@kust.edu.cn']);
  assert.deepEqual(await ask('named'), [false, true, true, false, true]);
});

test('a crowd is not open to everyone, unless somebody insists', async () => {
  const { directory, create, group } = await openCampus({ largeGroupMembers: 2, maxGroupMembers: 4 });
  const all = await create('all');
  const people = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@example.org`);
  await assert.rejects(directory.addToGroup(all, 'member', people.slice(0, 3)), failsAs('forbidden'));
  assert.equal(await directory.countGroupEntries(all, 'member'), 0);
  await directory.updateGroup(all, { posting: 'inside', displayName: ' 全校 ', isList: true });
  assert.deepEqual(
    [(await group(all)).posting, (await group(all)).displayName, (await group(all)).isList],
    ['inside', '全校', true],
  );
  await directory.addToGroup(all, 'member', people.slice(0, 3));
  await assert.rejects(directory.updateGroup(all, { posting: 'everyone' }), failsAs('forbidden'));
  await directory.updateGroup(all, { posting: 'everyone', isForced: true });
  // What is as it is may be renamed.
  await directory.updateGroup(all, { displayName: 'x' });
  await directory.addToGroup(all, 'member', people.slice(0, 4), { isForced: true });
  await assert.rejects(directory.addToGroup(all, 'member', people, { isForced: true }), failsAs('limit'));
});

test('groups are listed, and a domain with one stays', async () => {
  const { directory, create } = await openCampus();
  await directory.addDomain('lists.kust.edu.cn');
  const names = ['b@kust', 'a@lists.kust'].map((name) => `${name}.edu.cn`);
  await create('b');
  const owners = [ZHANG];
  const inLists = { address: names[1] ?? '', displayName: '', posting: 'inside', isList: true, owners } as const;
  const groupId = await directory.createGroup(inLists);
  const { groups, next } = await directory.listGroups();
  assert.deepEqual(
    groups.map(({ localPart, domain }) => `${localPart}@${domain}`),
    names,
  );
  assert.equal(next, null);
  await assert.rejects(directory.removeDomain('lists.kust.edu.cn'), failsAs('inUse'));
  await directory.deleteGroup(groupId);
  await directory.removeDomain('lists.kust.edu.cn');
});
