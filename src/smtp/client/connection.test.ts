import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';

import type { OpenResult } from './connection.ts';
import type { SendResult } from './message.ts';
import type { ConnectionFailure } from './reply.ts';
import { makeMessage, openTo, startFakeServer } from './testing/fake-server.ts';
import type { FakePeer, Manners } from './testing/fake-server.ts';

const timeout = 10_000;

function describeFailure(failure: SendResult['failure'] | OpenResult): string {
  if (failure === undefined || failure.kind === 'open') return 'ok';
  if (failure.kind === 'messageRefused')
    return `message ${failure.why} ${failure.isPermanent ? 'permanent' : 'temporary'} ${failure.reply.code} ${failure.reply.enhanced}`;
  return `${failure.stage} ${failure.why}: ${failure.message}`;
}

/** `accepted`, `refused permanent 550 5.1.1 mail`, `notTried limit`, …; then the failure. */
function describeResult(result: SendResult): string[] {
  const outcomes = result.recipients.map((outcome) => {
    if (outcome.kind === 'accepted' || outcome.kind === 'unknown') return outcome.kind;
    if (outcome.kind === 'notTried') return `notTried ${outcome.why}`;
    const { code, enhanced, answered } = outcome.reply;
    return `refused ${outcome.isPermanent ? 'permanent' : 'temporary'} ${code} ${enhanced} ${answered}`;
  });
  return [...outcomes, describeFailure(result.failure)];
}

async function sendOne(
  manners: Manners,
  recipients = ['b@example.net'],
): Promise<{ result: string[]; heard: string[] }> {
  await using server = await startFakeServer(manners);
  const connection = await server.mustOpen();
  const result = describeResult(await connection.send(makeMessage(recipients)));
  await connection.quit();
  return { result, heard: server.heard.slice(1) };
}

const PIPELINING = ['PIPELINING'];
const content = 'content "Subject: x\\r\\n\\r\\nbody\\r\\n.\\r\\n"';
const envelope = ['MAIL FROM:<a@example.edu>', 'RCPT TO:<b@example.net>'];

describe('opening a connection', () => {
  it('greets the old way where EHLO is not known', { timeout }, async () => {
    const { result, heard } = await sendOne({ keywords: [] });
    assert.deepEqual(result, ['accepted', 'ok']);
    assert.deepEqual(heard, ['HELO mail.example.edu', ...envelope, 'DATA', content, 'QUIT']);
  });

  it('says what is wrong', { timeout }, async () => {
    const cases: [Manners | ((peer: FakePeer) => void), string][] = [
      [{ greeting: '554-5.3.2 No mail\r\n554 5.3.2 here' }, 'greeting reply: 554 No mail\nhere'],
      [{ greeting: '421 Busy' }, 'greeting closing: 421 Busy'],
      [{ greeting: '250 Ok' }, 'greeting garbage: unexpected greeting: 250 Ok'],
      [{ greeting: '220 a\r\n250 b' }, 'ehlo garbage: reply without a command: 250 b'],
      [{ answers: { EHLO: '451 4.3.0 Later' } }, 'ehlo reply: 451 Later'],
      [{ answers: { EHLO: '354 What' } }, 'ehlo garbage: unexpected reply: 354 What'],
      [{ answers: { EHLO: '500', HELO: '504 No' } }, 'helo reply: 504 No'],
      [(peer) => void peer.socket.end(), 'greeting closed: closed without a word'],
      [(peer) => peer.say(Buffer.alloc(2_000_000, 'x')), 'greeting garbage: reply line too long'],
      [(peer) => peer.say('220-x\r\n'.repeat(300_000)), 'greeting garbage: reply too long'],
    ];
    for (const [script, expected] of cases) {
      await using server = await startFakeServer(script);
      assert.equal(describeFailure(await server.open()), expected);
    }
  });

  it('tells a reset and a refused connection', { timeout }, async () => {
    let port = 0;
    {
      await using server = await startFakeServer((peer) => void peer.socket.resetAndDestroy());
      port = server.port;
      assert.match(describeFailure(await server.open()), /^(greeting|connect) reset: /);
    }
    assert.match(describeFailure(await openTo(port)), /^connect refused: /);
    assert.match(describeFailure(await openTo(port, { localAddress: '192.0.2.1' })), /^connect local: /);
  });

  it('drops keywords it is told to ignore', { timeout }, async () => {
    await using server = await startFakeServer({ keywords: ['PIPELINING', 'CHUNKING', 'SIZE 1000', 'AUTH=LOGIN'] });
    const { capabilities } = await server.mustOpen({ ignoredKeywords: new Set(['CHUNKING']) });
    assert.deepEqual([...capabilities.keywords.keys()], ['PIPELINING', 'SIZE', 'AUTH']);
    assert.equal(capabilities.maxMessageBytes, 1000);
    assert.ok(capabilities.authMechanisms.has('LOGIN'));
  });
});

