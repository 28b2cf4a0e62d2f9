import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { AccountId } from '#base/ids.ts';
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { accessOf, sharedAccounts } from '#jmap/core/accounts.ts';
import { describeSession } from '#jmap/core/session.ts';
import { AccountFeeds } from '#jmap/push/account-feeds.ts';
import { LI, ZHANG, message, openJmap, type Answer } from '#jmap/testing/jmap.ts';
import { methods } from '#jmap/registry.ts';

const OFFICE = 'jwc@kust.example';

/** Zhang asks; Li answers for the box of the office. */
async function open(t: TestContext) {
  const jmap = await openJmap();
  t.after(() => jmap.store.close());
  const { directory, mail, li, accountId } = jmap;
  const box = await directory.createBox({
    address: OFFICE,
    displayName: '教务处',
    responsibleId: li,
    endsAt: null,
    purpose: '',
  });
  await mail.account(box).provision();
  const office = `A${box}`;
  const share = (...rights: Parameters<typeof directory.setDelegation>[2]) =>
    directory.setDelegation(box, accountId, rights, 'li');
  const boxOf = async (role: string): Promise<string> => {
    const { list } = await jmap.call('Mailbox/get', { accountId: office });
    return (list as Answer[]).find((mailbox) => mailbox['role'] === role)?.['id'] as string;
  };
  const deliver = (to: AccountId) => mail.deliver(mail.prepareMessage(message('Subject: 停课\n\n安排')), [to], 1000);
  return { ...jmap, box, office, share, boxOf, deliver };
}

test('an account that is not shared is not there, for any method; nor is one of which only mailboxes are', async (t) => {
  const { refusal, office, box, accountId, directory } = await open(t);
  const mailboxes = { accountId: box, delegateId: accountId, mailboxId: 1 as never, rights: 'lr', keeps: [1 as never] };
  for (const prepare of [async () => {}, () => directory.setMailboxRights(mailboxes, 'li')]) {
    await prepare();
    for (const account of [office, 'A999', 'A', 'x'])
      assert.equal((await refusal('Mailbox/get', { accountId: account })).type, 'accountNotFound');
  }
  for (const rights of [['send-as'], ['manage']] as const) {
    await directory.setDelegation(box, accountId, rights, 'li');
    assert.equal((await refusal('Email/get', { accountId: office, ids: [] })).type, 'accountNotFound');
  }
});

test('who may read reads all and changes nothing', async (t) => {
  const { call, refusal, office, share, deliver, box } = await open(t);
  await share('read');
  await deliver(box);
  const { ids } = await call('Email/query', { accountId: office });
  const { list } = await call('Email/get', { accountId: office, ids, properties: ['subject', 'blobId'] });
  assert.equal(list[0].subject, '停课');
  const mailboxes = (await call('Mailbox/get', { accountId: office })).list as Answer[];
  assert.deepEqual(
    new Set(mailboxes.map(({ myRights }) => JSON.stringify(Object.values(myRights as object)))),
    new Set(['[true,false,false,false,false,false,false,false,false]']),
  );
  const none = { accountId: office };
  for (const [name, args] of [
    ['Email/set', { ...none, destroy: ids }],
    ['Mailbox/set', { ...none, create: { a: { name: 'x' } } }],
    ['Email/import', { ...none, emails: {} }],
    ['Identity/set', { ...none }],
    ['EmailSubmission/set', { ...none }],
  ] as const)
    assert.equal((await refusal(name, args)).type, 'accountReadOnly', name);
  for (const name of ['VacationResponse/get', 'ForwardingRule/get'])
    assert.equal((await refusal(name, none)).type, 'accountNotSupportedByMethod', name);
});

