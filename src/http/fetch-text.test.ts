import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { createSecureContext, createServer as createTlsServer, type SecureContext } from 'node:tls';
import { FakeClock, systemClock } from '#base/clock.ts';
import { createTextFetcher, type FetchedText, type TextFetcherParts } from './fetch-text.ts';
import { makeAuthority, type TestAuthority } from '#test/harness/authority.ts';

const HOST = 'mta-sts.example.com';
const URL = `https://${HOST}/.well-known/mta-sts.txt`;
const LIMITS = { maxOctets: 1000, timeoutMs: 20_000 };
const timeout = 20_000;

let authority: Promise<TestAuthority> | undefined;
const authorities = (): Promise<TestAuthority> => (authority ??= makeAuthority());

/** Whoever comes is shown a certificate for `name`, and then `serve` has the word. */
async function openServer(serve: (socket: Socket) => void, context?: SecureContext) {
  const own = context ?? (await (await authorities()).issue(HOST));
  const sockets = new Set<Socket>();
  const names: string[] = [];
  const server: Server = createTlsServer({
    SNICallback: (name, callback) => {
      names.push(name);
      callback(null, own);
    },
  });
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    names,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Serves HTTP in good order. */
function answering(listener: RequestListener): (socket: Socket) => void {
  const web = createServer(listener);
  return (socket) => void web.emit('connection', socket);
}

const saying = (text: string) => (socket: Socket) => void socket.once('data', () => socket.end(text));

async function fetchFrom(port: number, patch: Partial<TextFetcherParts> = {}): Promise<FetchedText> {
  const { ca } = await authorities();
  const fetchText = createTextFetcher({
    clock: systemClock,
    findAddresses: async () => ['127.0.0.1'],
    trust: createSecureContext({ ca }),
    port,
    ...patch,
  });
  return fetchText(URL, LIMITS);
}

async function failure(result: Promise<FetchedText>): Promise<string> {
  const fetched = await result;
  return fetched.kind === 'failed' ? `${fetched.why}: ${fetched.message}` : `fetched ${fetched.status}`;
}

test('a text comes with its status and type, from the host that was meant', { timeout }, async () => {
  const heard: (string | undefined)[] = [];
  const answer = answering((request, response) => {
    heard.push(request.method, request.headers.host?.replace(/:\d+$/, ''), request.url);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('version: STSv1\n北京\n');
  });
  await using server = await openServer(answer);
  assert.deepEqual(await fetchFrom(server.port), {
    kind: 'fetched',
    status: 200,
    contentType: 'text/plain; charset=utf-8',
    text: 'version: STSv1\n北京\n',
  });
  assert.deepEqual(heard, ['GET', HOST, '/.well-known/mta-sts.txt']);
  assert.deepEqual(server.names, [HOST]);
});

test('a redirect is not followed', { timeout }, async () => {
  await using server = await openServer(
    answering((_, response) => response.writeHead(301, { location: 'https://127.0.0.1/' }).end()),
  );
  const fetched = await fetchFrom(server.port);
  assert.equal(fetched.kind === 'fetched' && fetched.status, 301);
  assert.equal(server.names.length, 1);
});

describe('a certificate will not do', { timeout }, () => {
  const cases: readonly (readonly [string, () => Promise<SecureContext>, RegExp])[] = [
    ['for another host', async () => (await authorities()).issue('www.example.com'), /not for mta-sts\.example\.com/],
    ['for a parent', async () => (await authorities()).issue('example.com'), /not for/],
    ['that expired', async () => (await authorities()).issue(HOST, { isExpired: true }), /expired/i],
    ['of an authority that nobody knows', async () => (await makeAuthority()).issue(HOST), /signature failure/],
  ];
  for (const [what, issue, words] of cases) {
    test(what, async () => {
      await using server = await openServer(saying('HTTP/1.1 200 OK\r\n\r\n'), await issue());
      const said = await failure(fetchFrom(server.port));
      assert.match(said, /^certificate: /);
      assert.match(said, words);
    });
  }
});

describe('bounded and clear, whatever the server does', { timeout }, () => {
  const cases: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
    ['no HTTP', saying('220 mx.example.com ESMTP\r\n'), /^other: Parse Error/],
    [
      'an endless header',
      saying(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}`),
      /^other: Parse Error: Header overflow/,
    ],
    ['too much', saying(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(100_000)}`), /^other: more than 1000 octets/],
    ['half of it', saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nxx'), /^other: aborted/],
    ['nothing', (socket) => void socket.end(), /^other: socket hang up/],
    [
      'more without end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const more = (): void => void socket.write(`64\r\n${'x'.repeat(100)}\r\n`, (error) => void (error ?? more()));
        more();
      },
      /^other: more than 1000 octets/,
    ],
  ];
  for (const [what, serve, words] of cases) {
    test(what, async () => {
      await using server = await openServer(serve);
      assert.match(await failure(fetchFrom(server.port)), words);
    });
  }

  for (const [when, begin] of [
    ['before the header', ''],
    ['in the text', 'HTTP/1.1 200 OK\r\n\r\nver'],
  ] as const) {
    test(`a server that falls silent ${when} has its time`, async () => {
      const clock = new FakeClock();
      const asked = Promise.withResolvers<void>();
      await using server = await openServer((socket) => {
        socket.once('data', () => {
          if (begin !== '') socket.write(begin);
          asked.resolve();
        });
      });
      const fetched = failure(fetchFrom(server.port, { clock }));
      await asked.promise;
      clock.advance(LIMITS.timeoutMs);
      assert.equal(await fetched, 'other: no answer within 20 s');
    });
  }

  test('a server without TLS', async () => {
    const server = createTcpServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\n\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    assert.match(await failure(fetchFrom((server.address() as AddressInfo).port)), /^other: /);
    server.close();
  });
});

test('another address is tried where the first does not answer', { timeout }, async () => {
  await using server = await openServer(answering((_, response) => response.end('x')));
  // Nobody listens there: the server is bound to 127.0.0.1 alone.
  const findAddresses = async (): Promise<string[]> => ['127.0.0.2', '127.0.0.1'];
  assert.equal((await fetchFrom(server.port, { findAddresses })).kind, 'fetched');
});

test('what has no address is said', { timeout }, async () => {
  const findAddresses = async (): Promise<string> => 'there is no such name';
  assert.equal(await failure(fetchFrom(443, { findAddresses })), 'other: there is no such name');
  const nowhere = failure(fetchFrom(443, { findAddresses: async () => [] }));
  assert.equal(await nowhere, `other: ${HOST} has no address`);
});
