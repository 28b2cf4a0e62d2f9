/** Mail of people here to groups. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { makeTransaction, showReply } from '#delivery/testing/campus.ts';
import type { PostingPolicy } from '#directory/types.ts';
import { ALL, GUEST, LI, openGroupCampus, WANG, ZHAO } from '#groups/testing/campus.ts';
import type { SmtpTransaction } from '#smtp/receiver.ts';
import { createSubmissionReceiver } from './receiver.ts';

const OK = '250 2.0.0 Ok: queued as ID';

async function open(posting: PostingPolicy, isList = true) {
  const campus = await openGroupCampus(posting, isList);
  /** What counts against the senders' limits. */
  const outside: string[] = [];
  const receiver = createSubmissionReceiver({
    ...campus,
    hostname: 'mail.kust.example',
    random: systemRandom,
    log: silentLog,
    ledger: {
      judge: async () => undefined,
      reserve: async (_accountId, _own, addresses) => void outside.push(...addresses),
    },
    overuse: { note: async () => undefined },
    reporter: { report: async () => false },
    savesSent: false,
    sign: async () => Buffer.from('DKIM-Signature: here\r\n'),
  });
  const from = (address: string, to: readonly string[], smtpUtf8 = false, holdUntil?: number): SmtpTransaction => {
    const transaction = makeTransaction({ protocol: 'submission', from: address, to, smtpUtf8 });
    const account = { accountId: campus.accounts[address]!, loginAddress: address };
    const { reversePath, peer } = transaction;
    const held = holdUntil === undefined ? {} : { holdUntil };
    return { ...transaction, peer: { ...peer, account }, reversePath: { ...reversePath, ...held } };
  };
  const ask = async (author: string, to: string, smtpUtf8 = false, path = author): Promise<string> => {
    const transaction = from(author, [], smtpUtf8);
    const reversePath = { ...transaction.reversePath, address: path };
    return showReply(await receiver.rcpt({ ...transaction, reversePath }, { address: to, dsn: {} }));
  };
  const send = async (author: string, to: readonly string[], header = '', holdUntil?: number): Promise<string> => {
    const octets = Buffer.from(`${header}From: ${author}\r\nMessage-ID: <m@x>\r\nDate: x\r\n\r\nyou all\r\n`);
    return showReply((await receiver.data(from(author, to, false, holdUntil), octets))[0]);
  };
  return { campus, ask, send, outside };
}

test('who may write to a group is told at once who may', async () => {
  const { campus, ask, send } = await open('members');
  await using _ = campus;
  assert.equal(await ask(WANG, ALL), 'ok');
  assert.equal(await ask(ZHAO, ALL), `550 5.7.1 <${ALL}>: only members may write to this group`);
  assert.equal(
    await ask(ZHAO, ALL, true),
    `550 5.7.1 <${ALL}>：只有群组成员才能向该群组发信\n<${ALL}>: only members may write to this group`,
  );
  await campus.directory.updateGroup(campus.all, { posting: 'named' });
  assert.match(await ask(LI, ALL), /only those appointed/);
  await campus.directory.addToGroup(campus.all, 'poster', [ZHAO]);
  assert.equal(await ask(ZHAO, ALL), 'ok');
  await campus.directory.updateGroup(campus.all, { posting: 'inside' });
  assert.equal(await ask(ZHAO, ALL), 'ok');
  assert.equal(await ask(ZHAO, 'all-request@kust.example'), 'ok');
  assert.match(await ask(ZHAO, ALL, false, ''), /^550 5\.7\.1 .*no receipts and reports$/);
  assert.equal(await send(ZHAO, ['all-request@kust.example']), OK);
  assert.deepEqual([(await campus.inbox(LI)).length, (await campus.inbox(WANG)).length], [1, 0]);
});

test('members here have it at once, others soon, and the author hears of no bounce', async () => {
  const { campus, send, outside } = await open('inside');
  await using _ = campus;
  await campus.directory.addToGroup(campus.all, 'member', ['x@example.org', 'y@example.com']);
  assert.equal(await send(ZHAO, [WANG, ALL]), OK);
  const [[message = ''], [own = '']] = [await campus.inbox(LI), await campus.inbox(WANG)];
  assert.match(
    message,
    /^Return-Path: <all-bounces@kust\.example>\r\nList-Id: .*\r\n[^]*\r\nDKIM-Signature: here\r\nFrom: /,
  );
  assert.match(own, /^Return-Path: <zhao@kust\.example>\r\nReceived: /);
  assert.equal((await campus.inbox(WANG)).length, 1);
  assert.deepEqual(
    new Set((await campus.queued()).map((row) => row.join(' '))),
    new Set([`all-bounces@kust.example y@example.com`, `all-bounces@kust.example ${GUEST} x@example.org`]),
  );
  const [delivery = assert.fail()] = await campus.queue.list({}, { limit: 1 });
  assert.equal(delivery.message.accountId, campus.accounts[ZHAO]);
  const [trace = assert.fail()] = await campus.tracesTo(ALL);
  assert.deepEqual(
    trace.events.map(({ kind, recipients }) => [kind, ...(recipients ?? [])]),
    [
      ['delivered', WANG],
      ['redirected', ALL],
    ],
  );
  // Members outside are the group's, not the author's.
  assert.deepEqual(outside, []);
  assert.equal(await send(ZHAO, [GUEST]), OK);
  assert.deepEqual(outside, [GUEST]);
});

test('what cannot go to the group is refused in words, or reported when others have it', async () => {
  const { campus, send } = await open('inside');
  await using _ = campus;
  const header = 'List-Id: <all.kust.example>\r\n';
  assert.equal(
    await send(ZHAO, [ALL], header),
    `554 5.4.6 <${ALL}>: the message came by this list already, write a new one`,
  );
  await campus.createGroup('none@kust.example', []);
  assert.equal(await send(ZHAO, ['none@kust.example']), '550 5.2.4 <none@kust.example>: this group has no members');
  assert.deepEqual(await campus.queued(), []);
  assert.equal(await send(ZHAO, [LI, ALL], header), OK);
  assert.deepEqual(await campus.queued(), [[ZHAO, ALL]]);
  assert.deepEqual([(await campus.inbox(LI)).length, (await campus.inbox(WANG)).length], [1, 0]);
});

test('a group that is no list shares the blob with who is named', async () => {
  const { campus, send } = await open('inside', false);
  await using _ = campus;
  assert.equal(await send(ZHAO, [LI, ALL]), OK);
  const [[own], [other]] = [await campus.inbox(LI), await campus.inbox(WANG)];
  assert.equal(own, other);
  assert.match(own ?? '', /^Return-Path: <zhao@kust\.example>\r\nReceived: /);
});

test('a message for later waits as one, addressed to the group', async () => {
  const { campus, send } = await open('inside');
  await using _ = campus;
  assert.equal(await send(ZHAO, [ALL], '', campus.clock.now() + 3_600_000), OK);
  assert.deepEqual(await campus.queued(), [[ZHAO, ALL]]);
  assert.deepEqual(await campus.inbox(LI), []);
});
