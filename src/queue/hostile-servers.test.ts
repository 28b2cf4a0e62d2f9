/** Whatever a server elsewhere does: mail is sent once where it was taken, kept where not, and one line says why. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { startFakeServer } from '#smtp/client/testing/fake-server.ts';
import type { FakePeer, FakeServer, Manners } from '#smtp/client/testing/fake-server.ts';
import type { Zone } from '#dns/testing/zone.ts';

import { MINUTE, openSending, turns, until } from './testing/sending.ts';
import type { Sending } from './testing/sending.ts';

const timeout = 20_000;
const taken = ({ heard }: FakeServer): number => heard.filter((line) => line.startsWith('content')).length;

/** Serves, and closes when it has heard a line that begins so; what it says to that line comes before. */
function closingAfter(start: string, manners: Manners = {}): (peer: FakePeer) => Promise<void> {
  return async (peer) => {
    const before = peer.heard.length;
    const serving = peer.serve(manners);
    await until(() => peer.socket.destroyed || peer.heard.slice(before).some((line) => line.startsWith(start)));
    peer.socket.end();
    await serving;
  };
}

/** The one line of the trace, and of the queue if it is still there. */
async function tellOf(sending: Sending, queueId: Awaited<ReturnType<Sending['add']>>): Promise<string> {
  const events = sending.traceOf(queueId);
  assert.equal(events.length, 1, JSON.stringify(events));
  const [{ kind, remote, tls, enhanced, text } = assert.fail()] = events;
  const [row] = await sending.rows();
  // The trace has the code of a reply before its text.
  if (kind === 'deferred') assert.ok(text?.endsWith(row?.lastFailure?.text ?? assert.fail()));
  assert.doesNotMatch(text ?? '', /[\p{Cc}\p{Zl}\p{Bidi_Control}]/u);
  assert.ok((text ?? '').length <= 1100);
  return [kind, remote, tls, enhanced, text].filter((word) => word !== undefined).join(' | ');
}

describe('a server elsewhere', { timeout }, () => {
  const at = '[127.0.0.1]';
  const cases: readonly (readonly [
    string,
    Manners | ((peer: FakePeer) => Promise<void> | void),
    expected: string,
    /** How often it gets the message when it is tried twice. */
    times: number,
  ])[] = [
    ['takes it', {}, `relayed | ${at} | in plaintext | 2.0.0 | queued as 1`, 1],
    ['takes it and closes', closingAfter('content'), `relayed | ${at} | in plaintext | 2.0.0 | queued as 1`, 1],
    [
      'takes it in a strange voice',
      { answers: { content: '250 2.0.0 \0\x1b[2J\xe9\u202e' } },
      `relayed | ${at} | in plaintext | 2.0.0 | ??[2Jé?`,
      1,
    ],
    [
      'closes without an answer to the message',
      closingAfter('content', { answers: { content: '' } }),
      `deferred | ${at} | 4.4.1 | closed without a word`,
      2,
    ],
    [
      'closes in the greeting',
      (peer) => void peer.socket.end('220-x\r\n22'),
      `deferred | ${at} | 4.4.1 | closed without a word`,
      0,
    ],
    [
      'speaks another language',
      (peer) => peer.say('SSH-2.0-OpenSSH_9.6\r\n'),
      `deferred | ${at} | 4.4.1 | not a reply: SSH-2.0-OpenSSH_9.6`,
      0,
    ],
    [
      'has a banner of 2 MB',
      (peer) => peer.say(`220 ${'x'.repeat(2_000_000)}`),
      `deferred | ${at} | 4.4.1 | reply line too long`,
      0,
    ],
    [
      'greets in lines without end',
      (peer) => peer.say('220-x\r\n'.repeat(300_000)),
      `deferred | ${at} | 4.4.1 | reply too long`,
      0,
    ],
    [
      'has capabilities without end',
      { answers: { EHLO: '250-X\r\n'.repeat(300_000) } },
      `deferred | ${at} | 4.4.1 | reply too long`,
      0,
    ],
    [
      'says yes and no at once',
      { answers: { content: '250-Ok\r\n550 No' } },
      `deferred | ${at} | 4.4.1 | contradictory reply: 250 and 550`,
      2,
    ],
    [
      'refuses in a very long text',
      { answers: { content: `452 4.2.2 ${'很'.repeat(1300)}` } },
      `deferred | ${at} | 4.2.2 | 452 ${'很'.repeat(1000)}`,
      2,
    ],
    ['has no place for us today', { greeting: '554 5.7.1 Go away' }, `deferred | ${at} | 4.7.1 | 554 Go away`, 0],
    ...(['EHLO', 'MAIL', 'RCPT', 'DATA', 'content'] as const).map(
      (stage) =>
        [
          `says 421 to ${stage}`,
          { answers: { [stage]: '421 4.3.2 Closing' } },
          `deferred | ${at} | 4.3.2 | 421 Closing`,
          stage === 'content' ? 2 : 0,
        ] as const,
    ),
    ['says 421 for a greeting', { greeting: '421 4.3.2 Closing' }, `deferred | ${at} | 4.3.2 | 421 Closing`, 0],
  ];
  for (const [what, script, expected, times] of cases) {
    it(what, async () => {
      await using server = await startFakeServer(script);
      await using sending = await openSending({ servers: { '*': server.port } });
      const queueId = await sending.add(['a@x.example']);
      await sending.start();
      const left = expected.startsWith('relayed') ? 0 : 1;
      await sending.settled(left);
      await turns();
      assert.equal(await tellOf(sending, queueId), expected);
      await sending.pass(7 * MINUTE);
      await sending.settled(left);
      assert.equal(taken(server), times);
      assert.deepEqual([sending.posted, sending.errors], [[], []]);
    });
  }

  it('says nothing more in the middle of a reply: it has its time, and the mail waits', async () => {
    await using server = await startFakeServer((peer) => peer.say('220-x\r\n220'));
    await using sending = await openSending({ servers: { '*': server.port } });
    const queueId = await sending.add(['a@x.example']);
    await sending.start();
    await until(() => server.sockets.length === 1);
    await turns();
    await sending.pass(5 * MINUTE);
    await until(() => sending.traceOf(queueId).length > 0);
    assert.equal(await tellOf(sending, queueId), `deferred | ${at} | 4.4.2 | no answer in time`);
  });
});

