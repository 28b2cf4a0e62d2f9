import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MailboxId } from '#base/ids.ts';
import { sendRaw } from '#http/testing/serve.ts';
import { HTTP_LIMITS } from '#http/limits.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { message, type Answer } from '#jmap/testing/jmap.ts';
import { withJmap, type ServedJmap } from '#jmap/testing/serve.ts';
import { WebSocket, type ClientOptions } from 'ws';

const timeout = 20_000;

async function openSocket({ port }: ServedJmap, options: ClientOptions = {}) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/jmap/ws`, 'jmap', options);
  const messages: Answer[] = [];
  const closed = once(socket, 'close').then(([code]) => code as number);
  let heard = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    messages.push(JSON.parse((data as Buffer).toString()) as Answer);
    heard.resolve();
  });
  await once(socket, 'open');
  return {
    socket,
    closed,
    send: (value: unknown) => socket.send(typeof value === 'string' ? value : JSON.stringify(value)),
    async next(): Promise<Answer> {
      while (messages.length === 0) {
        await heard.promise;
        heard = Promise.withResolvers();
      }
      return messages.shift() as Answer;
    },
  };
}

const echo = (id: string | undefined, args: object = {}) => ({
  '@type': 'Request',
  id,
  using: ['urn:ietf:params:jmap:core'],
  methodCalls: [['Core/echo', args, 'c']],
});

async function deliver({ jmap: { account, clock } }: ServedJmap): Promise<string> {
  const prepared = account.prepareMessage(message('Subject: 会议\n\ntext'));
  const item = { message: prepared, mailboxes: [1 as MailboxId], keywords: [], receivedAt: clock.now() };
  await account.append({ items: [item], source: 'smtp' });
  return String(await account.modSeq());
}

test('the session tells of it; requests are answered under their ids', { timeout }, async () => {
  await withJmap(async (served) => {
    const session = (await (await fetch(`${served.base}/jmap/session`)).json()) as Answer;
    assert.deepEqual(session['capabilities']['urn:ietf:params:jmap:websocket'], {
      url: `ws://127.0.0.1:${served.port}/jmap/ws`,
      supportsPush: true,
    });
    const { send, next, socket } = await openSocket(served);
    assert.equal(socket.protocol, 'jmap');
    send(echo('一', { 会: '议' }));
    const answer = await next();
    assert.deepEqual([answer['@type'], answer['requestId']], ['Response', '一']);
    assert.deepEqual(answer['methodResponses'], [['Core/echo', { 会: '议' }, 'c']]);
    assert.equal(answer['sessionState'], session['state']);
    send(echo(undefined));
    assert.equal('requestId' in (await next()), false);
    socket.close();
  });
});

test('what is no request is refused with what is wrong, and the conversation goes on', { timeout }, async () => {
  await withJmap(async (served) => {
    const { send, next, socket } = await openSocket(served);
    const refusals: readonly [unknown, string, string | null][] = [
      ['{', 'notJSON', null],
      ['['.repeat(100_000), 'notJSON', null],
      ['null', 'notRequest', null],
      [{ ...echo('a'), '@type': 'Unknown' }, 'notRequest', null],
      [{ ...echo('a'), id: 7 }, 'notRequest', null],
      [{ '@type': 'Request', id: 'b' }, 'notRequest', 'b'],
      [{ ...echo('c'), using: ['urn:unknown'] }, 'unknownCapability', 'c'],
      [{ ...echo('d'), methodCalls: Array.from({ length: 100 }, () => ['Core/echo', {}, '']) }, 'limit', 'd'],
      [{ '@type': 'WebSocketPushEnable', dataTypes: 'Email' }, 'notRequest', null],
    ];
    for (const [sent, problem, requestId] of refusals) {
      send(sent);
      const answer = await next();
      assert.equal(answer['@type'], 'RequestError', JSON.stringify(sent).slice(0, 100));
      assert.equal(answer['type'], `urn:ietf:params:jmap:error:${problem}`);
      assert.equal(answer['requestId'], requestId);
      assert.equal(answer['status'], 400);
    }
    send(echo('last'));
    assert.equal((await next())['requestId'], 'last');
    socket.close();
  });
});

test('push is told while it is wanted, and goes on from where it was', { timeout }, async () => {
  await withJmap(async (served) => {
    const { send, next, socket } = await openSocket(served);
    send({ '@type': 'WebSocketPushEnable', dataTypes: ['Email'] });
    send(echo('enabled'));
    await next();
    const state = await deliver(served);
    const { pushState, ...change } = await next();
    assert.deepEqual(change, { '@type': 'StateChange', changed: { A1: { Email: state } } });
    send({ '@type': 'WebSocketPushDisable' });
    send(echo('disabled'));
    await next();
    const missed = await deliver(served);
    send(echo('nothing in between'));
    assert.equal((await next())['requestId'], 'nothing in between');
    send({ '@type': 'WebSocketPushEnable', dataTypes: null, pushState });
    const told = await next();
    assert.equal(told['changed']['A1'].Email, missed);
    socket.close();
  });
});

