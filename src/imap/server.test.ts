import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { FakeClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { MailboxId } from '#mail/types.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { testContext } from '#test/harness/certificate.ts';
import { ScramClient } from '#test/harness/scram-client.ts';
import type { ImapServerOptions } from './server.ts';
import { fillMailbox, startServer, testMessage } from './testing/test-server.ts';
import { TestClient } from './testing/test-server.ts';
import type { TestServer, TestStore } from './testing/test-server.ts';

async function start(
  options: Partial<ImapServerOptions> = {},
  change?: (store: TestStore) => TestStore,
): Promise<TestServer> {
  const store: TestStore = await openMemoryStore({ clock: new FakeClock() });
  return startServer(change === undefined ? store : change(store), options);
}

/** The store, with some calls of its reader or its own replaced. */
function replaced(store: TestStore, reader: object, own: object = {}): TestStore {
  const over = <T extends object>(target: T, changes: object): T =>
    new Proxy(target, {
      get(object, name) {
        if (Object.hasOwn(changes, name)) return Reflect.get(changes, name) as unknown;
        const value: unknown = Reflect.get(object, name);
        return typeof value === 'function' ? (value.bind(object) as unknown) : value;
      },
    });
  return { mail: over(store.mail, { reader: over(store.mail.reader, reader), ...own }), close: () => store.close() };
}

/** A client that seems to come from another machine: loopback is not limited by address. */
async function connectFromAfar(host: TestServer): Promise<TestClient> {
  const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    Object.defineProperty(socket, 'remoteAddress', { value: '192.0.2.1' });
    host.server.accept(socket);
    listener.close();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return new TestClient(connect({ host: '127.0.0.1', port: (listener.address() as AddressInfo).port }));
}

describe('ImapServer', () => {
  it('answers others while a search reads a message that is hard to read', { timeout: 60_000 }, async () => {
    await using host = await start();
    const searcher = await host.open();
    const part = `--b\r\nContent-Type: text/html\r\n\r\n${'<'.repeat(4_000_000)}\r\n`;
    const mail = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(2)}--b--\r\n`;
    await host.account.setQuota({ quotaBytes: null, quotaMessages: null });
    const inbox = await host.account.findMailbox('INBOX');
    await host.account.append({
      items: [
        {
          message: host.account.prepareMessage(Buffer.from(mail)),
          mailboxes: [inbox?.mailboxId as MailboxId],
          keywords: [],
          receivedAt: 0,
        },
      ],
      source: 'system',
    });
    await searcher.ask('SELECT INBOX');
    const other = await host.open();
    let isSearching = true;
    const search = searcher.ask('SEARCH BODY needle').then((lines) => {
      isSearching = false;
      return lines;
    });
    let answered = 0;
    while (isSearching) {
      await other.ask('NOOP');
      answered++;
    }
    assert.deepEqual(await search, ['* SEARCH', 'OK Done']);
    assert.ok(answered > 5, `${answered} answers during one search`);
  });

  it('logs out who says nothing, later after signing in', { timeout: 10_000 }, async () => {
    const clock = new FakeClock();
    await using host = await start({ clock });
    const stranger = await host.connect();
    await stranger.line();
    const anna = await host.open('SELECT INBOX');
    const idler = await host.open('SELECT INBOX');
    idler.send('i IDLE\r\n');
    await idler.line();
    clock.advance(3 * 60_000);
    assert.equal(await stranger.line(), '* BYE [UNAVAILABLE] Autologout; idle for too long');
    clock.advance(20 * 60_000);
    assert.deepEqual(await anna.ask('NOOP'), ['OK Done']);
    clock.advance(15 * 60_000);
    assert.equal(await idler.line(), '* BYE [UNAVAILABLE] Autologout; idle for too long');
    assert.equal(await idler.line(), undefined);
    assert.deepEqual(await anna.ask('NOOP'), ['OK Done']);
  });

  it('stops in good order', { timeout: 10_000 }, async () => {
    await using host = await start();
    const idler = await host.open('SELECT INBOX');
    idler.send('i IDLE\r\n');
    await idler.line();
    const other = await host.open();
    const closed = host.server.close({ drainMs: 5000 });
    for (const client of [idler, other]) {
      assert.equal(await client.line(), '* BYE [UNAVAILABLE] Shutting down, please come back');
      client.socket.end();
    }
    await closed;
    assert.equal(host.server.sessionCount, 0);
  });

  it('turns away too many from one address', { timeout: 10_000 }, async () => {
    await using host = await start({ limits: { connectionsPerAddress: 1 } });
    const first = await connectFromAfar(host);
    await first.line();
    const second = await connectFromAfar(host);
    assert.match((await second.line()) ?? '', /^\* BYE \[UNAVAILABLE\] Too many connections from your address/);
    assert.equal(await second.line(), undefined);
    first.socket.end();
    await first.rest();
    const third = await connectFromAfar(host);
    assert.match((await third.line()) ?? '', /^\* OK/);
  });

  it('turns away more than it has places for', { timeout: 10_000 }, async () => {
    await using host = await start({ limits: { connections: 2, connectionsPerAddress: 1 } });
    for (let i = 0; i < 2; i++) assert.match((await (await host.connect()).line()) ?? '', /^\* OK/);
    const third = await host.connect();
    assert.equal(await third.line(), '* BYE [UNAVAILABLE] Too many connections, try again later');
    assert.equal(await third.line(), undefined);
  });

  it('speaks TLS from the first octet', { timeout: 10_000 }, async () => {
    const context = await testContext();
    await using host = await start({ tls: () => context, implicitTls: true, allowPlaintext: () => false });
    const client = await host.open('SELECT INBOX');
    assert.doesNotMatch((await client.ask('CAPABILITY')).join(''), /STARTTLS|LOGINDISABLED/);
  });

  it('signs in by a proof bound to the TLS connection, and to no other', { timeout: 10_000 }, async () => {
    const context = await testContext();
    await using host = await start({ tls: () => context, implicitTls: true });
    const client = await host.connect();
    await client.startTls();
    assert.match((await client.line()) ?? '', / AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN /);
    const ours = (client.socket as TLSSocket).exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    const ask = async (line: string) => {
      client.send(`${line}\r\n`);
      return (await client.line()) ?? '';
    };
    for (const binding of [Buffer.alloc(32), ours]) {
      const scram = new ScramClient({ login: 'bob', password: 'b', gs2Header: 'p=tls-exporter,,', binding });
      const first = await ask(`a AUTHENTICATE SCRAM-SHA-256-PLUS ${Buffer.from(scram.first).toString('base64')}`);
      const final = scram.answer(Buffer.from(first.slice(2), 'base64').toString());
      const last = await ask(Buffer.from(final.message).toString('base64'));
      if (binding !== ours) assert.equal(last, 'a BAD Malformed authentication exchange');
      else assert.equal(Buffer.from(last.slice(2), 'base64').toString(), final.serverFinal);
    }
    assert.match(await ask(''), /^a OK .* Signed in$/);
  });

  it('answers what was asked before the client closed its side', { timeout: 10_000 }, async () => {
    await using host = await start();
    const client = await host.connect();
    client.socket.end('a LOGIN bob b\r\nb SELECT INBOX\r\nc LOGOUT\r\n');
    assert.match(await client.rest(), /b OK \[READ-WRITE\] Selected\r\n\* BYE Logging out\r\nc OK Goodbye\r\n$/);
  });

  it('sends a large message as it is, in time with the reader', { timeout: 20_000 }, async () => {
    await using host = await start();
    await host.account.setQuota({ quotaBytes: null, quotaMessages: null });
    const octets = Buffer.concat([testMessage(1), Buffer.alloc(5_000_000, 'zwölf Boxkämpfer\r\n')]);
    const inbox = await host.account.findMailbox('INBOX');
    assert.ok(inbox);
    await host.account.append({
      items: [{ message: host.account.prepareMessage(octets), mailboxes: [inbox.mailboxId], keywords: [] }],
      source: 'system',
    });
    const client = await host.open('SELECT INBOX');
    client.send('f FETCH 1 BODY[]\r\n');
    assert.equal(await client.line(), `* 1 FETCH (BODY[] {${octets.length}}`);
    assert.ok(octets.equals(await client.octets(octets.length)));
    assert.equal(await client.line(), ')');
    assert.deepEqual(await client.answer('f'), [String.raw`* 1 FETCH (UID 1 FLAGS (\Seen \Recent))`, 'OK Fetched']);
  });

  it('keeps little for a client that does not read, and hangs up in the end', { timeout: 20_000 }, async () => {
    const clock = new FakeClock();
    await using host = await start({ clock });
    await host.account.setQuota({ quotaBytes: null, quotaMessages: null });
    await fillMailbox(host.account, 20);
    const client = await host.open('SELECT INBOX');
    client.socket.pause();
    const all = Array.from({ length: 20_000 }, () => '1').join(',');
    for (let i = 0; i < 40; i++)
      client.send(`f${i} FETCH 1:20 BODY.PEEK[]\r\ng${i} UID FETCH ${all.slice(0, 30_000)} BODY.PEEK[]\r\n`);
    const big = Array.from({ length: 2000 }, (_, i) => `h${i} FETCH 1:* (ENVELOPE BODY.PEEK[])\r\n`).join('');
    client.send(big);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => void setImmediate(resolve));
    for (let minutes = 0; minutes < 60 && host.server.sessionCount > 0; minutes++) {
      clock.advance(60_000);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    assert.equal(host.server.sessionCount, 0);
  });

  it('gives what can be read beside what cannot', { timeout: 10_000 }, async () => {
    await using host = await start({}, (store) =>
      replaced(store, {
        readMessage: (account: never, emailId: number, from?: number, to?: number) => {
          if (emailId === 2) return Promise.reject(new MailError('unavailable', 'damaged'));
          return store.mail.reader.readMessage(account, emailId as never, from, to);
        },
      }),
    );
    await fillMailbox(host.account, 3);
    const client = await host.open('SELECT INBOX');
    const answer = await client.ask('UID FETCH 1:3 BODY[]<0.4>');
    assert.deepEqual(answer, [
      '* 1 FETCH (UID 1 BODY[]<0> {4}\r\nFrom)',
      '* 3 FETCH (UID 3 BODY[]<0> {4}\r\nFrom)',
      String.raw`* 1 FETCH (UID 1 FLAGS (\Seen))`,
      String.raw`* 3 FETCH (UID 3 FLAGS (\Seen))`,
      'NO [UNAVAILABLE] Some messages cannot be read just now',
    ]);
  });

  it(
    'whichever call of the store fails, the answer is temporary and the session goes on',
    { timeout: 20_000 },
    async () => {
      const script = [
        'SELECT INBOX',
        String.raw`STORE 1:2 +FLAGS (\Deleted)`,
        'FETCH 1:* (UID FLAGS ENVELOPE BODY[])',
        'SEARCH TEXT x',
        'COPY 1 Sent',
        'EXPUNGE',
        'LIST "" *',
        'STATUS INBOX (MESSAGES)',
        'APPEND INBOX {2+}\r\nab',
        'NOOP',
      ];
      for (let failing = 1; failing < 40; failing++) {
        let calls = 0;
        let isArmed = false;
        const failNow = (): boolean => isArmed && ++calls === failing;
        await using host = await start({}, (store) => {
          const wrap = (target: object): object =>
            new Proxy(target, {
              get(object, name) {
                const value: unknown = Reflect.get(object, name);
                if (name === 'reader') return wrap(value as object);
                if (typeof value !== 'function') return value;
                const bound = value.bind(object) as (...args: unknown[]) => unknown;
                if (['watch', 'prepareBlob', 'checkInvariants', 'close'].includes(String(name))) return bound;
                return (...args: unknown[]) => (failNow() ? Promise.reject(new Error('injected')) : bound(...args));
              },
            });
          return { mail: wrap(store.mail) as TestStore['mail'], close: () => store.close() };
        });
        await fillMailbox(host.account, 3);
        const client = await host.open();
        isArmed = true;
        let faults = 0;
        for (const command of script) {
          const reply = (await client.ask(command)).at(-1) ?? '';
          if (reply.includes('SERVERBUG')) {
            faults++;
            assert.match(reply, /^NO \[SERVERBUG\] Internal error, try again later \(session [a-z2-7]{10}\)$/);
          } else {
            // After a failed SELECT nothing is selected.
            assert.match(reply, /^OK|^BAD Not allowed|^NO \[UNAVAILABLE\]/, `${command}: ${reply}`);
          }
        }
        assert.ok(faults <= 1);
      }
    },
  );

  it('reads mail of any depth', { timeout: 10_000 }, async () => {
    await using host = await start();
    let bomb = '';
    for (let i = 0; i < 3000; i++) bomb += `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`;
    const client = await host.open('SELECT INBOX', `APPEND INBOX {${bomb.length}+}\r\n${bomb}`);
    const answer = await client.ask(`FETCH 1 (BODYSTRUCTURE BODY.PEEK[${'1.'.repeat(99)}1])`);
    assert.equal(answer.at(-1), 'OK Fetched');
    const [structure = ''] = answer;
    assert.equal(structure.split('(').length, structure.split(')').length);
    assert.match((await client.ask(`FETCH 1 BODY[${'1.'.repeat(200)}1]`)).at(-1) ?? '', /^BAD/);
    const deep = `${'('.repeat(60)}ALL${')'.repeat(60)}`;
    assert.match((await client.ask(`SEARCH ${deep}`)).at(-1) ?? '', /^BAD Search keys are nested too deeply/);
    assert.match((await client.ask(`SEARCH ${'NOT '.repeat(3000)}ALL`)).at(-1) ?? '', /^BAD/);
  });

  it('survives any input', { timeout: 30_000 }, async () => {
    await using host = await start({ limits: { errors: 1_000_000 } });
    await fillMailbox(host.account, 3);
    const word = fc.oneof(
      fc.constantFrom(
        ...'UID FETCH STORE SEARCH LIST APPEND INBOX 1:* (FLAGS) BODY[] BODY[1.MIME]<0.5> +FLAGS (\\Seen) RETURN () CHARSET OR NOT'.split(
          ' ',
        ),
        '"',
        '(',
        ')',
        '{3+}\r\nabc',
        '{0+}\r\n',
        '~{2+}\r\n\0x',
        '\\',
        '*',
        '%',
        '$',
        '\0',
        '\u00ff',
        '&',
        '[',
        '<',
        '\r',
        'NIL',
        '4294967296',
      ),
      fc.string({ maxLength: 8 }),
    );
    const line = fc.array(word, { maxLength: 10 }).map((words) => words.join(' '));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async (lines) => {
        const client = await host.open('SELECT INBOX');
        const safe = lines.filter((one) => !/^\s*(STARTTLS|LOGOUT|IDLE|AUTHENTICATE)/i.test(one));
        client.send(Buffer.from(safe.map((one, i) => `x${i} ${one}\r\n`).join(''), 'latin1'));
        client.socket.end('\r\nlast NOOP\r\n');
        const all = await client.rest();
        assert.doesNotMatch(all, /SERVERBUG/);
        client.destroy();
      }),
      { numRuns: 60 },
    );
    const client = await host.open('SELECT INBOX');
    assert.equal((await client.ask('NOOP')).at(-1), 'OK Done');
  });

  it('does not mind a peer that hangs up in the middle', { timeout: 10_000 }, async () => {
    await using host = await start();
    await fillMailbox(host.account, 20);
    for (const text of [
      'f FETCH 1:* BODY[]\r\n',
      'a APPEND INBOX {1000}\r\nabc',
      'i IDLE\r\n',
      'x LOGIN {5',
      's SEARCH TEXT y\r\n',
    ]) {
      const client = await host.open('SELECT INBOX');
      client.send(text);
      await new Promise((resolve) => void setImmediate(resolve));
      client.socket.resetAndDestroy();
    }
    const client = await host.open('SELECT INBOX');
    assert.equal((await client.ask('NOOP')).at(-1), 'OK Done');
    client.socket.end();
    await once(client.socket, 'close');
  });
});
