import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withServer } from '#http/testing/serve.ts';
import { statusRoutes, type StatusFacts } from './status-page.ts';

const FACTS: StatusFacts = {
  hostname: 'mail.<kust>.example',
  listeners: [
    { name: 'imap', host: '::1', port: 2143 },
    { name: 'submission', host: '127.0.0.1', port: 2587 },
    { name: 'http', host: '127.0.0.1', port: 8080 },
  ],
  startedAt: 0,
  now: 90 * 60_000,
  troubles: [],
  version: '0.1.0',
};

const withPage = (facts: StatusFacts, use: (base: string) => Promise<void>): Promise<void> =>
  withServer({ routes: statusRoutes(async () => facts) }, ({ base }) => use(base));

test('the page names the servers, escapes what it shows, and loads nothing from elsewhere', async () => {
  await withPage(FACTS, async (base) => {
    const response = await fetch(base);
    const page = await response.text();
    assert.equal(response.status, 200);
    assert.match(page, /\[::1\]:2143/);
    assert.match(page, /127\.0\.0\.1:2587/);
    assert.match(page, /运行正常/);
    assert.match(page, /1 小时 30 分钟/);
    assert.ok(!page.includes('<kust>'));
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal((await fetch(`${base}/status.css`)).headers.get('content-type'), 'text/css; charset=utf-8');
  });
});

test('health is 200 while all is well and 503 with the reason when not', async () => {
  await withPage(FACTS, async (base) => {
    const response = await fetch(`${base}/healthz`);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { status: 'ok', troubles: [] });
  });
  await withPage({ ...FACTS, troubles: ['the store does not answer'] }, async (base) => {
    const response = await fetch(`${base}/healthz`);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /the store does not answer/);
    assert.match(await (await fetch(base)).text(), /需要检查/);
  });
});

test('other paths, other methods and HEAD', async () => {
  await withPage(FACTS, async (base) => {
    assert.equal((await fetch(`${base}/../etc/passwd`)).status, 404);
    assert.equal((await fetch(`${base}/healthz`, { method: 'POST' })).status, 405);
    const head = await fetch(base, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), '');
  });
});
