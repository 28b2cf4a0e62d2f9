import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#base/clock.ts';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createTlsTrust } from '#queue/connect-out.ts';
import { makeAuthority } from '#test/harness/authority.ts';
import { createHttpsClient } from './https-client.ts';

test('a number is asked by nobody, since nobody could say whether it may be', async () => {
  const ask = createHttpsClient({
    clock: systemClock,
    findAddresses: async () => assert.fail('there is no name to look up'),
  });
  for (const host of ['127.0.0.1', '0x7f.1', '2130706433', '[::1]', '[::ffff:10.0.0.1]']) {
    const limits = { maxOctets: 100, timeoutMs: 1_000 };
    const answer = await ask(`https://${host}:1/`, { method: 'GET', headers: {} }, limits);
    assert.match(answer.kind === 'failed' ? answer.message : '', /is not a name$/, host);
  }
});

test('who asks for the status alone waits for nothing that follows it', { timeout: 30_000 }, async (t) => {
  const authority = await makeAuthority();
  const context = await authority.issue('list.example');
  const asked: string[] = [];
  const web = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString()}`);
      // It never ends.
      response.writeHead(302, { location: 'https://elsewhere.example/' }).write('x');
    });
  });
  const server = createTlsServer({ SNICallback: (_, callback) => callback(null, context) });
  server.on('secureConnection', (socket) => web.emit('connection', socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const ask = createHttpsClient({
    clock: systemClock,
    findAddresses: async () => ['127.0.0.1'],
    trust: createTlsTrust([authority.ca]),
    port: (server.address() as AddressInfo).port,
  });
  const question = { method: 'POST', headers: {}, body: Buffer.from('a=b'), wantsContent: false } as const;
  const answer = await ask('https://list.example/u?1', question, { maxOctets: 0, timeoutMs: 20_000 });
  assert.equal(answer.kind === 'answered' && answer.status, 302);
  assert.deepEqual(asked, ['POST /u?1 a=b']);
});
