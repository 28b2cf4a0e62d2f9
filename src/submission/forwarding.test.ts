/** Mail of people here to accounts that forward, or are away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { makeTransaction, showReply } from '#delivery/testing/campus.ts';
import { defaultForwardingRules } from '#directory/forwarding-rules.ts';
import { openForwardingCampus } from '#forwarding/testing/campus.ts';
import { ALL, GUEST, LI, WANG, ZHAO } from '#groups/testing/campus.ts';
import { digestMessage } from '#mime/digest.ts';
import { createSubmissionReceiver } from './receiver.ts';

const OK = '250 2.0.0 Ok: queued as ID';
const HOME = 'me@home.example';

async function open() {
  const { campus, forwarding, posts } = await openForwardingCampus({ ...defaultForwardingRules, copy: 'choice' });
  const receiver = createSubmissionReceiver({
    ...campus,
    forwarding,
    hostname: 'mail.kust.example',
    random: systemRandom,
    log: silentLog,
    ledger: { judge: async () => undefined, reserve: async () => undefined },
    overuse: { note: async () => undefined },
    reporter: { report: async () => false },
    savesSent: false,
  });
  const send = async (to: readonly string[]): Promise<string> => {
    const transaction = makeTransaction({ protocol: 'submission', from: ZHAO, to });
    const account = { accountId: campus.accounts[ZHAO] ?? assert.fail(), loginAddress: ZHAO };
    const octets = Buffer.from(`From: ${ZHAO}\r\nTo: ${to.join(', ')}\r\nMessage-ID: <m@x>\r\nDate: x\r\n\r\nyou\r\n`);
    return showReply((await receiver.data({ ...transaction, peer: { ...transaction.peer, account } }, octets))[0]);
  };
  const forward = (from: string, targets: readonly string[], keepsCopy = true) =>
    campus.directory.setForwarding(campus.accounts[from] ?? assert.fail(), targets, keepsCopy);
  const counts = () => Promise.all([LI, WANG, ZHAO].map(async (address) => (await campus.inbox(address)).length));
  return { campus, send, forward, counts, posts };
}

test('what is submitted to a colleague is forwarded as mail from outside is', async () => {
  const { campus, send, forward, counts } = await open();
  await using _ = campus;
  await forward(LI, [WANG], false);
  await forward(WANG, [HOME]);
  assert.equal(await send([LI]), OK);
  assert.deepEqual(await counts(), [0, 1, 0]);
  const [[path = '', ...recipients] = []] = await campus.queued();
  assert.match(path, /^SRS0=.{6}2=..=kust\.example=zhao@kust\.example$/);
  assert.deepEqual(recipients, [HOME]);
  const [trace = assert.fail()] = await campus.tracesTo(LI);
  assert.deepEqual(
    trace.events.map(({ kind, recipients: whose }) => [kind, ...(whose ?? [])]),
    [
      ['delivered', LI],
      ['redirected', LI],
      ['redirected', WANG],
    ],
  );
});

test('nobody gets it twice who is written to, in a group, and forwarded to', async () => {
  const { campus, send, forward, counts } = await open();
  await using _ = campus;
  await forward(WANG, [LI, GUEST, HOME]);
  assert.equal(await send([LI, ALL, HOME]), OK);
  assert.deepEqual(await counts(), [1, 1, 0]);
  const queued = await campus.queued();
  assert.deepEqual(
    queued.map(([, ...to]) => to.join()).toSorted((a, b) => (a < b ? -1 : 1)),
    [GUEST, HOME],
  );
});

test('a colleague is told what people here are', async () => {
  const { campus, send, posts } = await open();
  await using _ = campus;
  await campus.directory.setVacation({
    accountId: campus.accounts[LI] ?? assert.fail(),
    isEnabled: true,
    subject: '',
    insideText: '休假中，急事请找王老师。',
    outsideText: 'I am away.',
    from: null,
    until: null,
    days: 7,
  });
  assert.equal(await send([LI, HOME]), OK);
  assert.equal(await send([LI]), OK);
  assert.deepEqual(
    posts.map(({ octets, to }) => [to, digestMessage(octets).summary.subject, digestMessage(octets).preview]),
    [[ZHAO, '自动回复', '休假中，急事请找王老师。']],
  );
});
