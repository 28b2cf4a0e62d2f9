import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#base/clock.ts';
import { systemRandom } from '#base/random.ts';
import { startServer } from '#imap/testing/test-server.ts';
import { makeAuthority } from '#test/harness/authority.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { createImapTrust, openImapConnection, type ImapConnection, type MessageSummary } from './connection.ts';
import { startFakeServer } from './testing/fake-server.ts';

const ANNA = { login: 'anna', password: 'geheim 密码' };
const summary = (uid: number, sizeBytes = 10): MessageSummary => ({ uid, sizeBytes, flags: [], receivedAt: 0 });
const fails = (run: Promise<unknown>, code: string, message: RegExp): Promise<void> =>
  assert.rejects(run, (error: { code?: string; message: string }) => {
    assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
    return true;
  });

async function readAll(connection: ImapConnection, groups: readonly (readonly MessageSummary[])[]): Promise<unknown[]> {
  const found = await Array.fromAsync(connection.messages(groups));
  return found.map(({ messages, refusal }) => [
    Array.from(messages, ([uid, octets]) => `${uid} ${octets.toString()}`),
    refusal,
  ]);
}

test('a mailbox of our own server is read as it is', async () => {
  await using server = await startServer(await openTestStore('memory'));
  const { account } = server;
  await account.createMailbox({ path: '归档 & Résumé/2019', subscribed: true });
  const listing = await account.findMailbox('归档 & Résumé/2019');
  const item = (text: string, receivedAt: number, keywords: string[]) => ({
    message: account.prepareMessage(Buffer.from(text)),
    mailboxes: [listing?.mailboxId ?? ('inbox' as const)],
    keywords,
    receivedAt,
  });
  const items = [item('Subject: a\r\n\r\n1', 1000, ['$seen', 'x']), item(`\r\n\0${'2'.repeat(100_000)}`, 2000, [])];
  await account.append({ items, source: 'imap' });
  const connection = await openImapConnection({
    address: '127.0.0.1',
    port: server.port,
    serverName: 'imap.example.edu',
    tls: 'none',
    credential: ANNA,
    clock: systemClock,
    random: systemRandom,
  });
  const listed = await connection.list();
  const found = listed.find(({ name }) => name.toString().endsWith('2019'));
  assert.ok(found);
  assert.deepEqual([found.delimiter, found.isSubscribed], ['/', true]);
  assert.ok(listed.some(({ attributes }) => attributes.includes('\\sent')));
  assert.deepEqual(await connection.examine(found.name), {
    uidValidity: listing?.uidValidity,
    uidNext: 3,
    exists: 2,
  });
  const summaries = await connection.summaries();
  assert.deepEqual(
    summaries.map(({ uid, receivedAt, sizeBytes, flags }) => [uid, receivedAt, sizeBytes, flags.includes('\\Seen')]),
    [
      [1, 1000, 15, true],
      [2, 2000, 100_003, false],
    ],
  );
  const [first, second] = await Array.fromAsync(connection.messages([[summary(1)], [summary(2), summary(77)]]));
  assert.deepEqual(Array.from(first?.messages ?? []), [[1, Buffer.from('Subject: a\r\n\r\n1')]]);
  assert.equal(second?.messages.get(2)?.length, 100_003);
  await fails(connection.examine(Buffer.from('nowhere')), 'notFound', /NO/);
  await connection.logOut();
});

test('signs in by what the server offers: for another only by PLAIN', async () => {
  await using byLogin = await startFakeServer();
  await (await byLogin.open()).logOut();
  assert.ok(byLogin.heard.includes('LOGIN "anna" {13} geheim 密码'));
  await fails(byLogin.open({ credential: { ...ANNA, actingFor: 'zhang' } }), 'unavailable', /AUTH=PLAIN/);

  await using byPlain = await startFakeServer({ capabilities: 'IMAP4rev1 AUTH=PLAIN ID SASL-IR' });
  await (await byPlain.open({ credential: { ...ANNA, actingFor: 'zhang' } })).logOut();
  const response = Buffer.from('zhang\0anna\0geheim 密码').toString('base64');
  assert.ok(byPlain.heard.includes(`AUTHENTICATE PLAIN ${response}`));
  assert.ok(byPlain.heard.includes('ID ("name" "campusmail")'));
});

