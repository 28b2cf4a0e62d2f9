/** Mail from outside to groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import type { PostingPolicy } from '#directory/types.ts';
import { ALL, GUEST, LI, openGroupCampus, WANG, ZHAO } from '#groups/testing/campus.ts';
import type { GroupCampus } from '#groups/testing/campus.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import { createDeliveryReceiver } from './receiver.ts';
import { makeTransaction, showReply } from './testing/campus.ts';
import type { Sending } from './testing/campus.ts';

const OK = '250 2.0.0 Ok: queued as ID';
/** example.org stands by what the peer of these tests sends, stranger.example says nothing. */
const ZONE = {
  'example.org': { txt: ['v=spf1 ip4:192.0.2.7 -all'] },
  '_dmarc.example.org': { txt: ['v=DMARC1; p=none'] },
  'quarantine.example': { txt: ['v=spf1 -all'] },
  '_dmarc.quarantine.example': { txt: ['v=DMARC1; p=quarantine'] },
};

async function open(posting: PostingPolicy = 'everyone', isList = true, isExempt = false) {
  const campus = await openGroupCampus(posting, isList);
  const receiver = createDeliveryReceiver({
    ...campus,
    hostname: 'mx.kust.example',
    random: systemRandom,
    log: silentLog,
    authentication: {
      resolver: new FakeDns(ZONE),
      dmarc: { atMost: 'reject', tempfailsOnTemperror: false, trustedSealers: [] },
      isExempt: () => isExempt,
    },
  });
  const ask = async (to: string, from = 'a@stranger.example'): Promise<string> =>
    showReply(await receiver.rcpt(makeTransaction({ protocol: 'smtp', from, to: [] }), { address: to, dsn: {} }));
  const send = async (sending: Partial<Sending> & { header?: string; author?: string } = {}): Promise<string[]> => {
    const { from = 'a@stranger.example', header = '', author = from, to = [ALL] } = sending;
    const octets = Buffer.from(`${header}From: <${author}>\r\nMessage-ID: <m@x>\r\nSubject: 通知\r\n\r\nyou all\r\n`);
    const transaction = makeTransaction({ protocol: 'smtp', ...sending, from, to });
    return (await receiver.data(transaction, octets)).map(showReply);
  };
  return { campus, ask, send };
}

async function counts(campus: GroupCampus): Promise<number[]> {
  return Promise.all([LI, WANG, ZHAO].map(async (address) => (await campus.inbox(address)).length));
}

test('a list’s message is one blob, says where it came by, and comes back to the owners', async () => {
  const { campus, ask, send } = await open();
  await using _ = campus;
  assert.equal(await ask(ALL), 'ok');
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await counts(campus), [1, 1, 0]);
  const [message = ''] = await campus.inbox(WANG);
  assert.deepEqual(await campus.inbox(LI), [message]);
  assert.match(message, /^Return-Path: <all-bounces@kust\.example>\r\nList-Id: =\?utf-8\?.*<all\.kust\.example>\r\n/i);
  assert.match(message, /^Precedence: list\r\nAuthentication-Results: mx\.kust\.example;[^]*\r\nReceived: /m);
  assert.deepEqual(await campus.queued(), [['all-bounces@kust.example', GUEST]]);
  const [delivery = assert.fail()] = await campus.queue.list({}, { limit: 1 });
  const octets = (await campus.queue.readOctets(delivery.queueId)).toString();
  assert.equal(octets, message);
  assert.equal(delivery.message.accountId, null);

  // The help desk sees from either end what became of it.
  const [trace = assert.fail()] = await campus.tracesTo(ALL);
  const redirected = trace.events.filter(({ kind }) => kind !== 'judged');
  const text = `mailboxes here: 2, addresses outside: 1 (${delivery.queueId})`;
  const members = redirected[0]?.members ?? assert.fail();
  assert.deepEqual(redirected, [{ at: campus.clock.now(), kind: 'redirected', recipients: [ALL], members, text }]);
  const [onward = assert.fail()] = await campus.tracesTo(GUEST);
  assert.deepEqual(
    [onward.message.queueId, onward.message.sender, onward.message.messageId, onward.events[0]?.kind],
    [delivery.queueId, 'all-bounces@kust.example', 'm@x', 'queued'],
  );

  // A report on it.
  assert.equal(await ask('all-bounces@kust.example', ''), 'ok');
  assert.deepEqual(await send({ from: '', author: GUEST, to: ['all-bounces@kust.example'] }), [OK]);
  assert.deepEqual(await counts(campus), [2, 1, 0]);
});

test('a group that is no list passes messages on as they are', async () => {
  const { campus, send } = await open('everyone', false);
  await using _ = campus;
  assert.deepEqual(await send(), [OK]);
  const [message = ''] = await campus.inbox(LI);
  assert.match(message, /^Return-Path: <a@stranger\.example>\r\nAuthentication-Results:/);
  assert.doesNotMatch(message, /^List-/m);
  assert.deepEqual(await campus.queued(), [['all-bounces@kust.example', GUEST]]);
});

test('who is named, and in two groups, gets it once', async () => {
  const { campus, send } = await open();
  await using _ = campus;
  await campus.createGroup('staff@kust.example', [LI, ZHAO, GUEST, ALL]);
  assert.deepEqual(await send({ to: [WANG, ALL, 'staff@kust.example'] }), [OK, OK, OK]);
  assert.deepEqual(await counts(campus), [1, 1, 1]);
  // As written to himself: the other copies are the list's.
  assert.doesNotMatch((await campus.inbox(WANG))[0] ?? '', /^List-Id/m);
  assert.match((await campus.inbox(LI))[0] ?? '', /^List-Id/m);
  assert.deepEqual(await campus.queued(), [['all-bounces@kust.example', GUEST]]);
});

