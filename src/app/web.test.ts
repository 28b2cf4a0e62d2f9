import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { HttpRequest } from '#http/types.ts';
import { readConfig } from './config.ts';
import { openWebFiles } from './web-files.ts';
import { gateToHttps } from './web.ts';

const askGate = (toml: string, request: Partial<HttpRequest>) =>
  gateToHttps(readConfig(toml, 'test', {}))({
    isSecure: false,
    remoteAddress: '192.0.2.1',
    host: 'mail.kust.example',
    path: '/inbox',
    query: new URLSearchParams('a=1'),
    ...request,
  } as HttpRequest);

test('people from elsewhere are sent to HTTPS where there is one; proxies and health checks are not', () => {
  const listen = '[listen]\nhttp = [":80"]\nhttps = [":443"]\n';
  const sent = askGate(listen, {});
  assert.deepEqual([sent?.status, sent?.headers?.['location']], [308, 'https://mail.kust.example/inbox?a=1']);
  const other = askGate('[listen]\nhttps = [":8443"]', { query: new URLSearchParams() });
  assert.equal(other?.headers?.['location'], 'https://mail.kust.example:8443/inbox');
  assert.equal(askGate(listen, { remoteAddress: '127.0.0.1' }), undefined);
  assert.equal(askGate(listen, { isSecure: true }), undefined);
  assert.equal(askGate(listen, { path: '/healthz' }), undefined);
  assert.equal(askGate('[listen]\nhttp = [":80"]', {}), undefined);
  assert.equal(askGate(`${listen}[http]\nredirect_to_https = false`, {}), undefined);
});

test('a build is read by name; without one, or without its page, there is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'campusmail-web-'));
  try {
    assert.equal(openWebFiles(join(folder, 'nowhere')), undefined);
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'assets', 'a-1.js'), 'script');
    assert.equal(openWebFiles(folder), undefined);
    await writeFile(join(folder, 'index.html'), 'page');
    const files = openWebFiles(folder);
    assert.deepEqual([...(files?.names ?? [])].toSorted(), ['assets/a-1.js', 'index.html']);
    assert.equal(String(await files?.read('assets/a-1.js')), 'script');
    await rm(join(folder, 'assets'), { recursive: true });
    assert.equal(await files?.read('assets/a-1.js'), undefined);
  } finally {
    await rm(folder, { recursive: true });
  }
});
