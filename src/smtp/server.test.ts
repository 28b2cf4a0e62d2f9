import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';

import { FakeClock } from '#base/clock.ts';
import { testContext } from '#test/harness/certificate.ts';

import { startServer } from './testing/test-client.ts';
import type { TestClient, TestServer } from './testing/test-client.ts';

const envelope = ['MAIL FROM:<a@example.net>', 'RCPT TO:<b@example.edu>'];
const timeout = 10_000;

/** Lets everything under way on the loopback come through, without a clock: a further client's whole dialogue. */
async function settle(host: TestServer): Promise<void> {
  const client = await host.connect();
  await client.open('EHLO settle', 'QUIT');
  await client.isClosed();
}

describe('time limits', () => {
  it('an idle session is told and closed, and dripping octets is idling', { timeout }, async () => {
    const clock = new FakeClock();
    await using host = await startServer({ clock });
    const client = await host.connect();
    await client.open();
    await settle(host);
    clock.advance(299_000);
    client.send('NO');
    await settle(host);
    clock.advance(1000);
    assert.equal(await client.reply(), '421 4.4.2 mx.example.edu Nothing heard for too long, closing');
    assert.ok(await client.isClosed());
  });

  it('data that stops coming', { timeout }, async () => {
    const clock = new FakeClock();
    await using host = await startServer({ clock });
    const client = await host.connect();
    await client.open('HELO c', ...envelope, 'DATA');
    client.send('Subject: x\r\n');
    await settle(host);
    clock.advance(300_000);
    assert.equal(await client.reply(), '421 4.4.2 mx.example.edu Nothing heard for too long, closing');
    assert.deepEqual(host.receiver.messages, []);
  });

  it('data that never ends, however steadily it drips', { timeout }, async () => {
    const clock = new FakeClock();
    await using host = await startServer({ clock, limits: { dataDurationMs: 500_000 } });
    const client = await host.connect();
    await client.open('HELO c', ...envelope, 'DATA');
    for (let i = 0; i < 2; i++) {
      client.send('x\r\n');
      await settle(host);
      clock.advance(250_000);
    }
    assert.equal(await client.reply(), '421 4.4.2 mx.example.edu Nothing heard for too long, closing');
  });

  it('a TLS handshake that does not come', { timeout }, async () => {
    const clock = new FakeClock();
    const context = await testContext();
    await using host = await startServer({ clock, tls: () => context });
    const client = await host.connect();
    await client.open('HELO c', 'STARTTLS');
    await settle(host);
    clock.advance(60_000);
    assert.ok(await client.isClosed());
  });
});

describe('connections', () => {
  it('beyond the limit are turned away until somebody leaves', { timeout }, async () => {
    await using host = await startServer({ limits: { maxConnectionsPerAddress: 1, maxConnections: 2 } });
    // Loopback has no limit for one address (net/connection-counter.test.ts has the others).
    const [first, second] = [await host.connect(), await host.connect()];
    await first.open();
    await second.open();
    const third = await host.connect();
    assert.equal(await third.reply(), '421 4.7.0 mx.example.edu Too many connections, try again later');
    assert.ok(await third.isClosed());
    await first.ask('QUIT');
    await once(first.socket, 'close');
    while (host.server.sessionCount > 1) await settleOnce();
    const fourth = await host.connect();
    assert.equal(await fourth.reply(), '220 mx.example.edu ESMTP campusmail');
  });

  it('that vanish in the midst of data leave nothing behind', { timeout }, async () => {
    await using host = await startServer({ limits: { maxBytesInFlight: 30_000 } });
    for (let i = 0; i < 5; i++) {
      const client = await host.connect();
      await client.open('HELO c', ...envelope, 'DATA');
      client.send('x\r\n'.repeat(5000));
      client.socket.destroySoon();
    }
    while (host.server.sessionCount > 0) await settleOnce();
    const client = await host.connect();
    await client.open('HELO c');
    assert.equal(await client.ask('MAIL FROM:<a@example.net> SIZE=30000'), '250 2.1.0 Sender ok');
    assert.deepEqual(host.receiver.messages, []);
  });
});

describe('listen', () => {
  it('rejects when the port is taken', { timeout }, async () => {
    await using host = await startServer();
    const { port } = await host.server.listen({ host: '127.0.0.1', port: 0 });
    await assert.rejects(host.server.listen({ host: '127.0.0.1', port }), { code: 'EADDRINUSE' });
  });
});