describe('a transaction', () => {
  it('goes in two bursts', { timeout }, async () => {
    await using server = await startFakeServer(async (peer) => {
      peer.say('220 x\r\n');
      await peer.hear();
      peer.say('250-x\r\n250 PIPELINING\r\n');
      for (let i = 0; i < 4; i++) await peer.hear();
      // All that was there before any of it was answered.
      peer.say('250 a\r\n250 b\r\n250 c\r\n354 d\r\n');
      await peer.hearContent((line) => line === '.');
      peer.say('250 done\r\n');
    });
    const connection = await server.mustOpen();
    assert.deepEqual(describeResult(await connection.send(makeMessage(['b@x.example', 'c@x.example']))), [
      'accepted',
      'accepted',
      'ok',
    ]);
  });

  const cases: [string, Manners, string[], string[]][] = [
    [
      'some are refused',
      { keywords: PIPELINING, answers: { 'RCPT TO:<c': '550 5.1.1 No', 'RCPT TO:<d': '451 Later' } },
      ['accepted', 'refused permanent 550 5.1.1 rcpt', 'refused temporary 451 4.0.0 rcpt', 'ok'],
      ['DATA', content, 'QUIT'],
    ],
    [
      'all are refused',
      { keywords: PIPELINING, answers: { RCPT: '550 4.1.1 No', DATA: '503 5.5.1 No' } },
      [...Array.from({ length: 3 }, () => 'refused permanent 550 5.0.0 rcpt'), 'ok'],
      ['DATA', 'QUIT'],
    ],
    [
      'all are refused, and the server wants the message all the same',
      { keywords: PIPELINING, answers: { RCPT: '450 No' } },
      [...Array.from({ length: 3 }, () => 'refused temporary 450 4.0.0 rcpt'), 'ok'],
      ['DATA', 'content ".\\r\\n"', 'QUIT'],
    ],
    [
      'all are refused, without pipelining',
      { keywords: ['X'], answers: { RCPT: '550 No' } },
      [...Array.from({ length: 3 }, () => 'refused permanent 550 5.0.0 rcpt'), 'ok'],
      ['QUIT'],
    ],
    [
      'the sender is refused',
      { keywords: PIPELINING, answers: { MAIL: '550 5.7.1 No', RCPT: '503 x', DATA: '503 x' } },
      [...Array.from({ length: 3 }, () => 'refused permanent 550 5.7.1 mail'), 'message server permanent 550 5.7.1'],
      ['DATA', 'QUIT'],
    ],
    [
      'DATA is refused',
      { keywords: PIPELINING, answers: { DATA: '451 4.3.0 No' } },
      [...Array.from({ length: 3 }, () => 'refused temporary 451 4.3.0 data'), 'message server temporary 451 4.3.0'],
      ['DATA', 'QUIT'],
    ],
    [
      'the message is refused',
      { keywords: PIPELINING, answers: { content: '554 5.7.1 Spam' } },
      [...Array.from({ length: 3 }, () => 'refused permanent 554 5.7.1 content'), 'message server permanent 554 5.7.1'],
      ['DATA', content, 'QUIT'],
    ],
    [
      'the message is answered by 421',
      { keywords: PIPELINING, answers: { content: '421 4.3.2 Bye' } },
      [...Array.from({ length: 3 }, () => 'refused temporary 421 4.3.2 content'), 'content closing: 421 Bye'],
      ['DATA', content],
    ],
    [
      'the message gets no sensible answer',
      { keywords: PIPELINING, answers: { content: 'Thanks!' } },
      [...Array.from({ length: 3 }, () => 'unknown'), 'content garbage: not a reply: Thanks!'],
      ['DATA', content],
    ],
    [
      'a recipient is answered by 421',
      { keywords: PIPELINING, answers: { 'RCPT TO:<b': '550 No', 'RCPT TO:<c': '421 Bye' } },
      ['refused permanent 550 5.0.0 rcpt', 'notTried connection', 'notTried connection', 'rcpt closing: 421 Bye'],
      ['DATA'],
    ],
    [
      'too many for the server',
      { keywords: PIPELINING, answers: { 'RCPT TO:<d': '452 4.5.3 Too many' } },
      ['accepted', 'accepted', 'notTried limit', 'ok'],
      ['DATA', content, 'QUIT'],
    ],
    [
      'too many by what it announced',
      { keywords: ['PIPELINING', 'LIMITS RCPTMAX=2'] },
      ['accepted', 'accepted', 'notTried limit', 'ok'],
      ['DATA', content, 'QUIT'],
    ],
    [
      '354 to RCPT',
      { keywords: PIPELINING, answers: { 'RCPT TO:<b': '354 Go on' } },
      [...Array.from({ length: 3 }, () => 'notTried connection'), 'rcpt garbage: unexpected reply: 354 Go on'],
      ['DATA'],
    ],
    [
      '250 to DATA',
      { keywords: PIPELINING, answers: { DATA: '250 Ok' } },
      [...Array.from({ length: 3 }, () => 'notTried connection'), 'data garbage: unexpected reply: 250 Ok'],
      ['DATA'],
    ],
    [
      'in chunks',
      { keywords: ['PIPELINING', 'CHUNKING'], answers: { 'RCPT TO:<c': '550 No' } },
      ['accepted', 'refused permanent 550 5.0.0 rcpt', 'accepted', 'ok'],
      ['BDAT 20 LAST', content.replace('.\\r\\n"', '"'), 'QUIT'],
    ],
    [
      'in chunks, and nobody is accepted',
      { keywords: ['PIPELINING', 'CHUNKING'], answers: { RCPT: '550 No' } },
      [...Array.from({ length: 3 }, () => 'refused permanent 550 5.0.0 rcpt'), 'ok'],
      ['QUIT'],
    ],
  ];
  for (const [what, manners, expected, end] of cases) {
    it(what, { timeout }, async () => {
      const { result, heard } = await sendOne(manners, ['b@x.example', 'c@x.example', 'd@y.example']);
      assert.deepEqual(result, expected);
      const last = heard.findLastIndex((line) => line.startsWith('RCPT') || line.startsWith('MAIL'));
      assert.deepEqual(heard.slice(last + 1), end);
    });
  }

  it('may lose the connection before the answer: then nobody knows', { timeout }, async () => {
    await using server = await startFakeServer(async (peer) => {
      const { socket } = peer;
      const serving = peer.serve({ answers: { content: '' } });
      while (!peer.heard.some((line) => line.startsWith('content'))) {
        await new Promise((resolve) => void setImmediate(resolve));
      }
      socket.end();
      await serving;
    });
    const connection = await server.mustOpen();
    const result = await connection.send(makeMessage(['b@x.example']));
    assert.deepEqual(describeResult(result), ['unknown', 'content closed: closed without a word']);
    assert.equal(connection.isUsable, false);
    assert.deepEqual(describeResult(await connection.send(makeMessage(['b@x.example']))), [
      'notTried connection',
      'content closed: closed without a word',
    ]);
  });

  it('stops sending a message that the server has refused half-way', { timeout }, async () => {
    await using server = await startFakeServer(async (peer) => {
      peer.say('220 x\r\n');
      await peer.hear();
      peer.say('250 x\r\n');
      for (const answer of ['250 a', '250 b', '354 c\r\n552 5.3.4 Too much']) {
        await peer.hear();
        peer.say(`${answer}\r\n`);
      }
    });
    const connection = await server.mustOpen();
    const result = await connection.send(makeMessage(['b@x.example'], Buffer.alloc(20_000_000, 'abc\r\n')));
    assert.deepEqual(describeResult(result), [
      'refused permanent 552 5.3.4 content',
      'message server permanent 552 5.3.4',
    ]);
    assert.equal(connection.isUsable, false);
  });
});

