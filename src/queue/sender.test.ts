import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';

import { startFakeServer } from '#smtp/client/testing/fake-server.ts';
import type { FakeServer } from '#smtp/client/testing/fake-server.ts';

import { HOUR, MINUTE, openSending, turns, until } from './testing/sending.ts';
import type { Sending, SendingOptions } from './testing/sending.ts';

function openWith(server: FakeServer, options: SendingOptions = {}): Promise<Sending> {
  return openSending({ servers: { '*': server.port }, ...options });
}

const count = ({ heard }: FakeServer, start: string): number => heard.filter((line) => line.startsWith(start)).length;

const kindsOf = (events: Sending['traced']): string[] => events.map(({ kind }) => kind);

/** Until the one delivery was tried again, and put off again. */
async function passToNext(sending: Sending): Promise<void> {
  const [row] = await sending.rows();
  await sending.pass((row?.dueAt ?? 0) - sending.clock.now());
  await sending.settled(1);
}

/** A port where nobody listens. */
async function findDeadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('Sender', { timeout: 50_000 }, () => {
  it('sends what is queued, forgets it and frees its octets', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    const queueId = await sending.add(['a@x.example', 'b@x.example']);
    assert.equal(await sending.dropBlobs(), 0);
    await sending.start();
    await sending.settled(0);
    assert.equal(count(server, 'RCPT TO:'), 2);
    assert.equal(server.heard.at(-1), `content "Subject: ${queueId}\\r\\n\\r\\nbody\\r\\n.\\r\\n"`);
    assert.equal(await sending.dropBlobs(), 1);
    assert.deepEqual(sending.posted, []);
    const last = { destination: 'x.example', at: sending.clock.now(), protection: 'in plaintext' };
    assert.deepEqual(sending.sessions.newest(9), [last]);
  });

  it('keeps the Return-Path of our mailboxes to itself', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    const octets = Buffer.from('Return-Path: <li@example.edu>\r\nSubject: x\r\n\r\n');
    await sending.add(['a@x.example'], {}, { message: sending.prepare(octets) });
    await sending.start();
    await sending.settled(0);
    assert.equal(server.heard.at(-1), String.raw`content "Subject: x\r\n\r\n.\r\n"`);
  });

  it('sends what is held for a while when its time has come, and not with the next survey', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    await sending.start();
    await sending.add(['a@x.example']);
    await sending.add(['b@x.example'], {}, { holdUntil: sending.clock.now() + 10_000 });
    await sending.add(['c@y.example'], {}, { holdUntil: sending.clock.now() + 11_000 });
    await until(() => count(server, 'content') === 1);
    await sending.pass(9_999);
    assert.equal(count(server, 'content'), 1);
    await sending.pass(1);
    await until(() => count(server, 'content') === 2);
    await sending.pass(1_000);
    await sending.settled(0);
    assert.equal(count(server, 'content'), 3);
  });

  it('puts off what is refused for now, by the schedule, until it is taken', async () => {
    const answers: Record<string, string> = { RCPT: '451 4.7.1 Greylisted' };
    await using server = await startFakeServer({ answers });
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(1);
    const [row] = await sending.rows();
    assert.equal(row?.attempts, 1);
    assert.deepEqual(
      { ...row?.lastFailure, at: 0 },
      { at: 0, remote: '[127.0.0.1]', code: 451, enhanced: '4.7.1', text: 'Greylisted' },
    );
    const pauseMs = (row?.dueAt ?? 0) - sending.clock.now();
    assert.ok(pauseMs >= 4.5 * MINUTE && pauseMs <= 5.5 * MINUTE, String(pauseMs));
    answers['RCPT'] = '250 Ok';
    await sending.pass(pauseMs - 1);
    assert.equal(count(server, 'RCPT'), 1);
    await sending.pass(1);
    await sending.settled(0);
    assert.deepEqual(sending.posted, []);
  });

  it('traces until when it put a message off', async () => {
    await using server = await startFakeServer({ answers: { RCPT: '451 4.7.1 Greylisted' } });
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(1);
    const [row] = await sending.rows();
    const deferred = sending.traced.find(({ kind }) => kind === 'deferred');
    assert.equal(deferred?.until, row?.dueAt);
    assert.equal(deferred?.text, '451 Greylisted');
  });

  it('returns what cannot be read any more, without it, and sends the rest meanwhile', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    sending.isUnreadable = true;
    await sending.start();
    await sending.settled(1);
    for (let attempt = 2; attempt <= 7; attempt++) await passToNext(sending);
    assert.ok(!sending.posted.map(actionOf).includes('failed'));
    sending.isUnreadable = false;
    await sending.add(['b@x.example']);
    await until(() => count(server, 'content') === 1);
    sending.isUnreadable = true;
    await sending.settled(1);
    await sending.pass(3 * HOUR);
    await sending.settled(0);
    assert.deepEqual(
      sending.posted.map(actionOf).filter((action) => action === 'failed'),
      ['failed'],
    );
    assert.match(sending.posted.at(-1)!, /Status: 5\.3\.0/);
    assert.equal(count(server, 'MAIL'), 1);
  });

  it('does not return a message for being unreadable once', async () => {
    const answers: Record<string, string> = { MAIL: '450 4.3.2 Not now' };
    await using server = await startFakeServer({ answers });
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(1);
    for (let attempt = 2; attempt <= 9; attempt++) await passToNext(sending);
    sending.isUnreadable = true;
    await passToNext(sending);
    sending.isUnreadable = false;
    delete answers['MAIL'];
    await sending.pass(3 * HOUR);
    await sending.settled(0);
    assert.equal(count(server, 'content "Subject'), 1);
  });

  it('returns what is refused for good, and sends the rest', async () => {
    await using server = await startFakeServer({ answers: { 'RCPT TO:<b@': '550 5.1.1 No such user' } });
    await using sending = await openWith(server);
    await sending.add(['a@x.example', 'b@x.example']);
    await sending.start();
    await sending.settled(0);
    assert.equal(count(server, 'content'), 1);
    assert.equal(sending.posted.length, 1);
    assert.match(sending.posted[0]!, /^li@example\.edu: [^]*Final-Recipient: rfc822; ?b@x\.example[^]*Action: failed/);
    assert.doesNotMatch(sending.posted[0]!, /a@x\.example/);
    assert.deepEqual(kindsOf(sending.traced), ['relayed', 'failed', 'reported']);
  });

  it('sends several messages over one connection', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    for (let i = 0; i < 5; i++) await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(0);
    await sending.add(['a@x.example']);
    await sending.settled(0);
    assert.deepEqual([count(server, 'EHLO'), count(server, 'MAIL')], [1, 6]);
  });

  it('goes on while what came of a message is stored, but not far', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server, { limits: { maxChannelsPerDestination: 1, unsettledAtOnce: 3 } });
    for (let i = 0; i < 10; i++) await sending.add(['a@x.example']);
    const gate = Promise.withResolvers<void>();
    sending.gate = gate.promise;
    await sending.start();
    await until(() => count(server, 'content') === 3);
    await turns();
    assert.equal(count(server, 'content'), 3);
    gate.resolve();
    await sending.settled(0);
    assert.deepEqual([count(server, 'EHLO'), count(server, 'content')], [1, 10]);
  });

  it('lets go of a connection that nobody needs', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(0);
    await turns();
    assert.equal(count(server, 'QUIT'), 0);
    sending.clock.advance(2001);
    await until(() => count(server, 'QUIT') === 1);
  });

  it('replaces a kept connection that was found dead, and counts no attempt for it', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(0);
    server.sockets[0]?.destroy();
    await turns();
    await sending.add(['b@x.example']);
    await sending.settled(0);
    assert.deepEqual([count(server, 'EHLO'), count(server, 'MAIL')], [2, 2]);
  });

  it('replaces one that says so only when it is asked', async () => {
    let connections = 0;
    await using server = await startFakeServer((peer) => {
      connections++;
      const answers: Record<string, string> = connections === 1 ? { 'MAIL FROM:<late': '421 4.4.2 Too late' } : {};
      return peer.serve({ answers });
    });
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(0);
    await sending.add(['b@x.example'], { reversePath: 'late@example.edu' });
    await sending.settled(0);
    assert.equal(count(server, 'content'), 2);
  });

  it('sends those beyond the limit of one transaction at once', async () => {
    await using server = await startFakeServer({ keywords: ['LIMITS RCPTMAX=2'] });
    await using sending = await openWith(server);
    await sending.add(['a', 'b', 'c', 'd', 'e'].map((name) => `${name}@x.example`));
    await sending.start();
    await sending.settled(0);
    assert.deepEqual([count(server, 'RCPT'), count(server, 'content')], [5, 3]);
  });

  it('returns what could not be sent in 72 hours, with the last words', async () => {
    await using server = await startFakeServer({ answers: { MAIL: '450 4.3.2 Come back some day' } });
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.settled(1);
    for (let hour = 0; hour < 71; hour++) {
      await sending.pass(HOUR);
      await sending.settled(1);
    }
    assert.ok(count(server, 'MAIL') > 10 && count(server, 'MAIL') < 60, String(count(server, 'MAIL')));
    assert.deepEqual(sending.posted.map(actionOf), ['delayed']);
    await sending.pass(HOUR);
    await sending.pass(MINUTE);
    await sending.settled(0);
    assert.deepEqual(sending.posted.map(actionOf), ['delayed', 'failed']);
    assert.match(sending.posted[1]!, /Come back some day/);
    assert.deepEqual(kindsOf(sending.traced).slice(-2), ['failed', 'reported']);
  });

  it('tells of a delay once, after four hours', async () => {
    await using sending = await openSending({ servers: { '*': await findDeadPort() } });
    await sending.add(['a@x.example']);
    await sending.start();
    await sending.pass(4 * HOUR - MINUTE);
    await turns();
    assert.deepEqual(sending.posted, []);
    for (let i = 0; i < 5; i++) await sending.pass(10 * MINUTE);
    await until(() => sending.posted.length > 0);
    assert.deepEqual(sending.posted.map(actionOf), ['delayed']);
  });

  it('tells of it though the reports of others cannot be posted, which it tries again', async () => {
    await using sending = await openSending({ servers: { '*': await findDeadPort() }, limits: { attentionAtOnce: 2 } });
    for (let i = 0; i < 5; i++) await sending.add(['a@x.example'], { reversePath: `s${i}@example.edu` });
    sending.failsToPostTo = 's0@example.edu';
    await sending.start();
    await sending.pass(4 * HOUR);
    // Step by step: the next look at what needs attention is set only when the one before has ended.
    while (sending.posted.length < 4 || sending.errors.length === 0) await sending.pass(MINUTE / 6);
    await turns();
    assert.equal(sending.posted.length, 4);
    assert.equal(sending.errors.filter((text) => text.startsWith('a report')).length, 1);
    sending.failsToPostTo = undefined;
    while (sending.posted.length < 5) await sending.pass(MINUTE);
    await turns();
    assert.equal(sending.posted.length, 5);
  });

  for (const [mode, actions] of [
    ['R', ['failed']],
    ['N', ['delayed']],
  ] as const) {
    it(`heeds the hour its sender named, mode ${mode}`, async () => {
      await using sending = await openSending({ servers: { '*': await findDeadPort() } });
      await sending.add(['a@x.example'], { deliverBy: { until: sending.clock.now() + HOUR, mode } });
      await sending.start();
      await sending.pass(59 * MINUTE);
      assert.deepEqual(sending.posted, []);
      await sending.pass(2 * MINUTE);
      await sending.pass(MINUTE);
      await until(() => sending.posted.length > 0);
      await turns();
      assert.deepEqual(sending.posted.map(actionOf), actions);
      assert.equal((await sending.rows()).length, mode === 'R' ? 0 : 1);
    });
  }

  it('reports to nobody who does not want it, or cannot be told', async () => {
    await using server = await startFakeServer({ answers: { RCPT: '550 5.1.1 No' } });
    await using sending = await openWith(server);
    await sending.add(['a@x.example'], { reversePath: '' });
    await sending.add([], {}, { recipients: [{ address: 'b@x.example', notify: ['NEVER'] }] });
    await sending.start();
    await sending.settled(0);
    assert.equal(count(server, 'RCPT'), 2);
    assert.deepEqual(sending.posted, []);
  });

  it('confirms success where the next server will not', async () => {
    await using plain = await startFakeServer({});
    await using able = await startFakeServer({ keywords: ['DSN'] });
    await using sending = await openSending({ servers: { 'x.example': plain.port, 'y.example': able.port } });
    const recipients = ['a@x.example', 'b@y.example'].map((address) => ({ address, notify: ['SUCCESS'] as const }));
    await sending.add([], {}, { recipients });
    await sending.start();
    await sending.settled(0);
    assert.deepEqual(sending.posted.map(actionOf), ['relayed']);
    assert.match(sending.posted[0]!, /a@x\.example/);
    assert.equal(count(able, 'RCPT TO:<b@y.example> NOTIFY=SUCCESS'), 1);
  });

  it('keeps a message as long as its return cannot be posted', async () => {
    await using server = await startFakeServer({ answers: { 'RCPT TO:<b@': '550 5.1.1 No' } });
    await using sending = await openWith(server);
    await sending.add(['a@x.example', 'b@x.example']);
    sending.failsToPostTo = 'li@example.edu';
    await sending.start();
    await sending.settled(1);
    assert.deepEqual((await sending.rows())[0]?.recipients, [{ address: 'b@x.example' }]);
    sending.failsToPostTo = undefined;
    await sending.pass(6 * MINUTE);
    await sending.settled(0);
    assert.equal(count(server, 'content "Subject'), 1);
    assert.deepEqual(sending.posted.map(actionOf), ['failed']);
  });

  it('lets a destination that cannot be reached rest, and others go on', async () => {
    await using server = await startFakeServer({});
    const servers = { 'dead.example': await findDeadPort(), '*': server.port };
    await using sending = await openSending({ servers });
    for (let i = 0; i < 50; i++) await sending.add([`a${i}@dead.example`, `a${i}@x.example`]);
    await sending.start();
    await until(async () => count(server, 'content') === 50 && (await sending.queue.totals()).underWay === 0);
    const attempts = async (): Promise<number> => (await sending.rows()).reduce((sum, row) => sum + row.attempts, 0);
    // Channels that began together may each have tried one.
    const first = await attempts();
    assert.ok(first >= 1 && first <= 10, String(first));
    await turns();
    assert.equal(await attempts(), first);
    await sending.pass(2 * MINUTE);
    await until(async () => (await attempts()) === first + 1);
    await turns();
    assert.equal(await attempts(), first + 1);
  });

  it('sends all that waited once the destination is back', async () => {
    const answers: Record<string, string> = {};
    let greeting = '421 4.3.2 Not now';
    await using server = await startFakeServer((peer) => peer.serve({ greeting, answers }));
    await using sending = await openWith(server);
    for (let i = 0; i < 30; i++) await sending.add(['a@x.example']);
    await sending.start();
    await until(async () => (await sending.rows()).some(({ lastFailure }) => lastFailure?.code === 421));
    greeting = '220 mx.example.net';
    await sending.pass(2 * MINUTE);
    await sending.pass(6 * MINUTE);
    await sending.settled(0);
    assert.equal(count(server, 'content'), 30);
  });

  it('lets no long queue keep all channels from others', async () => {
    await using busy = await startFakeServer({});
    await using other = await startFakeServer({});
    const servers = { 'x.example': busy.port, 'y.example': other.port };
    await using sending = await openSending({ servers, limits: { maxChannels: 1, leasedAtOnce: 2 } });
    for (let i = 0; i < 20; i++) await sending.add(['a@x.example']);
    await sending.add(['b@y.example']);
    await sending.start();
    await until(() => count(other, 'content') === 1);
    assert.ok(count(busy, 'content') <= 6, String(count(busy, 'content')));
    await sending.settled(0);
    assert.equal(count(busy, 'content'), 20);
  });

  it('does not send again what the store could not be told of, but tells it later', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    for (let i = 0; i < 3; i++) await sending.add(['a@x.example']);
    sending.failing = 'conclude';
    await sending.start();
    await until(() => sending.errors.length === 3);
    sending.failing = undefined;
    await sending.pass(MINUTE);
    await sending.settled(0);
    assert.equal(count(server, 'content'), 3);
  });

  it('sends once what the store gave it, or took from it, without saying so', async () => {
    for (const operation of ['lease', 'conclude'] as const) {
      await using server = await startFakeServer({});
      await using sending = await openWith(server);
      for (let i = 0; i < 3; i++) await sending.add(['a@x.example']);
      sending.losesAnswer = operation;
      await sending.start();
      await until(() => sending.errors.length === 1);
      for (let i = 0; i < 6; i++) await sending.pass(MINUTE / 2);
      await sending.settled(0);
      assert.equal(count(server, 'content'), 3, operation);
    }
  });

  it('delivers to mailboxes here, and again later to those that are full', async () => {
    let isFull = true;
    const failure = { at: 0, enhanced: '4.2.2', text: 'The mailbox is full' };
    await using sending = await openSending({
      deliverLocally: async (_, __, to) =>
        to.map(({ address }) => (isFull && address.startsWith('b@') ? { kind: 'later', failure } : { kind: 'gone' })),
    });
    const recipients = ['a@example.edu', 'b@example.edu'].map((address) => ({ address, isLocal: true }));
    await sending.add([], {}, { recipients });
    await sending.start();
    await sending.settled(1);
    assert.deepEqual((await sending.rows())[0]?.recipients, [{ address: 'b@example.edu' }]);
    isFull = false;
    await sending.pass(6 * MINUTE);
    await sending.settled(0);
  });

  it('puts off what cannot be delivered here because of an outage', async () => {
    await using sending = await openSending();
    await sending.add([], {}, { recipients: [{ address: 'a@example.edu', isLocal: true }] });
    await sending.start();
    await sending.settled(1);
    assert.equal((await sending.rows())[0]?.lastFailure?.enhanced, '4.3.0');
    assert.deepEqual(sending.errors, ['an attempt broke off']);
  });

  for (const [where, manners] of [
    ['in the greeting', { greeting: '' }],
    ['in a transaction', { answers: { content: '' } }],
  ] as const) {
    it(`breaks off what is under way ${where} when it stops, and that falls due again`, async () => {
      await using server = await startFakeServer(manners);
      await using sending = await openWith(server, { limits: { maxChannels: 1 } });
      for (let i = 0; i < 3; i++) await sending.add(['a@x.example']);
      const sender = await sending.start();
      await until(() => (where === 'in the greeting' ? server.sockets.length : count(server, 'content')) === 1);
      const stopped = sender.stop(1000);
      sending.clock.advance(1000);
      await stopped;
      const rows = await sending.rows();
      assert.equal(rows.length, 3);
      for (const { owner, dueAt } of rows) assert.ok(owner === null && dueAt <= sending.clock.now());
      assert.equal(server.sockets.length, 1);
      // Or the process would not end before that server does.
      await until(() => server.sockets[0]?.destroyed === true);
    });
  }

  it('takes nothing new while it stops', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    const sender = await sending.start();
    await sender.stop(0);
    await sending.add(['a@x.example']);
    await turns();
    assert.equal(server.sockets.length, 0);
  });

  it('takes over what another has under way when that says nothing any more', async () => {
    await using server = await startFakeServer({});
    await using sending = await openWith(server);
    await sending.add(['a@x.example']);
    await sending.queue.keepAlive({ owner: 'dead', aliveUntil: sending.clock.now() + 90_000, isAlone: false });
    await sending.queue.lease({ owner: 'dead', destination: 'x.example', limit: 1 });
    await sending.start();
    await sending.pass(60_000);
    assert.equal(server.sockets.length, 0);
    await sending.pass(31_000);
    await sending.settled(0);
    assert.equal(count(server, 'content'), 1);
  });
});

const actionOf = (report: string): string | undefined => /^Action: (\w+)/m.exec(report)?.[1];
