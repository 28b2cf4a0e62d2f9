/** Programs that are let in, and those that should not be, against the routes over a real listener. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { AuditEvent } from '#audit/types.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { noMetrics } from '#base/metrics.ts';
import { systemRandom } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import type { SignInProtocol } from '#directory/sign-in.ts';
import { openCampus, PASSWORD, type ImpatientClock } from '#directory/testing/campus.ts';
import { jsonAnswer } from '#http/answers.ts';
import { withServer } from '#http/testing/serve.ts';
import type { HttpRoute } from '#http/types.ts';
import { openTestSignIn } from '#signin/testing/web-sign-in.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { GRANT_SCOPES, type OAuthClient } from './clients.ts';
import { Grants } from './grants.ts';
import { OAUTH_LIMITS } from './limits.ts';
import { OAuth } from './oauth.ts';
import { OAUTH_PATHS } from './paths.ts';
import type { GrantStore } from './ports/grant-store.ts';
import { ask, Program, type Answered } from './testing/program.ts';

const CLIENTS: readonly OAuthClient[] = [
  {
    clientId: 'mail-program',
    title: '邮件程序',
    scopes: GRANT_SCOPES,
    redirects: ['http://127.0.0.1/back', 'org.example.program:/back', 'https://web.example/back?kept=1'],
  },
  { clientId: 'reader', title: 'Reader', scopes: ['imap'], redirects: ['http://127.0.0.1/back'] },
];
const BACK = 'http://127.0.0.1:49152/back';
const METADATA = 'https://mail.kust.edu.cn/.well-known/oauth-authorization-server';

interface Given {
  readonly base: string;
  readonly directory: Directory;
  readonly zhang: AccountId;
  readonly clock: ImpatientClock;
  readonly store: GrantStore;
  readonly grants: Grants;
  /** Another thread's, over the same store. */
  readonly others: Grants;
  readonly audited: AuditEvent[];
  readonly program: Program;
  /** What the browser of the signed-in owner sends. */
  readonly page: Readonly<Record<string, string>>;
  /** The owner's answer to a query, and the address it leads to. */
  readonly answer: (query: string, isAllowed?: boolean) => Promise<Answered>;
  readonly allow: (scope: string, program?: Program) => Promise<string>;
  /** All the way. */
  readonly letIn: (scope?: string) => Promise<{ readonly access: string; readonly refresh: string }>;
  /** How a token fares in a protocol: `ok`, or why not. */
  readonly tryToken: (token: string, protocol?: SignInProtocol, grants?: Grants) => Promise<string>;
}

async function withOAuth(body: (given: Given) => Promise<void>): Promise<void> {
  const { directory, zhang, clock } = await openCampus();
  clock.advance(1000);
  const store = await openMemoryStore({ clock });
  const common = { directory, clock, random: systemRandom, log: silentLog, metrics: noMetrics };
  const openGrants = (): Grants =>
    new Grants({
      ...common,
      store: store.oauth,
      clients: new Map(CLIENTS.map((client) => [client.clientId, client])),
      key: Buffer.alloc(32, 5),
      metadataUrl: () => METADATA,
    });
  const grants = openGrants();
  const others = openGrants();
  const { signIn, sessions } = openTestSignIn({ directory, clock, store: store.signin, tokens: grants });
  const audited: AuditEvent[] = [];
  const oauth = new OAuth({
    grants,
    signIn,
    journal: { note: () => {} },
    audit: { record: (event) => void audited.push(event) },
    clock,
    allowPlaintext: () => true,
  });
  const who = (path: string, takesTokens: boolean): HttpRoute => ({
    method: 'GET',
    path,
    respond: async (request) => {
      const caller = await signIn.authenticate(request, { takesTokens });
      return 'status' in caller ? caller : jsonAnswer(200, caller);
    },
  });
  const routes = [...signIn.routes(), ...oauth.routes(), who('/for-programs', true), who('/for-owners', false)];
  await withServer({ routes }, async ({ base }) => {
    const program = new Program(base, 'mail-program', BACK);
    const json = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    const credentials = JSON.stringify({ login: 'zhang@kust.edu.cn', password: PASSWORD });
    const signedIn = await fetch(`${base}/auth/sign-in`, { method: 'POST', headers: json, body: credentials });
    const [cookie = ''] = signedIn.headers.getSetCookie().map((set) => set.split(';')[0] ?? '');
    const page = { ...json, cookie };
    const answer = (query: string, isAllowed = true): Promise<Answered> =>
      ask(`${base}/auth/oauth/answer`, { method: 'POST', headers: page, body: JSON.stringify({ query, isAllowed }) });
    const allow = async (scope: string, asking = program): Promise<string> => {
      const { said } = await answer(asking.query(scope));
      return new URL(String(said['url'])).searchParams.get('code') ?? assert.fail(JSON.stringify(said));
    };
    await body({
      base,
      directory,
      zhang,
      clock,
      store: store.oauth,
      grants,
      others,
      audited,
      program,
      page,
      answer,
      allow,
      async letIn(scope = 'imap smtp jmap offline_access') {
        const { said } = await program.redeem(await allow(scope));
        return { access: String(said['access_token']), refresh: String(said['refresh_token']) };
      },
      async tryToken(token, protocol = 'imap', by = grants) {
        const result = await by.signIn(token, '', { protocol, remoteAddress: '192.0.2.7' });
        return result.ok ? 'ok' : (result.discovery?.status ?? result.reason);
      },
    });
  });
  for (const one of [sessions, grants, others]) one.close();
  directory.close();
  await store.close();
}

