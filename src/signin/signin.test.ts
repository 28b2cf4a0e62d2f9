import assert from 'node:assert/strict';
import { test } from 'node:test';
import { solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { systemRandom } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { openCampus, PASSWORD, type ImpatientClock } from '#directory/testing/campus.ts';
import { jsonAnswer } from '#http/answers.ts';
import { sendRaw, withServer } from '#http/testing/serve.ts';
import type { HttpRoute } from '#http/types.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { Captcha } from './captcha.ts';
import type { Caller, WebSignIn } from './signin.ts';
import { openTestSignIn } from './testing/web-sign-in.ts';

const DAY_MS = 86_400_000;

/** A browser's page: says where it is, and keeps its cookie. */
class Page {
  readonly base: string;
  cookie: string;

  constructor(base: string, cookie = '') {
    this.base = base;
    this.cookie = cookie;
  }

  async ask(
    path: string,
    init: Omit<RequestInit, 'headers'> & { readonly headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers = {
      'sec-fetch-site': 'same-origin',
      'sec-fetch-mode': 'cors',
      ...(this.cookie === '' ? {} : { cookie: `other=1; ${this.cookie}` }),
    };
    Object.assign(headers, init.headers);
    const response = await fetch(`${this.base}${path}`, { ...init, headers });
    const set = response.headers.getSetCookie()[0];
    if (set !== undefined) this.cookie = set.split(';')[0] ?? '';
    return response;
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    return this.ask(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, ...content });
  }

  signIn(password = PASSWORD, more: object = {}): Promise<Response> {
    return this.post('/auth/sign-in', { login: 'zhang@kust.edu.cn', password, ...more });
  }
}

interface Given {
  readonly directory: Directory;
  readonly zhang: AccountId;
  readonly clock: ImpatientClock;
  /** Two threads over one store. */
  readonly pages: readonly [Page, Page];
  readonly signIns: readonly WebSignIn[];
  readonly readsOfStore: () => number;
  /** From now on no thread hears of changes of sessions. */
  readonly deafen: () => void;
}

async function withSignIn(body: (given: Given) => Promise<void>, settings: { readonly plaintext?: boolean } = {}) {
  const { directory, zhang, clock } = await openCampus();
  // The captcha's library looks at the wall clock.
  clock.advance(systemClock.now() - clock.now());
  const store = await openMemoryStore({ clock });
  let reads = 0;
  let isDeaf = false;
  const counted = new Proxy(store.signin.reader, {
    get(reader, name: 'session' | 'sessions') {
      reads++;
      return reader[name].bind(reader);
    },
  });
  const openThread = () => {
    const secret = Buffer.alloc(32, 7);
    const { signIn, sessions } = openTestSignIn({
      directory,
      clock,
      store: {
        reader: counted,
        run: (name, args) => store.signin.run(name, args),
        watch: (on) => store.signin.watch((accountId) => (isDeaf ? undefined : on(accountId))),
      },
      captcha: new Captcha({ secret, clock, random: systemRandom, tries: { from: 1, to: 5 } }),
      captchaAfter: 3,
      hosts: ['mail.kust.edu.cn'],
      allowPlaintext: () => settings.plaintext ?? true,
    });
    const whoAmI = async (request: Parameters<HttpRoute['respond']>[0]) => {
      const caller = await signIn.authenticate(request);
      return 'status' in caller ? caller : jsonAnswer(200, caller);
    };
    const routes: HttpRoute[] = [
      ...signIn.routes(),
      { method: 'GET', path: '/who', respond: whoAmI },
      { method: 'POST', path: '/who', respond: whoAmI },
    ];
    return { sessions, signIn, routes };
  };
  const threads = [openThread(), openThread()] as const;
  await withServer({ routes: threads[0].routes }, (one) =>
    withServer({ routes: threads[1].routes }, async (two) => {
      await body({
        directory,
        zhang,
        clock,
        pages: [new Page(one.base), new Page(two.base)],
        signIns: threads.map(({ signIn }) => signIn),
        readsOfStore: () => reads,
        deafen: () => void (isDeaf = true),
      });
      for (const { sessions } of threads) sessions.close();
    }),
  );
  await store.close();
}

const errorOf = async (response: Response): Promise<unknown> => ((await response.json()) as { error?: string }).error;

/** What the widget in the page does. */
async function solve(page: Page): Promise<string> {
  const challenge = (await (await page.ask('/auth/captcha')).json()) as Parameters<
    typeof solveChallenge
  >[0]['challenge'];
  const solution = await solveChallenge({ challenge, deriveKey });
  return Buffer.from(JSON.stringify({ challenge, solution })).toString('base64');
}

test('a browser signs in, is known in every thread, and signs out of all of them', async () => {
  await withSignIn(async ({ pages: [page, other], zhang, clock }) => {
    assert.equal(await errorOf(await page.ask('/auth/session')), 'notSignedIn');
    clock.advance(1000);
    const answer = await page.signIn();
    assert.equal(answer.status, 200);
    const who = { accountId: `A${zhang}`, login: 'zhang@kust.edu.cn', name: '张三', hosts: ['mail.kust.edu.cn'] };
    assert.deepEqual(await answer.json(), who);
    assert.match(
      answer.headers.getSetCookie()[0] ?? '',
      /^campusmail=\d+\.[a-z2-7]{16}\.[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    other.cookie = page.cookie;
    assert.deepEqual(await (await other.ask('/auth/session')).json(), who);
    const caller = (await (await other.ask('/who')).json()) as Caller;
    assert.deepEqual([caller.accountId, caller.login, caller.via], [zhang, 'zhang@kust.edu.cn', 'session']);

    const out = await page.post('/auth/sign-out');
    assert.equal(out.status, 204);
    assert.match(out.headers.getSetCookie()[0] ?? '', /^campusmail=; .*Max-Age=0/);
    assert.equal((await other.ask('/who')).status, 401);
  });
});

test('sessions are listed, and ended one by one or all', async () => {
  await withSignIn(async ({ pages: [page, other], clock }) => {
    clock.advance(1000);
    await page.signIn();
    clock.advance(1000);
    await other.post('/auth/sign-in', { login: 'zhang', password: PASSWORD }, { 'user-agent': 'Phone/1.0' });
    const { sessions } = (await (await page.ask('/auth/sessions')).json()) as {
      sessions: { id: string; isCurrent: boolean; userAgent: string; address: string }[];
    };
    assert.deepEqual(
      sessions.map((one) => one.isCurrent),
      [false, true],
    );
    assert.equal(sessions[0]?.address, '127.0.0.1');
    const phone = sessions[0]?.id ?? '';
    assert.equal((await page.ask(`/auth/sessions/${phone}`, { method: 'DELETE' })).status, 204);
    assert.equal((await page.ask(`/auth/sessions/${phone}`, { method: 'DELETE' })).status, 404);
    assert.equal((await other.ask('/who')).status, 401);
    await other.signIn();
    assert.equal((await page.post('/auth/sign-out-everywhere')).status, 204);
    assert.equal((await other.ask('/who')).status, 401);
  });
});

test('a changed password, a disabled or a deleted account end sessions in every thread, for good', async () => {
  await withSignIn(async ({ pages: [page, other], directory, zhang, clock }) => {
    const signIn = async (password?: string): Promise<void> => {
      clock.advance(1000);
      assert.equal((await page.signIn(password)).status, 200);
      other.cookie = page.cookie;
      assert.equal((await other.ask('/who')).status, 200);
      clock.advance(1000);
    };
    const isOver = async (): Promise<void> => {
      assert.equal((await page.ask('/who')).status, 401);
      assert.equal((await other.ask('/who')).status, 401);
    };
    await signIn();
    await directory.setDisplayName(zhang, '张三丰');
    assert.equal((await other.ask('/who')).status, 200);
    await directory.setPassword(zhang, 'another one');
    await isOver();
    await signIn('another one');
    await directory.disableAccount(zhang);
    await isOver();
    assert.equal(await errorOf(await page.signIn('another one')), 'suspended');
    await directory.enableAccount(zhang);
    await isOver();
    await signIn('another one');
    await directory.deleteAccount(zhang);
    await isOver();
  });
});

test('streams hear that their session has ended', async () => {
  await withSignIn(async ({ pages: [page], signIns: [signIn, elsewhere], zhang, clock }) => {
    clock.advance(1000);
    await page.signIn();
    const caller = (await (await page.ask('/who')).json()) as Caller;
    const ended = new Promise<void>((resolve) => void elsewhere?.watch(caller, resolve));
    signIn?.watch({ ...caller, sessionId: 'another' }, () => undefined);
    const never = elsewhere?.watch(caller, () => assert.fail('not after it was released'));
    never?.();
    assert.equal(caller.accountId, zhang);
    await page.post('/auth/sign-out');
    await ended;
  });
});

test('sessions end by time: a week without use, a month in all', async () => {
  await withSignIn(async ({ pages: [page], clock }) => {
    clock.advance(1000);
    await page.signIn();
    for (let day = 0; day < 28; day += 4) {
      clock.advance(4 * DAY_MS);
      assert.equal((await page.ask('/who')).status, 200, `day ${day + 4}`);
    }
    clock.advance(3 * DAY_MS);
    assert.equal((await page.ask('/who')).status, 401);
    await page.signIn();
    clock.advance(7 * DAY_MS);
    assert.equal((await page.ask('/who')).status, 401);
  });
});

test('the token is renewed within hours; the one before is good for a minute', async () => {
  await withSignIn(async ({ pages: [page, other], clock }) => {
    clock.advance(1000);
    await page.signIn();
    const first = page.cookie;
    assert.equal((await page.ask('/who')).headers.getSetCookie().length, 0);
    clock.advance(3_600_000);
    const answers = await Promise.all([page.ask('/who'), new Page(page.base, first).ask('/who')]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    const renewed = answers.flatMap((answer) => answer.headers.getSetCookie());
    assert.equal(renewed.length, 1);
    const cookie = renewed[0]?.split(';')[0] ?? '';
    assert.notEqual(cookie, first);
    const old = new Page(other.base, first);
    assert.equal((await old.ask('/who')).status, 200);
    clock.advance(61_000);
    assert.equal((await old.ask('/who')).status, 401);
    assert.equal((await new Page(other.base, cookie).ask('/who')).status, 200);
  });
});

test('a token renewed in one thread opens the session in another that has not heard of it', async () => {
  await withSignIn(async ({ pages: [page, other], clock, deafen }) => {
    clock.advance(1000);
    await page.signIn();
    clock.advance(3_600_000 - 1000);
    other.cookie = page.cookie;
    assert.equal((await other.ask('/who')).status, 200);
    deafen();
    clock.advance(1000);
    await page.ask('/who');
    assert.notEqual(page.cookie, other.cookie);
    other.cookie = page.cookie;
    assert.equal((await other.ask('/who')).status, 200);
  });
});

test('a request costs no read of the store, and use is written down now and then', async () => {
  await withSignIn(async ({ pages: [page], clock, readsOfStore }) => {
    clock.advance(1000);
    await page.signIn();
    await page.ask('/who');
    const before = readsOfStore();
    for (let asked = 0; asked < 20; asked++) await page.ask('/who');
    assert.equal(readsOfStore(), before);
  });
});

test('tokens that are none, or nearly one, open nothing', async () => {
  await withSignIn(async ({ pages: [page], clock }) => {
    clock.advance(1000);
    await page.signIn();
    const [name, token = ''] = page.cookie.split('=');
    const [account, id, secret = ''] = token.split('.');
    const wrong = `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1)}`;
    for (const bad of [
      '',
      'x',
      `${account}.${id}.${wrong}`,
      `${account}.${id}`,
      `2.${id}.${secret}`,
      `0${token}`,
      `${token}a`,
    ])
      assert.equal((await new Page(page.base, `${name}=${bad}`).ask('/who')).status, 401, bad);
    assert.equal((await new Page(page.base, `__Host-campusmail=${token}`).ask('/who')).status, 401);
  });
});

test('a request that changes something must come from our own pages', async () => {
  await withSignIn(async ({ pages: [page], clock }) => {
    clock.advance(1000);
    await page.signIn();
    const { cookie, base } = page;
    const ask = async (headers: Record<string, string>, method = 'POST') =>
      (await fetch(`${base}/who`, { method, headers: { cookie, ...headers } })).status;
    assert.equal(await ask({ 'sec-fetch-site': 'same-origin' }), 200);
    assert.equal(await ask({ origin: base }), 200);
    assert.equal(await ask({}), 403);
    assert.equal(await ask({ 'sec-fetch-site': 'same-site', origin: base }), 403);
    assert.equal(await ask({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await ask({ 'sec-fetch-site': 'none' }), 403);
    assert.equal(await ask({ origin: 'https://foe.example' }), 403);
    assert.equal(await ask({ origin: 'null' }), 403);
    assert.equal(await ask({ 'sec-fetch-site': 'same-site' }, 'GET'), 403);
    assert.equal(await ask({}, 'GET'), 200);
    const foreign = await page.post('/auth/sign-in', { login: 'x', password: 'y' }, { 'sec-fetch-site': 'cross-site' });
    assert.equal(await errorOf(foreign), 'crossSite');
    const form = await page.ask('/auth/sign-in', {
      method: 'POST',
      body: 'login=x',
      headers: { 'content-type': 'text/plain' },
    });
    assert.equal(form.status, 415);
    for (const body of ['{', 'null', '[]', '{"login":1,"password":"x"}', '{"login":"x"}']) {
      const headers = { 'content-type': 'application/json' };
      assert.equal((await page.ask('/auth/sign-in', { method: 'POST', body, headers })).status, 400, body);
    }
    assert.equal((await page.signIn('x'.repeat(9000))).status, 413);
  });
});

test('after three failures some work is asked for, and counts once', async () => {
  await withSignIn(async ({ pages: [page], clock }) => {
    clock.advance(1000);
    for (let failed = 1; failed <= 3; failed++) {
      const answer = await page.signIn(`wrong ${failed}`);
      assert.equal(answer.status, 401);
      assert.deepEqual(await answer.json(), {
        error: 'invalidCredentials',
        ...(failed === 3 ? { captcha: true } : {}),
      });
    }
    assert.equal(await errorOf(await page.signIn()), 'captchaRequired');
    assert.equal(await errorOf(await page.signIn(PASSWORD, { captcha: 'e30=' })), 'captchaRequired');
    const captcha = await solve(page);
    const forged = JSON.parse(Buffer.from(captcha, 'base64').toString());
    for (const parameters of [{ cost: 1 }, { keyPrefix: '' }, { keySignature: undefined }, { expiresAt: 9e9 }]) {
      const challenge = { ...forged.challenge, parameters: { ...forged.challenge.parameters, ...parameters } };
      const payload = Buffer.from(JSON.stringify({ ...forged, challenge })).toString('base64');
      assert.equal(await errorOf(await page.signIn(PASSWORD, { captcha: payload })), 'captchaRequired');
    }
    assert.equal(await errorOf(await page.signIn('wrong again', { captcha })), 'invalidCredentials');
    assert.equal(await errorOf(await page.signIn(PASSWORD, { captcha })), 'captchaRequired');
    assert.equal((await page.signIn(PASSWORD, { captcha: await solve(page) })).status, 200);
    // Right again: a slip of the finger costs nothing.
    assert.equal((await page.signIn()).status, 200);
  });
});

test('a captcha does not keep for ever, and failures at one name are no other’s', async () => {
  await withSignIn(async ({ pages: [page], clock }) => {
    clock.advance(1000);
    for (const password of ['a', 'b', 'c']) await page.post('/auth/sign-in', { login: 'nobody', password });
    assert.equal((await page.signIn()).status, 200);
    const captcha = await solve(page);
    clock.advance(11 * 60_000);
    for (const password of ['a', 'b', 'c']) await page.signIn(password);
    assert.equal(await errorOf(await page.signIn(PASSWORD, { captcha })), 'captchaRequired');
    clock.advance(16 * 60_000);
    assert.equal((await page.signIn()).status, 200);
  });
});

test('the limits are those of IMAP and SMTP', async () => {
  await withSignIn(async ({ pages: [page], directory, clock }) => {
    clock.advance(1000);
    for (let guess = 0; guess < 10; guess++) {
      await directory.signIn({
        login: 'zhang',
        password: `guess ${guess}`,
        protocol: 'imap',
        remoteAddress: '127.0.0.1',
      });
    }
    const answer = await page.signIn();
    assert.equal(answer.status, 429);
    assert.ok(Number(answer.headers.get('retry-after')) > 60);
    const body = (await answer.json()) as { error: string; retryAfter: number };
    assert.equal(body.error, 'tooManyAttempts');
    assert.equal(String(body.retryAfter), answer.headers.get('retry-after'));
  });
});

test('programs bring the password each time, get no cookie, and need prove no origin', async () => {
  await withSignIn(async ({ pages: [page], zhang }) => {
    const basic = (login: string, password: string): string =>
      `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
    const ask = (authorization: string) => fetch(`${page.base}/who`, { method: 'POST', headers: { authorization } });
    const answer = await ask(basic('zhang@kust.edu.cn', PASSWORD));
    assert.deepEqual(await answer.json(), { accountId: zhang, login: 'zhang@kust.edu.cn', via: 'basic' });
    assert.equal(answer.headers.getSetCookie().length, 0);
    // A bare name is one of the host's domain.
    assert.equal((await ask(basic('zhang', PASSWORD))).status, 200);
    for (const bad of [
      basic('zhang', 'wrong'),
      'Basic !!!',
      `Basic ${Buffer.from('no colon').toString('base64')}`,
      'Bearer abc',
      'Digest x',
    ]) {
      const refused = await ask(bad);
      assert.equal(refused.status, 401, bad);
      // Node's fetch says that it is a page's.
      assert.equal(refused.headers.get('www-authenticate'), null);
    }
    const request = `GET /who HTTP/1.1\r\nhost: a\r\nconnection: close\r\n`;
    const port = Number(new URL(page.base).port);
    const challenge = /\r\nwww-authenticate: Basic realm="campusmail", charset="UTF-8"\r\n/;
    assert.match(await sendRaw(port, `${request}\r\n`), challenge);
    assert.match(await sendRaw(port, `${request}authorization: Bearer x\r\n\r\n`), challenge);
    assert.doesNotMatch(await sendRaw(port, `${request}x-requested-with: fetch\r\n\r\n`), challenge);
  });
});

test('no password and no cookie in the clear, save where that is allowed', async () => {
  await withSignIn(
    async ({ pages: [page] }) => {
      const answer = await page.signIn();
      assert.deepEqual([answer.status, await errorOf(answer)], [403, 'insecure']);
      const authorization = `Basic ${Buffer.from(`zhang:${PASSWORD}`).toString('base64')}`;
      assert.equal((await fetch(`${page.base}/who`, { headers: { authorization } })).status, 403);
    },
    { plaintext: false },
  );
});

test('signing in anew ends the session that was there, and takes over none that was planted', async () => {
  await withSignIn(async ({ pages: [page, other], clock }) => {
    clock.advance(1000);
    await page.signIn();
    const before = page.cookie;
    await page.signIn();
    assert.notEqual(page.cookie, before);
    other.cookie = before;
    assert.equal((await other.ask('/who')).status, 401);
    assert.equal((await page.ask('/who')).status, 200);
  });
});
