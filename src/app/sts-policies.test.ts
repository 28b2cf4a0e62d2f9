import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { TestDnsServer } from '#dns/testing/dns-server.ts';
import { createTlsTrust } from '#queue/connect-out.ts';
import { makeAuthority } from '#test/harness/authority.ts';
import { openTestSystem } from './commands/testing/test-system.ts';
import { openStsPolicies } from './sts-policies.ts';

const POLICY = 'version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 86400\r\n';

/** `x.example` has a policy on a web server on loopback; `queue` are further settings. */
async function openHouse(t: TestContext, queue: string) {
  const authority = await makeAuthority();
  const context = await authority.issue('mta-sts.x.example');
  let requests = 0;
  const web = createServer((_, response) => {
    requests++;
    response.setHeader('content-type', 'text/plain').end(POLICY);
  });
  const server = createTlsServer({ SNICallback: (_, callback) => callback(null, context) });
  server.on('secureConnection', (socket) => web.emit('connection', socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dns = await TestDnsServer.start({
    zone: {
      '_mta-sts.x.example': { txt: ['v=STSv1; id=1'] },
      'mta-sts.x.example': { a: ['127.0.0.1'] },
    },
  });
  t.after(async () => {
    server.close();
    await dns[Symbol.asyncDispose]();
  });
  const { system } = await openTestSystem(t, `[dns]\nservers = ["${dns.address}"]\n[queue]\n${queue}`);
  const { port } = server.address() as AddressInfo;
  const open = () => openStsPolicies(system, createTlsTrust([authority.ca]), port);
  return { system, open, requests: () => requests };
}

test('a policy is fetched by our own resolver and kept for the next start', { timeout: 30_000 }, async (t) => {
  const { system, open, requests } = await openHouse(t, 'private_addresses = true');
  const found = await open().find('x.example');
  assert.equal(found.kind === 'policy' && found.policy.mode, 'enforce');
  assert.deepEqual(await system.trustStore.reader.stsPolicy('x.example'), found.kind === 'policy' && found.policy);
  assert.deepEqual(await open().find('x.example'), found);
  assert.equal(requests(), 1);
});

test('no domain can have us knock at private doors', { timeout: 30_000 }, async (t) => {
  const { open, requests } = await openHouse(t, '');
  const found = await open().find('x.example');
  const message = 'mta-sts.x.example has only private addresses';
  assert.deepEqual(found, { kind: 'failed', why: 'sts-policy-fetch-error', message });
  assert.equal(requests(), 0);
});
