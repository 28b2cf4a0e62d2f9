/** What transcripts cannot show: SCRAM, back-pressure, time, endings, and what comes in plaintext behind STLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';

import { FakeClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { testContext } from '#test/harness/certificate.ts';
import { ScramClient } from '#test/harness/scram-client.ts';

import type { Pop3Peer } from './server.ts';
import { FakeMail, MESSAGES } from './testing/fake-mail.ts';
import { fakeAuthority, LOGIN, PASSWORD, startServer } from './testing/test-client.ts';
import type { TestClient, TestServer } from './testing/test-client.ts';

const SOON = { timeout: 10_000 };

/** Resolves once the server has seen the client's end. */
async function untilEmpty(host: TestServer): Promise<void> {
  while (host.server.sessionCount > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits until the server has nothing more to do without time passing. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

const HEADER = 'Subject: 归档\r\n\r\n';

function makeBigMessage(sizeBytes: number): Buffer {
  const line = Buffer.from(`${'0123456789'.repeat(7)}\r\n`);
  return Buffer.concat([Buffer.from(HEADER), Buffer.alloc(sizeBytes - Buffer.byteLength(HEADER), line)]);
}

describe('signing in', () => {
  it('by SCRAM-SHA-256, without TLS, both sides proved', SOON, async () => {
    await using host = await startServer({ allowPlaintext: () => false });
    const client = await host.connect();
    await client.line();
    const scram = new ScramClient({ login: LOGIN, password: PASSWORD });
    const final = scram.answer(decode(await client.ask(`AUTH SCRAM-SHA-256 ${encode(scram.first)}`)));
    assert.equal(decode(await client.ask(encode(final.message))), final.serverFinal);
    assert.equal(await client.ask(''), '+OK signed in, 3 messages');
  });

  it('bound to the TLS connection, and to no other', SOON, async () => {
    const context = await testContext();
    await using host = await startServer({ tls: () => context });
    const client = await host.connect();
    await client.line();
    await client.ask('STLS');
    await client.startTls();
    const ours = (client.socket as TLSSocket).exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    for (const binding of [Buffer.alloc(32), ours]) {
      const scram = new ScramClient({ login: LOGIN, password: PASSWORD, gs2Header: 'p=tls-exporter,,', binding });
      const final = scram.answer(decode(await client.ask(`AUTH SCRAM-SHA-256-PLUS ${encode(scram.first)}`)));
      const last = await client.ask(encode(final.message));
      if (binding === ours) assert.equal(decode(last), final.serverFinal);
      else assert.equal(last, '-ERR malformed authentication');
    }
    assert.equal(await client.ask(''), '+OK signed in, 3 messages');
  });

  it('asks an authority that knows the peer, once for each session', SOON, async () => {
    const peers: Pop3Peer[] = [];
    await using host = await startServer({
      authenticate: (peer) => {
        peers.push(peer);
        return fakeAuthority;
      },
    });
    const client = await host.connect();
    await client.line();
    for (const password of ['wrong', PASSWORD]) {
      await client.ask(`USER ${LOGIN}`);
      await client.ask(`PASS ${password}`);
    }
    assert.equal(peers.length, 1);
    assert.equal(peers[0]?.remoteAddress, '127.0.0.1');
    assert.match(peers[0]?.sessionId ?? '', /^[a-z2-7]{10}$/);
  });

  it('two sessions of one account see the same and do not lock each other out', SOON, async () => {
    await using host = await startServer();
    const [one, two] = [await host.signIn(), await host.signIn()];
    assert.equal(await one.ask('DELE 1'), '+OK message 1 marked as deleted');
    assert.equal(await two.ask('DELE 1'), '+OK message 1 marked as deleted');
    assert.equal(await two.ask('DELE 2'), '+OK message 2 marked as deleted');
    assert.equal(await one.ask('QUIT'), '+OK goodbye');
    assert.equal(await two.ask('QUIT'), '+OK goodbye');
    assert.deepEqual(host.mail.uids, [900_000]);
  });

  it('gives the place of a session back when it ends', SOON, async () => {
    await using host = await startServer({ limits: { maxSessionsPerAccount: 1 } });
    const one = await host.signIn();
    const two = await host.signIn();
    assert.equal(await two.ask('STAT'), '-ERR sign in first');
    assert.equal(await one.ask('QUIT'), '+OK goodbye');
    two.destroy();
    one.destroy();
    await untilEmpty(host);
    const three = await host.signIn();
    assert.equal(await three.ask('STAT'), '+OK 3 161');
  });
});

describe('TLS', () => {
  it('never runs a command that came in plaintext behind STLS', SOON, async () => {
    const context = await testContext();
    await using host = await startServer({ tls: () => context });
    const client = await host.connect();
    await client.line();
    client.send(`STLS\r\nUSER ${LOGIN}\r\nPASS ${PASSWORD}\r\nDELE 1\r\nUSE`);
    assert.equal(await client.line(), '+OK begin TLS');
    await client.startTls();
    assert.equal(await client.ask('STAT'), '-ERR sign in first');
  });

  it('ends a connection that does not shake hands', SOON, async () => {
    const context = await testContext();
    await using host = await startServer({ tls: () => context, implicitTls: true });
    const client = await host.connect();
    client.send('USER a\r\n'.repeat(10));
    await untilEmpty(host);
    assert.equal(host.server.sessionCount, 0);
  });
});

describe('big maildrops and messages', () => {
  it('lists 50,000 messages', SOON, async () => {
    const octets = Buffer.from(HEADER);
    const mail = new FakeMail(Array.from({ length: 50_000 }, (_, i) => [i + 1, octets]));
    await using host = await startServer({}, mail);
    const client = await host.signIn();
    assert.equal(await client.ask('UIDL'), '+OK unique ids follow');
    const ids = await client.lines();
    assert.equal(ids.length, 50_000);
    assert.equal(ids[49_999], '50000 1568606400.50000');
    assert.equal(await client.ask('LIST'), '+OK sizes follow');
    const sizes = await client.lines();
    assert.equal(sizes.length, 50_000);
    assert.equal(sizes[0], `1 ${octets.length}`);
  });

  it('sends a message of several chunks whole', SOON, async () => {
    const octets = makeBigMessage(1024 * 1024);
    await using host = await startServer({}, new FakeMail([[1, octets]]));
    const client = await host.signIn();
    assert.equal(await client.ask('RETR 1'), `+OK ${octets.length} octets`);
    const lines = await client.lines();
    assert.ok(
      Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1')
        .subarray(0, octets.length)
        .equals(octets),
    );
    assert.equal(host.mail.calls.filter((call) => call === 'readFurther').length, 4);
    // Dots and line ends where one chunk meets the next are the stuffer's; here the count must be right.
    assert.equal(await client.ask('NOOP'), '+OK still here');
  });

  it('reads no more of a message than the client takes', SOON, async () => {
    const octets = makeBigMessage(32 * 1024 * 1024);
    await using host = await startServer({}, new FakeMail([[1, octets]]));
    const client = await host.signIn();
    client.socket.pause();
    client.send('RETR 1\r\n');
    await settle();
    let before = -1;
    // The kernel's buffers take some of it; then reading must stand still.
    while (before !== host.mail.calls.length) {
      before = host.mail.calls.length;
      await settle();
    }
    assert.ok(before < 80, `${before} of 128 chunks read ahead`);
    client.socket.resume();
    assert.ok((await client.skipTo('\r\n.\r\n')) >= octets.length);
  });

  it(
    'hangs up when a message cannot be read to its end, so that no client takes the part for the whole',
    SOON,
    async () => {
      const mail = new FakeMail([[1, makeBigMessage(600_000)]]);
      await using host = await startServer({}, mail);
      const client = await host.signIn();
      mail.failing = { call: 'readFurther', error: new MailError('unavailable', 'injected') };
      client.send('RETR 1\r\n');
      await assert.rejects(client.lines(), /closed within/);
    },
  );
});

describe('time', () => {
  async function startWithClock(options = {}): Promise<{ host: TestServer; clock: FakeClock }> {
    const clock = new FakeClock();
    return { host: await startServer({ clock, ...options }), clock };
  }

  it('ends an idle session after ten minutes without a word and without removing anything', SOON, async () => {
    const { host, clock } = await startWithClock();
    await using _ = host;
    const client = await host.signIn();
    await client.ask('DELE 1');
    await settle();
    clock.advance(10 * 60_000 - 1);
    await settle();
    assert.equal(await client.ask('NOOP'), '+OK still here');
    await settle();
    clock.advance(10 * 60_000);
    assert.equal(await client.line(), undefined);
    assert.deepEqual(host.mail.expungeCalls, []);
  });

  it('dripping octets do not extend it', SOON, async () => {
    const { host, clock } = await startWithClock();
    await using _ = host;
    const client = await host.signIn();
    await settle();
    for (let i = 0; i < 10; i++) {
      client.send('N');
      await settle();
      clock.advance(60_000);
    }
    assert.equal(await client.line(), undefined);
  });

  it('ends a connection that does not sign in', SOON, async () => {
    const { host, clock } = await startWithClock();
    await using _ = host;
    const client = await host.connect();
    await client.line();
    for (let i = 0; i < 3; i++) {
      await client.ask('CAPA');
      await client.lines();
      await settle();
      clock.advance(60_000);
    }
    assert.equal(await client.line(), undefined);
  });

  it('hangs up on a client that does not take what it asked for', SOON, async () => {
    const clock = new FakeClock();
    await using host = await startServer({ clock }, new FakeMail([[1, makeBigMessage(32 * 1024 * 1024)]]));
    const client = await host.signIn();
    client.socket.pause();
    client.send('RETR 1\r\n');
    let before = -1;
    while (before !== host.mail.calls.length) {
      before = host.mail.calls.length;
      await settle();
    }
    clock.advance(5 * 60_000);
    await untilEmpty(host);
    assert.equal(host.server.sessionCount, 0);
  });
});

describe('endings', () => {
  it('removes nothing when the connection is lost', SOON, async () => {
    await using host = await startServer();
    const client = await host.signIn();
    await client.ask('DELE 1');
    client.destroy();
    await untilEmpty(host);
    assert.deepEqual(
      host.mail.uids,
      MESSAGES.map(([uid]) => uid),
    );
    assert.deepEqual(host.mail.expungeCalls, []);
  });

  it('runs what came before a half-closed connection, QUIT included', SOON, async () => {
    await using host = await startServer();
    const client = await host.signIn();
    client.socket.end('DELE 1\r\nQUIT\r\n');
    assert.equal(await client.line(), '+OK message 1 marked as deleted');
    assert.equal(await client.line(), '+OK goodbye');
    assert.deepEqual(host.mail.uids, [7, 900_000]);
  });

  it('closing lets sessions with marks say QUIT, and ends the others', SOON, async () => {
    await using host = await startServer();
    const [idle, marked, stranger] = [await host.signIn(), await host.signIn(), await host.connect()];
    await stranger.line();
    await marked.ask('DELE 2');
    const closed = host.server.close({ drainMs: 60_000 });
    assert.equal(await idle.line(), '-ERR [SYS/TEMP] shutting down, come again');
    assert.equal(await idle.line(), undefined);
    assert.equal(await stranger.line(), '-ERR [SYS/TEMP] shutting down, come again');
    assert.equal(await marked.ask('NOOP'), '+OK still here');
    assert.equal(await marked.ask('QUIT'), '+OK goodbye');
    for (const client of [idle, marked, stranger]) client.destroy();
    await closed;
    assert.deepEqual(host.mail.uids, [3, 900_000]);
  });

  it('closing hangs up on who is still there when the time is over', SOON, async () => {
    const clock = new FakeClock();
    await using host = await startServer({ clock });
    const client = await host.signIn();
    await client.ask('DELE 2');
    const closed = host.server.close({ drainMs: 1000 });
    clock.advance(1000);
    await closed;
    assert.equal(await client.line(), undefined);
    assert.deepEqual(host.mail.uids, [3, 7, 900_000]);
  });

  it('turns away more connections than it has places for', SOON, async () => {
    await using host = await startServer({ limits: { maxConnections: 1 } });
    const one = await host.connect();
    await one.line();
    const two = await host.connect();
    assert.equal(await two.line(), '-ERR [SYS/TEMP] too many connections, try again later');
    assert.equal(await two.line(), undefined);
    one.destroy();
    await untilEmpty(host);
    const three = await host.connect();
    assert.match((await three.line()) ?? '', /^\+OK/);
  });

  it('a socket that is gone before it is served costs nothing', SOON, async () => {
    await using host = await startServer();
    const clients: TestClient[] = [];
    for (let i = 0; i < 20; i++) clients.push(await host.connect());
    for (const client of clients) client.socket.resetAndDestroy();
    for (const { socket } of clients) if (!socket.closed) await once(socket, 'close');
    await settle();
    await untilEmpty(host);
    assert.equal(host.server.sessionCount, 0);
  });
});

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(line: string | undefined): string {
  assert.match(line ?? '', /^\+ /);
  return Buffer.from(line?.slice(2) ?? '', 'base64').toString();
}
