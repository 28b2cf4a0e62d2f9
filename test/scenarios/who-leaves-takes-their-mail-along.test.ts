/** Take-out by its owner (domain.md §6.3): on the web, for whoever has just signed in, from a real server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';

test('who has just signed in gets all mail in one file, once in a while; nobody else does', async () => {
  await using campus = await openCampus();
  await campus.deliver(ZHANG, 'From: a@b.example\r\nSubject: =?UTF-8?B?5q+V5Lia?=\r\n\r\nFrom now on\r\n');
  const base = `http://127.0.0.1:${campus.server.ports['http']}`;
  assert.equal((await fetch(`${base}/take-out`)).status, 401);

  const signedIn = await fetch(`${base}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify({ login: ZHANG, password: PASSWORD }),
  });
  assert.equal(signedIn.status, 200);
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const elsewhere = { cookie, 'sec-fetch-site': 'cross-site' };
  assert.notEqual((await fetch(`${base}/take-out`, { headers: elsewhere })).status, 200, 'another site asks');

  const answer = await fetch(`${base}/take-out`, { headers: { cookie } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-disposition'), "attachment; filename*=UTF-8''zhang.san.zip");
  const files = unzipSync(new Uint8Array(await answer.arrayBuffer()));
  assert.match(
    Buffer.from(files['mail/INBOX.mbox'] ?? []).toString(),
    /Subject: =\?UTF-8\?B\?5q\+V5Lia\?=\n\n>From now on\n/,
  );
  assert.deepEqual(JSON.parse(Buffer.from(files['account.json'] ?? []).toString()).addresses, [ZHANG]);

  const again = await fetch(`${base}/take-out`, { headers: { cookie } });
  assert.equal(again.status, 429);
  assert.ok(Number(again.headers.get('retry-after')) >= 60);
});