describe('a DNS elsewhere', { timeout }, () => {
  const toX = (exchange: string): Zone => ({ 'x.example': { mx: [{ exchange, preference: 1 }] } });
  const cases: Readonly<Record<string, readonly [Zone, string]>> = {
    'that says servfail': [
      { 'x.example': { fails: 'servfail' } },
      'deferred | 4.4.3 | The servers of x.example could not be looked up (servfail)',
    ],
    'that does not know the domain': [{}, 'failed | 5.1.2 | There is no domain x.example'],
    'that says null MX': [toX(''), 'failed | 5.1.10 | The domain x.example takes no mail (null MX)'],
    'with a circle of aliases': [
      { ...toX('a.example'), 'a.example': { cname: 'b.example' }, 'b.example': { cname: 'a.example' } },
      'deferred | 4.4.3 | The servers of x.example could not be looked up (servfail)',
    ],
    'with an alias to nowhere': [
      { ...toX('a.example'), 'a.example': { cname: 'nowhere.example' } },
      'failed | 5.4.4 | The servers of x.example have no address',
    ],
    'that leads into our own network': [
      { ...toX('a.example'), 'a.example': { a: ['10.0.0.1'], aaaa: ['::ffff:127.0.0.2', 'fd00::1'] } },
      'failed | 5.4.4 | The servers of x.example have only private addresses, which are not tried',
    ],
    'that leads to this server': [
      { ...toX('us.example'), 'us.example': { a: ['127.0.0.1'] } },
      'failed | 5.4.6 | The best server of x.example is this one: mail would loop',
    ],
  };
  for (const [what, [zone, expected]] of Object.entries(cases)) {
    it(what, async () => {
      await using sending = await openSending({
        zone,
        outward: { allowsPrivate: false, ownAddresses: () => new Set(['127.0.0.1']) },
      });
      const queueId = await sending.add(['a@x.example'], { reversePath: '' });
      await sending.start();
      await sending.settled(expected.startsWith('failed') ? 0 : 1);
      await turns();
      assert.equal(await tellOf(sending, queueId), expected);
    });
  }

  for (const [what, zone] of [
    ['an address of IPv4 alone', { 'x.example': { a: ['127.0.0.1'] } }],
    [
      'an MX by way of a chain of aliases',
      {
        ...toX('a0.example'),
        ...Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`a${i}.example`, { cname: `a${i + 1}.example` }])),
        'a7.example': { a: ['127.0.0.1'] },
      },
    ],
    [
      'IPv6 addresses where nobody is, and one of IPv4',
      { 'x.example': { aaaa: ['::1', '::ffff:127.0.0.9'], a: ['127.0.0.1'] } },
    ],
  ] as const satisfies readonly (readonly [string, Zone])[]) {
    it(`with ${what}: it is sent`, async () => {
      await using server = await startFakeServer({});
      await using sending = await openSending({ zone, outward: { port: server.port, prefersIPv6: true } });
      await sending.add(['a@x.example']);
      await sending.start();
      await sending.settled(0);
      assert.equal(taken(server), 1);
    });
  }
});
