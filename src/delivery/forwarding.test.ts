/** Mail from outside to accounts that forward. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { defaultForwardingRules } from '#directory/forwarding-rules.ts';
import type { ForwardingRules } from '#directory/forwarding-rules.ts';
import { openForwardingCampus } from '#forwarding/testing/campus.ts';
import { LI, WANG, ZHAO } from '#groups/testing/campus.ts';
import type { GroupCampus } from '#groups/testing/campus.ts';
import { authenticateMessage } from '#trust/authenticate.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import { createDeliveryReceiver } from './receiver.ts';
import { makeTransaction, showReply } from './testing/campus.ts';
import type { Sending } from './testing/campus.ts';

const OK = '250 2.0.0 Ok: queued as ID';
const HOME = 'me@home.example';

const ZONE = {
  'quarantine.example': { txt: ['v=spf1 -all'] },
  '_dmarc.quarantine.example': { txt: ['v=DMARC1; p=quarantine'] },
};

async function open(rules: Partial<ForwardingRules> = {}) {
  const { campus, forwarding, dnsOfSeals, posts, setRules, breakQueue } = await openForwardingCampus({
    ...defaultForwardingRules,
    copy: 'choice',
    ...rules,
  });
  const dns = new FakeDns({ ...ZONE, ...dnsOfSeals });
  const receiver = createDeliveryReceiver({
    ...campus,
    forwarding,
    hostname: 'mx.kust.example',
    random: systemRandom,
    log: silentLog,
    authentication: {
      resolver: dns,
      dmarc: { atMost: 'reject', tempfailsOnTemperror: false, trustedSealers: [] },
      isExempt: () => false,
    },
  });
  const ask = async (to: string, from = 'a@stranger.example'): Promise<string> =>
    showReply(await receiver.rcpt(makeTransaction({ protocol: 'smtp', from, to: [] }), { address: to, dsn: {} }));
  const send = async (sending: Partial<Sending> & { header?: string } = {}): Promise<string[]> => {
    const { from = 'a@stranger.example', header = '', to = [LI] } = sending;
    const octets = Buffer.from(`${header}From: <${from || 'a@b.example'}>\r\nMessage-ID: <m@x>\r\n\r\nyou\r\n`);
    const transaction = makeTransaction({ protocol: 'smtp', ...sending, from, to });
    return (await receiver.data(transaction, octets)).map(showReply);
  };
  const forward = (from: string, targets: readonly string[], keepsCopy = true) =>
    campus.directory.setForwarding(campus.accounts[from] ?? assert.fail(), targets, keepsCopy);
  return { campus, dns, ask, send, forward, posts, setRules, breakQueue };
}

async function counts(campus: GroupCampus): Promise<number[]> {
  return Promise.all([LI, WANG, ZHAO].map(async (address) => (await campus.inbox(address)).length));
}

test('what is forwarded outside bears our reverse path and our seal, and failures are the forwarder’s', async () => {
  const { campus, dns, send, forward } = await open();
  await using _ = campus;
  await forward(LI, [HOME]);
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await counts(campus), [1, 0, 0]);
  const [delivery = assert.fail()] = await campus.queue.list({}, { limit: 9 });
  const { message, recipients } = delivery;
  assert.deepEqual(
    recipients.map(({ address }) => address),
    [HOME],
  );
  assert.match(message.reversePath, /^SRS0=[a-z2-7]{6}1=[a-z2-7]{2}=stranger\.example=a@kust\.example$/);
  assert.deepEqual([message.accountId, message.forwardedBy], [campus.accounts[LI], campus.accounts[LI]]);
  const octets = await campus.queue.readOctets(message.queueId);
  assert.match(octets.toString(), /^ARC-Seal: [^]*\r\nDelivered-To: li@kust\.example\r\nAuthentication-Results: /);
  const facts = { octets, remoteAddress: '192.0.2.1', helo: 'x', reversePath: message.reversePath, hostname: 'far' };
  const { arc } = await authenticateMessage(facts, { resolver: dns, clock: campus.clock });
  assert.deepEqual([arc.result, arc.sets[0]?.sealer], ['pass', 'kust.example']);

  const [trace = assert.fail()] = await campus.tracesTo(LI);
  const redirected = trace.events.find(({ kind }) => kind === 'redirected');
  assert.equal(redirected?.text, `forwarded to ${HOME} (${message.queueId})`);
  assert.equal((await campus.tracesTo(HOME))[0]?.message.queueId, message.queueId);
});

test('accounts that forward to each other both have it once; no copy is kept only where somebody else gets it', async () => {
  const { campus, send, forward } = await open();
  await using _ = campus;
  await forward(LI, [WANG], false);
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await counts(campus), [0, 1, 0]);
  await forward(WANG, [ZHAO, LI], false);
  await forward(ZHAO, [LI], false);
  assert.deepEqual(await send(), [OK]);
  // Whoever closes the ring keeps it.
  assert.deepEqual(await counts(campus), [0, 1, 1]);
  assert.deepEqual(await campus.queued(), []);
});

test('what comes back from outside is not forwarded again', async () => {
  const { campus, send, forward } = await open();
  await using _ = campus;
  await forward(LI, [HOME], false);
  assert.deepEqual(await send({ header: `Delivered-To: ${LI}\r\n` }), [OK]);
  assert.deepEqual(await counts(campus), [1, 0, 0]);
  assert.deepEqual(await campus.queued(), []);
});

test('junk is not forwarded, nor anything of an account that may not send: it stays in the mailbox', async () => {
  const { campus, send, forward } = await open();
  await using _ = campus;
  await forward(LI, [HOME], false);
  assert.deepEqual(await send({ from: 'a@quarantine.example' }), [OK]);
  assert.deepEqual(await campus.queued(), []);
  await campus.directory.suspendSending(campus.accounts[LI] ?? assert.fail(), '');
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await counts(campus), [1, 0, 0]);
  assert.deepEqual(await campus.queued(), []);
});

test('a rule made later stops what was set before, and its owner is told once', async () => {
  const { campus, send, forward, posts, setRules } = await open();
  await using _ = campus;
  await forward(LI, [HOME, WANG], false);
  setRules({ barredDomains: ['kust.example'] });
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await counts(campus), [2, 2, 0]);
  assert.deepEqual(await campus.queued(), []);
  assert.equal(posts.length, 1);
  assert.equal(posts[0]?.to, LI);
});

test('a report on what was forwarded comes to the forwarder, and on to the sender once that one is gone', async () => {
  const { campus, ask, send, forward } = await open();
  await using _ = campus;
  await forward(LI, [HOME], false);
  await send();
  const path = (await campus.queued())[0]?.[0] ?? assert.fail();
  assert.equal(await ask(path), `550 5.7.1 <${path}>: no return path of ours (only for reports)`);
  assert.match(await ask(path.replace('=stranger', '=other'), ''), /^550 5\.7\.1 .*\(forged\)$/);
  assert.equal(await ask(path.toLowerCase(), ''), 'ok');
  assert.deepEqual(await send({ from: '', to: [path] }), [OK]);
  assert.deepEqual(await counts(campus), [1, 0, 0]);
  assert.equal((await campus.queued()).length, 1);

  await campus.directory.setReceives(campus.accounts[LI] ?? assert.fail(), false);
  assert.deepEqual(await send({ from: '', to: [path] }), [OK]);
  const passedOn = (await campus.queued()).filter(([sender]) => sender === '');
  assert.deepEqual(passedOn, [['', 'a@stranger.example']]);
  campus.clock.advance(22 * 24 * 3_600_000);
  assert.match(await ask(path, ''), /\(expired\)$/);
});

test('a full mailbox matters only where a copy is kept; a target that is full gets it later', async () => {
  const { campus, ask, send, forward } = await open();
  await using _ = campus;
  for (const address of [LI, WANG])
    await campus.mail.account(campus.accounts[address] ?? assert.fail()).provision({ quotaBytes: 1 });
  await forward(LI, [HOME, WANG]);
  assert.match(await ask(LI), /^452 4\.2\.2/);
  assert.match((await send())[0] ?? '', /^452 4\.2\.2/);
  assert.deepEqual(await campus.queued(), []);
  await forward(LI, [HOME, WANG], false);
  assert.equal(await ask(LI), 'ok');
  assert.deepEqual(await send(), [OK]);
  assert.deepEqual(await counts(campus), [0, 0, 0]);
  const deliveries = await campus.queue.list({}, { limit: 9 });
  const shown = deliveries.map(({ destination, recipients, message }) => [
    destination,
    recipients[0]?.address,
    message.reversePath.replace(/^SRS0=.*@/, 'ours@'),
    message.forwardedBy,
  ]);
  const li = campus.accounts[LI];
  const expected = [
    ['.local', WANG, 'a@stranger.example', li],
    ['home.example', HOME, 'ours@kust.example', li],
  ];
  assert.deepEqual(
    shown.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    expected,
  );
});

test('what cannot be queued for a target is a fault, which the sender makes good', async () => {
  const { campus, send, forward, breakQueue } = await open();
  await using _ = campus;
  await forward(LI, [HOME]);
  breakQueue(true);
  assert.match((await send())[0] ?? '', /^451 4\.3\.0/);
  breakQueue(false);
  assert.deepEqual(await send(), [OK]);
  // The price of never losing one.
  assert.deepEqual(await counts(campus), [2, 0, 0]);
  assert.equal((await campus.queued()).length, 1);
});

test('who got it at an earlier attempt does not get it by a forward besides', async () => {
  const { campus, send, forward } = await open();
  await using _ = campus;
  const li = campus.mail.account(campus.accounts[LI] ?? assert.fail());
  await li.provision({ quotaBytes: 1 });
  await forward(LI, [WANG, HOME]);
  assert.match((await send({ to: [WANG, LI] }))[0] ?? '', /^452 4\.2\.2/);
  assert.deepEqual(await counts(campus), [0, 1, 0]);
  await li.setQuota({ quotaBytes: null, quotaMessages: null });
  assert.deepEqual(await send({ to: [WANG, LI] }), [OK, OK]);
  assert.deepEqual(await counts(campus), [1, 1, 0]);
  assert.equal((await campus.queued()).length, 1);
});
