import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import webPush from 'web-push';
import { systemClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import { createHttpsClient, type AskHttps } from '#http/https-client.ts';
import type { MailboxId } from '#base/ids.ts';
import { makeAuthority, type TestAuthority } from '#test/harness/authority.ts';
import { PUSH_LIMITS } from './limits.ts';
import { PushSender, type PushSenderParts } from './push-sender.ts';
import { message, openJmap, type Answer } from './testing/jmap.ts';
import { openPushService, PUSH_HOST, readVapid, Receiver } from './testing/push-service.ts';

let authority: Promise<TestAuthority> | undefined;

const INBOX = 1 as MailboxId;
const URL_OF_PHONE = `https://${PUSH_HOST}/phone?token=1`;

async function withPush(
  body: (given: Awaited<ReturnType<typeof open>>) => Promise<void>,
  patch: Partial<PushSenderParts> = {},
) {
  const given = await open(patch);
  try {
    await body(given);
  } finally {
    for (const sender of given.senders) sender.stop();
    await given.service.close();
    await given.jmap.store.close();
  }
}

async function open(patch: Partial<PushSenderParts>) {
  const { ca, issue } = await (authority ??= makeAuthority());
  const service = await openPushService({ ca, issue });
  const jmap = await openJmap();
  const { clock, services, account, accountId } = jmap;
  // Of 32 octets always: a curve's own private key is shorter once in 256.
  const vapid = { ...webPush.generateVAPIDKeys(), contact: 'mailto:postmaster@kust.example' };
  const ask = createHttpsClient({
    clock: systemClock,
    findAddresses: async (host) => (host === PUSH_HOST ? ['127.0.0.1'] : 'only private addresses'),
    trust: createSecureContext({ ca }),
    port: service.port,
  });
  const senders: PushSender[] = [];
  const startSender = async () => {
    const sender = new PushSender({
      records: services.records,
      directory: services.directory,
      openAccount: (id) => jmap.mail.account(id),
      watchOwner: () => () => {},
      ask,
      vapid,
      clock,
      random: systemRandom,
      log: silentLog,
      metrics: noMetrics,
      ...patch,
    });
    senders.push(sender);
    await sender.start();
    return sender;
  };
  await startSender();

  const until = async (isSo: () => boolean | Promise<boolean>, stepMs = 100): Promise<void> => {
    const giveUpAt = systemClock.monotonic() + 30_000;
    while (!(await isSo())) {
      assert.ok(systemClock.monotonic() < giveUpAt, 'it never came to be so');
      await nextTurn();
      clock.advance(stepMs);
    }
  };
  const push = async (index: number) => {
    await until(() => service.pushes.length > index);
    return service.pushes[index] as (typeof service.pushes)[number];
  };
  const receiver = new Receiver();
  const subscribe = async (more: object = {}): Promise<Answer> => {
    const set = await jmap.call('PushSubscription/set', {
      create: { s: { deviceClientId: '手机', url: URL_OF_PHONE, keys: receiver.keys, ...more } },
    });
    return (set['created']?.s ?? set['notCreated'].s) as Answer;
  };
  /** Subscribed, and the code said back. Its pushes are forgotten. */
  const subscribed = async (more: object = {}): Promise<string> => {
    const { id } = await subscribe(more);
    const code = receiver.read(await push(0))['verificationCode'];
    const set = await jmap.call('PushSubscription/set', { update: { [id]: { verificationCode: code } } });
    assert.deepEqual(set['notUpdated'], null);
    await until(async () => (await services.records.pushSubscriptions(accountId))[0]?.told !== 'code');
    service.pushes.length = 0;
    return id as string;
  };
  const deliver = (subject: string) =>
    account.append({
      items: [
        {
          message: account.prepareMessage(
            message(`From: =?utf-8?B?${Buffer.from('李四').toString('base64')}?= <li@kust.example>
Subject: ${subject}

text`),
          ),
          mailboxes: [INBOX],
          keywords: [],
          receivedAt: clock.now(),
        },
      ],
      source: 'smtp',
    });
  return { jmap, service, senders, startSender, receiver, subscribe, subscribed, deliver, push, until, vapid };
}

test('a code goes out encrypted; said back, changes follow, with sender and subject where they are wanted', async () => {
  await withPush(async ({ jmap, service, receiver, subscribe, push, until, deliver, vapid }) => {
    const { id, expires } = await subscribe({ withSubject: true, types: ['Email', 'EmailDelivery'] });
    assert.match(expires, /Z$/);
    const first = await push(0);
    const { verificationCode, ...verification } = receiver.read(first);
    assert.deepEqual(verification, { '@type': 'PushVerification', pushSubscriptionId: id });
    assert.deepEqual([first.path, first.headers['ttl']], ['/phone?token=1', String(PUSH_LIMITS.codeHoldsS)]);
    const { key, claims } = readVapid(first);
    assert.equal(key, vapid.publicKey);
    assert.deepEqual([claims['aud'], claims['sub']], [`https://${PUSH_HOST}`, 'mailto:postmaster@kust.example']);
    assert.ok((claims['exp'] as number) - jmap.clock.now() / 1000 <= 86_400);

    await deliver('nobody has said the code');
    const wrong = await jmap.call('PushSubscription/set', { update: { [id]: { verificationCode: 'guess' } } });
    assert.deepEqual(wrong['notUpdated'][id].type, 'invalidProperties');
    assert.equal((await jmap.call('PushSubscription/get'))['list'][0].verificationCode, null);
    await jmap.call('PushSubscription/set', { update: { [id]: { verificationCode } } });
    await until(async () => (await jmap.services.records.pushSubscriptions(jmap.accountId))[0]?.told !== 'code');

    await deliver('会议');
    const second = await push(1);
    const { newEmails, ...change } = receiver.read(second);
    const { state } = await jmap.call('Email/get', { ids: [] });
    assert.deepEqual(change, { '@type': 'StateChange', changed: { A1: { EmailDelivery: state, Email: state } } });
    const [email] = newEmails as Answer[];
    assert.deepEqual([email?.['from'], email?.['subject']], [{ name: '李四', email: 'li@kust.example' }, '会议']);
    assert.equal((newEmails as Answer[]).length, 1);
    assert.deepEqual([second.headers['urgency'], second.headers['ttl']], ['normal', '86400']);
    assert.match(String(second.headers['topic']), /^[\w-]{1,32}$/);
    assert.equal(service.pushes.length, 2);
  });
});

test('what happens within a second is told together, and no more than fits', async () => {
  await withPush(async ({ jmap, service, receiver, subscribed, push, until, deliver }) => {
    await subscribed({ withSubject: true });
    await deliver('one');
    await push(0);
    const sentAt = jmap.clock.now();
    for (let n = 0; n < 9; n++) await deliver(`=?utf-8?Q?${'=E4=BC=9A'.repeat(600)}?= ${n}`);
    const told = receiver.read(await push(1));
    assert.ok(jmap.clock.now() - sentAt >= PUSH_LIMITS.betweenMs);
    const { state } = await jmap.call('Email/get', { ids: [] });
    assert.equal((told['changed'] as Answer)['A1'].Email, state);
    const { length } = told['newEmails'] as unknown[];
    assert.ok(length > 0 && length <= PUSH_LIMITS.newEmails, `${length} new Emails`);
    await until(() => jmap.clock.now() > sentAt + 60_000);
    assert.equal(service.pushes.length, 2);
  });
});

test('without keys it is plain JSON, and never says who wrote', async () => {
  await withPush(async ({ jmap, subscribe, push, deliver, until }) => {
    const refused = await subscribe({ keys: null, withSubject: true });
    assert.equal(refused['type'], 'invalidProperties');
    const { id } = await subscribe({ keys: null, types: ['Email'] });
    const { headers, body } = await push(0);
    assert.equal(headers['content-type'], 'application/json');
    const { verificationCode } = JSON.parse(body.toString());
    await jmap.call('PushSubscription/set', { update: { [id]: { verificationCode } } });
    await until(async () => (await jmap.services.records.pushSubscriptions(jmap.accountId))[0]?.told !== 'code');
    await deliver('会议');
    const { state } = await jmap.call('Email/get', { ids: [] });
    assert.deepEqual(JSON.parse((await push(1)).body.toString()), {
      '@type': 'StateChange',
      changed: { A1: { Email: state } },
    });
  });
});

test('a service that is busy is asked again when it says, and hears of all that happened', async () => {
  await withPush(async ({ jmap, service, receiver, subscribed, push, deliver }) => {
    await subscribed();
    service.answerWith((response) => void response.writeHead(429, { 'retry-after': '120' }).end());
    await deliver('one');
    await push(0);
    const refusedAt = jmap.clock.now();
    service.answerWith((response) => void response.writeHead(503).end());
    await deliver('two');
    await push(1);
    assert.ok(jmap.clock.now() - refusedAt >= 120_000);
    service.answerWith();
    const { changed } = receiver.read(await push(2));
    const { state } = await jmap.call('Email/get', { ids: [] });
    assert.equal((changed as Answer)['A1'].Email, state);
  });
});

test('a subscription that a service does not know any more is dropped; one that is refused is not asked again', async () => {
  await withPush(async ({ jmap, service, subscribed, push, deliver, until }) => {
    await subscribed();
    service.answerWith((response) => void response.writeHead(302, { location: 'https://127.0.0.1/' }).end());
    await deliver('one');
    await push(0);
    const sentAt = jmap.clock.now();
    await until(() => jmap.clock.now() > sentAt + 300_000);
    assert.equal(service.pushes.length, 1);
    service.answerWith((response) => void response.writeHead(410).end());
    await deliver('two');
    await push(1);
    await until(async () => (await jmap.services.records.pushSubscriptions(jmap.accountId)).length === 0);
  });
});

test('services that say nothing, too much or garbage are given up after a while, and hold up nobody', async () => {
  const hostile: Parameters<Awaited<ReturnType<typeof openPushService>>['answerWith']>[0][] = [
    (response) => void response.socket?.destroy(),
    (response) => void response.socket?.end('220 mail.example ESMTP\r\n'),
    (response) => void response.writeHead(201).end(Buffer.alloc(PUSH_LIMITS.answerBytes + 1)),
    (response) => void response.writeHead(503, { 'retry-after': 'Thu, 01 Jan 9999 00:00:00 GMT' }).end(),
  ];
  for (const answer of hostile) {
    await withPush(async ({ jmap, service, subscribed, deliver, until, push, receiver }) => {
      await subscribed();
      service.answerWith(answer);
      await deliver('one');
      await until(() => service.pushes.length === PUSH_LIMITS.attempts, 5_000);
      const givenUpAt = jmap.clock.now();
      await until(() => jmap.clock.now() > givenUpAt + 2 * PUSH_LIMITS.mostAgainMs, 60_000);
      assert.equal(service.pushes.length, PUSH_LIMITS.attempts);
      service.answerWith();
      await deliver('two');
      const { changed } = receiver.read(await push(PUSH_LIMITS.attempts));
      assert.ok('Email' in (changed as Answer)['A1']);
    });
  }
});

test('one who does not answer takes up no more places than its account has', async () => {
  let asked = 0;
  const ask: AskHttps = () => {
    asked++;
    return new Promise(() => {});
  };
  await withPush(
    async ({ subscribe, until }) => {
      for (let n = 0; n < 5; n++) await subscribe();
      await until(() => asked === PUSH_LIMITS.atOnceOfAccount);
      for (let n = 0; n < 50; n++) await nextTurn();
      assert.equal(asked, PUSH_LIMITS.atOnceOfAccount);
    },
    { ask },
  );
});

test('two front-ends push once; one that comes back tells what was missed', async () => {
  await withPush(async ({ jmap, service, senders, startSender, receiver, subscribed, push, deliver, until }) => {
    await subscribed();
    await startSender();
    await deliver('one');
    await push(0);
    const sentAt = jmap.clock.now();
    await until(() => jmap.clock.now() > sentAt + 60_000);
    assert.equal(service.pushes.length, 1);
    for (const sender of senders) sender.stop();
    await deliver('two');
    await startSender();
    const { changed } = receiver.read(await push(1));
    const { state } = await jmap.call('Email/get', { ids: [] });
    assert.equal((changed as Answer)['A1'].Email, state);
  });
});

test('a subscription ends with the sign-in that made it', async () => {
  const ends: (() => void)[] = [];
  await withPush(
    async ({ jmap, subscribed, until }) => {
      await subscribed();
      assert.equal(ends.length, 1);
      ends[0]?.();
      await until(async () => (await jmap.services.records.pushSubscriptions(jmap.accountId)).length === 0);
    },
    {
      watchOwner(_, owner, onEnded) {
        assert.equal(owner, 'test');
        ends.push(onEnded);
        return () => {};
      },
    },
  );
});

test('identities, submissions and answers to mail are pushed, too, and only the types that were asked for', async () => {
  await withPush(async ({ jmap, receiver, subscribed, push, deliver }) => {
    await jmap.call('Identity/get');
    const id = await subscribed({ types: ['VacationResponse', 'Identity'] });
    await deliver('not asked for');
    const { updated } = await jmap.call('VacationResponse/set', {
      update: { singleton: { isEnabled: true, textBody: '出差' } },
    });
    assert.deepEqual(Object.keys(updated), ['singleton']);
    const { state } = await jmap.call('VacationResponse/get');
    assert.deepEqual(receiver.read(await push(0))['changed'], { A1: { VacationResponse: state } });
    await jmap.call('PushSubscription/set', { update: { [id]: { types: ['Identity'] } } });
    const set = await jmap.call('Identity/set', { create: { a: { email: 'zhang@kust.example', name: '张' } } });
    assert.deepEqual(receiver.read(await push(1))['changed'], { A1: { Identity: set['newState'] } });
  });
});

test('nothing is pushed to numbers, to names of one network, or to a name that leads inside', async () => {
  await withPush(async ({ subscribe, service, until, jmap }) => {
    const bad = [
      'http://push.example/',
      'https://127.0.0.1/',
      'https://2130706433/',
      'https://[::1]/',
      'https://localhost/',
      'https://intranet/',
      'https://a.localhost./',
      'https://user:secret@push.example/',
      'nonsense',
    ];
    for (const url of bad) assert.deepEqual((await subscribe({ url }))['properties'], ['url'], url);
    await subscribe({ url: 'https://inside.example/' });
    const startedAt = jmap.clock.now();
    await until(() => jmap.clock.now() > startedAt + 60_000);
    assert.equal(service.pushes.length, 0);
    // A point that is not on the curve.
    const keys = { p256dh: Buffer.alloc(65, 4).toString('base64url'), auth: Buffer.alloc(16).toString('base64url') };
    await subscribe({ keys });
    await until(async () => (await jmap.services.records.pushSubscriptions(jmap.accountId)).length === 1);
  });
});

test('who makes one subscription after another has codes sent a few at a time', async () => {
  await withPush(async ({ subscribe, service, jmap }) => {
    for (let n = 0; n < 20; n++) {
      const { id } = await subscribe();
      await nextTurn();
      await jmap.call('PushSubscription/set', { destroy: [id] });
    }
    for (let n = 0; n < 100; n++) await nextTurn();
    assert.ok(service.pushes.length <= 8, `${service.pushes.length} codes`);
  });
});

test('a key of ours that is none takes nobody’s subscription away', async () => {
  const tried = Promise.withResolvers<void>();
  const log = { ...silentLog, warn: () => tried.resolve() };
  const vapid = { ...webPush.generateVAPIDKeys(), privateKey: 'AAAA', contact: 'mailto:postmaster@kust.example' };
  await withPush(
    async ({ jmap, subscribe, service }) => {
      const { id } = await subscribe();
      await tried.promise;
      assert.equal(service.pushes.length, 0);
      assert.deepEqual((await jmap.call('PushSubscription/get', { ids: [id] }))['notFound'], []);
    },
    { log, vapid },
  );
});

test('what is secret is not told, and what is fixed not changed', async () => {
  await withPush(async ({ jmap, subscribe }) => {
    const { id } = await subscribe();
    const { type } = await jmap.refusal('PushSubscription/get', { properties: ['id', 'url'] });
    assert.equal(type, 'forbidden');
    const got = await jmap.call('PushSubscription/get', { ids: [id, 'A1P9'] });
    assert.deepEqual(Object.keys(got).toSorted(), ['list', 'notFound']);
    assert.deepEqual(got['notFound'], ['A1P9']);
    const set = await jmap.call('PushSubscription/set', {
      update: { [id]: { url: 'https://other.example/' }, A2P1: { types: null } },
      create: { a: { deviceClientId: 'x', url: URL_OF_PHONE, verificationCode: 'mine' } },
    });
    assert.deepEqual(set['notUpdated'][id].properties, ['url']);
    assert.equal(set['notUpdated']['A2P1'].type, 'notFound');
    assert.deepEqual(set['notCreated'].a.properties, ['verificationCode']);
    assert.equal('accountId' in set, false);
    const long = await jmap.call('PushSubscription/set', { update: { [id]: { expires: '2999-01-01T00:00:00Z' } } });
    assert.deepEqual(long['notUpdated'], null);
    assert.match(long['updated'][id].expires, /^2019-/);
  });
});
