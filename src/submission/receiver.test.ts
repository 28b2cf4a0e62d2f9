import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import type { AccountId, EmailId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { newQueueId } from '#base/queue-id.ts';
import { systemRandom } from '#base/random.ts';
import { makeCampus, noGroups, showReply } from '#delivery/testing/campus.ts';
import type { Campus } from '#delivery/testing/campus.ts';
import { DomainLives, noPlans } from '#directory/domain-lives.ts';
import type { AddressResolution } from '#directory/address-resolution.ts';
import type { SenderStanding } from '#directory/directory.ts';
import { Queue } from '#queue/queue.ts';
import { FLAG } from '#mail/types.ts';
import { Reporter } from '#queue/reporter.ts';
import { LOCAL } from '#queue/types.ts';
import type { LeasedDelivery } from '#queue/types.ts';
import type { ForwardPath, Receiver, ReversePath, SmtpPeer, SmtpTransaction } from '#smtp/receiver.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { TraceRecorder } from '#trace/recorder.ts';
import { traceMessage } from '#trace/traced-message.ts';
import type { Trace } from '#trace/types.ts';

import { createSubmissionReceiver } from './receiver.ts';
import type { SubmissionOptions } from './receiver.ts';
import type { Excess } from './send-limits.ts';
import { SendingLedger } from './sending-ledger.ts';

type Store = Awaited<ReturnType<typeof openMemoryStore>>;

const LI = 'li@example.edu';
const ALIAS = 'lilei@example.edu';
const WANG = 'wang@example.edu';
const OUTSIDE = 'x@example.net';
const HOUR_MS = 3_600_000;
const OK = '250 2.0.0 Ok: queued as ID';
const FAULT = '451 4.3.0 Local fault, try again later (id ID)';

const MESSAGE = Buffer.from(
  `Date: x\r\nFrom: ${LI}\r\nMessage-ID: <z@x>\r\nBcc: ${WANG}\r\nSubject: 归档 & Résumé\r\n\r\n你好\r\n`,
);

const PEER: SmtpPeer = {
  sessionId: 'abcdefghij',
  protocol: 'submission',
  remoteAddress: '192.0.2.7',
  localPort: 587,
  helo: 'laptop',
  withProtocol: 'ESMTPSA',
  account: { accountId: 1 as AccountId, loginAddress: LI },
};

let store: Store;
let clock: FakeClock;
let campus: Campus;
let queue: Queue;
let trace: TraceRecorder;
let receiver: Receiver;
let standing: SenderStanding;
/** What was found too much, once for each message. */
let noted: Excess[];
/** Senders that were refused, and where they stood. */
let refused: string[];
/** `to: octets`. */
let reports: string[];

function makeReceiver(options: Partial<SubmissionOptions> = {}): Receiver {
  return createSubmissionReceiver({
    directory: {
      async resolveAddress(address): Promise<AddressResolution> {
        if (address !== 'postmaster' && !address.endsWith('@example.edu') && !address.endsWith('例子.example.edu'))
          return { kind: 'unknownDomain' };
        const id = campus.table.get(address);
        if (id === undefined) return { kind: 'unknownUser' };
        if (id === null) return { kind: 'notReceiving', accountId: 99 as AccountId };
        return { kind: 'account', accountId: id as AccountId, address, detail: null };
      },
      ...noGroups,
      senderStanding: async () => standing,
      mayWriteAs: async () => undefined,
      defaultSender: async () => null,
      findAddress: async () => undefined,
      lives: new DomainLives(noPlans, new FakeClock()),
    },
    mail: campus.mail,
    queue,
    ledger: new SendingLedger({
      store: store.sending,
      whoWrote: (senders, recipients) => store.trace.reader.whoWrote(senders, recipients),
      clock,
    }),
    onSenderRefused: ({ by, sender, where, remoteAddress }) =>
      void refused.push(`${by.accountId} ${where} ${sender} ${remoteAddress}`),
    overuse: { note: async (_accountId, _standing, excess) => void noted.push(excess) },
    trace,
    reporter: new Reporter({
      hostname: 'mail.example.edu',
      post: async (octets, to) => void reports.push(`${to}: ${octets.toString()}`),
      readOctets: (queueId) => queue.readOctets(queueId),
      addressOf: async () => undefined,
    }),
    savesSent: false,
    hostname: 'mail.example.edu',
    clock,
    random: systemRandom,
    log: silentLog,
    limits: { staff: { recipients: 3, outsidePerHour: 4, outsidePerDay: 6, newPerDay: 5 } },
    ...options,
  });
}

beforeEach(async () => {
  clock = new FakeClock();
  store = await openMemoryStore({ clock });
  campus = makeCampus(store.mail, clock);
  campus.table.set(LI, 1).set(ALIAS, 1).set(WANG, 2).set('gone@example.edu', null);
  queue = new Queue({ store: store.queue, clock });
  trace = new TraceRecorder(store.trace, silentLog);
  receiver = makeReceiver();
  standing = { serviceClass: 'staff', stage: 'active', sending: 'allowed', sendingNote: '', addresses: [LI, ALIAS] };
  noted = [];
  refused = [];
  reports = [];
});

afterEach(async () => {
  await store.mail.checkInvariants();
  await store.close();
});

const outage = (): Promise<never> => Promise.reject(new Error('injected'));
const brokenQueue = { enqueue: outage, enqueueWith: outage };

function transactionTo(to: readonly string[], reversePath: Partial<ReversePath> = {}): SmtpTransaction {
  return {
    peer: PEER,
    reversePath: { address: LI, body: '8BITMIME', smtpUtf8: false, requireTls: false, dsn: {}, ...reversePath },
    forwardPaths: to.map((address): ForwardPath => ({ address, dsn: {} })),
  };
}

async function askMail(address: string, smtpUtf8 = false): Promise<string> {
  return showReply(await receiver.mail(PEER, transactionTo([], { address, smtpUtf8 }).reversePath));
}

async function askRcpt(
  address: string,
  accepted: readonly string[] = [],
  path: Partial<ReversePath> = {},
): Promise<string> {
  return showReply(await receiver.rcpt(transactionTo(accepted, path), { address, dsn: {} }));
}

async function send(to: readonly string[], path: Partial<ReversePath> = {}, octets = MESSAGE): Promise<string[]> {
  return (await receiver.data(transactionTo(to, path), octets)).map(showReply);
}

function queued(): Promise<readonly LeasedDelivery[]> {
  return queue.list({}, { limit: 100 });
}

/** `destination: recipients`, in order of destinations. */
async function showQueue(): Promise<string[]> {
  return (await queued()).map(
    ({ destination, recipients }) => `${destination}: ${recipients.map(({ address }) => address).join(' ')}`,
  );
}

/** Fills the mailbox of an account. */
async function fill(id: number): Promise<void> {
  await campus.account(id).provision();
  await campus.account(id).setQuota({ quotaBytes: 10, quotaMessages: null });
}

async function traceOf(sender = LI): Promise<Trace | undefined> {
  await trace.flush();
  const [message] = await store.trace.reader.find({ sender }, 1);
  return message && store.trace.reader.trace(message.queueId);
}

describe('MAIL', () => {
  it('takes every address of the account, and the null path', async () => {
    for (const address of [LI, ALIAS, '']) assert.equal(await askMail(address), 'ok');
  });

  it('refuses any other, Chinese first where the client can read it', async () => {
    const english = `<${WANG}> is not one of your addresses: choose another sender`;
    assert.equal(await askMail(WANG), `553 5.7.1 ${english}`);
    assert.equal(await askMail(WANG, true), `553 5.7.1 <${WANG}> 不是您的邮箱地址，请更换发件人\n${english}`);
    assert.match(await askMail('韩@example.edu'), /^553 5\.7\.1 <\?@example\.edu> is not/);
    assert.match(await askMail(OUTSIDE), /^553 5\.7\.1 /);
    assert.deepEqual([refused[0], refused.length], [`1 MAIL FROM ${WANG} 192.0.2.7`, 4]);
  });

  it('of an account that has come to an end of its life is refused, or stays inside', async () => {
    standing = { ...standing, stage: 'receive-only' };
    const refusal = await receiver.mail?.(PEER, transactionTo([]).reversePath);
    assert.deepEqual([refusal?.code, refusal?.enhanced], [550, '5.7.1']);
    assert.match(refusal?.text ?? '', /sends no more mail .*postmaster@example\.edu/);
    standing = { ...standing, stage: 'restricted' };
    assert.equal(await receiver.mail?.(PEER, transactionTo([]).reversePath), undefined);
    const rcpt = (address: string) => receiver.rcpt(transactionTo([]), { address, dsn: {} });
    assert.equal(await rcpt(WANG), undefined);
    const outside = await rcpt('friend@elsewhere.example');
    assert.deepEqual([outside?.code, outside?.enhanced], [550, '5.7.1']);
    // Also for a message that was begun before.
    const [late] = await receiver.data(transactionTo(['friend@elsewhere.example']), MESSAGE);
    assert.equal(late?.code, 550);
  });

  it('of an account whose sending is suspended is refused, with the reason and whom to ask', async () => {
    standing = { ...standing, sending: 'suspended', sendingNote: '疑似盗号 / stolen?' };
    const english =
      'Sending from your account is suspended (stolen?); you still receive mail. Ask postmaster@example.edu';
    assert.equal(await askMail(LI), `550 5.7.1 ${english}`);
    assert.equal(
      await askMail('', true),
      `550 5.7.1 您的邮箱已暂停发信 (疑似盗号)，收信不受影响。恢复发信请联系 postmaster@example.edu\n${english}`,
    );
    assert.deepEqual(await send([WANG, OUTSIDE]), Array(2).fill(`550 5.7.1 ${english}`));
    assert.deepEqual(await campus.inbox(2), []);
  });

  it('without a sign-in is a bug, which the engine answers with 451', async () => {
    const { account: _account, ...nobody } = PEER;
    await assert.rejects(receiver.mail(nobody, transactionTo([]).reversePath), /without a sign-in/);
  });
});

describe('RCPT', () => {
  it('takes whoever is here or outside', async () => {
    for (const address of [LI, WANG, OUTSIDE]) assert.equal(await askRcpt(address), 'ok');
  });

  it('takes mail to the postmaster of the host itself as mail here', async () => {
    campus.table.set('postmaster', 2);
    assert.deepEqual(await send(['Postmaster@mail.example.edu']), [OK]);
    assert.equal((await campus.inbox(2)).length, 1);
    assert.deepEqual(await showQueue(), []);
  });

  it('refuses who is not, in two languages', async () => {
    const unknown = '<no@example.edu>: no such user here, check the address';
    assert.equal(await askRcpt('no@example.edu'), `550 5.1.1 ${unknown}`);
    assert.equal(
      await askRcpt('no@example.edu', [], { smtpUtf8: true }),
      `550 5.1.1 <no@example.edu>：没有这个用户，请检查地址\n${unknown}`,
    );
    const gone = '<gone@example.edu>: this mailbox takes no mail';
    assert.equal(await askRcpt('gone@example.edu'), `550 5.2.1 ${gone}`);
    assert.equal(
      await askRcpt('gone@example.edu', [], { smtpUtf8: true }),
      `550 5.2.1 <gone@example.edu>：该邮箱已停止收信\n${gone}`,
    );
  });

  it('refuses a full mailbox, and one too full for the declared size', async () => {
    await campus.account(2).provision();
    await campus.account(2).setQuota({ quotaBytes: 1000, quotaMessages: null });
    assert.equal(await askRcpt(WANG, [], { sizeBytes: 1000 }), 'ok');
    const full = `<${WANG}>: mailbox full, try again later`;
    assert.equal(await askRcpt(WANG, [], { sizeBytes: 1001 }), `452 4.2.2 ${full}`);
    assert.equal(
      await askRcpt(WANG, [], { sizeBytes: 1001, smtpUtf8: true }),
      `452 4.2.2 <${WANG}>：对方邮箱已满，请稍后再试\n${full}`,
    );
  });

  it('refuses one recipient more than a message may have', async () => {
    assert.equal(await askRcpt(WANG, [LI, ALIAS]), 'ok');
    const english = 'Too many recipients: 3 in one message at most';
    assert.equal(await askRcpt(WANG, [LI, ALIAS, OUTSIDE]), `452 4.5.3 ${english}`);
    assert.equal(
      await askRcpt(WANG, [LI, ALIAS, OUTSIDE], { smtpUtf8: true }),
      `452 4.5.3 收件人过多：每封邮件最多 3 人\n${english}`,
    );
  });
});

describe('a message', () => {
  it('lies in the mailbox here and waits in the queue for outside when 250 is said', async () => {
    assert.deepEqual(await send([WANG, OUTSIDE, 'y@example.org']), [OK, OK, OK]);
    const [text = ''] = await campus.inbox(2);
    assert.match(text, /^Return-Path: <li@example\.edu>\r\nReceived: from laptop .*\r\n\tby mail\.example\.edu /);
    assert.doesNotMatch(text, /Bcc|\tfor /);
    assert.ok(text.endsWith('\r\n\r\n你好\r\n'));
    assert.deepEqual(await showQueue(), ['example.net: x@example.net', 'example.org: y@example.org']);
    const [first, second] = await queued();
    assert.equal(first?.queueId, second?.queueId);
    assert.equal(first?.message.blobKey, second?.message.blobKey);
    assert.equal(first?.message.accountId, 1);
    const octets = await queue.readOctets(first.queueId);
    assert.equal(text, octets.toString());
    // Stored once: it is there as long as one of the two needs it.
    await queue.manage('cancel', {}, { by: 'test', trace });
    assert.equal((await store.maintenance.collectGarbage({ graceMs: 0 })).droppedBlobs, 0);
  });

  it('to nobody outside is not queued', async () => {
    assert.deepEqual(await send([WANG]), [OK]);
    assert.deepEqual(await showQueue(), []);
  });

  it('carries what the envelope asks for', async () => {
    const until = clock.now() + HOUR_MS;
    const deliverBy = { until, mode: 'notify', trace: false } as const;
    const path = { requireTls: true, priority: 3, deliverBy, dsn: { ret: 'HDRS', envid: 'e1' } } as const;
    const transaction = transactionTo([], path);
    const forwardPath: ForwardPath = { address: OUTSIDE, dsn: { notify: ['NEVER'], orcpt: 'rfc822;o@x' } };
    await receiver.data({ ...transaction, forwardPaths: [forwardPath] }, MESSAGE);
    const [delivery] = await queued();
    const { requireTls, priority, ret, envid } = delivery!.message;
    assert.deepEqual({ requireTls, priority, ret, envid }, { requireTls: true, priority: 3, ret: 'HDRS', envid: 'e1' });
    assert.deepEqual(delivery?.message.deliverBy, { until, mode: 'N' });
    assert.deepEqual(delivery?.recipients, [{ address: OUTSIDE, notify: ['NEVER'], orcpt: 'rfc822;o@x' }]);
  });

  it('has its signature between the trace and what was written', async () => {
    const signed: string[] = [];
    receiver = makeReceiver({
      async sign(octets) {
        signed.push(octets.toString());
        return Buffer.from('X-Signature: s\r\n');
      },
    });
    await send([WANG]);
    const [text = ''] = await campus.inbox(2);
    assert.match(text, /\+0000\r\nX-Signature: s\r\nDate: x\r\n/);
    // All that leaves beneath the signature, with what was completed.
    await send([WANG], {}, Buffer.from('Subject: no author\r\n\r\n'));
    assert.match(signed[1] ?? '', /^From: /m);
    assert.ok((await campus.inbox(2))[1]?.endsWith(signed[1] ?? '-'));
  });

  it('that is here is reported to who asked for it, and of whom', async () => {
    const transaction = transactionTo([], { dsn: { envid: 'e1' } });
    const forwardPaths: ForwardPath[] = [
      { address: WANG, dsn: { notify: ['SUCCESS'] } },
      { address: ALIAS, dsn: { notify: ['FAILURE'] } },
      { address: OUTSIDE, dsn: { notify: ['SUCCESS'] } },
    ];
    await receiver.data({ ...transaction, forwardPaths }, MESSAGE);
    const [report = '', ...more] = reports;
    assert.deepEqual(more, []);
    assert.match(report, /^li@example\.edu: /);
    assert.match(report, /\r\nOriginal-Envelope-Id: e1\r\n[^]*Final-Recipient: rfc822; wang@[^]*Action: delivered\r\n/);
    assert.doesNotMatch(report, /lilei@|x@example\.net|Return-Path/);
    assert.deepEqual(
      (await traceOf())?.events.map(({ kind }) => kind),
      ['delivered', 'queued', 'reported'],
    );
  });

  it('comes once to two addresses of one account', async () => {
    assert.deepEqual(await send([LI, ALIAS]), [OK, OK]);
    assert.equal((await campus.inbox(1)).length, 1);
  });

  it('in the name of somebody else is refused for all, and nobody has it', async () => {
    const octets = Buffer.from(`From: ${WANG}\r\n\r\n`);
    const english = `The sender "${WANG}" is not one of your addresses: choose another sender`;
    assert.deepEqual(await send([LI, OUTSIDE], {}, octets), Array(2).fill(`550 5.7.1 ${english}`));
    assert.deepEqual(await send([LI], { smtpUtf8: true }, octets), [
      `550 5.7.1 发件人“${WANG}”不是您的邮箱地址，请更换发件人\n${english}`,
    ]);
    assert.deepEqual(refused, Array(2).fill(`1 author ${WANG} 192.0.2.7`));
    assert.deepEqual(await campus.inbox(1), []);
    assert.deepEqual(await showQueue(), []);
  });

  it('over the quota of one of several waits for that one in the queue', async () => {
    await fill(2);
    assert.deepEqual(await send([LI, WANG]), [OK, OK]);
    assert.equal((await campus.inbox(1)).length, 1);
    assert.deepEqual(await showQueue(), [`${LOCAL}: ${WANG}`]);
    assert.deepEqual(
      (await traceOf())?.events.map(({ kind, recipients }) => ({ kind, recipients })),
      [
        { kind: 'delivered', recipients: [LI] },
        { kind: 'deferred', recipients: [WANG] },
      ],
    );
    assert.deepEqual(await send([WANG, OUTSIDE]), [OK, OK]);
    assert.equal((await queued()).length, 3);
  });

  it('that reaches nobody is told so, and leaves nothing behind', async () => {
    await fill(2);
    assert.deepEqual(await send([WANG]), [FAULT]);
    assert.deepEqual(await send(['no@example.edu', 'gone@example.edu']), [FAULT, FAULT]);
    const [reply = ''] = await send([WANG], { smtpUtf8: true });
    assert.match(reply, /^451 4\.3\.0 系统故障，请稍后再试（编号 [a-z2-7]{13}）\nLocal fault/);
    assert.deepEqual(await showQueue(), []);
    assert.equal(await traceOf(), undefined);
  });
});

describe('a message for here and for outside', () => {
  it('is nowhere when it cannot be queued, so that it is nowhere twice when it comes again', async () => {
    const failing = makeReceiver({ queue: brokenQueue });
    await assert.rejects(failing.data(transactionTo([WANG, OUTSIDE]), MESSAGE), /injected/);
    assert.deepEqual(await campus.inbox(2), []);
    assert.deepEqual(await send([WANG, OUTSIDE]), [OK, OK]);
    assert.equal((await campus.inbox(2)).length, 1);
    assert.deepEqual(await showQueue(), [`example.net: ${OUTSIDE}`]);
  });
});

describe('the copy in Sent', () => {
  async function sent(): Promise<string[]> {
    const account = campus.account(1);
    const mailbox = await account.findMailbox('Sent');
    const rows = mailbox === undefined ? [] : await store.mail.reader.entries(account.accountId, mailbox.mailboxId);
    if (Array.isArray(rows)) return [];
    for (const flags of rows.flags) assert.equal(flags, FLAG.SEEN | FLAG.HAS_KEYWORDS);
    return Promise.all(
      Array.from(rows.emailIds, async (emailId) => (await account.readMessage(emailId as EmailId)).toString()),
    );
  }

  beforeEach(() => {
    receiver = makeReceiver({ savesSent: true });
  });

  it('is what the author wrote, Bcc and all, and read', async () => {
    await send([WANG, OUTSIDE]);
    assert.deepEqual(await sent(), [MESSAGE.toString()]);
    await send([OUTSIDE], {}, Buffer.from('Bcc: x@example.net\r\n\r\n'));
    assert.match((await sent())[1] ?? '', /^Date: .*\r\nFrom: li@.*\r\nMessage-ID: .*\r\nBcc: x@example\.net\r\n\r\n$/);
  });

  it('is there for a message for later, and not for one that was refused', async () => {
    await send([OUTSIDE], { holdUntil: clock.now() + HOUR_MS });
    assert.equal((await sent()).length, 1);
    await send([OUTSIDE], {}, Buffer.from(`From: ${WANG}\r\n\r\n`));
    assert.equal((await sent()).length, 1);
  });

  it('is missed by nobody else when there is no room for it', async () => {
    await fill(1);
    assert.deepEqual(await send([WANG, OUTSIDE]), [OK, OK]);
    assert.deepEqual(await sent(), []);
  });

  it('is not made unless that is set', async () => {
    receiver = makeReceiver();
    await send([WANG]);
    assert.deepEqual(await sent(), []);
  });
});

describe('a message for later', () => {
  it('is later for everybody, also for whoever has gone since RCPT', async () => {
    const holdUntil = clock.now() + HOUR_MS;
    assert.deepEqual(await send([WANG, OUTSIDE, 'no@example.edu'], { holdUntil }), [OK, OK, OK]);
    assert.deepEqual(await campus.inbox(2), []);
    assert.deepEqual(await showQueue(), [`${LOCAL}: ${WANG} no@example.edu`, `example.net: ${OUTSIDE}`]);
    for (const { dueAt } of await queued()) assert.equal(dueAt, holdUntil);
    assert.deepEqual((await traceOf())?.events, [{ at: clock.now(), kind: 'queued', until: holdUntil }]);
  });
});

describe('the limits on recipients outside', () => {
  const hour =
    '450 4.7.1 Too many recipients outside: 4 an hour at most. If this was not you, change your password now';

  it('count what was taken, not what was asked or refused', async () => {
    for (let i = 0; i < 10; i++) assert.equal(await askRcpt(OUTSIDE), 'ok');
    const foreign = Buffer.from(`From: ${WANG}\r\n\r\n`);
    for (let i = 0; i < 3; i++) assert.match((await send([OUTSIDE, 'y@example.net'], {}, foreign))[0] ?? '', /^550 /);
    assert.deepEqual(await send([OUTSIDE, 'y@example.net', WANG]), [OK, OK, OK]);
    assert.deepEqual(await send([OUTSIDE, 'y@example.net', 'z@example.net']), Array(3).fill(hour));
    assert.deepEqual(await send([OUTSIDE, 'y@example.net']), [OK, OK]);
    assert.equal(await askRcpt(OUTSIDE), hour);
    assert.equal(await askRcpt(WANG), 'ok');
    assert.deepEqual(await send([WANG]), [OK]);
  });

  it('count what an outage then kept from being queued', async () => {
    const failing = makeReceiver({ queue: brokenQueue });
    await assert.rejects(failing.data(transactionTo([OUTSIDE, 'y@example.net']), MESSAGE), /injected/);
    assert.deepEqual(await send([OUTSIDE, 'y@example.net', 'z@example.net']), Array(3).fill(hour));
    assert.deepEqual(await send([OUTSIDE, 'y@example.net']), [OK, OK]);
  });

  it('are those of the account’s class', async () => {
    standing = { ...standing, serviceClass: 'alumni' };
    assert.deepEqual(
      await send([OUTSIDE, WANG, 'y@example.net', 'z@example.net', 'v@example.net', 'w@example.net']),
      Array(6).fill(OK),
    );
    const accepted = Array.from({ length: 49 }, (_, i) => `n${i}@example.net`);
    assert.equal(await askRcpt(WANG, accepted), 'ok');
    assert.equal(await askRcpt(WANG, [...accepted, LI]), '452 4.5.3 Too many recipients: 50 in one message at most');
  });

  it('on new ones let through who is known', async () => {
    const limits = { recipients: 99, outsidePerHour: 99, outsidePerDay: 99, newPerDay: 2 };
    receiver = makeReceiver({ limits: { staff: limits } });
    assert.deepEqual(await send([OUTSIDE, 'y@example.net']), [OK, OK]);
    assert.deepEqual(await send(['z@example.net']), [
      '450 4.7.1 Too many new recipients outside: 2 addresses you had no contact with a day at most. ' +
        'If this was not you, change your password now',
    ]);
    assert.deepEqual(await send([OUTSIDE, 'Y@Example.net']), [OK, OK]);
    const wrote = { peer: { remoteAddress: '192.0.2.9', helo: 'mx' }, reversePath: { address: 'z@example.net' } };
    trace.message(
      traceMessage({
        queueId: newQueueId(clock.now(), systemRandom),
        at: clock.now(),
        direction: 'in',
        transaction: { ...wrote, forwardPaths: [{ address: ALIAS }] },
        summary: { messageId: [], subject: '' },
        sizeBytes: 1,
      }),
      [{ at: clock.now(), kind: 'delivered' }],
    );
    await trace.flush();
    assert.deepEqual(await send(['z@example.net']), [OK]);
  });

  it('are told once for each message', async () => {
    const transaction = transactionTo(['a@example.net', 'b@example.net', 'c@example.net', 'd@example.net', OUTSIDE]);
    await receiver.data(transaction, MESSAGE);
    await receiver.rcpt(transaction, { address: OUTSIDE, dsn: {} });
    assert.deepEqual(noted, [{ window: 'hour', limit: 4 }]);
    await receiver.data(transactionTo(Array<string>(5).fill(OUTSIDE)), MESSAGE);
    assert.equal(noted.length, 2);
  });

  it('end with the hour and the day, and are told in Chinese, too', async () => {
    await send([OUTSIDE, 'y@example.net', 'z@example.net']);
    clock.advance(HOUR_MS);
    await send([OUTSIDE, 'y@example.net', 'z@example.net']);
    clock.advance(HOUR_MS);
    assert.equal(
      await askRcpt(OUTSIDE, [], { smtpUtf8: true }),
      '450 4.7.1 校外收件人过多：每天最多 6 人。如非本人操作，请立即修改密码\n' +
        'Too many recipients outside: 6 a day at most. If this was not you, change your password now',
    );
    clock.advance(22 * HOUR_MS);
    assert.equal(await askRcpt(OUTSIDE), 'ok');
  });

  it('count a message for later, too', async () => {
    await send([OUTSIDE, 'y@example.net', 'z@example.net'], { holdUntil: clock.now() + 60_000 });
    assert.deepEqual(await send([OUTSIDE, 'y@example.net']), Array(2).fill(hour));
  });
});

it('the trace shows who sent what to whom, and what became of it', async () => {
  await send([WANG, OUTSIDE]);
  const found = await traceOf();
  const { queueId, sizeBytes, ...message } = found!.message;
  assert.deepEqual(message, {
    at: clock.now(),
    direction: 'out',
    accountId: 1,
    sender: LI,
    recipients: [WANG, OUTSIDE],
    messageId: 'z@x',
    subject: '归档 & Résumé',
    remoteAddress: '192.0.2.7',
    helo: 'laptop',
  });
  assert.equal(sizeBytes, (await queue.readOctets(queueId)).length);
  assert.deepEqual(found?.events, [
    { at: clock.now(), kind: 'delivered', recipients: [WANG] },
    { at: clock.now(), kind: 'queued', recipients: [OUTSIDE] },
  ]);
});