describe('several messages on a connection', () => {
  it('with RSET only where an envelope was left', { timeout }, async () => {
    await using server = await startFakeServer({ answers: { 'RCPT TO:<no': '550 No', DATA: '354 x' } });
    const connection = await server.mustOpen();
    for (const name of ['b', 'no', 'c']) await connection.send(makeMessage([`${name}@x.example`]));
    assert.equal(await connection.noop(), undefined);
    await connection.send({
      ...makeMessage(['d@x.example']),
      reversePath: { address: 'x@y z', smtpUtf8: false, requireTls: false, dsn: {} },
    });
    await connection.quit();
    // Of the second, the lone dot has ended the transaction.
    assert.deepEqual(
      server.heard.map((line) => line.split(' ', 1)[0]),
      ['EHLO', ...Array.from({ length: 3 }, () => ['MAIL', 'RCPT', 'DATA', 'content']).flat(), 'NOOP', 'QUIT'],
    );
    await using chunking = await startFakeServer({ keywords: ['CHUNKING'], answers: { 'RCPT TO:<no': '550 No' } });
    const other = await chunking.mustOpen();
    for (const name of ['no', 'c']) await other.send(makeMessage([`${name}@x.example`]));
    assert.deepEqual(
      chunking.heard.map((line) => line.split(' ', 1)[0]),
      ['EHLO', 'MAIL', 'RCPT', 'RSET', 'MAIL', 'RCPT', 'BDAT', 'content'],
    );
  });

  it('as many as the server takes', { timeout }, async () => {
    await using server = await startFakeServer({ keywords: ['LIMITS MAILMAX=2'] });
    const connection = await server.mustOpen();
    for (const isUsable of [true, false]) {
      await connection.send(makeMessage(['b@x.example']));
      assert.equal(connection.isUsable, isUsable);
    }
  });

  for (const [farewell, expected] of [
    ['421 4.4.2 Idle\r\n', 'idle closing: 421 Idle'],
    ['250 Ok\r\n', 'idle garbage: reply without a command: 250 Ok'],
    ['', 'idle closed: closed without a word'],
  ] as const) {
    it(`until the server ${farewell === '' ? 'closes' : `says ${farewell.trim()}`} unasked`, { timeout }, async () => {
      await using server = await startFakeServer({});
      const connection = await server.mustOpen();
      server.sockets[0]?.end(farewell);
      while (connection.isUsable) {
        await new Promise((resolve) => void setImmediate(resolve));
        if (farewell !== '' && server.sockets[0]?.writableLength === 0) break;
      }
      for (let i = 0; i < 20; i++) await new Promise((resolve) => void setImmediate(resolve));
      const result = await connection.send(makeMessage(['b@x.example']));
      assert.deepEqual(describeResult(result), ['notTried connection', expected]);
    });
  }
});

