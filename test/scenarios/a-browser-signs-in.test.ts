/** The web as a whole: a real server, two protocol threads that share its ports, with and without TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { openCampus, PASSWORD, ZHANG } from '#test/harness/campus.ts';
import { mustRun } from '#test/harness/server-process.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** On a connection of its own: by chance in the one thread or the other. */
async function ask(
  base: string,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const send = base.startsWith('https:') ? httpsRequest : httpRequest;
  const request = send(`${base}${path}`, { method, headers, agent: false, rejectUnauthorized: false });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(request, 'response');
  return {
    status: response.statusCode,
    headers: response.headers,
    text: Buffer.concat(await response.toArray()).toString(),
  };
}

test('a browser signs in, is known in all threads, and is out when the password changes', async () => {
  const settings = { CAMPUSMAIL_SERVER_THREADS: '2', CAMPUSMAIL_LISTEN_HTTPS: '127.0.0.1:0' };
  await using campus = await openCampus({ settings });
  const { ports } = campus.server;
  const plain = `http://127.0.0.1:${ports['http']}`;
  const secure = `https://127.0.0.1:${ports['https']}`;

  for (const base of [plain, secure]) {
    assert.deepEqual(JSON.parse((await ask(base, '/healthz')).text), { status: 'ok', troubles: [] });
    assert.equal((await ask(base, '/auth/session')).status, 401);
    const signedIn = await ask(base, '/auth/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: base },
      body: { login: ZHANG, password: PASSWORD },
    });
    assert.equal(signedIn.status, 200, signedIn.text);
    const [set = ''] = signedIn.headers['set-cookie'] ?? [];
    assert.match(set, base === plain ? /^campusmail=[^;]+; (?!.*Secure)/ : /^__Host-campusmail=.*; Secure$/);
    assert.equal(signedIn.headers['strict-transport-security'] !== undefined, base === secure);
    const cookie = set.split(';')[0] ?? '';
    const who = () => ask(base, '/auth/session', { headers: { cookie } });
    const answers = await Promise.all(Array.from({ length: 20 }, who));
    assert.ok(answers.every(({ status, text }) => status === 200 && JSON.parse(text).login === ZHANG));

    await mustRun(campus.dataDir, ['account', 'password', ZHANG, '--password', PASSWORD], settings);
    const after = await Promise.all(Array.from({ length: 20 }, who));
    assert.deepEqual([...new Set(after.map(({ status }) => status))], [401]);
  }

  const { text } = await ask(plain, '/metrics');
  assert.match(text, /campusmail_sign_ins_total\{protocol="http",outcome="ok"\} 2\n/);
  assert.match(text, /campusmail_web_sessions_total\{event="begun"\} 2\n/);
});
