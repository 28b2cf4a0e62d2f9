import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';

import type { AccountId } from '#base/ids.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { testContext } from '#test/harness/certificate.ts';
import { ScramClient } from '#test/harness/scram-client.ts';

import type { SmtpServerOptions } from './server.ts';
import { PASSWORD } from './testing/fake-authority.ts';
import { startServer } from './testing/test-client.ts';
import type { TestClient, TestServer } from './testing/test-client.ts';

const timeout = 10_000;
const ANNA = 1 as AccountId;
const SIGN_IN = `AUTH PLAIN ${base64(`\0anna\0${PASSWORD}`)}`;
const SIGN_IN_BOB = `AUTH PLAIN ${base64(`\0bob\0${PASSWORD}`)}`;
const ENVELOPE = ['MAIL FROM:<anna@example.edu>', 'RCPT TO:<b@example.net>'];
const SIGNED_OUT = '421 4.7.0 mx.example.edu Signed out: the account or its password has changed, closing';

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function startSubmission(options: Partial<SmtpServerOptions> = {}): Promise<TestServer> {
  return startServer({ protocol: 'submission', allowPlaintext: () => true, ...options });
}

async function connectTls(host: TestServer): Promise<TestClient> {
  const client = await host.connect();
  await client.open('EHLO c', 'STARTTLS');
  await client.startTls();
  await client.ask('EHLO c');
  return client;
}

describe('submission', () => {
  it('the receiver is told who signed in, and by what protocol', { timeout }, async () => {
    const context = await testContext();
    await using host = await startSubmission({ tls: () => context });
    const anna = { accountId: ANNA, loginAddress: 'anna@example.edu' };
    const said = async (client: TestClient, ...lines: string[]) => {
      for (const line of lines) assert.match((await client.ask(line)) ?? '', /^2/);
      const { withProtocol, protocol, account } = host.receiver.peers.at(-1) ?? assert.fail();
      assert.deepEqual({ protocol, account }, { protocol: 'submission', account: anna });
      return withProtocol;
    };
    const plain = await host.connect();
    await plain.open('HELO c');
    assert.equal(await said(plain, SIGN_IN, 'MAIL FROM:<a@example.edu>'), 'ESMTPA');
    const secure = await connectTls(host);
    assert.equal(await said(secure, SIGN_IN, 'MAIL FROM:<a@example.edu>'), 'ESMTPSA');
    assert.equal(await said(secure, 'EHLO c', 'MAIL FROM:<a@example.edu> SMTPUTF8'), 'UTF8SMTPSA');
  });

  it('cannot be had without anybody who judges sign-ins', async () => {
    const options = { protocol: 'submission', authenticate: undefined };
    await assert.rejects(startServer(options as never), /submission without sign-in/);
  });

  it('the dialogue may come in any pieces', { timeout }, async () => {
    const random = seededRandom(4954);
    for (let round = 0; round < 20; round++) {
      await using host = await startSubmission();
      const client = await host.connect();
      const octets = `EHLO c\r\nAUTH LOGIN\r\n${base64('anna')}\r\n${base64(PASSWORD)}\r\n${ENVELOPE.join('\r\n')}\r\nQUIT\r\n`;
      for (let at = 0; at < octets.length;) {
        const end = at + (round === 0 ? 1 : 1 + Math.floor(random() * 30));
        client.send(octets.slice(at, end));
        at = end;
        await new Promise((resolve) => setImmediate(resolve));
      }
      const codes: string[] = [];
      for (let reply = await client.reply(); reply !== undefined; reply = await client.reply()) {
        codes.push(reply.slice(0, 3));
      }
      assert.deepEqual(codes, ['220', '250', '334', '334', '235', '250', '250', '221']);
    }
  });

  it('an account has so many sessions, and a place is free again when one ends', { timeout }, async () => {
    await using host = await startSubmission({ limits: { maxSessionsPerAccount: 1 } });
    const first = await host.connect();
    await first.open('HELO c');
    assert.match((await first.ask(SIGN_IN)) ?? '', /^235/);
    const second = await host.connect();
    await second.open('HELO c');
    assert.match((await second.ask(SIGN_IN)) ?? '', /^454 4\.7\.0 Too many sessions/);
    assert.match((await second.ask(SIGN_IN_BOB)) ?? '', /^235/);
    await first.ask('QUIT');
    assert.ok(await first.isClosed());
    const third = await host.connect();
    await third.open('HELO c');
    assert.match((await third.ask(SIGN_IN)) ?? '', /^235/);
  });

  it('a server that stops does not wait for a dialogue', { timeout }, async () => {
    await using host = await startSubmission();
    const client = await host.connect();
    await client.open('HELO c');
    assert.equal(await client.ask('AUTH PLAIN'), '334 ');
    const closed = host.server.close({ drainMs: 60_000 });
    assert.equal(await client.reply(), '421 4.3.2 mx.example.edu Shutting down, closing');
    await closed;
  });
});