test('what is changed right after push was enabled is told', { timeout }, async () => {
  await withJmap(async (served) => {
    const { send, next, socket } = await openSocket(served);
    send({ '@type': 'WebSocketPushEnable', dataTypes: ['VacationResponse'] });
    send({
      ...echo('set'),
      using: ['urn:ietf:params:jmap:vacationresponse'],
      methodCalls: [
        [
          'VacationResponse/set',
          { accountId: 'A1', update: { singleton: { isEnabled: true, textBody: '出差' } } },
          'c',
        ],
      ],
    });
    const heard = [await next(), await next()].map((answer) => answer['@type'] as string);
    assert.deepEqual(heard.toSorted(), ['Response', 'StateChange']);
    socket.close();
  });
});

test('a line that is dead is found out, one that is only silent is kept', { timeout }, async () => {
  await withJmap(async (served) => {
    const { clock } = served.jmap;
    const silent = await openSocket(served);
    const dead = await openSocket(served, { autoPong: false });
    for (let n = 0; n < 2; n++) {
      const pinged = [silent, dead].map(({ socket }) => once(socket, 'ping'));
      clock.advance(HTTP_LIMITS.socketPingMs);
      await (n === 0 ? Promise.all(pinged) : pinged[0]);
      // Behind the pong, so that it has been taken when this is answered.
      silent.send(echo(String(n)));
      await silent.next();
    }
    assert.equal(await dead.closed, 1006);
    assert.equal(silent.socket.readyState, WebSocket.OPEN);
    silent.socket.close();
  });
});

test('it ends with the sign-in', { timeout }, async () => {
  await withJmap(async (served) => {
    const { closed } = await openSocket(served);
    served.signOut();
    assert.equal(await closed, 1008);
    while (served.watched() > 0) await nextTurn();
  });
});

test('octets that are no text, too long a text, and broken frames end it with their code', { timeout }, async () => {
  await withJmap(async (served) => {
    const binary = await openSocket(served);
    binary.socket.send(Buffer.from('{}'));
    assert.equal(await binary.closed, 1003);
    const long = await openSocket(served);
    long.send('x'.repeat(JMAP_LIMITS.requestBytes + 1));
    assert.equal(await long.closed, 1009);
    const crooked = await openSocket(served);
    crooked.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    assert.equal(await crooked.closed, 1007);
  });
});

test('who asks too often is told so, by request', { timeout }, async () => {
  await withJmap(
    async (served) => {
      const { send, next, socket } = await openSocket(served);
      send(echo('a'));
      assert.deepEqual(await next(), {
        '@type': 'RequestError',
        requestId: 'a',
        type: 'about:blank',
        status: 429,
        detail: 'too many requests: wait a while',
      });
      socket.close();
    },
    { admit: () => false },
  );
});

test('a flood of requests is answered in turn, every one', { timeout }, async () => {
  await withJmap(async (served) => {
    const { send, next, socket } = await openSocket(served);
    const ids = new Set(Array.from({ length: 500 }, (_, n) => String(n)));
    for (const id of ids) send(echo(id));
    while (ids.size > 0) {
      const answer = await next();
      assert.ok(ids.delete(answer['requestId']));
      assert.ok(answer['@type'] === 'Response' || answer['limit'] === 'maxConcurrentRequests');
    }
    socket.close();
  });
});

test('one who takes nothing of what it asked for is hung up on', { timeout }, async () => {
  await withJmap(async (served) => {
    const { send, socket, closed } = await openSocket(served);
    socket.pause();
    const text = 'x'.repeat(4_000_000);
    for (let n = 0; n < 20; n++) send(echo(String(n), { text }));
    while (served.watched() > 0) await nextTurn();
    // Reading again, it finds what was with the kernel, and then the end.
    socket.resume();
    assert.equal(await closed, 1006);
  });
});

test('only as many as there may be; others, and handshakes that are none, are refused', { timeout }, async () => {
  await withJmap(async (served) => {
    const upgrade = (more: string) =>
      sendRaw(
        served.port,
        `GET /jmap/ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n${more}\r\n\r\n`,
      );
    const key = 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-version: 13';
    assert.match(await upgrade(key), /^HTTP\/1\.1 400 [^]*the subprotocol is jmap/);
    assert.match(await upgrade(`${key}\r\nsec-websocket-protocol: chat, mqtt`), /^HTTP\/1\.1 400 /);
    assert.match(await upgrade('sec-websocket-protocol: jmap'), /^HTTP\/1\.1 400 /);
    const open = await Promise.all(Array.from({ length: JMAP_LIMITS.sockets }, () => openSocket(served)));
    assert.match(await upgrade(`${key}\r\nsec-websocket-protocol: jmap`), /^HTTP\/1\.1 429 /);
    for (const { socket } of open) socket.close();
    await Promise.all(open.map(({ closed }) => closed));
    const { socket } = await openSocket(served);
    socket.close();
  });
});

test('who is not signed in is refused', { timeout }, async () => {
  await withJmap(
    async (served) => {
      const socket = new WebSocket(`ws://127.0.0.1:${served.port}/jmap/ws`, 'jmap');
      const [error] = await once(socket, 'error');
      assert.match(String(error), /401/);
    },
    { refuse: { status: 401 } },
  );
});
