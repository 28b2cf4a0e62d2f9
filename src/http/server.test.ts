import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { FakeClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import { silentLog } from '#base/log.ts';
import { testContext } from '#test/harness/certificate.ts';
import { jsonAnswer, plainAnswer } from './answers.ts';
import { SANDBOX_POLICY } from './security-headers.ts';
import { sendRaw, withServer } from './testing/serve.ts';
import type { HttpAnswer, HttpRequest, HttpRoute, UpgradeRoute } from './types.ts';

const get = (path: string, respond: HttpRoute['respond']): HttpRoute => ({ method: 'GET', path, respond });
const hello = get('/hello', () => plainAnswer(200, 'hello\n'));
/** Answers with what was sent. */
const echo: HttpRoute = {
  method: 'POST',
  path: '/echo',
  respond: async (request) => ({
    status: 200,
    contentType: 'application/octet-stream',
    body: await request.readBody(1000),
  }),
};

async function open(port: number): Promise<Socket & { text: string }> {
  const socket = connect(port, '127.0.0.1') as Socket & { text: string };
  socket.text = '';
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test('every answer carries the headers that protect the browser', async () => {
  await withServer({ routes: [hello] }, async ({ base }) => {
    for (const path of ['/hello', '/nowhere']) {
      const { headers } = await fetch(`${base}${path}`);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.ok(!policy.includes('unsafe-'));
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('strict-transport-security'), null);
    }
  });
});

test('a download may have a policy of its own', async () => {
  const headers = { 'content-security-policy': SANDBOX_POLICY, 'set-cookie': ['a=1', 'b=2'] };
  await withServer({ routes: [get('/blob', () => plainAnswer(200, 'x', headers))] }, async ({ base }) => {
    const answer = await fetch(`${base}/blob`);
    assert.match(answer.headers.get('content-security-policy') ?? '', /^sandbox/);
    assert.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2']);
  });
});

test('methods: HEAD of a GET, 405 with Allow, OPTIONS nowhere without CORS', async () => {
  const other: HttpRoute = { method: 'DELETE', path: '/hello', respond: () => ({ status: 204 }) };
  await withServer({ routes: [hello, other, echo] }, async ({ base }) => {
    const head = await fetch(`${base}/hello`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length'), await head.text()], [200, '6', '']);
    const put = await fetch(`${base}/hello`, { method: 'PUT' });
    assert.deepEqual([put.status, put.headers.get('allow')], [405, 'GET, HEAD, DELETE']);
    assert.equal((await fetch(`${base}/hello`, { method: 'DELETE' })).status, 204);
    assert.equal((await fetch(`${base}/echo`, { method: 'OPTIONS' })).status, 405);
    assert.equal((await fetch(`${base}/echo`)).headers.get('allow'), 'POST');
  });
});

test('failures: an outage is temporary, a bug is logged and answered by its id', async () => {
  const logged: { id?: string }[] = [];
  const log = { ...silentLog, error: (fields: object) => void logged.push(fields) };
  const routes = [
    get('/outage', () => Promise.reject(new MailError('unavailable', 'the store is away'))),
    get('/bug', () => {
      throw new Error('secret inside');
    }),
    get('/bad-header', () => plainAnswer(200, 'x', { 'x-name': 'a\r\nb' })),
  ];
  await withServer({ routes, log }, async ({ base }) => {
    const outage = await fetch(`${base}/outage`);
    assert.deepEqual([outage.status, outage.headers.get('retry-after')], [503, '5']);
    const bug = await fetch(`${base}/bug`);
    const text = await bug.text();
    assert.equal(bug.status, 500);
    assert.ok(!text.includes('secret') && text.includes(logged[0]?.id ?? 'none'));
    await assert.rejects(fetch(`${base}/bad-header`));
  });
});

test('content: whole, in chunks, too large by its length or in fact', async () => {
  await withServer({ routes: [echo], times: { lingerMs: 50 } }, async ({ base, port }) => {
    const post = (body: NonNullable<RequestInit['body']>, more: RequestInit = {}) =>
      fetch(`${base}/echo`, { method: 'POST', body, ...more });
    assert.equal(await (await post('会议')).text(), '会议');
    const chunks = new Blob(['a'.repeat(400), 'b'.repeat(400)]).stream();
    assert.equal((await (await post(chunks, { duplex: 'half' })).text()).length, 800);
    assert.equal((await post('x'.repeat(1001))).status, 413);
    const chunked = `POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n800\r\n${'x'.repeat(2048)}`;
    assert.match(await sendRaw(port, chunked), /^HTTP\/1\.1 413 /);
    const packed = await post('x', { headers: { 'content-encoding': 'gzip' } });
    assert.equal(packed.status, 415);
    // Not one octet of it is asked for.
    const refused = await sendRaw(
      port,
      'POST /echo HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 9999\r\n\r\n',
    );
    assert.match(refused, /^HTTP\/1\.1 413 /);
    const welcome = sendRaw(
      port,
      'POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\nhi',
    );
    assert.match(await welcome, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 [\s\S]*hi$/);
  });
});

test('content that stops coming is waited for no longer', async () => {
  await withServer({ routes: [echo], times: { bodyStallMs: 50, lingerMs: 50 } }, async ({ port }) => {
    const answer = await sendRaw(port, 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf');
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });
});

test('a client that goes away in the middle of its request is let go', async () => {
  const { promise: seen, resolve } = Promise.withResolvers<unknown>();
  const upload: HttpRoute = {
    method: 'POST',
    path: '/echo',
    async respond(request) {
      await request.readBody(1000).catch(resolve);
      return { status: 204 };
    },
  };
  await withServer({ routes: [upload] }, async ({ port }) => {
    const socket = await open(port);
    socket.write('POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf', () => socket.destroy());
    assert.match(String(await seen), /refused with 400/);
  });
});

test('requests that could be read in two ways are refused', async () => {
  await withServer({ routes: [hello, echo] }, async ({ port }) => {
    const bad = [
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc',
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'GET /hello HTTP/1.1\r\nhost : a\r\n\r\n',
      'GET /hello HTTP/1.1\r\nhost: a\r\nx: a\n b\r\n\r\n',
      'GET /hello HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n',
      'GET /hello HTTP/1.1\r\n\r\n',
      'GET /hello HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n',
    ];
    for (const octets of bad) assert.match(await sendRaw(port, octets), /^HTTP\/1\.1 4\d\d /, octets);
    const large = `GET /hello HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`;
    assert.match(await sendRaw(port, large), /^HTTP\/1\.1 431 /);
  });
});

test('a header that comes slowly holds its connection for so long and no longer', async () => {
  await withServer({ routes: [hello], times: { headersTimeoutMs: 100 } }, async ({ port }) => {
    assert.match(await sendRaw(port, 'GET /hello HTTP/1.1\r\nhost: a\r\nx: '), /^HTTP\/1\.1 408 /);
  });
});

test('pipelined requests are answered in order, a flood of them is not', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = get('/slow', async () => {
    await gate.promise;
    return plainAnswer(200, 'slow');
  });
  await withServer({ routes: [hello, slow] }, async ({ port }) => {
    const request = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
    const both = sendRaw(port, `${request('/slow')}GET /hello HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    assert.equal(await sendRaw(port, request('/slow').repeat(100)), '');
    gate.resolve();
    assert.match(await both, /slow[\s\S]*hello\n$/);
  });
});

test('absolute targets are heeded, their host before Host', async () => {
  const who = get('/who', ({ host, origin }) => jsonAnswer(200, { host, origin }));
  await withServer({ routes: [who] }, async ({ port }) => {
    const answer = await sendRaw(
      port,
      'GET http://Mail.example:81/who?x HTTP/1.1\r\nhost: other\r\nconnection: close\r\n\r\n',
    );
    assert.match(answer, /\{"host":"mail\.example","origin":"http:\/\/mail\.example:81"\}$/);
  });
});

const DOCUMENT = Buffer.from('0123456789'.repeat(1000));
const blob = get('/blob', (): HttpAnswer => ({
  status: 200,
  contentType: 'text/plain',
  headers: { etag: '"v1"' },
  body: {
    sizeBytes: DOCUMENT.length,
    async *read(start, end) {
      for (let at = start; at < end; at += 999) yield DOCUMENT.subarray(at, Math.min(end, at + 999));
    },
  },
}));

test('a source is sent whole or by range', async () => {
  await withServer({ routes: [blob] }, async ({ base }) => {
    const ask = (headers: Record<string, string>, method = 'GET') => fetch(`${base}/blob`, { headers, method });
    const whole = await ask({});
    assert.equal(whole.headers.get('accept-ranges'), 'bytes');
    assert.ok(DOCUMENT.equals(Buffer.from(await whole.arrayBuffer())));
    const part = await ask({ range: 'bytes=5-2004' });
    assert.deepEqual([part.status, part.headers.get('content-range')], [206, 'bytes 5-2004/10000']);
    assert.equal(await part.text(), DOCUMENT.subarray(5, 2005).toString());
    assert.equal(await (await ask({ range: 'bytes=-3' })).text(), '789');
    const beyond = await ask({ range: 'bytes=10000-' });
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, 'bytes */10000']);
    assert.equal((await ask({ range: 'bytes=0-1', 'if-range': '"v1"' })).status, 206);
    assert.equal((await ask({ range: 'bytes=0-1', 'if-range': '"v0"' })).status, 200);
    assert.equal((await ask({ 'if-none-match': '"v1"' })).status, 304);
    const head = await ask({ range: 'bytes=0-1' }, 'HEAD');
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '10000']);
  });
});

test('a source that ends early tears the connection: no part is taken for the whole', async () => {
  const short = get('/short', () => ({ status: 200, body: { sizeBytes: 10, read: async () => Buffer.from('123') } }));
  const broken = get('/broken', () => ({
    status: 200,
    body: (async function* () {
      yield 'first';
      throw new Error('the disk');
    })(),
  }));
  await withServer({ routes: [short, broken] }, async ({ base }) => {
    await assert.rejects(fetch(`${base}/short`).then((answer) => answer.text()));
    await assert.rejects(fetch(`${base}/broken`).then((answer) => answer.text()));
  });
});

test('text is compressed where it is worth it, and not where a secret is in it', async () => {
  const text = JSON.stringify(Array.from({ length: 500 }, (_, index) => ({ id: index, subject: '会议纪要' })));
  const routes = [
    get('/json', () => ({ status: 200, contentType: 'application/json', body: text })),
    get('/secret', () => ({ status: 200, contentType: 'application/json', body: text, isCompressible: false })),
    get('/image', () => ({ status: 200, contentType: 'image/png', body: text })),
    hello,
  ];
  await withServer({ routes }, async ({ base }) => {
    const ask = async (path: string, accepts = 'gzip, deflate, br') => {
      const answer = await fetch(`${base}${path}`, { headers: { 'accept-encoding': accepts } });
      return [answer.headers.get('content-encoding'), (await answer.text()).length] as const;
    };
    assert.deepEqual(await ask('/json'), ['br', text.length]);
    assert.deepEqual(await ask('/json', 'gzip;q=0.5'), ['gzip', text.length]);
    assert.deepEqual(await ask('/json', 'br;q=0, gzip;q=0.0'), [null, text.length]);
    assert.deepEqual(await ask('/secret'), [null, text.length]);
    assert.deepEqual(await ask('/image'), [null, text.length]);
    assert.equal((await ask('/hello'))[0], null);
  });
});

test('a stream comes as it is made, and learns that its client is gone', async () => {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const events = get('/events', (request) => ({
    status: 200,
    contentType: 'text/event-stream',
    body: (async function* () {
      yield 'data: 1\n\n';
      await once(request.signal, 'abort');
      resolve();
    })(),
  }));
  await withServer({ routes: [events] }, async ({ base }) => {
    const abort = new AbortController();
    const answer = await fetch(`${base}/events`, { signal: abort.signal });
    const first = await answer.body?.getReader().read();
    assert.equal(Buffer.from(first?.value ?? []).toString(), 'data: 1\n\n');
    abort.abort();
    await ended;
  });
});

test('a client that never reads holds a bounded buffer and is hung up on', async () => {
  let made = 0;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const endless = get('/endless', () => ({
    status: 200,
    body: (async function* () {
      try {
        for (;;) {
          made += 65_536;
          yield Buffer.alloc(65_536);
        }
      } finally {
        resolve();
      }
    })(),
  }));
  await withServer({ routes: [endless], times: { sendStallMs: 200 } }, async ({ port }) => {
    const socket = await open(port);
    socket.pause();
    socket.write('GET /endless HTTP/1.1\r\nhost: a\r\n\r\n');
    await ended;
    assert.ok(made < 32 * 1024 * 1024, `${made} octets made for nobody`);
    socket.destroy();
  });
});

test('an end of the server ends streams and answers what was asked', async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const events = get('/events', (request) => ({
    status: 200,
    contentType: 'text/event-stream',
    body: (async function* () {
      yield ': hello\n\n';
      await once(request.signal, 'abort');
      yield 'event: end\n\n';
    })(),
  }));
  const slow = get('/slow', async () => {
    started.resolve();
    await finish.promise;
    return plainAnswer(200, 'answered');
  });
  await withServer({ routes: [events, slow] }, async ({ base, server }) => {
    const stream = await fetch(`${base}/events`);
    const answer = fetch(`${base}/slow`);
    await started.promise;
    const closed = server.close({ drainMs: 5_000 });
    finish.resolve();
    await closed;
    assert.match(await stream.text(), /event: end/);
    assert.equal(await (await answer).text(), 'answered');
  });
});

test('CORS: only for origins named, only on the paths of the API', async () => {
  const cors = { origins: new Set(['https://friend.example']), paths: ['/jmap'] };
  const api: HttpRoute = { method: 'POST', path: '/jmap', respond: () => jsonAnswer(200, {}) };
  await withServer({ routes: [api, hello], cors }, async ({ base }) => {
    const ask = (path: string, method: string, origin: string) =>
      fetch(`${base}${path}`, { method, headers: { origin, 'access-control-request-method': 'POST' } });
    const before = await ask('/jmap', 'OPTIONS', 'https://friend.example');
    assert.equal(before.status, 204);
    assert.equal(before.headers.get('access-control-allow-origin'), 'https://friend.example');
    assert.match(before.headers.get('access-control-allow-headers') ?? '', /authorization/);
    const answer = await ask('/jmap', 'POST', 'https://friend.example');
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://friend.example');
    assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    assert.equal((await ask('/jmap', 'POST', 'https://foe.example')).headers.get('access-control-allow-origin'), null);
    assert.equal(
      (await ask('/hello', 'GET', 'https://friend.example')).headers.get('access-control-allow-origin'),
      null,
    );
    assert.equal((await ask('/hello', 'OPTIONS', 'https://friend.example')).status, 405);
  });
});

test('who asks for too much is told when to come back', async () => {
  const limits = {
    maxConnections: 10,
    maxConnectionsPerAddress: 10,
    rates: { requestsPerMinute: 5, octetsPerMinute: 1e6 },
  };
  const isTrustedProxy = (address: string): boolean => address === '127.0.0.1';
  await withServer({ routes: [hello], limits, isTrustedProxy, clock: new FakeClock() }, async ({ base }) => {
    const ask = (from: string) => fetch(`${base}/hello`, { headers: { 'x-forwarded-for': from } });
    let answer = await ask('192.0.2.1');
    for (let asked = 1; answer.status === 200 && asked < 20; asked++) answer = await ask('192.0.2.1');
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    assert.equal((await ask('192.0.2.2')).status, 200);
  });
});

test('too many connections are turned away', async () => {
  const limits = {
    maxConnections: 1,
    maxConnectionsPerAddress: 1,
    rates: { requestsPerMinute: 5, octetsPerMinute: 1e6 },
  };
  await withServer({ routes: [hello], limits }, async ({ port }) => {
    const first = await open(port);
    assert.equal(await sendRaw(port, 'GET /hello HTTP/1.1\r\nhost: a\r\n\r\n'), '');
    first.end('GET /hello HTTP/1.1\r\nhost: a\r\n\r\n');
    await once(first, 'data');
  });
});

test('a gate answers before any route', async () => {
  const gate = ({ path }: HttpRequest): HttpAnswer | undefined =>
    path === '/healthz' ? undefined : { status: 308, headers: { location: 'https://mail.example/' } };
  await withServer({ routes: [hello, get('/healthz', () => plainAnswer(200, 'ok'))], gate }, async ({ base }) => {
    assert.equal((await fetch(`${base}/healthz`)).status, 200);
    const answer = await fetch(`${base}/hello`, { redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [308, 'https://mail.example/']);
  });
});

test('a connection is taken over by the route for it; others ask in vain', async () => {
  const taken: UpgradeRoute = {
    path: '/socket/:id',
    async upgrade(request, { socket, head }) {
      if (request.params['id'] !== '7') return plainAnswer(401, 'who are you?\n');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n${head.toString()}`,
      );
      request.signal.addEventListener('abort', () => socket.end());
      if (head.length > 0) socket.end();
      return undefined;
    },
  };
  const ask = (path: string, more = ''): string =>
    `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n${more}\r\n`;
  await withServer({ routes: [hello], upgrades: [taken] }, async ({ base, port, server }) => {
    assert.match(await sendRaw(port, `${ask('/socket/7')}early`), /^HTTP\/1\.1 101 [\s\S]*early$/);
    assert.match(await sendRaw(port, ask('/socket/8')), /^HTTP\/1\.1 401 [\s\S]*nosniff[\s\S]*who are you/);
    assert.match(await sendRaw(port, ask('/nowhere').replace('upgrade\r\n', 'upgrade, close\r\n')), /^HTTP\/1\.1 404 /);
    // A client that would like HTTP/2 is answered all the same.
    assert.match(
      await sendRaw(port, 'GET /hello HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n'),
      /hello\n$/,
    );
    assert.equal((await fetch(`${base}/socket/7`)).status, 426);
    const idle = await open(port);
    idle.write(ask('/socket/7'));
    assert.match(String(await once(idle, 'data')), /^HTTP\/1\.1 101 /);
    await server.close({ drainMs: 1_000 });
    if (!idle.closed) await once(idle, 'close');
  });
});

test('TLS: with and without a name, and HSTS', async () => {
  const context = await testContext();
  const asked: (string | undefined)[] = [];
  const tls = (name: string | undefined) => {
    asked.push(name);
    return context;
  };
  await withServer({ routes: [get('/who', ({ origin }) => plainAnswer(200, origin))], tls }, async ({ port }) => {
    const agent = new Agent({ rejectUnauthorized: false });
    for (const servername of ['', 'mail.example.edu']) {
      const request = httpsRequest({
        host: '127.0.0.1',
        port,
        path: '/who',
        agent,
        servername,
        headers: { host: 'a:1' },
      });
      request.end();
      const [answer] = await once(request, 'response');
      assert.equal(String(await answer.toArray()), 'https://a:1');
      assert.match(answer.headers['strict-transport-security'], /max-age=/);
    }
    assert.ok(asked.includes('mail.example.edu'));
    // Plain HTTP to the TLS port comes to nothing.
    assert.ok(!(await sendRaw(port, 'GET /who HTTP/1.1\r\nhost: a\r\n\r\n')).startsWith('HTTP'));
  });
});