describe('what a server does not offer', () => {
  const utf8 = { address: 'a@example.edu', smtpUtf8: true, requireTls: false, dsn: {} };
  const cases: [string, Parameters<typeof makeMessage>, string[]][] = [
    [
      '8BITMIME',
      [['b@x.example'], 'Subject: x\r\n\r\né\r\n'],
      ['refused permanent 554 5.6.3 none', 'message needs8bit permanent 554 5.6.3'],
    ],
    [
      'BINARYMIME',
      [['b@x.example'], 'Subject: x\r\n\r\nx\n.\n'],
      ['refused permanent 554 5.6.3 none', 'message needsBinary permanent 554 5.6.3'],
    ],
    [
      'a size as large',
      [['b@x.example'], Buffer.alloc(2000, 'abc\r\n')],
      ['refused permanent 552 5.3.4 none', 'message tooLarge permanent 552 5.3.4'],
    ],
    [
      'SMTPUTF8 for a recipient',
      [['张三@x.example', 'b@x.example']],
      ['refused permanent 550 5.6.7 none', 'accepted', 'ok'],
    ],
    [
      'SMTPUTF8 for the sender',
      [['b@x.example'], '', { reversePath: { ...utf8, address: '张三@x.example' } }],
      ['refused permanent 550 5.6.7 none', 'message needsSmtpUtf8 permanent 550 5.6.7'],
    ],
    [
      'SMTPUTF8 for the header',
      [['b@x.example'], 'Subject: 归档\r\n\r\nx\r\n', { reversePath: utf8, sends8bitAnyway: true }],
      ['refused permanent 550 5.6.7 none', 'message needsSmtpUtf8 permanent 550 5.6.7'],
    ],
    [
      'REQUIRETLS',
      [['b@x.example'], '', { reversePath: { ...utf8, smtpUtf8: false, requireTls: true } }],
      ['refused permanent 550 5.7.10 none', 'message needsTls permanent 550 5.7.10'],
    ],
    [
      'anything, and it is not needed',
      [
        ['b@例え.jp'],
        'x: y\r\n',
        { reversePath: utf8, priority: 3, holdForS: 9, deliverBy: { seconds: 9, mode: 'R' } },
      ],
      ['accepted', 'ok'],
    ],
    [
      'addresses that cannot be written',
      [['b@x.example> SIZE=1', 'b\r\nRSET@x.example', '', 'b', 'good@x.example']],
      [...Array.from({ length: 4 }, () => 'refused permanent 553 5.1.3 none'), 'accepted', 'ok'],
    ],
  ];
  for (const [what, message, expected] of cases) {
    it(what, { timeout }, async () => {
      await using server = await startFakeServer({ keywords: ['SIZE 1000', 'PIPELINING'] });
      const connection = await server.mustOpen();
      assert.deepEqual(describeResult(await connection.send(makeMessage(...message))), expected);
      const mails = server.heard.filter((line) => line.startsWith('MAIL'));
      assert.equal(mails.length, expected.includes('accepted') ? 1 : 0);
      assert.deepEqual(
        mails.filter((line) => !/^MAIL FROM:<a@example.edu> SIZE=\d+$/.test(line)),
        [],
      );
    });
  }

  it('8-bit octets may go all the same', { timeout }, async () => {
    await using server = await startFakeServer({});
    const connection = await server.mustOpen();
    const message = makeMessage(['b@x.example'], 'Subject: x\r\n\r\né\r\n', { sends8bitAnyway: true });
    assert.deepEqual(describeResult(await connection.send(message)), ['accepted', 'ok']);
    assert.ok(server.heard.includes('MAIL FROM:<a@example.edu>'));
  });

  it('and what it does offer is made use of', { timeout }, async () => {
    const keywords = 'SIZE,8BITMIME,SMTPUTF8,DSN,DELIVERBY 60,FUTURERELEASE 9 9,MT-PRIORITY,CHUNKING,BINARYMIME'.split(
      ',',
    );
    await using server = await startFakeServer({ keywords });
    const connection = await server.mustOpen();
    const message = makeMessage([], 'Subject: 归档\r\n\r\nx', {
      reversePath: { ...utf8, dsn: { ret: 'HDRS', envid: 'a+b=c' } },
      forwardPaths: [
        { address: '张三@例え.jp', dsn: { notify: ['SUCCESS', 'DELAY'], orcpt: 'utf-8;张三@例え.jp' } },
        { address: 'a b@例え.jp', dsn: { notify: ['NEVER'], orcpt: 'rfc822;a+b@x.example' } },
        { address: 'c@x.example', dsn: { orcpt: 'utf-8;张+三@例え.jp' } },
      ],
      priority: -3,
      holdForS: 60,
      deliverBy: { seconds: 3600, mode: 'N' },
    });
    assert.deepEqual(describeResult(await connection.send(message)), ['accepted', 'accepted', 'accepted', 'ok']);
    assert.deepEqual(server.heard.slice(1), [
      'MAIL FROM:<a@example.edu> SIZE=22 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb+3Dc BY=3600;N HOLDFOR=60 MT-PRIORITY=-3',
      'RCPT TO:<张三@例え.jp> NOTIFY=SUCCESS,DELAY ORCPT=utf-8;张三@例え.jp',
      'RCPT TO:<"a b"@xn--r8jz45g.jp> NOTIFY=NEVER ORCPT=rfc822;a+2Bb@x.example',
      'RCPT TO:<c@x.example> ORCPT=utf-8;\\x{5F20}\\x{2B}\\x{4E09}@\\x{4F8B}\\x{3048}.jp',
      'BDAT 22 LAST',
      'content "Subject: 归档\\r\\n\\r\\nx\\r\\n"',
    ]);
  });
});

