import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DAY_MS } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { postToGroup } from '#groups/post-to-group.ts';
import { LI, ZHANG, openJmap, type Answer } from '#jmap/testing/jmap.ts';
import type { StoreKind } from '#test/harness/stores.ts';

const FAR = 'friend@far.example';
const STAFF = 'staff@kust.example';

async function open(t: TestContext, kind: StoreKind = 'memory') {
  const jmap = await openJmap(kind);
  t.after(() => jmap.store.close());
  // Ids of messages have their time, from 2020 on.
  jmap.clock.advance(Date.UTC(2026, 10, 28) - jmap.clock.now());
  const identityId = (await jmap.call('Identity/get')).list[0].id as string;
  const drafts = await jmap.mailboxOf('drafts');
  /** The trace's id. */
  const send = async (to: readonly string[], subject = '通知'): Promise<string> => {
    const draft = {
      mailboxIds: { [drafts]: true },
      from: [{ name: null, email: ZHANG }],
      to: to.map((email) => ({ name: null, email })),
      subject,
    };
    const { created } = await jmap.call('Email/set', { create: { a: draft } });
    const emailId = created.a.id as string;
    const sent = await jmap.call('EmailSubmission/set', { create: { s: { identityId, emailId } } });
    assert.equal(sent.notCreated, null);
    await jmap.services.trace.flush();
    const { list } = await jmap.call('Email/get', { ids: [emailId], properties: ['messageId'] });
    const query = await jmap.call('MessageTrace/query', {
      filter: { direction: 'out', messageIds: list[0].messageId },
    });
    return query.ids[0] as string;
  };
  const get = async (id: string): Promise<Answer> => {
    await jmap.services.trace.flush();
    return (await jmap.call('MessageTrace/get', { ids: [id] })).list[0] as Answer;
  };
  const recall = (id: string, args: object = {}): Promise<Answer> => jmap.call('MessageTrace/recall', { id, ...args });
  /** Marks all that the account has as read. */
  const read = async (accountId: AccountId): Promise<void> => {
    const account = jmap.mail.account(accountId);
    const { emailIds } = await found(accountId);
    await account.setEmails({
      update: emailIds.map((emailId) => ({ emailId, keywords: { add: ['$seen'] } })),
      destroy: [],
    });
  };
  const found = async (accountId: AccountId) => {
    const answer = await jmap.mail.account(accountId).queryEmails({}, { limit: 100 });
    assert.ok(answer !== 'anchorNotFound');
    return answer;
  };
  const subjects = async (accountId: AccountId): Promise<string[]> => {
    const { emailIds } = await found(accountId);
    const rows = await jmap.mail.account(accountId).listRows(emailIds);
    return rows.map(({ summary }) => summary.subject);
  };
  return { ...jmap, send, get, recall, read, found, subjects };
}

test('a sender sees who has it, who has read it, and what others said', async (t) => {
  const { send, get, read, li, trace, clock } = await open(t);
  const id = await send([LI, FAR]);
  const before = await get(id);
  const [here, there] = before['recipients'] as readonly [Answer, Answer];
  assert.deepEqual(
    [here['state'], here['isRead'], here['words'], there['state']],
    ['delivered', false, null, 'waiting'],
  );
  assert.deepEqual([before['direction'], before['from'], before['subject']], ['out', ZHANG, '通知']);
  assert.equal(Date.parse(before['recallableUntil']), clock.now() + 7 * DAY_MS);
  await read(li);
  const until = clock.now() + 60_000;
  const queueId = id as Parameters<typeof trace.event>[0];
  trace.event(queueId, {
    at: clock.now(),
    kind: 'deferred',
    recipients: [FAR],
    remote: 'mx.far.example (192.0.2.1)',
    enhanced: '4.2.2',
    text: '452 mailbox full',
    until,
  });
  const later = await get(id);
  const [hereNow, waiting] = later['recipients'] as readonly [Answer, Answer];
  assert.equal(hereNow['isRead'], true);
  assert.deepEqual(
    [waiting['state'], Date.parse(waiting['nextTryAt']), waiting['server'], waiting['words']],
    ['waiting', until, 'mx.far.example (192.0.2.1)', '452 mailbox full'],
  );
  assert.match(waiting['reason'].zh, /满/);
  trace.event(queueId, {
    at: clock.now(),
    kind: 'relayed',
    recipients: [FAR],
    remote: 'mx.far.example',
    text: '250 ok',
  });
  const [, gone] = (await get(id))['recipients'] as readonly [Answer, Answer];
  assert.deepEqual(
    [gone['state'], gone['words'], gone['reason'], gone['nextTryAt']],
    ['relayed', '250 ok', null, null],
  );
});

