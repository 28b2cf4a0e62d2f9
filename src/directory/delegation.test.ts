import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailError } from '#base/errors.ts';
import type { MailErrorCode } from '#base/errors.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { accountMailboxRights, mailboxRights, mayReadAll, parseMailboxRights, writesAs } from './delegation.ts';
import type { AccountRight } from './types.ts';
import { MAX_DELEGATES } from './limits.ts';
import { openCampus, PASSWORD } from './testing/campus.ts';

const BY = 'admin';
const failsAs = (code: MailErrorCode) => (error: unknown) => isMailError(error, code);

async function openOffice() {
  const campus = await openCampus();
  const { directory, zhang } = campus;
  const li = await directory.createAccount('li@kust.edu.cn', 'x', { displayName: '李秘书' });
  const box = await directory.createBox({
    address: 'jwc@kust.edu.cn',
    displayName: '教务处',
    responsibleId: zhang,
    endsAt: null,
    purpose: '教务处公务',
  });
  return { ...campus, li, box };
}

test('a box has no password, belongs to the departments, and is open to who answers for it', async () => {
  const { directory, signIn, zhang, li, box, store } = await openOffice();
  assert.deepEqual(await store.reader.credentialsOf(box), []);
  assert.equal((await signIn({ login: 'jwc@kust.edu.cn', password: PASSWORD })).ok, false);
  assert.equal((await signIn({ login: 'jwc@kust.edu.cn', password: '' })).ok, false);
  assert.equal((await directory.senderStanding(box))?.serviceClass, 'department');
  assert.deepEqual(await directory.sharedWith(zhang), [
    {
      accountId: box,
      address: 'jwc@kust.edu.cn',
      displayName: '教务处',
      rights: new Set(['read', 'write', 'send-as', 'manage']),
      mailboxes: new Map(),
      endsAt: null,
    },
  ]);
  assert.deepEqual(await directory.sharedWith(li), []);
  assert.equal((await directory.listBoxes()).boxes[0]?.purpose, '教务处公务');
});

test('somebody who may not sign in, a box, and nobody cannot answer for a box', async () => {
  const { directory, li, box, zhang } = await openOffice();
  await directory.disableAccount(li);
  await assert.rejects(directory.updateBox({ accountId: box, responsibleId: li }), failsAs('forbidden'));
  const other = { address: 'tw@kust.edu.cn', displayName: '团委', endsAt: null, purpose: '' };
  await assert.rejects(directory.createBox({ ...other, responsibleId: box }), failsAs('forbidden'));
  await assert.rejects(directory.createBox({ ...other, responsibleId: 999 as AccountId }), failsAs('notFound'));
  await assert.rejects(directory.updateBox({ accountId: zhang, purpose: 'x' }), failsAs('notFound'));
  // Nothing is left of what failed.
  assert.equal(await directory.findAddress('tw@kust.edu.cn'), undefined);
});

test('who answers for a box cannot lose it; the next one is given it, and the one before may leave', async () => {
  const { directory, li, box, zhang } = await openOffice();
  await assert.rejects(directory.setDelegation(box, zhang, [], BY), failsAs('inUse'));
  await directory.updateBox({ accountId: box, responsibleId: li });
  assert.equal((await directory.share(box, li))?.rights.has('manage'), true);
  await directory.setDelegation(box, zhang, [], BY);
  assert.equal(await directory.share(box, zhang), undefined);
  await directory.deleteAccount(li);
  assert.equal((await directory.box(box))?.responsibleId, null);
});

test('rights end with a word, with the box’s time, and while the account is disabled', async () => {
  const { directory, li, box, clock } = await openOffice();
  await directory.setDelegation(box, li, ['read'], BY);
  assert.equal((await directory.sharedWith(li)).length, 1);
  await directory.disableAccount(box);
  assert.deepEqual(await directory.sharedWith(li), []);
  await directory.enableAccount(box);
  assert.equal((await directory.sharedWith(li)).length, 1);
  await directory.updateBox({ accountId: box, endsAt: clock.now() + 1000 });
  assert.equal((await directory.sharedWith(li)).length, 1);
  clock.advance(1000);
  assert.deepEqual(await directory.sharedWith(li), []);
  await directory.updateBox({ accountId: box, endsAt: null });
  await directory.setDelegation(box, li, [], BY);
  assert.deepEqual(await directory.sharedWith(li), []);
});

test('each change of who may do what says who made it', async () => {
  const { directory, li, zhang, log } = await openOffice();
  await directory.setDelegation(zhang, li, ['read', 'read'], 'zhang@kust.edu.cn');
  const keeps = [4 as MailboxId];
  await directory.setMailboxRights(
    { accountId: zhang, delegateId: li, mailboxId: 4 as MailboxId, rights: 'rl', keeps },
    'zhang@kust.edu.cn',
  );
  const said = log.lines.filter(({ fields }) => 'by' in fields && fields.by === 'zhang@kust.edu.cn');
  assert.equal(said.length, 2);
});