test('what is changed in a shared account bears the name of who did it, or might not; what is read there, and one’s own, does not', async (t) => {
  const { call, refusal, office, share, audited } = await open(t);
  await share('read');
  await refusal('Mailbox/set', { accountId: office, destroy: [] });
  await share('read', 'write');
  await call('Mailbox/get', { accountId: office });
  await call('Mailbox/set', { create: { a: { name: '私' } } });
  const { created } = await call('Mailbox/set', { accountId: office, create: { a: { name: '公告' } } });
  await call('Mailbox/set', { accountId: office, destroy: [created.a.id] });
  const acts = audited.filter(({ action }) => action === 'identity.delegated-act');
  assert.deepEqual(
    acts.map(({ actor, subject, detail }) => [actor.kind === 'account' && actor.name, detail, subject]),
    [
      [ZHANG, { act: 'Mailbox/set', refused: true }, OFFICE],
      [ZHANG, { act: 'Mailbox/set created' }, OFFICE],
      [ZHANG, { act: 'Mailbox/set destroyed' }, OFFICE],
    ],
  );
});

test('what a method may do in a shared account is known of each', () => {
  const allowed = methods.values().filter((method) => method.isOfAccount && accessOf(method) !== 'own');
  const byAccess = Map.groupBy(allowed, accessOf);
  const names = (access: 'read' | 'write' | 'manage') => byAccess.get(access)?.map(({ name }) => name);
  // One more here is one more thing that delegates may do.
  assert.deepEqual(
    new Set(names('read')?.map((name) => name.split('/')[0])),
    new Set([
      'Blob',
      'Email',
      'EmailSubmission',
      'Identity',
      'Mailbox',
      'MDN',
      'Person',
      'Quota',
      'SearchSnippet',
      'Thread',
      'Unit',
    ]),
  );
  assert.deepEqual(names('write'), [
    'Blob/copy',
    'Blob/upload',
    'Deletion/get',
    'Deletion/query',
    'Deletion/recover',
    'Email/copy',
    'Email/import',
    'Email/set',
    'EmailSubmission/set',
    'Identity/set',
    'Mailbox/empty',
    'Mailbox/set',
  ]);
  assert.deepEqual(names('manage'), ['Delegation/get', 'Delegation/set']);
});

test('rights end with the next request', async (t) => {
  const { call, refusal, office, share } = await open(t);
  await share('read');
  await call('Mailbox/get', { accountId: office });
  await share();
  assert.equal((await refusal('Mailbox/get', { accountId: office })).type, 'accountNotFound');
});

test('a secretary answers as the office; what was sent is in the office’s Sent, and says by whom it went only to us', async (t) => {
  const { request, call, office, share, boxOf, li, mail, queue } = await open(t);
  await share('read', 'write', 'send-as');
  const identity = (await call('Identity/get', { accountId: office })).list[0] as Answer;
  assert.deepEqual([identity['email'], identity['name'], identity['isDefault']], [OFFICE, '教务处', true]);
  const [drafts, sent] = [await boxOf('drafts'), await boxOf('sent')];
  const draft = {
    mailboxIds: { [drafts]: true },
    from: [{ name: '教务处', email: OFFICE }],
    to: [{ name: null, email: LI }],
    cc: [{ name: null, email: 'x@far.example' }],
    subject: '回复',
  };
  const answers = await request([
    ['Email/set', { accountId: office, create: { a: draft } }],
    [
      'EmailSubmission/set',
      {
        accountId: office,
        create: { s: { identityId: identity['id'], emailId: '#a' } },
        onSuccessUpdateEmail: { '#s': { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true } },
      },
    ],
  ]);
  assert.deepEqual(
    answers.map(([name]) => name),
    ['Email/set', 'EmailSubmission/set', 'Email/set'],
  );
  assert.equal(answers[1]?.[1]['notCreated'], null, JSON.stringify(answers[1]));
  const found = await mail.account(li).queryEmails({}, { limit: 1 });
  assert.ok(found !== 'anchorNotFound');
  const octets = (await mail.account(li).readMessage(found.emailIds[0] as never)).toString();
  assert.match(octets, /^From: .*<jwc@kust\.example>\r$/m);
  assert.doesNotMatch(octets, /^Sender:/m);
  assert.doesNotMatch(octets, /zhang/);
  assert.equal((await call('Email/query', { accountId: office, filter: { inMailbox: sent } })).ids.length, 1);
  // Who did it stands where the administrators look.
  assert.equal((await queue.list({}, { limit: 1 }))[0]?.message.accountId, 1);
});