test('a stranger writes only to what is open to everyone', async () => {
  for (const [posting, reason] of [
    ['inside', 'only people of this site may write to this group, signed in at its submission service'],
    ['members', 'only members may write to this group'],
    ['named', 'only those appointed may write to this group'],
  ] as const) {
    const { campus, ask, send } = await open(posting);
    await using _ = campus;
    const refused = `550 5.7.1 <${ALL}>: ${reason}`;
    for (const from of ['a@stranger.example', LI, '']) {
      assert.equal(await ask(ALL, from), refused, from);
      assert.deepEqual(await send({ from, author: LI }), [refused], from);
    }
    assert.deepEqual(await counts(campus), [0, 0, 0]);
  }
  const { campus, ask } = await open();
  await using _ = campus;
  assert.match(await ask(ALL, ''), /^550 5\.7\.1 .*takes no reports/);
  assert.match(await ask('nobody-bounces@kust.example', ''), /^550 5\.1\.1/);
});

test('a member elsewhere may write when it is proven that he does', async () => {
  const { campus, ask, send } = await open('members');
  await using _ = campus;
  await campus.directory.addToGroup(campus.all, 'member', ['b@stranger.example']);
  assert.equal(await ask(ALL, GUEST), 'ok');
  assert.equal(await ask(ALL, 'b@stranger.example'), 'ok');
  assert.deepEqual(await send({ from: GUEST }), [OK]);
  const refused = `550 5.7.1 <${ALL}>: only members may write to this group`;
  // Nothing proves this one; and these have another author than the envelope says, or two.
  assert.deepEqual(await send({ from: 'b@stranger.example' }), [refused]);
  assert.deepEqual(await send({ from: GUEST, author: 'other@example.org' }), [refused]);
  assert.deepEqual(await send({ from: GUEST, header: 'From: x@example.org\r\n' }), [refused]);
  assert.deepEqual(await send({ from: GUEST, author: `${GUEST}>, <x@example.org` }), [refused]);
  assert.deepEqual(await counts(campus), [1, 1, 0]);
});

test('our own machines are inside', async () => {
  const { campus, ask, send } = await open('inside', false, true);
  await using _ = campus;
  assert.equal(await ask(ALL, 'printer@kust.example'), 'ok');
  assert.deepEqual(await send({ from: 'printer@kust.example' }), [OK]);
  await campus.directory.updateGroup(campus.all, { posting: 'named' });
  assert.match(await ask(ALL, 'printer@kust.example'), /^550 5\.7\.1/);
});

test('a group spreads nothing that its author’s domain does not stand by', async () => {
  const { campus, send } = await open();
  await using _ = campus;
  const [reply = ''] = await send({ author: 'boss@quarantine.example' });
  assert.match(reply, /^550 5\.7\.26 /);
  assert.deepEqual([await counts(campus), await campus.queued()], [[0, 0, 0], []]);
});

test('what came by a list does not go there again', async () => {
  const { campus, send } = await open();
  await using _ = campus;
  const header = 'List-Id: x <ALL.kust.example>\r\n';
  assert.deepEqual(await send({ header }), [`554 5.4.6 <${ALL}>: the message came by this list already (id ID)`]);
  assert.deepEqual(await send({ header: 'List-Id: <all.example.org>\r\n' }), [OK]);
  assert.deepEqual(await counts(campus), [1, 1, 0]);
});

test('whose mailbox is full is tried again from the queue; a group without anybody is refused', async () => {
  const { campus, send } = await open();
  await using _ = campus;
  const wang = campus.mail.account(campus.accounts[WANG]!);
  await wang.provision();
  await wang.setQuota({ quotaBytes: 1, quotaMessages: null });
  await campus.directory.removeFromGroup(campus.all, 'member', [GUEST]);
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await campus.queued(), [['all-bounces@kust.example', WANG]]);
  // Nobody has it: the sender is asked to come back.
  await campus.directory.removeFromGroup(campus.all, 'member', [LI]);
  assert.match((await send())[0] ?? '', /^451 4\.3\.0/);
  assert.equal((await campus.queued()).length, 1);
  await campus.directory.removeFromGroup(campus.all, 'member', [WANG]);
  assert.deepEqual(await send(), [`550 5.2.4 <${ALL}>: this group has no members`]);
});

test('a sender who has to come back does not reach a group twice', async () => {
  const { campus, send } = await open();
  await using _ = campus;
  const zhao = campus.mail.account(campus.accounts[ZHAO]!);
  await zhao.provision();
  await zhao.setQuota({ quotaBytes: 1, quotaMessages: null });
  const to = [ALL, ZHAO];
  for (let attempt = 0; attempt < 2; attempt++) assert.match((await send({ to }))[0] ?? '', /^452 4\.2\.2/);
  await zhao.setQuota({ quotaBytes: null, quotaMessages: null });
  assert.deepEqual(await send({ to }), [OK, OK]);
  assert.deepEqual(await counts(campus), [1, 1, 1]);
  assert.equal((await campus.queued()).length, 1);
});

test('many elsewhere are queued a hundred at a time', async () => {
  const { campus, send } = await open();
  await using _ = campus;
  const many = Array.from({ length: 249 }, (__, i) => `p${i}@example.org`);
  await campus.directory.addToGroup(campus.all, 'member', many);
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(
    (await campus.queued()).map((row) => row.length - 1).toSorted((a, b) => b - a),
    [100, 100, 50],
  );
});