test('nothing is granted to oneself, to a box, to nobody, twice as much as there is, or beyond the limit', async () => {
  const { directory, li, box, zhang } = await openOffice();
  await assert.rejects(directory.setDelegation(li, li, ['read'], BY), failsAs('invalid'));
  await assert.rejects(directory.setDelegation(li, box, ['read'], BY), failsAs('forbidden'));
  await assert.rejects(directory.setDelegation(li, 999 as AccountId, ['read'], BY), failsAs('notFound'));
  await assert.rejects(directory.setDelegation(999 as AccountId, li, ['read'], BY), failsAs('notFound'));
  await assert.rejects(directory.setDelegation(box, li, ['own' as AccountRight], BY), failsAs('invalid'));
  const one = { accountId: zhang, delegateId: li, mailboxId: 4 as MailboxId, keeps: [4 as MailboxId] };
  await assert.rejects(directory.setMailboxRights({ ...one, rights: 'lrz' }, BY), failsAs('invalid'));
  for (let i = 1; i < MAX_DELEGATES; i++)
    await directory.setDelegation(box, await directory.createAccount(`u${i}@kust.edu.cn`, 'x'), ['read'], BY);
  await assert.rejects(directory.setDelegation(box, li, ['read'], BY), failsAs('limit'));
});

test('rights on single mailboxes are kept beside those on the account, and forgotten with the mailbox', async () => {
  const { directory, li, zhang } = await openOffice();
  const set = (mailboxId: number, rights: string, keeps: number[]) =>
    directory.setMailboxRights(
      { accountId: zhang, delegateId: li, mailboxId: mailboxId as MailboxId, rights, keeps: keeps as MailboxId[] },
      BY,
    );
  await set(4, 'rl', [4, 5]);
  await directory.setDelegation(zhang, li, ['send-as'], BY);
  await set(5, 'lrs', [4, 5]);
  const share = await directory.share(zhang, li);
  assert.deepEqual(share?.mailboxes, new Map([[4, 'lr'], [5, 'lrs']])); // prettier-ignore
  assert.deepEqual(share?.rights, new Set(['send-as']));
  await set(5, '', [5]);
  await directory.setDelegation(zhang, li, [], BY);
  assert.deepEqual(await directory.sharedWith(li), []);
});

test('rights on an account are rights on each of its mailboxes', () => {
  const rights = (...names: AccountRight[]) => ({ rights: new Set(names) });
  const inbox = 4 as MailboxId;
  const mailboxes = new Map([[inbox, 'rsx']]);
  assert.equal(accountMailboxRights(rights('read')), 'lr');
  assert.equal(accountMailboxRights(rights('write')), 'lrswipkxte');
  assert.equal(accountMailboxRights(rights('manage', 'send-as', 'send-on-behalf')), 'la');
  assert.equal(mailboxRights({ ...rights('manage'), mailboxes }, inbox), 'lrsxa');
  assert.equal(mailboxRights({ ...rights(), mailboxes }, 5 as MailboxId), '');
  assert.equal(parseMailboxRights('alrr'), 'lra');
  assert.equal(parseMailboxRights('cd'), undefined);
  assert.equal(mayReadAll(rights('manage', 'send-as')), false);
  assert.equal(mayReadAll(rights('write')), true);
  assert.deepEqual(
    ['send-as', 'send-on-behalf', 'read'].map((one) => writesAs(rights(one as AccountRight))),
    ['alone', 'onBehalf', undefined],
  );
});

test('a default sender is one’s own, or lent; and holds only as long as it is', async () => {
  const { directory, li, box, zhang } = await openOffice();
  assert.equal(await directory.defaultSender(zhang), null);
  await directory.setDefaultSender(zhang, 'Zhang.San@KUST.edu.cn');
  assert.equal(await directory.defaultSender(zhang), 'zhang.san@kust.edu.cn');
  await directory.removeAlias('zhang.san@kust.edu.cn');
  assert.equal(await directory.defaultSender(zhang), null);
  await assert.rejects(directory.setDefaultSender(li, 'jwc@kust.edu.cn'), failsAs('forbidden'));
  await assert.rejects(directory.setDefaultSender(li, 'a@example.org'), failsAs('forbidden'));
  await assert.rejects(directory.setDefaultSender(li, 'nobody'), failsAs('invalid'));
  await directory.setDelegation(box, li, ['send-on-behalf'], BY);
  await directory.setDefaultSender(li, 'jwc@kust.edu.cn');
  assert.equal(await directory.defaultSender(li), 'jwc@kust.edu.cn');
  await directory.setDelegation(box, li, ['read'], BY);
  assert.equal(await directory.defaultSender(li), null);
  await directory.setDefaultSender(li, null);
});

test('the default senders of a domain that ends flip to the next, or fall away', async () => {
  const { directory, li, zhang } = await openOffice();
  await directory.setDefaultSender(zhang, 'zhang@kmust.edu.cn');
  await directory.addAlias(li, 'secretary@kmust.edu.cn');
  await directory.setDefaultSender(li, 'secretary@kmust.edu.cn');
  assert.deepEqual(await directory.flipDefaultSender('KMUST.edu.cn', 'kust.edu.cn'), [zhang, li]);
  assert.equal(await directory.defaultSender(zhang), 'zhang@kust.edu.cn');
  assert.equal(await directory.defaultSender(li), null);
  assert.deepEqual(await directory.flipDefaultSender('kmust.edu.cn', 'kust.edu.cn'), []);
});