test('who writes on behalf is seen, with the box’s identity in one’s own account, and the box has a copy', async (t) => {
  const { request, call, office, share, boxOf, mailboxOf, li, mail } = await open(t);
  await share('read', 'send-on-behalf');
  const identities = (await call('Identity/get')).list as Answer[];
  assert.deepEqual(
    identities.map((one): unknown[] => [one['email'], one['name'], one['isDefault']]),
    [
      [ZHANG, '张三', true],
      [OFFICE, '教务处', false],
    ],
  );
  const draft = {
    mailboxIds: { [await mailboxOf('drafts')]: true },
    from: [{ name: '教务处', email: OFFICE }],
    to: [{ name: null, email: LI }],
    subject: '代发',
  };
  const [, submitted] = await request([
    ['Email/set', { create: { a: draft } }],
    ['EmailSubmission/set', { create: { s: { identityId: identities[1]?.['id'], emailId: '#a' } } }],
  ]);
  assert.equal(submitted?.[1]['notCreated'], null, JSON.stringify(submitted));
  const found = await mail.account(li).queryEmails({}, { limit: 1 });
  assert.ok(found !== 'anchorNotFound');
  const octets = (await mail.account(li).readMessage(found.emailIds[0] as never)).toString();
  assert.match(octets, /^Sender: zhang@kust\.example\r$/m);
  const sent = await boxOf('sent');
  assert.equal((await call('Email/query', { accountId: office, filter: { inMailbox: sent } })).ids.length, 1);
  // Taken back, the identity is gone.
  await share('read');
  assert.equal((await call('Identity/get')).list.length, 1);
});

test('the default identity is that of the sign-in, unless one is chosen; and no more when it is taken back', async (t) => {
  const { call, directory, accountId } = await open(t);
  await directory.addAlias(accountId, 'san@kust.example');
  const defaults = async () =>
    ((await call('Identity/get')).list as Answer[])
      .filter(({ isDefault }) => isDefault)
      .map((one): unknown[] => [one['email'], one['isFixed']]);
  assert.deepEqual(await defaults(), [[ZHANG, false]]);
  const { list } = await call('Identity/get');
  const alias = (list as Answer[]).find(({ email }) => email === 'san@kust.example')?.['id'] as string;
  const { oldState } = await call('Identity/set', { update: { [alias]: { isDefault: true } } });
  assert.deepEqual(await defaults(), [['san@kust.example', true]]);
  assert.equal(await directory.defaultSender(accountId), 'san@kust.example');
  const changes = await call('Identity/changes', { sinceState: oldState });
  assert.deepEqual(new Set(changes.updated), new Set((list as Answer[]).map((one): unknown => one['id'])));
  await call('Identity/set', { update: { [alias]: { isDefault: false } } });
  assert.deepEqual(await defaults(), [[ZHANG, false]]);
  const refused = await call('Identity/set', { update: { [alias]: { isFixed: true } } });
  assert.equal(refused.notUpdated[alias].type, 'invalidProperties');
});