test('a sign-in that is refused, and one that is not judged', async () => {
  await using refusing = await startFakeServer({
    capabilities: 'AUTH=PLAIN SASL-IR',
    answers: { AUTHENTICATE: '$ NO [AUTHENTICATIONFAILED] no\r\n' },
  });
  await fails(refusing.open(), 'forbidden', /refuses/);
  await using busy = await startFakeServer({
    capabilities: 'AUTH=PLAIN SASL-IR',
    answers: { AUTHENTICATE: '$ NO [UNAVAILABLE] later\r\n' },
  });
  await fails(busy.open(), 'unavailable', /later/);
  for (const words of ['[ALERT] Too many simultaneous connections', 'LOGIN 登录过于频繁']) {
    await using full = await startFakeServer({
      capabilities: 'AUTH=PLAIN SASL-IR',
      answers: { AUTHENTICATE: `$ NO ${words}\r\n` },
    });
    await fails(full.open(), 'unavailable', /not signed in/);
  }
});

test("what all share is not listed as one's own, though Cyrus gives it no prefix", async () => {
  const names = ['INBOX', 'INBOX.Sent', 'INBOX.schule', 'user.li', 'user.li.Sent', 'schule', 'schule.2018'];
  await using server = await startFakeServer({
    capabilities: 'IMAP4rev1 NAMESPACE',
    answers: {
      NAMESPACE: '* NAMESPACE (("INBOX." ".")) (("user." ".")) (("" "."))\r\n$ OK\r\n',
      LIST: `${names.map((name) => `* LIST () "." ${name}\r\n`).join('')}$ OK\r\n`,
    },
  });
  const listed = await (await server.open()).list();
  assert.deepEqual(
    listed.map(({ name }) => name.toString()),
    names.slice(0, 3),
  );
});

test('mailboxes of others are not listed, those of Coremail with their uses', async () => {
  await using server = await startFakeServer({
    capabilities: 'IMAP4rev1 NAMESPACE XLIST',
    answers: {
      NAMESPACE: '* NAMESPACE (("" "/")) (("Other Users/" "/")) NIL\r\n$ OK\r\n',
      XLIST:
        '* XLIST (\\Inbox) "/" "INBOX"\r\n* XLIST () "/" "Other Users"\r\n* XLIST () "/" "Other Users/li/a"\r\n* XLIST (\\Spam) "/" {12}\r\n&V4NXPpCuTvY-\r\n$ OK\r\n'.replace(
          '{12}\r\n&V4NXPpCuTvY-',
          '"&V4NXPpCuTvY-"',
        ),
      LSUB: '* LSUB () "/" INBOX\r\n$ OK\r\n',
    },
  });
  const listed = await (await server.open()).list();
  assert.deepEqual(
    listed.map(({ name, attributes, isSubscribed }) => [name.toString(), attributes.join(), isSubscribed]),
    [
      ['INBOX', '\\inbox', true],
      ['&V4NXPpCuTvY-', '\\spam', false],
    ],
  );
});

test('octet by octet, with messages that are too large, gone, or refused', async () => {
  await using server = await startFakeServer({
    chunkBytes: 1,
    answers: {
      EXAMINE: '* 3 EXISTS\r\n* OK [UIDVALIDITY 9] x\r\n$ OK [READ-ONLY]\r\n',
      'UID FETCH 1:*':
        '* 1 FETCH (UID 4 FLAGS (\\Seen) INTERNALDATE "16-Sep-2019 10:00:00 +0800" RFC822.SIZE 3)\r\n* 2 FETCH (UID 3 FLAGS ())\r\n* 2 FETCH (UID 3 RFC822.SIZE 9)\r\n$ OK\r\n',
      'UID FETCH 1,2 ':
        '* 9 FETCH (UID 99 BODY[] {1}\r\nx)\r\n* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n* 2 FETCH (UID 2 BODY[] {60}\r\n' +
        `${'y'.repeat(60)})\r\n$ OK\r\n`,
      'UID FETCH 3 ': '$ NO Temporary failure, sorry\r\n',
    },
  });
  const connection = await server.open({ limits: { messageBytes: 50 } });
  assert.deepEqual(await connection.examine(Buffer.from('a"b\\é')), { uidValidity: 9, uidNext: 0, exists: 3 });
  assert.ok(server.heard.includes('EXAMINE {6} a"b\\é'));
  assert.deepEqual(
    (await connection.summaries()).map(({ uid, receivedAt, sizeBytes }) => [uid, receivedAt, sizeBytes]),
    [
      [3, undefined, 9],
      [4, Date.UTC(2019, 8, 16, 2), 3],
    ],
  );
  assert.deepEqual(await readAll(connection, [[summary(1), summary(2)], [summary(3)]]), [
    [['1 abc', '2 tooLarge'], undefined],
    [[], 'NO Temporary failure, sorry'],
  ]);
});