describe('a server that is slow', () => {
  /** Runs time on once the server has fallen silent. */
  async function runOut<T>(clock: FakeClock, silent: Promise<void>, result: Promise<T>): Promise<T> {
    let isOver = false;
    const done = result.finally(() => (isOver = true));
    await silent;
    for (let i = 0; i < 20; i++) await new Promise((resolve) => void setImmediate(resolve));
    const isWaiting = (): boolean => !isOver;
    while (isWaiting()) {
      clock.advance(30_000);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    return done;
  }

  const stages: [string, string, string[]][] = [
    ['greeting', '', ['greeting timeout: no answer in time']],
    ['EHLO', '', ['ehlo timeout: no answer in time']],
    ['MAIL', '', ['notTried connection', 'mail timeout: no answer in time']],
    ['RCPT', '25', ['notTried connection', 'rcpt timeout: no answer in time']],
    ['RCPT', '250-Half\r\n250-a', ['notTried connection', 'rcpt timeout: no answer in time']],
    ['DATA', '', ['notTried connection', 'data timeout: no answer in time']],
    ['content', '', ['unknown', 'content timeout: no answer in time']],
  ];
  for (const [stage, part, expected] of stages) {
    it(`${stage} ${JSON.stringify(part)}`, { timeout }, async () => {
      const clock = new FakeClock();
      const silent = Promise.withResolvers<void>();
      await using server = await startFakeServer(async (peer) => {
        if (stage === 'greeting') return silent.resolve();
        const usual: Record<string, string> = {
          greeting: '220 x',
          EHLO: '250 x',
          MAIL: '250 x',
          RCPT: '250 x',
          DATA: '354 x',
        };
        peer.say('220 x\r\n');
        for (;;) {
          const verb = (await peer.hear())?.split(' ', 1)[0] ?? '';
          if (verb === stage) break;
          peer.say(`${usual[verb]}\r\n`);
          if (verb === 'DATA') {
            await peer.hearContent((line) => line === '.');
            break;
          }
        }
        peer.say(part);
        silent.resolve();
      });
      const work = async (): Promise<string[]> => {
        const opened = await server.open({ clock });
        if (opened.kind !== 'open') return [describeFailure(opened)];
        return describeResult(await opened.connection.send(makeMessage(['b@x.example'])));
      };
      const startedMs = clock.now();
      assert.deepEqual(await runOut(clock, silent.promise, work()), expected);
      assert.ok(clock.now() - startedMs <= 11 * 60_000);
    });
  }

  it('an octet at a time does not gain it more', { timeout }, async () => {
    const clock = new FakeClock();
    const octets = Buffer.from('220 this server will never finish its greeting, it has all the time there is');
    let said = 0;
    await using server = await startFakeServer((peer) => {
      const drip = (): void => {
        if (peer.socket.destroyed || said >= octets.length) return;
        peer.say(octets.subarray(said, ++said));
        clock.advance(10_000);
        setImmediate(drip);
      };
      drip();
    });
    assert.equal(describeFailure(await server.open({ clock })), 'greeting timeout: no answer in time');
    assert.ok(said >= 25 && said < octets.length, String(said));
  });

  it('the beginning has an end even if each step is in time', { timeout }, async () => {
    const clock = new FakeClock();
    const startedMs = clock.now();
    await using server = await startFakeServer(async (peer) => {
      for (const answer of ['220 x', '500 What?', '250 x']) {
        peer.say(`${answer}\r\n`);
        await peer.hear();
        clock.advance(4 * 60_000);
      }
    });
    const opened = server.open({ clock, limits: { openTimeoutMs: 7 * 60_000 } });
    assert.equal(describeFailure(await opened), 'helo timeout: no answer in time');
    assert.equal(clock.now() - startedMs, 8 * 60_000);
  });

  it('a transaction has an end even if each reply is in time', { timeout }, async () => {
    const clock = new FakeClock();
    await using server = await startFakeServer(async (peer) => {
      peer.say('220 x\r\n');
      await peer.hear();
      peer.say('250 x\r\n');
      while ((await peer.hear()) !== undefined) {
        clock.advance(4 * 60_000);
        peer.say('250 x\r\n');
      }
    });
    const connection = await server.mustOpen({ clock });
    const result = await connection.send(makeMessage(Array.from({ length: 50 }, (_, i) => `r${i}@x.example`)));
    assert.equal((result.failure as ConnectionFailure).why, 'timeout');
    assert.ok(server.heard.length < 20);
  });

  it('a server that takes nothing of the message', { timeout }, async () => {
    const clock = new FakeClock();
    const silent = Promise.withResolvers<void>();
    await using server = await startFakeServer(async (peer) => {
      peer.say('220 x\r\n');
      for (const answer of ['250 x', '250 x', '250 x', '354 x']) {
        await peer.hear();
        if (answer.startsWith('354')) peer.socket.pause();
        peer.say(`${answer}\r\n`);
      }
      silent.resolve();
    });
    const work = async (): Promise<string[]> => {
      const connection = await server.mustOpen({ clock });
      return describeResult(await connection.send(makeMessage(['b@x.example'], Buffer.alloc(50_000_000, 'abc\r\n'))));
    };
    assert.deepEqual(await runOut(clock, silent.promise, work()), [
      'notTried connection',
      'content timeout: no answer in time',
    ]);
  });
});