describe('close', () => {
  it('tells the idle, waits for transactions, takes nobody new', { timeout }, async () => {
    await using host = await startServer();
    const [idle, busy] = [await host.connect(), await host.connect()];
    await idle.open();
    await busy.open('HELO c', ...envelope, 'DATA');
    const closed = host.server.close({ drainMs: 60_000 });
    assert.equal(await idle.reply(), '421 4.3.2 mx.example.edu Shutting down, closing');
    assert.ok(await idle.isClosed());
    await assert.rejects(host.connect(), { code: 'ECONNREFUSED' });
    assert.equal(await busy.ask('x\r\n.'), '250 2.0.0 Ok: queued for b');
    assert.equal(await busy.reply(), '421 4.3.2 mx.example.edu Shutting down, closing');
    await closed;
    assert.equal(host.server.sessionCount, 0);
  });

  it('may be asked for twice, and of a server without sessions', { timeout }, async () => {
    await using host = await startServer();
    const client = await host.connect();
    await client.open();
    const both = [host.server.close({ drainMs: 60_000 }), host.server.close({ drainMs: 60_000 })];
    client.socket.end();
    await Promise.all(both);
    await host.server.close({ drainMs: 60_000 });
  });

  it('hangs up on who is still there after the time to drain', { timeout }, async () => {
    const clock = new FakeClock();
    await using host = await startServer({ clock });
    const client = await host.connect();
    await client.open('HELO c', ...envelope);
    const closed = host.server.close({ drainMs: 1000 });
    clock.advance(1000);
    await closed;
    assert.ok(await client.isClosed());
  });
});

describe('pipelining', () => {
  it('answers a burst in one piece, in order', { timeout }, async () => {
    await using host = await startServer();
    const client = await host.connect();
    await client.open();
    const pieces: string[] = [];
    client.socket.removeAllListeners('data').on('data', (piece: Buffer) => pieces.push(piece.toString()));
    client.send(
      `${['MAIL FROM:<a@example.net>', 'RCPT TO:<unknown@example.edu>', 'RCPT TO:<b@example.edu>', 'DATA'].join('\r\n')}\r\n`,
    );
    await once(client.socket, 'data');
    assert.deepEqual(pieces, [
      '250 2.1.0 Sender ok\r\n550 5.1.1 No such user\r\n250 2.1.5 Recipient ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n',
    ]);
  });

  it('gives the same answers whole and octet by octet', { timeout }, async () => {
    const dialogue =
      'EHLO c\r\nMAIL FROM:<a@example.net> BODY=BINARYMIME\r\nRCPT TO:<b@example.edu>\r\nBDAT 5\r\n\r\n.\r\nBDAT 3 LAST\r\n\0\r\nNOOP\r\n' +
      'MAIL FROM:<>\r\nRCPT TO:<c@example.edu>\r\nDATA\r\n..\r\n\r\n.x\r\n.\r\nVRFY\r\nQUIT\r\n';
    const transcripts: (string | undefined)[][] = [];
    for (const pieces of [[dialogue], dialogue.split('')]) {
      await using host = await startServer();
      const client = await host.connect();
      for (const piece of pieces) client.send(piece);
      const replies: (string | undefined)[] = [];
      do replies.push(await client.reply());
      while (replies.at(-1) !== undefined);
      transcripts.push([...replies, ...host.receiver.events]);
    }
    assert.deepEqual(transcripts[1], transcripts[0]);
    assert.ok(transcripts[0]?.includes('data "\\r\\n.\\r\\n\\u0000\\r\\n"'));
    assert.ok(transcripts[0]?.includes('data ".\\r\\n\\r\\nx\\r\\n"'));
  });

  it('a peer that sends and never reads is not answered without end', { timeout }, async () => {
    await using host = await startServer({ limits: { maxCommandsWithoutMail: Infinity } });
    const client = await host.connect();
    await client.open();
    client.socket.pause();
    // 30 MB of commands that would make 45 MB of replies: they must come to rest in the sender's own buffers.
    const burst = Buffer.from('VRFY x\r\n'.repeat(40_000));
    const sent: boolean[] = [];
    for (let i = 0; i < 90; i++) client.socket.write(burst, () => sent.push(true));
    let quietRounds = 0;
    let before = -1;
    while (quietRounds < 20) {
      quietRounds = client.socket.bytesWritten === before ? quietRounds + 1 : 0;
      before = client.socket.bytesWritten;
      await settle(host);
    }
    assert.ok(sent.length < 60, `${sent.length} bursts were taken`);
  });

  it('a peer that never reads is hung up on', { timeout }, async () => {
    const clock = new FakeClock();
    await using host = await startServer({ clock, limits: { maxCommandsWithoutMail: Infinity } });
    const client = await host.connect();
    await client.open();
    client.socket.pause();
    const burst = Buffer.from('VRFY x\r\n'.repeat(40_000));
    for (let i = 0; i < 90; i++) client.socket.write(burst);
    client.socket.on('error', () => {});
    while (host.server.sessionCount > 0) {
      clock.advance(60_000);
      await settleOnce();
    }
    assert.equal(host.server.sessionCount, 0);
  });
});