/** Lets what was set off by a change come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('a program is let in by its owner, and uses its token in the protocols it was given', async () => {
  await withOAuth(async ({ base, program, page, answer, tryToken, audited, clock, zhang, grants }) => {
    const query = program.query('imap smtp jmap offline_access openid');
    const asked = await ask(`${base}/auth/oauth/request?${query}`, { headers: page });
    assert.deepEqual(asked.said, {
      client: '邮件程序',
      scopes: ['imap', 'smtp', 'jmap', 'offline_access'],
      login: 'zhang@kust.edu.cn',
      destination: { kind: 'device' },
    });
    assert.match(asked.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);

    const { said } = await answer(query);
    const url = new URL(String(said['url']));
    assert.equal(url.origin + url.pathname, BACK);
    assert.equal(url.searchParams.get('state'), program.state);
    assert.equal(url.searchParams.get('iss'), base);

    const tokens = await program.redeem(url.searchParams.get('code') ?? '');
    assert.equal(tokens.status, 200);
    assert.equal(tokens.headers.get('cache-control'), 'no-store');
    assert.equal(tokens.said['token_type'], 'Bearer');
    assert.equal(tokens.said['expires_in'], 3600);
    assert.equal(tokens.said['scope'], 'imap smtp jmap offline_access');
    const access = String(tokens.said['access_token']);
    assert.equal(await tryToken(access, 'imap'), 'ok');
    assert.equal(await tryToken(access, 'smtp'), 'ok');
    assert.equal(await tryToken(access, 'pop3'), 'insufficient_scope');
    const who = await ask(`${base}/for-programs`, { headers: { authorization: `bearer ${access}` } });
    assert.deepEqual(
      [who.said['accountId'], who.said['login'], who.said['via']],
      [zhang, 'zhang@kust.edu.cn', 'token'],
    );

    await settle();
    const [grant] = await grants.list(zhang);
    assert.deepEqual([grant?.usedAt, grant?.usedFrom], [clock.now(), '192.0.2.7 imap']);
    assert.deepEqual(
      audited.map(({ action, detail }) => [action, detail?.['how'], detail?.['client']]),
      [['identity.grant', 'given', 'mail-program']],
    );
  });
});

test('the metadata says what there is, by the name of whoever is asked', async () => {
  await withOAuth(async ({ base }) => {
    const { said } = await ask(`${base}/.well-known/oauth-authorization-server`);
    assert.equal(said['issuer'], base);
    assert.equal(said['authorization_endpoint'], `${base}/oauth/authorize`);
    assert.equal(said['token_endpoint'], `${base}/oauth/token`);
    assert.deepEqual(said['code_challenge_methods_supported'], ['S256']);
    assert.deepEqual(said['token_endpoint_auth_methods_supported'], ['none']);
    assert.equal(said['authorization_response_iss_parameter_supported'], true);
  });
});

test('what is asked wrongly is told to people, and to the program only where that is known', async () => {
  await withOAuth(async ({ base, program, page, answer }) => {
    const refusalOf = async (query: string): Promise<[number, unknown, unknown]> => {
      const shown = await ask(`${base}/auth/oauth/request?${query}`, { headers: page });
      const answered = await answer(query);
      assert.deepEqual([answered.status, answered.said], [shown.status, shown.said], query);
      return [shown.status, shown.said['error'], shown.said['url']];
    };
    const untrusted = [
      [program.query('imap', { client_id: 'nobody' }), 'unknownClient'],
      [program.query('imap', { client_id: '' }), 'unknownClient'],
      [program.query('imap', { redirect_uri: '' }), 'wrongRedirect'],
      [program.query('imap', { redirect_uri: 'https://evil.example/back' }), 'wrongRedirect'],
      [program.query('imap', { redirect_uri: 'http://127.0.0.1:49152/other' }), 'wrongRedirect'],
      [program.query('imap', { redirect_uri: 'javascript:alert(1)' }), 'wrongRedirect'],
      [`${program.query('imap')}&redirect_uri=https://evil.example/`, 'malformed'],
      [`${program.query('imap')}&client_id=reader`, 'malformed'],
      [`${program.query('imap')}&scope=smtp`, 'malformed'],
      [program.query('imap', { state: 'x'.repeat(OAUTH_LIMITS.parameterLength + 1) }), 'malformed'],
      [`${program.query('imap')}${'&a=1'.repeat(OAUTH_LIMITS.parameters)}`, 'malformed'],
      ['', 'unknownClient'],
    ] as const;
    for (const [query, error] of untrusted) assert.deepEqual(await refusalOf(query), [400, error, undefined], query);

    const told = [
      [{ response_type: 'token' }, 'unsupported_response_type'],
      [{ response_type: '' }, 'unsupported_response_type'],
      [{ response_mode: 'fragment' }, 'invalid_request'],
      [{ code_challenge: '' }, 'invalid_request'],
      [{ code_challenge_method: '' }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'short' }, 'invalid_request'],
      [{ scope: '' }, 'invalid_scope'],
      [{ scope: 'everything' }, 'invalid_scope'],
      [{ scope: 'offline_access' }, 'invalid_scope'],
    ] as const;
    for (const [changed, error] of told) {
      const [status, said, url] = await refusalOf(program.query('imap', changed));
      assert.deepEqual([status, said], [400, error], JSON.stringify(changed));
      const back = new URL(String(url));
      assert.equal(back.origin + back.pathname, BACK);
      assert.equal(back.searchParams.get('error'), error);
      assert.equal(back.searchParams.get('state'), program.state);
      assert.equal(back.searchParams.get('code'), null);
    }

    const [, , elsewhere] = await refusalOf(
      program.query('x', { redirect_uri: 'https://web.example/back?kept=1', state: '' }),
    );
    assert.equal(elsewhere, `https://web.example/back?kept=1&error=invalid_scope&iss=${encodeURIComponent(base)}`);
    // More than the client may ask for is left out.
    const reader = new Program(base, 'reader', BACK);
    const shown = await ask(`${base}/auth/oauth/request?${reader.query('imap smtp')}`, { headers: page });
    assert.deepEqual(shown.said['scopes'], ['imap']);
  });
});

test('the owner may say no, and says yes on our page alone, with a fresh proof', async () => {
  await withOAuth(async ({ base, program, page, answer, clock, grants, zhang, store }) => {
    const query = program.query('imap');
    const denied = new URL(String((await answer(query, false)).said['url']));
    assert.equal(denied.searchParams.get('error'), 'access_denied');

    const body = JSON.stringify({ query, isAllowed: true });
    const path = `${base}/auth/oauth/answer`;
    const post = async (headers: Record<string, string>, sent: string = body) =>
      (await ask(path, { method: 'POST', headers, body: sent })).status;
    assert.equal(await post({ ...page, 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await post({ ...page, 'sec-fetch-site': 'same-site' }), 403);
    const { 'sec-fetch-site': _, ...old } = page as Record<string, string>;
    assert.equal(await post(old), 403, 'a browser that says nothing of where it comes from');
    assert.equal(await post({ ...old, origin: 'https://evil.example' }), 403);
    assert.equal(await post({ ...page, 'content-type': 'application/x-www-form-urlencoded' }, 'isAllowed=true'), 415);
    assert.equal(await post({ ...page, cookie: '' }), 401);
    assert.equal(await post({ ...page, authorization: 'Bearer x', cookie: '' }), 401);
    assert.equal(await post(page, '{"query":7,"isAllowed":true}'), 400);
    assert.equal(await post(page, JSON.stringify({ query, isAllowed: 'yes' })), 400);
    assert.equal(await post(page, JSON.stringify({ query: 'x'.repeat(20_000), isAllowed: true })), 413);
    assert.equal((await ask(path, { headers: page })).status, 405, 'an address alone gives nothing');
    assert.deepEqual(await store.reader.grants(zhang), []);

    clock.advance(11 * 60_000);
    const late = await answer(query);
    assert.deepEqual([late.status, late.said['error'], late.said['steps']], [403, 'proofRequired', ['password']]);
    const proof = await fetch(`${base}/auth/proof`, {
      method: 'POST',
      headers: page,
      body: JSON.stringify({ password: PASSWORD }),
    });
    const [proven = ''] = proof.headers.getSetCookie().map((set) => set.split(';')[0] ?? '');
    const headers = { ...page, cookie: `${page['cookie']}; ${proven}` };
    assert.equal(await post(headers), 200);
    assert.equal((await store.reader.grants(zhang)).length, 1);
    assert.deepEqual(await grants.list(zhang), [], 'no program has brought its code');
  });
});

test('a code is good once, soon, and for whom it was made; otherwise its grant ends', async () => {
  await withOAuth(async ({ base, program, allow, tryToken, clock, audited, store, zhang }) => {
    const code = await allow('imap offline_access');
    const first = await program.redeem(code);
    const access = String(first.said['access_token']);
    assert.equal(await tryToken(access), 'ok');
    const again = await program.redeem(code);
    assert.deepEqual([again.status, again.said], [400, { error: 'invalid_grant' }]);
    assert.equal(await tryToken(access), 'invalid_token', 'what was given for it is gone');
    assert.equal((await program.refresh(String(first.said['refresh_token']))).status, 400);
    assert.equal(audited.at(-1)?.detail?.['how'], 'ended');

    const wrong: readonly Readonly<Record<string, string>>[] = [
      { code_verifier: 'a'.repeat(43) },
      { code_verifier: 'short' },
      { redirect_uri: 'http://127.0.0.1:49153/back' },
      { redirect_uri: 'org.example.program:/back' },
      { client_id: 'reader' },
    ];
    for (const changed of wrong) {
      const stolen = await allow('imap');
      assert.equal((await program.redeem(stolen, changed)).said['error'], 'invalid_grant', JSON.stringify(changed));
      assert.equal((await program.redeem(stolen)).said['error'], 'invalid_grant', 'there is no second try');
    }
    for (const [changed, error] of [
      [{ code_verifier: '' }, 'invalid_request'],
      [{ redirect_uri: '' }, 'invalid_request'],
      [{ code: '' }, 'invalid_request'],
      [{ code: 'garbage' }, 'invalid_grant'],
      [{ code: `1.${'a'.repeat(16)}.${'a'.repeat(43)}` }, 'invalid_grant'],
      [{ grant_type: 'password' }, 'unsupported_grant_type'],
      [{ grant_type: '' }, 'invalid_request'],
    ] as const)
      assert.equal((await program.redeem(await allow('imap'), changed)).said['error'], error, JSON.stringify(changed));

    const late = await allow('imap');
    clock.advance(OAUTH_LIMITS.codeMs);
    assert.equal((await program.redeem(late)).said['error'], 'invalid_grant');
    const asToken = await allow('imap offline_access');
    assert.equal((await program.refresh(asToken)).said['error'], 'invalid_grant');

    const two = await allow('imap');
    const statuses = await Promise.all([program.redeem(two), program.redeem(two)]);
    assert.deepEqual(
      statuses.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 400],
    );
    const unclaimed = (await store.reader.grants(zhang)).filter(({ rotatedAt }) => rotatedAt !== null);
    assert.deepEqual(unclaimed, []);
    assert.equal((await ask(`${base}/oauth/token`)).status, 405);
  });
});

test('forms are read as they have to be', async () => {
  await withOAuth(async ({ base, program, letIn }) => {
    const { refresh } = await letIn();
    const form = `grant_type=refresh_token&client_id=mail-program&refresh_token=${refresh}`;
    const errorOf = async (given: Promise<Answered>) => {
      const { status, said } = await given;
      return [status, said['error']];
    };
    assert.deepEqual(await errorOf(program.post('/oauth/token', `${form}&client_id=reader`)), [400, 'invalid_request']);
    assert.deepEqual(await errorOf(program.post(`/oauth/token?${form}`, '')), [400, 'invalid_request']);
    assert.deepEqual(await errorOf(program.post('/oauth/token?x=1', form)), [400, 'invalid_request']);
    assert.deepEqual(await errorOf(program.refresh(refresh, { client_id: 'nobody' })), [401, 'invalid_client']);
    assert.deepEqual(await errorOf(program.refresh(refresh, { client_id: '' })), [401, 'invalid_client']);
    const asJson = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    assert.deepEqual(await errorOf(ask(`${base}/oauth/token`, asJson)), [400, 'invalid_request']);
    assert.equal((await program.post('/oauth/token', `${form}&x=${'x'.repeat(20_000)}`)).status, 413);
    assert.equal((await program.refresh(refresh)).status, 200, 'nothing of that has ended it');
  });
});

test('refresh tokens change each time, and one that comes back later ends the grant', async () => {
  await withOAuth(async ({ program, letIn, tryToken, clock, others, store, zhang }) => {
    const first = await letIn();
    clock.advance(OAUTH_LIMITS.accessMs - 1000);
    assert.equal(await tryToken(first.access), 'ok');
    const [one, two] = await Promise.all([program.refresh(first.refresh), program.refresh(first.refresh)]);
    assert.equal(one.status, 200);
    assert.deepEqual(one.said, two.said, 'two connections of one program ask at once');
    const second = { access: String(one.said['access_token']), refresh: String(one.said['refresh_token']) };
    assert.notEqual(second.refresh, first.refresh);
    assert.equal(await tryToken(second.access, 'imap', others), 'ok', 'in another thread, too');
    assert.equal(await tryToken(first.access), 'ok', 'requests on their way');
    clock.advance(OAUTH_LIMITS.overlapMs);
    assert.equal(await tryToken(first.access), 'invalid_token');
    assert.equal(await tryToken(second.access), 'ok');

    assert.equal((await program.refresh(first.refresh)).said['error'], 'invalid_grant', 'somebody else has it');
    await settle();
    assert.equal(await tryToken(second.access), 'invalid_token');
    assert.equal(await tryToken(second.access, 'imap', others), 'invalid_token');
    assert.equal((await program.refresh(second.refresh)).said['error'], 'invalid_grant');
    assert.deepEqual(await store.reader.grants(zhang), []);
  });
});

test('time ends tokens: an access token in an hour, a grant without offline_access with it, any other unused', async () => {
  await withOAuth(async ({ program, allow, letIn, tryToken, clock, grants, store, zhang }) => {
    const short = await program.redeem(await allow('imap'));
    assert.equal(short.said['refresh_token'], undefined);
    const long = await letIn();
    clock.advance(OAUTH_LIMITS.accessMs);
    assert.equal(await tryToken(String(short.said['access_token'])), 'invalid_token');
    assert.equal(await tryToken(long.access), 'invalid_token');
    assert.equal((await grants.list(zhang)).length, 1);
    const next = await program.refresh(long.refresh);
    assert.equal(await tryToken(String(next.said['access_token'])), 'ok');
    clock.advance(OAUTH_LIMITS.idleMs);
    assert.equal((await program.refresh(String(next.said['refresh_token']))).said['error'], 'invalid_grant');
    clock.advance(1);
    await grants.tidy();
    assert.deepEqual(await store.reader.grants(zhang), []);
  });
});

test('a grant ends with the password, with the account, and by its owner: at once and everywhere', async () => {
  await withOAuth(
    async ({ base, directory, letIn, tryToken, clock, others, grants, page, zhang, program, audited }) => {
      const first = await letIn();
      const ended: string[] = [];
      const [grant] = await grants.list(zhang);
      assert.ok(grant !== undefined);
      grants.watch(grant, () => ended.push('here'));
      others.watch(grant, () => ended.push('elsewhere'));
      assert.equal(await tryToken(first.access, 'imap', others), 'ok');
      const second = await letIn();
      const listed = await ask(`${base}/auth/oauth/grants`, { headers: page });
      const rows = listed.said['grants'] as { id: string; client: string; scopes: string[] }[];
      assert.deepEqual(
        rows.map(({ client, scopes }) => [client, scopes]),
        [
          ['邮件程序', ['imap', 'smtp', 'jmap', 'offline_access']],
          ['邮件程序', ['imap', 'smtp', 'jmap', 'offline_access']],
        ],
      );
      assert.ok(!JSON.stringify(listed.said).includes(first.access.split('.')[2] ?? ''));

      const revoke = (headers: Readonly<Record<string, string>>) =>
        ask(`${base}/auth/oauth/grants/${grant.grantId}`, { method: 'DELETE', headers });
      assert.equal((await revoke({ ...page, 'sec-fetch-site': 'cross-site' })).status, 403);
      assert.equal((await revoke(page)).status, 204);
      await settle();
      assert.equal(await tryToken(first.access), 'invalid_token');
      assert.equal(await tryToken(first.access, 'imap', others), 'invalid_token');
      assert.deepEqual(ended.toSorted(), ['elsewhere', 'here']);
      assert.equal(audited.at(-1)?.detail?.['how'], 'revoked');
      assert.equal(audited.at(-1)?.actor.kind, 'account');
      assert.equal(await tryToken(second.access), 'ok', 'the other goes on');
      assert.equal((await revoke(page)).status, 404);

      clock.advance(1000);
      const code = await (async () => {
        const { said } = await ask(`${base}/auth/oauth/answer`, {
          method: 'POST',
          headers: page,
          body: JSON.stringify({ query: program.query('imap'), isAllowed: true }),
        });
        return new URL(String(said['url'])).searchParams.get('code') ?? '';
      })();
      await directory.setPassword(zhang, 'ein-anderes-Kennwort-9');
      await settle();
      assert.equal(await tryToken(second.access), 'invalid_token');
      assert.equal(await tryToken(second.access, 'imap', others), 'invalid_token');
      assert.equal((await program.refresh(second.refresh)).said['error'], 'invalid_grant');
      assert.equal((await program.redeem(code)).said['error'], 'invalid_grant', 'given before it');
      assert.deepEqual(await grants.list(zhang), []);
    },
  );
  await withOAuth(async ({ directory, letIn, tryToken, others, zhang, store }) => {
    const { access } = await letIn();
    await directory.disableAccount(zhang);
    await settle();
    assert.equal(await tryToken(access, 'imap', others), 'invalid_token');
    await directory.enableAccount(zhang);
    await settle();
    assert.equal(await tryToken(access), 'invalid_token', 'it does not come back');
    assert.deepEqual(await store.reader.grants(zhang), []);
  });
});

test('RFC 7009: a program gives back what it has, and nobody else does', async () => {
  await withOAuth(async ({ base, program, letIn, tryToken }) => {
    const one = await letIn();
    const reader = new Program(base, 'reader', BACK);
    assert.equal((await reader.revoke(one.access)).status, 200);
    const [account, grant] = one.access.split('.');
    assert.equal((await program.revoke(`${account}.${grant}.${'a'.repeat(43)}`)).status, 200);
    assert.equal((await program.revoke('garbage')).status, 200);
    assert.equal((await program.revoke('')).status, 400);
    assert.equal(await tryToken(one.access), 'ok');
    assert.equal((await program.revoke(one.access)).status, 200);
    assert.equal(await tryToken(one.access), 'invalid_token');
    const two = await letIn();
    assert.equal((await program.revoke(two.refresh)).status, 200);
    assert.equal(await tryToken(two.access), 'invalid_token');
  });
});

test('RFC 6750: a token comes in its field alone, to the routes that are for programs, and challenges say so', async () => {
  await withOAuth(async ({ base, program, allow, letIn }) => {
    const { access, refresh } = await letIn();
    const statusOf = async (path: string, headers: Record<string, string>) =>
      (await ask(base + path, { headers })).status;
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    assert.equal(await statusOf('/for-programs', bearer(access)), 200);
    assert.equal(await statusOf(`/for-programs?access_token=${access}`, {}), 401);
    assert.equal(await statusOf('/for-owners', bearer(access)), 401);
    for (const path of [
      '/auth/session',
      '/auth/security',
      '/auth/oauth/grants',
      `/auth/oauth/request?${program.query('imap')}`,
    ])
      assert.equal(await statusOf(path, bearer(access)), 401, path);
    for (const wrong of [refresh, `${access}x`, access.slice(1), 'a b', '', 'x'.repeat(9000)])
      assert.equal(await statusOf('/for-programs', bearer(wrong)), 401, wrong.slice(0, 30));

    // Not fetch, which says that it is a page's.
    const challenge = async (headers: Record<string, string>): Promise<unknown[]> => {
      const [response] = (await once(request(`${base}/for-programs`, { headers }).end(), 'response')) as [
        IncomingMessage,
      ];
      response.resume();
      return [response.statusCode, response.headers['www-authenticate']];
    };
    assert.deepEqual(await challenge({}), [
      401,
      'Basic realm="campusmail", charset="UTF-8", Bearer realm="campusmail", scope="jmap"',
    ]);
    assert.deepEqual(await challenge(bearer('stale')), [
      401,
      'Bearer realm="campusmail", error="invalid_token", scope="jmap"',
    ]);
    const narrow = await program.redeem(await allow('imap'));
    assert.deepEqual(await challenge(bearer(String(narrow.said['access_token']))), [
      403,
      'Bearer realm="campusmail", error="insufficient_scope", scope="jmap"',
    ]);
  });
});

test('RFC 7628: a refused token comes with where to get another, and a name that is another’s opens nothing', async () => {
  await withOAuth(async ({ grants, letIn, directory }) => {
    const { access } = await letIn('imap');
    const bearer =
      grants.bearerFor({ protocol: 'imap', remoteAddress: '192.0.2.7' }) ?? assert.fail('no token is taken');
    const refused = await bearer('stale', '');
    assert.deepEqual(refused, {
      ok: false,
      reason: 'invalidCredentials',
      discovery: { scope: 'imap', openIdConfiguration: METADATA, status: 'invalid_token' },
    });
    const named = await bearer(access, 'ZHANG@kust.edu.cn');
    assert.equal(named.ok && named.loginAddress, 'zhang@kust.edu.cn');
    await directory.createAccount('li@kust.edu.cn', PASSWORD, {});
    const other = await bearer(access, 'li@kust.edu.cn');
    assert.equal(!other.ok && other.reason, 'forbidden');
  });
});

test('every route is listed, and nothing is offered without a client', async () => {
  await withOAuth(async ({ store, directory, clock, grants }) => {
    const oauth = new OAuth({
      grants,
      signIn: openTestSignIn({ directory, clock, store: (await openMemoryStore({ clock })).signin }).signIn,
      journal: { note: () => {} },
      audit: { record: () => {} },
      clock,
      allowPlaintext: () => false,
    });
    const names = (routes: readonly Pick<HttpRoute, 'method' | 'path'>[]) =>
      routes.map(({ method, path }) => `${method} ${path}`).toSorted();
    assert.deepEqual(names(oauth.routes()), names(OAUTH_PATHS));
    const none = new Grants({
      store,
      directory,
      clients: new Map(),
      key: Buffer.alloc(32),
      metadataUrl: () => METADATA,
      clock,
      random: systemRandom,
      log: silentLog,
      metrics: noMetrics,
    });
    assert.equal(none.bearerFor({ protocol: 'imap', remoteAddress: '192.0.2.7' }), undefined);
    none.close();
  });
});
