import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { sendRaw, withServer } from './testing/serve.ts';
import { serveStatic, type StaticFiles } from './static-files.ts';

const SCRIPT = `console.log(${JSON.stringify('会议'.repeat(2000))});`;

function filesOf(contents: Record<string, string | Uint8Array>): StaticFiles & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    names: new Set(Object.keys(contents)),
    async read(name) {
      asked.push(name);
      const content = contents[name];
      return typeof content === 'string' ? Buffer.from(content) : content;
    },
  };
}

const BUILD = {
  'index.html': '<!doctype html><title>校园邮</title>',
  'assets/app-1a.js': SCRIPT,
  'logo.svg': '<svg/>',
};

test('assets are kept for ever, the page is asked for again by its tag', async () => {
  const files = filesOf(BUILD);
  await withServer({ routes: [serveStatic(files)] }, async ({ base }) => {
    const asset = await fetch(`${base}/assets/app-1a.js`);
    assert.equal(await asset.text(), SCRIPT);
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.match(asset.headers.get('content-type') ?? '', /javascript/);
    assert.equal(asset.headers.get('content-encoding'), 'gzip');

    const page = await fetch(base);
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    assert.match(await page.text(), /校园邮/);
    const etag = page.headers.get('etag') ?? '';
    const again = await fetch(`${base}/`, { headers: { 'if-none-match': `"other", W/${etag}` } });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), '');
  });
  assert.deepEqual(files.asked.toSorted(), ['assets/app-1a.js', 'index.html']);
});

test('paths of the page lead to it; files that are not there, and those elsewhere on the disk, do not', async () => {
  const files = filesOf({ ...BUILD, '../secret.key': 'secret' });
  await withServer({ routes: [serveStatic(files)] }, async ({ base, port }) => {
    assert.match(await (await fetch(`${base}/mail/inbox/42`)).text(), /校园邮/);
    assert.equal((await fetch(`${base}/assets/gone.js`)).status, 404);
    assert.equal((await fetch(`${base}/assets/gone`)).status, 404);
    assert.equal((await fetch(`${base}/favicon.ico`)).status, 404);
    assert.equal((await fetch(`${base}/.well-known/nothing`)).status, 404);
    for (const path of ['/../secret.key', '/%2e%2e/secret.key', '/..%2fsecret.key', '/assets/..%2f..%2fsecret.key']) {
      const answer = await sendRaw(port, `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 404 /, path);
    }
  });
  assert.ok(!files.asked.includes('../secret.key'));
});

test('what the build has compressed is sent as it is; other clients get it plain', async () => {
  const files = filesOf({ ...BUILD, 'assets/app-1a.js.gz': Buffer.from('not really gzip') });
  await withServer({ routes: [serveStatic(files)] }, async ({ port }) => {
    const get = (accepts: string) =>
      sendRaw(
        port,
        `GET /assets/app-1a.js HTTP/1.1\r\nhost: a\r\nconnection: close\r\naccept-encoding: ${accepts}\r\n\r\n`,
      );
    assert.match(await get('gzip, br;q=0'), /content-encoding: gzip[\s\S]*\r\n\r\nnot really gzip$/);
    const plain = await get('identity');
    assert.ok(!/content-encoding/.test(plain) && /vary: accept-encoding/.test(plain));
    assert.ok(Buffer.from(plain.split('\r\n\r\n')[1] ?? '', 'latin1').equals(Buffer.from(SCRIPT)));
  });
});

test('two builds beside each other', async () => {
  const webmail = serveStatic(filesOf({ 'index.html': 'webmail' }));
  const console = serveStatic(filesOf({ 'index.html': 'console' }), '/console/');
  await withServer({ routes: [webmail, console] }, async ({ base }) => {
    assert.equal(await (await fetch(`${base}/console/accounts`)).text(), 'console');
    assert.equal(await (await fetch(`${base}/console/`)).text(), 'console');
    assert.equal(await (await fetch(`${base}/inbox`)).text(), 'webmail');
  });
});

test('compressed here when the build has not', async () => {
  await withServer({ routes: [serveStatic(filesOf(BUILD))] }, async ({ port }) => {
    const answer = await sendRaw(
      port,
      'GET /assets/app-1a.js HTTP/1.1\r\nhost: a\r\nconnection: close\r\naccept-encoding: gzip\r\n\r\n',
    );
    const body = Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1');
    assert.equal(gunzipSync(body).toString(), SCRIPT);
  });
});