test('who may manage says who may do what; nobody else does, and the log says who did', async (t) => {
  const { call, refusal, directory, office, share, box, accountId, audited } = await open(t);
  await directory.createAccount('wang@kust.example', 'x', { displayName: '王五' });
  await share('read', 'write');
  assert.equal((await refusal('Delegation/get', { accountId: office })).type, 'forbidden');
  assert.equal((await refusal('Delegation/set', { accountId: office })).type, 'forbidden');
  await share('read', 'manage');
  const set = (args: object) => call('Delegation/set', { accountId: office, ...args });
  const rights = ['read', 'send-as'];
  const { created } = await set({ create: { w: { address: 'WANG@kust.example', rights } } });
  assert.equal(created.w.name, '王五');
  const list = (await call('Delegation/get', { accountId: office })).list as Answer[];
  assert.deepEqual(
    list.map((one): unknown[] => [one['address'], one['rights'], one['isResponsible']]),
    [
      [ZHANG, ['read', 'manage'], false],
      [LI, ['read', 'write', 'send-as', 'manage'], true],
      ['wang@kust.example', rights, false],
    ],
  );
  const wang = list[2]?.['id'] as string;
  const refused = await set({
    create: {
      a: { address: 'nobody@kust.example', rights: ['read'] },
      b: { address: 'wang@kust.example', rights: ['read'] },
      c: { address: 'jwc@kust.example', rights: ['read'] },
      d: { address: LI, rights: [] },
    },
    update: { [wang]: { address: LI }, A99: { rights: ['read'] } },
    destroy: [list[1]?.['id']],
  });
  assert.deepEqual(
    Object.values(refused.notCreated as Record<string, Answer>).map((one): unknown => one['type']),
    ['invalidRecipients', 'alreadyExists', 'invalidProperties', 'invalidProperties'],
  );
  assert.deepEqual(
    Object.values(refused.notUpdated as Record<string, Answer>).map((one): unknown => one['type']),
    ['invalidProperties', 'notFound'],
  );
  assert.deepEqual(Object.keys(refused.notDestroyed as object), [list[1]?.['id']]);
  await set({ update: { [wang]: { rights: ['read'] } } });
  await set({ destroy: [wang] });
  assert.equal((await directory.delegationsOf(box)).length, 2);
  assert.deepEqual(
    audited
      .filter(({ action }) => action === 'identity.delegation')
      .map(({ actor, subject, detail }) => [actor.kind, subject, detail?.['how'], detail?.['to']]),
    ['granted', 'granted', 'revoked'].map((how) => ['account', OFFICE, how, 'wang@kust.example']),
  );
  // Of one's own account it is one's own to say.
  await call('Delegation/set', { create: { l: { address: LI, rights: ['send-on-behalf'] } } });
  assert.deepEqual((await directory.delegationsOf(accountId))[0]?.rights, ['send-on-behalf']);
});

test('the session names accounts of others, and its state is another when rights are', async (t) => {
  const { services, accountId, share, office } = await open(t);
  const read = async () =>
    describeSession({
      accountId,
      username: ZHANG,
      name: '张三',
      isReadOnly: false,
      shared: await sharedAccounts({ services, callerId: accountId }),
      origin: 'https://mail.kust.example',
      maxUploadBytes: 1,
      maxDelayedSend: 1,
      kept: { keptDays: 30, trashDays: 30, junkDays: 15 },
      takesReports: true,
      applicationServerKey: '',
    });
  const before = await read();
  await share('read');
  const after = await read();
  assert.notEqual(after.state, before.state);
  const { accountCapabilities, ...facts } = after.accounts[office] as Answer;
  assert.deepEqual(facts, { name: '教务处', isPersonal: false, isReadOnly: true });
  assert.equal(CAPABILITIES.submission in accountCapabilities, false);
  assert.equal(after.primaryAccounts[CAPABILITIES.mail], 'A1');
  await share('read', 'write', 'send-as');
  const able = (await read()).accounts[office] as Answer;
  assert.equal(able['isReadOnly'], false);
  assert.equal(CAPABILITIES.submission in able['accountCapabilities'], true);
});

test('what happens in a shared account is told, from where one was, and no more when it is shared no more', async (t) => {
  const { services, accountId, account, share, deliver, box, office } = await open(t);
  let heard = Promise.withResolvers<void>();
  const feeds = new AccountFeeds({ accountId, account, services }, new Set(['Email']), () => heard.resolve());
  t.after(() => feeds.close());
  await feeds.start();
  await share('read');
  await heard.promise;
  assert.equal(await feeds.take(), undefined);
  heard = Promise.withResolvers();
  await deliver(box);
  await heard.promise;
  const told = await feeds.take();
  assert.deepEqual(Object.keys(told?.changed ?? {}), [office]);
  const from = feeds.pushState;
  await deliver(box);
  await deliver(accountId);
  const later = new AccountFeeds({ accountId, account, services }, new Set(['Email']), () => {});
  t.after(() => later.close());
  await later.start(from);
  assert.deepEqual(new Set(Object.keys((await later.take())?.changed ?? {})), new Set(['A1', office]));
  await share();
  await deliver(box);
  assert.equal((await later.take())?.changed[office], undefined);
  assert.doesNotMatch(later.pushState, new RegExp(office));
});
