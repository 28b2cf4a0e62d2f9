/** Browsers between our pages and a school's sign-in: a CAS server, and the OpenID provider of oidc-provider. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { employee } from '#directory/testing/person.ts';
import type { AccountId } from '#base/ids.ts';
import { CONSENT_VERSION } from '#contract/activation.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { openCampus, PASSWORD, type ImpatientClock } from '#directory/testing/campus.ts';
import { withServer } from '#http/testing/serve.ts';
import { openTestSignIn } from '#signin/testing/web-sign-in.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import { createCasProvider } from './cas-provider.ts';
import type { AskServer } from './cas.ts';
import { createOidcProvider } from './oidc-provider.ts';
import type { SsoStore } from './ports/sso-store.ts';
import type { SsoProvider } from './provider.ts';
import { Sso } from './sso.ts';
import { CasServer } from './testing/cas-server.ts';
import { OIDC_CLIENT, OidcServer } from './testing/oidc-server.ts';

const DAY_MS = 86_400_000;
const ask: AskServer = async (url) => {
  const response = await fetch(url, { redirect: 'manual' });
  return { status: response.status, text: await response.text() };
};

/** Keeps cookies by host, and follows redirects, also those of a `Refresh`. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();
  /** Every address it was at. */
  readonly visited: string[] = [];

  async get(url: string): Promise<{ readonly url: string; readonly response: Response; readonly body: string }> {
    let next = url;
    for (let hop = 0; hop < 20; hop++) {
      this.visited.push(next);
      const response = await this.send(next);
      const body = await response.text();
      const target = response.headers.get('location') ?? response.headers.get('refresh')?.replace(/^0;url=/, '');
      if (target === undefined || target === null) return { url: next, response, body };
      next = new URL(target, next).href;
    }
    throw new Error('redirected for ever');
  }

  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const { host } = new URL(url);
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { redirect: 'manual', ...init, headers });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';');
      const equals = pair.indexOf('=');
      if (/Max-Age=0\b/.test(set)) jar.delete(pair.slice(0, equals));
      else jar.set(pair.slice(0, equals), pair.slice(equals + 1));
    }
    return response;
  }

  async post(url: string, body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    return this.send(url, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** Who is signed in with it. */
  async who(base: string): Promise<string | undefined> {
    const response = await this.send(`${base}/auth/session`, { headers: { 'sec-fetch-site': 'same-origin' } });
    return response.ok ? ((await response.json()) as { login: string }).login : undefined;
  }
}

interface Given {
  readonly base: string;
  readonly directory: Directory;
  readonly zhang: AccountId;
  readonly clock: ImpatientClock;
  readonly store: SsoStore;
  readonly browser: Browser;
  /** What was written down: the action, and whom it names by number. */
  readonly audited: readonly string[];
}

async function withSso(provider: SsoProvider, body: (given: Given) => Promise<void>): Promise<void> {
  const { directory, zhang, clock } = await openCampus();
  await directory.enrolPeople([{ person: employee('20050012', '张三'), account: null }]);
  // A session is younger than the password.
  clock.advance(1000);
  const store = await openMemoryStore({ clock });
  const { signIn, sessions } = openTestSignIn({ directory, clock, store: store.signin });
  const key = Buffer.alloc(32, 9);
  const audited: string[] = [];
  const sso = new Sso({
    provider,
    store: store.sso,
    directory,
    signIn,
    sessions,
    clock,
    random: systemRandom,
    log: silentLog,
    audit: { record: ({ action, detail }) => void audited.push(`${action} ${detail?.['number']}`) },
    skipsSecondStep: false,
    key,
  });
  const home = { method: 'GET', path: '/', respond: () => ({ status: 200, body: 'home' }) } as const;
  const unlinked = { ...home, path: '/sso/unlinked' } as const;
  const back = { ...home, path: '/sign-in' } as const;
  await withServer({ routes: [...signIn.routes(), ...sso.routes(), home, unlinked, back] }, async ({ base }) => {
    await body({ base, directory, zhang, clock, store: store.sso, browser: new Browser(), audited });
    sessions.close();
  });
  await store.close();
}

async function withCas(
  body: (given: Given & { readonly cas: CasServer }) => Promise<void>,
  settings: { readonly hasState?: boolean } = {},
): Promise<void> {
  await using cas = new CasServer();
  await cas.listen();
  const provider = createCasProvider(
    {
      baseUrl: `${cas.base}/cas`,
      loginPath: '/login',
      validatePath: '/p3/serviceValidate',
      logoutPath: '/logout',
      numberAttributes: ['XGH', 'user'],
      nameAttributes: ['XM'],
      hasState: settings.hasState ?? true,
    },
    ask,
  );
  await withSso(provider, (given) => body({ ...given, cas }));
}

test('who is linked goes straight in, and the ticket stays in no address', async () => {
  for (const hasState of [true, false]) {
    await withCas(
      async ({ base, browser, directory, zhang, audited }) => {
        await directory.linkPerson('20050012', zhang);
        const { url } = await browser.get(`${base}/auth/sso/start`);
        assert.equal(url, `${base}/`);
        assert.equal(await browser.who(base), 'zhang@kust.edu.cn');
        assert.deepEqual(audited, ['sign-in.accepted 20050012']);
      },
      { hasState },
    );
  }
});

test('whose mailbox is frozen since they did not use it, opens it by coming', async () => {
  await withCas(async ({ base, browser, directory, zhang }) => {
    await directory.linkPerson('20050012', zhang);
    await directory.setStage(zhang, 'dormant');
    assert.equal((await browser.get(`${base}/auth/sso/start`)).url, `${base}/`);
    assert.equal(await browser.who(base), 'zhang@kust.edu.cn');
    assert.equal((await directory.account(zhang))?.stage, 'active');
    await directory.setStage(zhang, 'suspended');
    assert.equal((await browser.get(`${base}/auth/sso/start`)).url, `${base}/sign-in?sso=disabled`);
    assert.equal((await directory.account(zhang))?.stage, 'suspended');
  });
});

test('who has no password but the one that was given out is in all the same, and sets one of their own there', async () => {
  await withCas(async ({ base, browser, directory, cas, clock }) => {
    const address = '20050013@kust.edu.cn';
    const account = { address, stage: 'active', initialPasswords: ['Kust1231002X'], initialExpiresAt: null } as const;
    await directory.enrolPeople([{ person: employee('20050013', '李四'), account }]);
    clock.advance(1000);
    cas.attributes = { XGH: '20050013' };
    assert.equal((await browser.get(`${base}/auth/sso/start`)).url, `${base}/`);
    assert.equal(await browser.who(base), address);
    await browser.post(`${base}/auth/terms`, { version: CONSENT_VERSION });
    const set = (password: string) =>
      browser.post(`${base}/auth/password`, { password, newPassword: 'Quiet-Heron-Harbour7' });
    assert.equal((await set('Kust12310020')).status, 401);
    assert.equal((await set('Kust1231002X')).status, 200);
    assert.equal(await browser.who(base), address);
  });
});

test('S-07: who came by the school’s sign-in agrees to the terms before anything opens, once', async () => {
  await withCas(async ({ base, browser, directory, zhang }) => {
    await directory.linkPerson('20050012', zhang);
    await browser.get(`${base}/auth/sso/start`);
    const session = async () =>
      (await (await browser.send(`${base}/auth/session`)).json()) as { readonly owesTerms?: boolean };
    assert.equal((await session()).owesTerms, true);
    const history = () => browser.send(`${base}/auth/history`);
    const refused = await history();
    assert.deepEqual([refused.status, await refused.json()], [403, { error: 'termsRequired' }]);
    const agree = (version: string) => browser.post(`${base}/auth/terms`, { version });
    // A page with another text is none that was agreed to.
    assert.equal((await agree('2019-09')).status, 409);
    assert.deepEqual(await directory.consentsOf(zhang), []);
    const agreed = await agree(CONSENT_VERSION);
    assert.deepEqual([agreed.status, 'owesTerms' in ((await agreed.json()) as object)], [200, false]);
    assert.equal((await history()).status, 200);

    await browser.post(`${base}/auth/sign-out`, {});
    await browser.get(`${base}/auth/sso/start`);
    assert.equal((await session()).owesTerms, undefined);
    assert.equal((await history()).status, 200);
    const consents = await directory.consentsOf(zhang);
    assert.deepEqual(
      consents.map(({ version, address }) => [version, address]),
      [[CONSENT_VERSION, '127.0.0.1']],
    );
  });
});

test('whoever was on the way to a page of ours comes there, and nowhere else', async () => {
  await withCas(async ({ base, browser, directory, zhang }) => {
    await directory.linkPerson('20050012', zhang);
    const start = async (next: string) =>
      (await browser.get(`${base}/auth/sso/start?${new URLSearchParams({ next }).toString()}`)).url;
    assert.equal(await start('/?to=read&id=1'), `${base}/?to=read&id=1`);
    for (const next of ['//evil.example/', '/x/..//evil.example/', 'https://evil.example/'])
      assert.equal(await start(next), `${base}/`, next);
  });
});

test('T18: a mailbox with a second step is linked by a session that was begun since, not by an older one', async () => {
  await withCas(async ({ base, browser, clock, directory, zhang }) => {
    const signIn = () => browser.post(`${base}/auth/sign-in`, { login: 'zhang', password: PASSWORD });
    const link = () => browser.post(`${base}/auth/sso/link-session`, {});
    assert.equal((await link()).status, 401);
    assert.equal((await signIn()).status, 200);
    assert.equal((await link()).status, 410, 'nobody was at the school’s sign-in');
    clock.advance(1000);
    await browser.get(`${base}/auth/sso/start`);
    assert.equal((await link()).status, 410, 'somebody may have left this session open');
    clock.advance(1000);
    await signIn();
    assert.equal((await link()).status, 200);
    assert.equal((await directory.findPerson('20050012'))?.accountId, zhang);
    assert.equal((await link()).status, 410);
  });
});

test('T18: who has no mailbox is told why, with a ticket, and goes straight in once linked', async () => {
  await withCas(async ({ base, browser, cas, directory, zhang, store }) => {
    cas.attributes = { XM: '张三' };
    const { url } = await browser.get(`${base}/auth/sso/start`);
    assert.equal(url, `${base}/sso/unlinked`);
    assert.equal(await browser.who(base), undefined);
    const pending = await (await browser.send(`${base}/auth/sso/pending`)).json();
    const [ticket, ...others] = await store.reader.openTickets(10);
    assert.deepEqual(pending, {
      number: '20050012',
      name: '张三',
      ticketId: ticket?.ticketId,
      canLink: true,
      next: '/',
    });
    assert.match(ticket?.ticketId ?? '', /^[2-9A-HJ-NP-Z]{8}$/);
    assert.deepEqual(others, []);

    await directory.linkPerson('20050012', zhang);
    assert.equal((await browser.get(`${base}/auth/sso/start`)).url, `${base}/`);
    assert.equal(await browser.who(base), 'zhang@kust.edu.cn');
  });
});

test('T18: the mailbox is linked by who has its password, once', async () => {
  await withCas(async ({ base, browser, directory, store }) => {
    await browser.get(`${base}/auth/sso/start`);
    const link = (password: string) => browser.post(`${base}/auth/sso/link`, { login: 'zhang', password });
    assert.equal((await link('wrong')).status, 401);
    assert.equal(await browser.who(base), undefined);
    assert.equal((await link(PASSWORD)).status, 200);
    assert.equal(await browser.who(base), 'zhang@kust.edu.cn');
    assert.equal(await store.reader.countOpenTickets(), 0);

    // From now on another mailbox is not taken in its place, and the browser has nothing left to link by.
    const wang = await directory.createAccount('wang@kust.edu.cn', PASSWORD);
    assert.equal((await link(PASSWORD)).status, 410);
    await assert.rejects(directory.linkPerson('20050012', wang, { onlyIfUnlinked: true }));
    const again = new Browser();
    assert.equal((await again.get(`${base}/auth/sso/start`)).url, `${base}/`);
    assert.equal(await again.who(base), 'zhang@kust.edu.cn');
  });
});

test('a ticket is found by the roster’s spelling of its number, and what is told fits a cookie', async () => {
  await withCas(async ({ base, browser, cas, directory, zhang, store }) => {
    await directory.enrolPeople([{ person: employee('z-0012', '李'), account: null }]);
    cas.user = 'Ｚ-0012';
    cas.attributes = { XM: '名'.repeat(900) };
    await browser.get(`${base}/auth/sso/start`);
    const pending = (await (await browser.send(`${base}/auth/sso/pending`)).json()) as { number: string; name: string };
    assert.equal(pending.number, 'z-0012');
    assert.ok(pending.name.length < 200, `${pending.name.length}`);
    const { number } = await directory.linkPerson('Z-0012', zhang);
    assert.equal(await store.run('closeTicket', { number }), true);
  });
});

test('nobody links without having been at the school’s sign-in, nor by what they made up', async () => {
  await withCas(async ({ base, browser, cas, clock, directory }) => {
    const link = (to: Browser) => to.post(`${base}/auth/sso/link`, { login: 'zhang', password: PASSWORD });
    assert.equal((await link(browser)).status, 410);
    const forged = Buffer.from(JSON.stringify({ number: '20050012', until: clock.now() + DAY_MS })).toString(
      'base64url',
    );
    for (const cookie of [forged, `${forged}.x`, '.', ''])
      assert.equal(
        (await browser.send(`${base}/auth/sso/pending`, { headers: { cookie: `campusmail-sso-pending=${cookie}` } }))
          .status,
        404,
      );

    // Another site's page cannot ask for it either.
    await browser.get(`${base}/auth/sso/start`);
    const foreign = { headers: { 'sec-fetch-site': 'cross-site' } };
    assert.equal((await browser.send(`${base}/auth/sso/pending`, foreign)).status, 404);
    clock.advance(31 * 60_000);
    assert.equal((await link(browser)).status, 410);

    // Whom the roster does not know is not made: there is nothing to link.
    cas.user = '99999999';
    const stranger = new Browser();
    await stranger.get(`${base}/auth/sso/start`);
    assert.equal(
      ((await (await stranger.send(`${base}/auth/sso/pending`)).json()) as { canLink: boolean }).canLink,
      false,
    );
    assert.equal((await link(stranger)).status, 409);
    assert.equal(await directory.findPerson('99999999'), undefined);
  });
});

test('a ticket of somebody else, an old one, or one for another page signs nobody in', async () => {
  await withCas(async ({ base, browser, cas, directory, zhang }) => {
    await directory.linkPerson('20050012', zhang);
    await browser.get(`${base}/auth/sso/start`);
    const callback = browser.visited.find((url) => url.includes('ticket=')) ?? '';
    // Begun in no browser of that user.
    const victim = new Browser();
    assert.equal((await victim.get(callback)).url, `${base}/sign-in?sso=refused`);
    assert.equal(await victim.who(base), undefined);
    // Begun there, and then given the attacker's address.
    await victim.send(`${base}/auth/sso/start`);
    const before = cas.asked.length;
    assert.equal((await victim.get(callback)).url, `${base}/sign-in?sso=refused`);
    assert.equal(cas.asked.length, before, 'the server was asked about a foreign ticket');
    // The same browser once more: the ticket is spent.
    await browser.send(`${base}/auth/sso/start`);
    assert.equal((await browser.get(callback)).url, `${base}/sign-in?sso=refused`);
  });
});

test('a server that lies or is away signs nobody in', async () => {
  await withCas(async ({ base, browser, cas, directory, zhang }) => {
    await directory.linkPerson('20050012', zhang);
    for (const lie of ['<html></html>', '', '<!DOCTYPE x><cas:serviceResponse/>']) {
      cas.lie = lie;
      assert.equal((await browser.get(`${base}/auth/sso/start`)).url, `${base}/sign-in?sso=unavailable`, lie);
    }
    assert.equal(await browser.who(base), undefined);
  });
});

test('an account that may not be entered is not entered so either', async () => {
  await withCas(async ({ base, browser, directory, zhang }) => {
    await directory.linkPerson('20050012', zhang);
    const arrive = async () => (await browser.get(`${base}/auth/sso/start`)).url;
    await directory.setStage(zhang, 'pending');
    assert.equal(await arrive(), `${base}/sign-in?sso=notActivated`);
    await directory.setStage(zhang, 'suspended');
    assert.equal(await arrive(), `${base}/sign-in?sso=disabled`);
    await directory.setStage(zhang, 'receive-only');
    assert.equal(await arrive(), `${base}/`);
    await directory.disableAccount(zhang);
    assert.equal(await arrive(), `${base}/sign-in?sso=disabled`);
    assert.equal(await browser.who(base), undefined);
  });
});

test('who signs out there is signed out here, and nobody else', async () => {
  await withCas(async ({ base, browser, directory, zhang }) => {
    await directory.linkPerson('20050012', zhang);
    const other = new Browser();
    for (const one of [browser, other]) await one.get(`${base}/auth/sso/start`);
    const ticketOf = ({ visited }: Browser): string =>
      new URL(visited.find((url) => url.includes('ticket=')) ?? '').searchParams.get('ticket') ?? '';
    const end = (text: string) =>
      fetch(`${base}/auth/sso/callback`, { method: 'POST', body: new URLSearchParams({ logoutRequest: text }) });
    for (const nonsense of ['', '<a/>', CasServer.logoutRequest('PT-1')])
      assert.equal((await end(nonsense)).status, 400);
    assert.equal((await end(CasServer.logoutRequest('ST-999-unknown'))).status, 204);
    assert.equal(await browser.who(base), 'zhang@kust.edu.cn');
    assert.equal((await end(CasServer.logoutRequest(ticketOf(browser)))).status, 204);
    assert.equal(await browser.who(base), undefined);
    assert.equal(await other.who(base), 'zhang@kust.edu.cn');
    const url = (await other.send(`${base}/auth/sso/sign-out`)).headers.get('location') ?? '';
    assert.match(url, /\/cas\/logout\?service=http/);
  });
});

test('OpenID Connect: with code, PKCE, state and nonce, and not without', async () => {
  const server = new OidcServer();
  await server.listen();
  const { issuer } = server;
  const provider = createOidcProvider({
    issuer,
    clientId: OIDC_CLIENT.id,
    clientSecret: OIDC_CLIENT.secret,
    scopes: ['profile'],
    numberClaims: ['number'],
    nameClaims: ['name'],
    allowsInsecure: true,
  });
  await withSso(provider, async ({ base, browser, directory, zhang }) => {
    server.serve(base);
    await directory.linkPerson('20050012', zhang);
    assert.equal((await browser.get(`${base}/auth/sso/start`)).url, `${base}/`);
    assert.equal(await browser.who(base), 'zhang@kust.edu.cn');

    const callback = browser.visited.find((url) => url.includes('code=')) ?? '';
    const victim = new Browser();
    assert.equal((await victim.get(callback)).url, `${base}/sign-in?sso=refused`);
    await victim.send(`${base}/auth/sso/start`);
    assert.equal((await victim.get(callback)).url, `${base}/sign-in?sso=refused`);
    assert.equal(await victim.who(base), undefined);
    const url = (await browser.send(`${base}/auth/sso/sign-out`)).headers.get('location') ?? '';
    assert.match(url, /\/session\/end\?/);
  });
  await server[Symbol.asyncDispose]();
  const away = createOidcProvider({
    issuer,
    clientId: 'campusmail',
    clientSecret: 'x',
    scopes: [],
    numberClaims: ['number'],
    nameClaims: [],
    allowsInsecure: true,
  });
  await withSso(away, async ({ base, browser }) => {
    assert.equal((await browser.get(`${base}/auth/sso/start`)).url, `${base}/sign-in?sso=unavailable`);
  });
});