test('that it was read is not told where the site does not want it', async (t) => {
  const jmap = await open(t);
  const id = await jmap.send([LI]);
  Object.assign(jmap.services.messages, { showsRead: false });
  assert.equal((await jmap.get(id))['recipients'][0].isRead, null);
});

test('others see their own part, and strangers nothing', async (t) => {
  const { send, call, trace, clock, services } = await open(t);
  const own = await send([LI, FAR]);
  const foreign = async (recipients: readonly string[]): Promise<string> => {
    clock.advance(1);
    const queueId = newQueueId(clock.now(), systemRandom);
    const message = {
      queueId,
      at: clock.now(),
      direction: 'in' as const,
      accountId: null,
      sender: FAR,
      recipients,
      messageId: `${queueId}@far.example`,
      subject: 's',
      sizeBytes: 10,
      remoteAddress: '192.0.2.1',
      helo: 'h',
    };
    trace.message(message, [{ at: clock.now(), kind: 'delivered', recipients }]);
    await services.trace.flush();
    return queueId;
  };
  const mine = await foreign([LI, 'ZHANG@kust.example']);
  const others = await foreign([LI]);
  const { list, notFound } = await call('MessageTrace/get', { ids: [mine, others, 'x'] });
  assert.deepEqual(notFound, [others, 'x']);
  assert.deepEqual(
    [list[0].direction, list[0].recipients.map((one: Answer) => one['address'] as string), list[0].recallableUntil],
    ['in', ['ZHANG@kust.example'], null],
  );
  const query = (filter: object) => call('MessageTrace/query', { filter });
  assert.deepEqual((await query({ direction: 'in' })).ids, [mine]);
  assert.deepEqual((await query({ direction: 'out' })).ids, [own]);
  assert.deepEqual((await query({ direction: 'out', messageIds: ['none@x'] })).ids, []);
  clock.advance(30 * DAY_MS + 2);
  assert.deepEqual((await query({ direction: 'in' })).ids, []);
  assert.deepEqual((await call('MessageTrace/get', { ids: [mine, own] })).list, []);
});

test('a member sees what it got by a group, and nothing from before it was one', async (t) => {
  const { directory, mail, trace, call, services, clock, queue, accountId } = await open(t);
  const group = { displayName: '全体', posting: 'everyone', owners: [LI], isList: true } as const;
  const inner = await directory.createGroup({ address: STAFF, ...group });
  const outer = await directory.createGroup({ address: 'all@kust.example', ...group });
  await directory.addToGroup(outer, 'member', [STAFF]);
  await directory.addToGroup(inner, 'member', [LI]);
  const post = async (subject: string): Promise<string> => {
    clock.advance(1000);
    const row = (await directory.findGroup('all@kust.example')) ?? assert.fail();
    const octets = Buffer.from(`From: ${FAR}\r\nSubject: ${subject}\r\n\r\nx\r\n`);
    const queueId = newQueueId(clock.now(), systemRandom);
    const envelope = { reversePath: FAR, body: '8bitmime', smtpUtf8: false, requireTls: false } as never;
    const peer = { remoteAddress: '192.0.2.1', helo: 'h' } as never;
    const surroundings = { directory, mail, queue, trace, clock, random: systemRandom, log: silentLog } as never;
    const outcome = await postToGroup(surroundings, { group: row, octets, envelope, peer, haveIt: new Set() } as never);
    assert.ok(outcome.kind === 'posted');
    const facts = { sender: FAR, messageId: `${queueId}@x`, sizeBytes: 9, remoteAddress: '192.0.2.1', helo: 'h' };
    const recipients = ['all@kust.example'];
    trace.message(
      { queueId, at: clock.now(), direction: 'in', accountId: null, recipients, subject, ...facts },
      outcome.events,
    );
    await services.trace.flush();
    return queueId;
  };
  const early = await post('before');
  await directory.addToGroup(inner, 'member', [ZHANG]);
  const later = await post('since');
  assert.deepEqual((await call('MessageTrace/query', { filter: { direction: 'in' } })).ids, [later]);
  const { list, notFound } = await call('MessageTrace/get', { ids: [early, later] });
  assert.deepEqual(notFound, [early]);
  assert.deepEqual(
    [list[0].subject, list[0].recipients.map((one: Answer) => [one['address'], one['state']] as unknown)],
    ['since', [[STAFF, 'delivered']]],
  );
  assert.equal((await mail.account(accountId).status()).usedMessages, 1);
});

