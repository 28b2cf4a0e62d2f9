import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_IMAP_CLIENT_LIMITS } from './limits.ts';
import { readFetch, readListed, readNamespaces, readResponse, type Response } from './response.ts';
import { ResponseReader, TOO_LARGE, type WireResponse } from './response-reader.ts';

const LIMITS = { ...DEFAULT_IMAP_CLIENT_LIMITS, lineBytes: 200, messageBytes: 20, discardedBytes: 100, literals: 2 };

function read(octets: Buffer, sizes: readonly number[]): WireResponse[] {
  const reader = new ResponseReader(LIMITS);
  const found: WireResponse[] = [];
  let from = 0;
  for (let i = 0; from < octets.length; i++) {
    const chunk = octets.subarray(from, from + (sizes[i % sizes.length] ?? 1));
    for (let at = 0; at < chunk.length;) {
      at = reader.push(chunk, at);
      if (reader.response !== undefined) found.push(reader.response);
    }
    from += chunk.length;
  }
  return found;
}

const texts = (found: readonly WireResponse[]): unknown[] =>
  found.map((response) =>
    response.kind === 'garbage'
      ? response.message
      : [response.lines.map(String), response.literals.map(({ octets }) => octets.toString())],
  );

test('responses come out the same in whatever pieces they come', () => {
  const octets = Buffer.from(
    '* OK hi\r\n* 1 FETCH (BODY[] {5}\r\na\r\nb\0 UID 3)\r\n* LIST () "/" {0}\r\n\r\nm1 OK bare\n+ \r\n* 2 FETCH (X ~{30}\r\n' +
      `${'x'.repeat(30)})\r\n`,
  );
  const whole = texts(read(octets, [octets.length]));
  assert.deepEqual(whole, [
    [['* OK hi'], []],
    [['* 1 FETCH (BODY[] {5}', ' UID 3)'], ['a\r\nb\0']],
    [['* LIST () "/" {0}', ''], ['']],
    [['m1 OK bare'], []],
    [['+ '], []],
    [['* 2 FETCH (X ~{30}', ')'], [TOO_LARGE.toString()]],
  ]);
  assert.deepEqual(texts(read(octets, [1])), whole);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 }), (sizes) =>
      assert.deepEqual(texts(read(octets, sizes)), whole),
    ),
  );
});

test('what has no bounds ends in garbage, and not in memory', () => {
  const cases: [string, RegExp][] = [
    [`* OK ${'x'.repeat(300)}\r\n`, /too long/],
    ['x'.repeat(300), /too long/],
    ['* 1 FETCH (BODY[] {999999999999}\r\n', /literal of 999999999999/],
    ['* X {1}\r\na {1}\r\nb {1}\r\nc\r\n', /too many literals/],
    [`* X {1}\r\na${'y'.repeat(150)} {1}\r\nb${'y'.repeat(150)}\r\n`, /too long/],
  ];
  for (const [octets, expected] of cases) {
    for (const size of [1, 1000]) {
      const [first] = read(Buffer.from(octets), [size]);
      assert.match(first?.kind === 'garbage' ? first.message : 'no garbage', expected, octets.slice(0, 40));
    }
  }
});

const understand = (text: string): Response => {
  const [response] = read(Buffer.from(text), [1000]);
  assert.ok(response?.kind === 'response');
  return readResponse(response);
};
const data = (text: string): Response & { kind: 'data' } => {
  const response = understand(text);
  assert.ok(response.kind === 'data');
  return response;
};

test('what a server says of a message, in any order, with what nobody asked for', () => {
  const text =
    '* 7 FETCH (X-GM (1 "a)" (b)) FLAGS (\\Seen NonJunk 已 [odd]) MODSEQ (12) RFC822.SIZE 4294967296 UID 5 INTERNALDATE "16-Sep-2019 10:00:00 +0800" BODY[] {3}\r\nabc)\r\n';
  const { name, number, arguments: reader } = data(text);
  assert.deepEqual([name, number], ['FETCH', 7]);
  const { flags, octets, ...rest } = readFetch(reader);
  assert.equal(flags?.length, 4);
  assert.equal(octets?.toString(), 'abc');
  assert.deepEqual(rest, { uid: 5, sizeBytes: 4_294_967_296, receivedAt: Date.UTC(2019, 8, 16, 2) });
  assert.equal(readFetch(data(`* 1 FETCH (BODY[] {30}\r\n${'x'.repeat(30)} UID 1)\r\n`).arguments).octets, 'tooLarge');
  assert.deepEqual(readFetch(data('* 1 FETCH (BODY[] NIL INTERNALDATE "never" UID 1)\r\n').arguments), { uid: 1 });
  assert.equal(readFetch(data('* 1 FETCH (BODY[] "q\\"q")\r\n').arguments).octets?.toString(), 'q"q');
});

test('what is no response is refused, whatever it is', () => {
  for (const text of ['* 1 FETCH (UID', '* 1 FETCH UID 3', '* 1 FETCH (FLAGS (a', `* 1 FETCH (X ${'('.repeat(60)})`]) {
    assert.throws(() => readFetch(data(`${text}\r\n`).arguments), { code: 'invalid' }, text);
  }
  assert.throws(() => understand('HTTP/1.1 200 OK\r\n'), { code: 'invalid' });
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('() "\\{}[]*19FETCH\0é')) }), (text) => {
      try {
        const response = understand(`* 1 FETCH (${text.replaceAll(/[{}]/g, '')}\r\n`);
        if (response.kind === 'data') readFetch(response.arguments);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'invalid');
      }
    }),
  );
});

test('results, mailboxes, namespaces', () => {
  assert.deepEqual(understand('m3 NO [AUTHENTICATIONFAILED] 密码错误\r\n'), {
    kind: 'status',
    tag: 'm3',
    status: 'NO',
    code: 'AUTHENTICATIONFAILED',
    text: '密码错误',
  });
  const listed = readListed(data('* XLIST (\\HasNoChildren \\Spam) "/" "&V4NXPpCuTvY-"\r\n').arguments);
  assert.deepEqual(listed.attributes, ['\\hasnochildren', '\\spam']);
  assert.deepEqual([listed.delimiter, listed.name.toString()], ['/', '&V4NXPpCuTvY-']);
  assert.equal(readListed(data('* LIST () NIL INBOX\r\n').arguments).delimiter, undefined);
  const namespaces = data('* NAMESPACE (("INBOX." "." "X-P" ("a"))) NIL (("Shared." ".")("#news." "."))\r\n');
  const { personal, others } = readNamespaces(namespaces.arguments);
  assert.deepEqual([personal.map(String), others.map(String)], [['INBOX.'], ['Shared.', '#news.']]);
});
