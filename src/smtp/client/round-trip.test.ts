/** The engine's two sides with each other: what the one sends, the other's receiver gets. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { startServer } from '#smtp/testing/test-client.ts';
import type { TestServer } from '#smtp/testing/test-client.ts';

import type { SmtpConnection, SmtpConnectionOptions } from './connection.ts';
import { makeAuthority } from '#test/harness/authority.ts';
import type { TestAuthority } from '#test/harness/authority.ts';
import { makeMessage, openTo } from './testing/fake-server.ts';
import { createTlsTrust } from './tls.ts';

const timeout = 20_000;
let authority: TestAuthority;
let options: Partial<SmtpConnectionOptions>;

before(async () => {
  authority = await makeAuthority();
  const trust = createTlsTrust([authority.ca]);
  options = { tls: { kind: 'verified' }, serverName: 'mx.example.edu', trust };
});

interface Pair extends AsyncDisposable {
  readonly host: TestServer;
  readonly connection: SmtpConnection;
}

async function openPair(more: Partial<SmtpConnectionOptions> = {}): Promise<Pair> {
  const context = await authority.issue('mx.example.edu');
  const host = await startServer({ tls: () => context });
  const { port } = await host.server.listen({ host: '127.0.0.1', port: 0 });
  const opened = await openTo(port, { ...options, ...more });
  if (opened.kind !== 'open') throw new Error(opened.message);
  const { connection } = opened;
  return {
    host,
    connection,
    async [Symbol.asyncDispose]() {
      connection.destroy();
      await host[Symbol.asyncDispose]();
    },
  };
}

const hard = Buffer.from(
  `Subject: 归档 & Résumé\r\n\r\n.\r\n..\r\n.x\r\n${'.张三\r\n'.repeat(40_000)}${'y'.repeat(70_000)}\r\n.\r\nend`,
);

describe('sent and received', () => {
  for (const [how, ignored] of [
    ['in chunks', []],
    ['by DATA', ['CHUNKING']],
    ['command by command', ['CHUNKING', 'PIPELINING']],
  ] as const) {
    it(`a hard message ${how} under TLS`, { timeout }, async () => {
      await using pair = await openPair({ ignoredKeywords: new Set(ignored) });
      const { connection, host } = pair;
      const reversePath = {
        address: '李四@例え.jp',
        smtpUtf8: true,
        requireTls: true,
        dsn: { ret: 'HDRS', envid: 'a+b' },
      } as const;
      const forwardPaths = [
        { address: '张三@example.edu', dsn: { notify: ['FAILURE'], orcpt: 'utf-8;张三@example.org' } },
        { address: 'unknown@example.edu', dsn: {} },
        { address: 'a "b"@example.edu', dsn: {} },
      ] as const;
      for (let i = 0; i < 3; i++) {
        const result = await connection.send(makeMessage([], hard, { reversePath, forwardPaths }));
        assert.deepEqual(
          result.recipients.map(({ kind }) => kind),
          ['accepted', 'refused', 'accepted'],
        );
        const message = host.receiver.messages.at(-1);
        assert.ok(message !== undefined && message.message.equals(Buffer.concat([hard, Buffer.from('\r\n')])));
        const { sizeBytes, body, ...path } = message.transaction.reversePath;
        assert.deepEqual(path, reversePath);
        assert.deepEqual([sizeBytes, body], [hard.length + 2, '8BITMIME']);
        assert.deepEqual(message.transaction.forwardPaths, [forwardPaths[0], forwardPaths[2]]);
      }
      assert.equal(host.receiver.messages.length, 3);
      assert.match(host.receiver.messages[0]?.transaction.peer.tls ?? '', /^TLSv1\.3/);
    });
  }

  it('a binary message, octet for octet', { timeout }, async () => {
    await using pair = await openPair();
    const octets = Buffer.concat([
      Buffer.from('Subject: x\r\n\r\n'),
      Buffer.from(Array.from({ length: 99_999 }, (_, i) => i & 255)),
    ]);
    const result = await pair.connection.send(makeMessage(['b@example.edu'], octets));
    assert.equal(result.recipients[0]?.kind, 'accepted');
    assert.ok(pair.host.receiver.messages[0]?.message.equals(octets));
  });

  it('as many recipients as announced, the rest in the next transaction', { timeout }, async () => {
    await using pair = await openPair();
    const names = Array.from({ length: 1500 }, (_, i) => `recipient-${i}@example.edu`);
    const { recipients } = await pair.connection.send(makeMessage(names));
    assert.deepEqual(
      recipients.map(({ kind }) => kind),
      names.map((_, i) => (i < 1000 ? 'accepted' : 'notTried')),
    );
    const rest = await pair.connection.send(makeMessage(names.slice(1000)));
    assert.ok(rest.recipients.every(({ kind }) => kind === 'accepted'));
  });

  it('goodbye said to a recipient leaves the others untried', { timeout }, async () => {
    await using pair = await openPair();
    const result = await pair.connection.send(makeMessage(['b@example.edu', 'goodbye@example.edu', 'c@example.edu']));
    assert.deepEqual(
      result.recipients.map(({ kind }) => kind),
      ['notTried', 'notTried', 'notTried'],
    );
    assert.equal(result.failure?.kind === 'connectionFailed' && result.failure.why, 'closing');
    assert.deepEqual(pair.host.receiver.messages, []);
  });
});