test('the next group is asked for before the one before is handed over', async () => {
  await using server = await startFakeServer();
  const connection = await server.open();
  for await (const group of connection.messages([[summary(1)], [summary(2)], [summary(3)]])) {
    assert.equal(group.messages.size, 0);
    break;
  }
  assert.deepEqual(
    server.heard.slice(-2).map((line) => line.slice(0, 11)),
    ['UID FETCH 1', 'UID FETCH 2'],
  );
});

test('whatever a server does, it ends, and soon', async () => {
  const limits = { silenceMs: 50, commandMs: 100, strayResponses: 100, messages: 100, mailboxes: 5, messageBytes: 50 };
  const cases: [string, Record<string, string>, string, RegExp][] = [
    ['silence', { EXAMINE: '' }, 'unavailable', /in time/],
    ['garbage', { EXAMINE: 'HTTP/1.1 400\r\n' }, 'unavailable', /no response/],
    ['a farewell', { EXAMINE: '* BYE 维护中\r\n' }, 'unavailable', /维护中/],
    ['a foreign result', { EXAMINE: 'x7 OK\r\n' }, 'unavailable', /another command/],
    ['a wish to hear more', { EXAMINE: '+ more\r\n' }, 'unavailable', /continuation/],
    ['too many messages', { EXAMINE: '* 4000000000 EXISTS\r\n$ OK\r\n' }, 'limit', /4000000000/],
    ['an absurd literal', { EXAMINE: '* X {99999999999}\r\n' }, 'unavailable', /literal/],
    ['endless talk', { EXAMINE: '* 1 RECENT\r\n'.repeat(300) }, 'unavailable', /without end/],
    ['a wrong number', { EXAMINE: '* 1 EXISTS\r\n$ NO gone\r\n' }, 'notFound', /gone/],
  ];
  for (const [title, answers, code, message] of cases) {
    await using server = await startFakeServer({ answers });
    const connection = await server.open({ limits });
    await fails(connection.examine(Buffer.from('INBOX')), code, message).catch((error: unknown) => {
      throw new Error(title, { cause: error });
    });
  }
  await using lister = await startFakeServer({
    answers: { LIST: `${Array.from({ length: 9 }, (_, i) => `* LIST () "/" m${i}\r\n`).join('')}$ OK\r\n` },
  });
  await fails((await lister.open({ limits })).list(), 'limit', /without end/);
  await using liar = await startFakeServer({
    answers: {
      'UID FETCH': Array.from(
        { length: 3 },
        (_, i) => `* 1 FETCH (UID ${i} BODY[] {40}\r\n${'z'.repeat(40)})\r\n`,
      ).join(''),
    },
  });
  const group = [summary(0, 1), summary(1, 1), summary(2, 1)];
  await fails(Array.fromAsync((await liar.open({ limits })).messages([group])), 'unavailable', /larger/);
  await using hangingUp = await startFakeServer({ greeting: '* BYE too many\r\n' });
  await fails(hangingUp.open({ limits }), 'unavailable', /too many/);
  await using mute = await startFakeServer({ greeting: '' });
  await fails(mute.open({ limits }), 'unavailable', /in time/);
});

test('a password is told to nobody but the server whose certificate is right', async () => {
  const authority = await makeAuthority();
  const [context, stranger] = [await authority.issue('old.example.edu'), await authority.issue('evil.example')];
  const trust = createImapTrust([authority.ca]);
  await using honest = await startFakeServer({ tls: context });
  await (await honest.open({ tls: 'starttls', trust })).logOut();
  await using forger = await startFakeServer({ tls: stranger });
  await fails(forger.open({ tls: 'starttls', trust }), 'unavailable', /is not for old.example.edu/);
  await fails(honest.open({ tls: 'starttls' }), 'unavailable', /not to be trusted/);
  assert.ok(!forger.heard.some((line) => line.startsWith('LOGIN')));
  await using plainOnly = await startFakeServer({ answers: { STARTTLS: '$ BAD what?\r\n' } });
  await fails(plainOnly.open({ tls: 'starttls', trust }), 'unavailable', /STARTTLS/);
});

test('a server that works at two groups at once gives each its own', async () => {
  await using server = await startFakeServer({
    answers: {
      'UID FETCH 1 ': '* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n* 2 FETCH (UID 2 BODY[] {1}\r\nb)\r\nm5 OK\r\n',
      'UID FETCH 2 ': 'm4 OK\r\n',
    },
  });
  const connection = await server.open();
  assert.deepEqual(await readAll(connection, [[summary(1)], [summary(2)]]), [
    [['1 a'], undefined],
    [['2 b'], undefined],
  ]);
});
