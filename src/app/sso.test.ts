import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { askServer } from './sso.ts';

const LIMITS = { maxOctets: 1000, timeoutMs: 60_000 };

/** Its address, and how many requests came. */
async function openServer(t: TestContext, answer: RequestListener): Promise<{ url: string; count: () => number }> {
  let count = 0;
  const server = createServer((request, response) => {
    count++;
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, count: () => count };
}

test('an answer is read whatever it calls itself', async (t) => {
  const { url } = await openServer(t, (_, response) => response.setHeader('content-type', 'image/png').end('周'));
  assert.deepEqual(await askServer(url, LIMITS), { status: 200, text: '周' });
});

test('a server that sends elsewhere, be it to itself, is not followed', async (t) => {
  const { url, count } = await openServer(t, (_, response) => response.writeHead(302, { location: '/' }).end());
  assert.deepEqual(await askServer(url, LIMITS), { status: 302, text: '' });
  assert.equal(count(), 1);
});

test('an answer without end is left, and one that swells as it is unpacked', async (t) => {
  const endless = await openServer(t, (_, response) => {
    const more = (): void => void (response.write('x'.repeat(500)) ? setImmediate(more) : response.once('drain', more));
    const closed = once(response, 'close');
    more();
    void closed.then(() => response.destroy());
  });
  assert.deepEqual(await askServer(endless.url, LIMITS), { failed: 'more than 1000 octets' });
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const swelling = await openServer(t, (_, response) => response.setHeader('content-encoding', 'gzip').end(bomb));
  assert.deepEqual(await askServer(swelling.url, LIMITS), { failed: 'more than 1000 octets' });
});

test('a server that says nothing, or stops in the middle, is waited for so long and no longer', async (t) => {
  const silent = await openServer(t, () => {});
  const half = await openServer(t, (_, response) => response.write('<cas:serviceResponse>'));
  const torn = await openServer(t, (_, response) => {
    response.write('x');
    response.destroy();
  });
  for (const { url } of [silent, half])
    assert.match(String(Object.values(await askServer(url, { ...LIMITS, timeoutMs: 50 }))), /timeout/);
  assert.ok('failed' in (await askServer(torn.url, LIMITS)));
});