describe('SCRAM over SMTP', () => {
  interface Scram {
    readonly mechanism: string;
    readonly gs2Header?: string;
    readonly binding?: Buffer;
    readonly password?: string;
  }

  async function signIn(client: TestClient, scram: Scram): Promise<string | undefined> {
    const { mechanism, password = PASSWORD, ...options } = scram;
    const dialogue = new ScramClient({ login: 'anna', password, ...options });
    const first = await client.ask(`AUTH ${mechanism} ${base64(dialogue.first)}`);
    if (first?.startsWith('334 ') !== true) return first;
    const final = dialogue.answer(Buffer.from(first.slice(4), 'base64').toString());
    const last = await client.ask(base64(final.message));
    if (last?.startsWith('334 ') !== true) return last;
    assert.equal(Buffer.from(last.slice(4), 'base64').toString(), final.serverFinal);
    return client.ask('');
  }

  it('in plaintext, right and wrong', { timeout }, async () => {
    await using host = await startSubmission();
    const client = await host.connect();
    await client.open('HELO c');
    const mechanism = 'SCRAM-SHA-256';
    assert.match((await signIn(client, { mechanism, password: 'falsch' })) ?? '', /^535 5\.7\.8/);
    assert.match((await signIn(client, { mechanism, gs2Header: 'y,,' })) ?? '', /^235/);
  });

  it('bound to the TLS connection, and to no other', { timeout }, async () => {
    const context = await testContext();
    await using host = await startSubmission({ tls: () => context });
    const client = await connectTls(host);
    const other = await connectTls(host);
    const mechanism = 'SCRAM-SHA-256-PLUS';
    const gs2Header = 'p=tls-exporter,,';
    const bindingOf = ({ socket }: TestClient) =>
      (socket as TLSSocket).exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    const malformed = '501 5.5.2 Malformed authentication exchange';
    assert.equal(await signIn(client, { mechanism, gs2Header, binding: bindingOf(other) }), malformed);
    assert.equal(await signIn(client, { mechanism: 'SCRAM-SHA-256', gs2Header: 'y,,' }), malformed);
    assert.match((await signIn(client, { mechanism, gs2Header, binding: bindingOf(client) })) ?? '', /^235/);
  });
});

describe('when an account is changed from outside', () => {
  async function open(host: TestServer, ...lines: string[]): Promise<TestClient> {
    const client = await host.connect();
    await client.open('HELO c', SIGN_IN, ...lines);
    return client;
  }

  it('its sessions at rest and within a message end, those of others and of nobody go on', { timeout }, async () => {
    await using host = await startSubmission();
    const resting = await open(host);
    const sending = await open(host, ...ENVELOPE, 'DATA');
    sending.send('Subject: x\r\n');
    const other = await host.connect();
    await other.open('HELO c', SIGN_IN_BOB);
    const nobody = await host.connect();
    await nobody.open('HELO c');
    host.server.endSessionsOf(ANNA);
    for (const client of [resting, sending]) {
      assert.equal(await client.reply(), SIGNED_OUT);
      assert.ok(await client.isClosed());
    }
    assert.match((await other.ask(ENVELOPE[0] ?? '')) ?? '', /^250/);
    assert.match((await nobody.ask('NOOP')) ?? '', /^250/);
    assert.deepEqual(host.receiver.messages, []);
  });

  it('a message given to the receiver is answered, and what waits behind it is not run', { timeout }, async () => {
    await using host = await startSubmission();
    const gate = Promise.withResolvers<void>();
    host.receiver.gate = gate.promise;
    const client = await open(host, ...ENVELOPE, 'DATA');
    client.send(`Subject: x\r\n\r\nx\r\n.\r\n${ENVELOPE[0]}\r\n`);
    while (!host.receiver.events.some((event) => event.startsWith('data'))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    host.server.endSessionsOf(ANNA);
    gate.resolve();
    assert.match((await client.reply()) ?? '', /^250 2\.0\.0 Ok: queued/);
    assert.equal(await client.reply(), SIGNED_OUT);
    assert.ok(await client.isClosed());
    assert.equal(host.receiver.events.filter((event) => event.startsWith('mail')).length, 1);
  });

  it(
    'a sign-in under way for it fails, for it may be the old password that is being checked',
    { timeout },
    async () => {
      await using host = await startSubmission();
      const gate = Promise.withResolvers<void>();
      host.authority.gate = gate.promise;
      const client = await host.connect();
      await client.open('HELO c');
      const answer = client.ask(SIGN_IN);
      await host.authority.asked.promise;
      host.server.endSessionsOf(ANNA);
      gate.resolve();
      assert.match((await answer) ?? '', /^454 4\.7\.0/);
      assert.match((await client.ask(SIGN_IN)) ?? '', /^235/);
    },
  );
});