for (const kind of ['memory', 'sqlite'] as const) {
  test(`what is unread comes back, wherever it lies: ${kind}`, async (t) => {
    const { send, call, recall, subjects, found, mail, li } = await open(t, kind);
    const id = await send([LI, FAR]);
    await send([LI], '另一封');
    const account = mail.account(li);
    const trash = (await account.mailboxes()).find(({ role }) => role === 'trash')?.mailboxId ?? assert.fail();
    await account.setEmails({
      update: (await found(li)).emailIds.map((emailId) => ({ emailId, mailboxes: { replace: [trash] } })),
      destroy: [],
    });
    assert.deepEqual(await recall(id), {
      accountId: 'A1',
      results: [
        { address: LI, recalled: 1, read: 0, missing: 0, outside: 0 },
        { address: FAR, recalled: 0, read: 0, missing: 0, outside: 1 },
      ],
      next: null,
    });
    assert.deepEqual(await subjects(li), ['另一封']);
    // At once: whoever recalled it looks what came of that.
    const [told] = (await call('MessageTrace/get', { ids: [id] })).list as Answer[];
    assert.deepEqual(
      told?.['recipients'].map((one: Answer) => one['state'] as string),
      ['recalled', 'waiting'],
    );
    assert.equal((await recall(id)).results[0].missing, 1, 'asked again, it is gone');
  });
}

test('what is read stays, unless the site says otherwise', async (t) => {
  const { send, recall, read, subjects, li, services } = await open(t);
  const id = await send([LI]);
  await read(li);
  assert.deepEqual((await recall(id)).results, [{ address: LI, recalled: 0, read: 1, missing: 0, outside: 0 }]);
  assert.equal((await subjects(li)).length, 1);
  Object.assign(services.messages, { recall: { ...services.messages.recall, unreadOnly: false } });
  assert.equal((await recall(id)).results[0].recalled, 1);
  assert.deepEqual(await subjects(li), []);
});

test('of a group those lose it who have not read it, once each, and are told if the sender wants', async (t) => {
  const { send, get, recall, read, subjects, directory, mail, li, accountId } = await open(t);
  const third = await directory.createAccount('wang@kust.example', 'Campus-密码-7');
  await mail.account(third).provision();
  const groupId = await directory.createGroup({
    address: STAFF,
    displayName: '全体',
    posting: 'everyone',
    owners: [LI],
    isList: true,
  });
  for (const member of [LI, 'wang@kust.example', ZHANG, FAR]) await directory.addToGroup(groupId, 'member', [member]);
  const id = await send([STAFF, LI]);
  await read(third);
  const { results } = await recall(id, { notifies: true });
  assert.deepEqual(results, [
    { address: LI, recalled: 1, read: 0, missing: 0, outside: 0 },
    { address: STAFF, recalled: 1, read: 1, missing: 0, outside: 1 },
  ]);
  assert.equal((await subjects(third)).includes('通知'), true);
  for (const robbed of [li, accountId]) {
    const [notice = ''] = (await subjects(robbed)).filter((subject) => subject.includes('recalled'));
    assert.match(notice, /通知$/);
  }
  assert.equal((await get(id))['recipients'].find((one: Answer) => one['address'] === STAFF).state, 'recalled');
});

test('nobody takes back what somebody else sent, or too late, or where it is off', async (t) => {
  const { send, recall, refusal, subjects, mail, li, clock, services, call } = await open(t);
  const id = await send([LI]);
  const { list } = await call('MessageTrace/get', { ids: [id] });
  // A message of ours under the Message-ID of somebody else's, which lies in the same mailbox.
  const foreign = Buffer.from(
    `Received: from x by mx.kust.example with ESMTP id ${newQueueId(clock.now() + 5, systemRandom)}; Sat, 28 Nov 2026 12:00:00 +0000\r\n` +
      `Received: from y by mx.kust.example with ESMTP id ${id}; Sat, 28 Nov 2026 12:00:00 +0000\r\n` +
      `Message-ID: <${list[0].messageId}>\r\nSubject: theirs\r\n\r\nx\r\n`,
  );
  await mail.deliver(mail.prepareMessage(foreign), [li], clock.now() + 1);
  assert.deepEqual((await recall(id)).results[0].recalled, 1);
  assert.deepEqual((await recall(id)).results[0].missing, 1);
  assert.deepEqual(await subjects(li), ['theirs']);
  assert.equal((await refusal('MessageTrace/recall', { id: 'aaaaaaaaaaaaa' })).type, 'invalidArguments');
  clock.advance(7 * DAY_MS);
  assert.equal((await refusal('MessageTrace/recall', { id })).type, 'forbidden');
  const young = await send([LI]);
  Object.assign(services.messages, { recall: { ...services.messages.recall, isOn: false } });
  assert.equal((await refusal('MessageTrace/recall', { id: young })).type, 'forbidden');
});