describe('large and hostile input', () => {
  it('a header line of 10 MB is read to its end and refused', { timeout }, async () => {
    await using host = await startServer();
    const client = await host.connect();
    await client.open('HELO c', ...envelope, 'DATA');
    client.send(Buffer.concat([Buffer.from('Subject: '), Buffer.alloc(10_000_000, 'x'), Buffer.from('\r\n\r\n.\r\n')]));
    assert.equal(await client.reply(), '554 5.6.0 Message refused: line longer than 1048576 octets');
    assert.equal(await client.ask('NOOP'), '250 2.0.0 Ok');
  });

  it('a command line of 10 MB is not', { timeout }, async () => {
    await using host = await startServer();
    const client = await host.connect();
    await client.open();
    client.send(Buffer.alloc(10_000_000, 'x'));
    assert.equal(await client.reply(), '500 5.5.2 Line too long, closing');
    assert.ok(await client.isClosed());
  });

  it('a message comes through whole, octets as they are', { timeout }, async () => {
    await using host = await startServer();
    const client = await host.connect();
    await client.open('HELO c', ...envelope, 'DATA');
    const lines = Array.from({ length: 40_000 }, (_, i) => `${i % 7 === 0 ? '.' : ''}归档 & Résumé ${i}\r\n`);
    client.send(`${lines.map((line) => (line.startsWith('.') ? `.${line}` : line)).join('')}.\r\n`);
    assert.equal(await client.reply(), '250 2.0.0 Ok: queued for b');
    assert.equal(host.receiver.messages[0]?.message.toString(), lines.join(''));
  });

  it('a dead receiver of bursts of garbage answers and closes', { timeout }, async () => {
    await using host = await startServer();
    const client = await host.connect();
    client.send(Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251)));
    assert.match((await client.reply()) ?? '', /^220 /);
    assert.match((await client.reply()) ?? '', /^50\d 5\.5\.\d /);
  });
});

describe('what the receiver is told', () => {
  async function peerOf(
    host: TestServer,
    client: TestClient,
    hello: string,
    mail: string,
  ): Promise<string | undefined> {
    await client.ask(hello);
    await client.ask(mail);
    await client.ask('RSET');
    return host.receiver.peers.at(-1)?.withProtocol;
  }

  it('the protocol, by RFC 3848 and RFC 6531', { timeout }, async () => {
    const context = await testContext();
    await using host = await startServer({ tls: () => context });
    const client = await host.connect();
    await client.reply();
    assert.equal(await peerOf(host, client, 'HELO c', 'MAIL FROM:<>'), 'SMTP');
    assert.equal(await peerOf(host, client, 'EHLO c', 'MAIL FROM:<>'), 'ESMTP');
    assert.equal(await peerOf(host, client, 'EHLO c', 'MAIL FROM:<> SMTPUTF8'), 'UTF8SMTP');
    await client.ask('STARTTLS');
    await client.startTls();
    assert.equal(await peerOf(host, client, 'EHLO c', 'MAIL FROM:<>'), 'ESMTPS');
    assert.equal(await peerOf(host, client, 'EHLO c', 'MAIL FROM:<> SMTPUTF8'), 'UTF8SMTPS');
    const peer = host.receiver.peers.at(-1);
    assert.equal(peer?.remoteAddress, '127.0.0.1');
    assert.match(peer.tls ?? '', /^TLSv1\.3 TLS_\w+$/);
  });

  it('the same of LMTP', { timeout }, async () => {
    await using host = await startServer({ protocol: 'lmtp' });
    const client = await host.connect();
    await client.reply();
    assert.equal(await peerOf(host, client, 'LHLO c', 'MAIL FROM:<>'), 'LMTP');
    assert.equal(await peerOf(host, client, 'LHLO c', 'MAIL FROM:<> SMTPUTF8'), 'UTF8LMTP');
  });

  it('a certificate that cannot be had is a temporary failure', { timeout }, async () => {
    await using host = await startServer({
      tls: () => {
        throw new Error('no such file');
      },
    });
    const client = await host.connect();
    await client.open('HELO c');
    assert.equal(await client.ask('STARTTLS'), '454 4.7.0 TLS not available just now');
    assert.equal(await client.ask('NOOP'), '250 2.0.0 Ok');
  });

  it('a certificate is asked for at each handshake', { timeout }, async () => {
    const context = await testContext();
    let asked = 0;
    await using host = await startServer({
      tls: () => {
        asked += 1;
        return context;
      },
    });
    for (let handshake = 1; handshake <= 2; handshake++) {
      const before = asked;
      const client = await host.connect();
      await client.open('HELO c', 'STARTTLS');
      await client.startTls();
      assert.ok(asked > before);
    }
  });
});

/** One turn of the event loop: what is already on the loopback is handled. */
async function settleOnce(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
