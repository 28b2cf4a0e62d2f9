/**
 * Signing in on the web: the door that routes ask who is there, and the routes under `/auth/`. Browsers bring a session's
 * cookie, programs their password (RFC 7617) or a token (RFC 6750). What a session is and when it ends is sessions.ts's matter; whether a
 * password is right, and how often one may guess, the directory's.
 */
import { nameActor } from '#audit/acting.ts';
import type { Clock } from '#base/clock.ts';
import { CONSENT_DOCUMENT, CONSENT_VERSION } from '#contract/activation.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Directory } from '#directory/directory.ts';
import type { SignInSource } from '#directory/sign-in.ts';
import { statusAnswer } from '#http/answers.ts';
import { addressOf } from '#http/other-host.ts';
import { RateLimit, type Rates } from '#http/rate-limit.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import type { BearerResult } from '#sasl/mechanism.ts';
import { answer, isJson, refusal } from './answers.ts';
import type { Captcha } from './captcha.ts';
import { endCookie, formatCookie, readCookie } from './cookie.ts';
import { isForeign, isProvenOwn, isSafe } from './cross-site.ts';
import type { Failures } from './failures.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import type { Journal } from './journal.ts';
import type { SessionRow } from './ports/session-store.ts';
import type { Sessions } from './sessions.ts';
import type { Proven, StrongSignIn } from './strong-routes.ts';

/** Who is asking. */
export interface Caller {
  readonly accountId: AccountId;
  /** The address signed in with. */
  readonly login: string;
  /** Where it came by a cookie. */
  readonly sessionId?: string;
  /** Where it came by a token. */
  readonly grantId?: string;
  readonly via: 'session' | 'basic' | 'token';
}

/** Who judges access tokens. */
export interface TokenJudge {
  signIn(token: string, authzid: string, source: SignInSource): Promise<BearerResult>;
  /** Calls back once when the grant is ended, until unsubscribed. */
  watch(grant: { readonly accountId: AccountId; readonly grantId: string }, onEnded: () => void): () => void;
}

/** What an account's owner may have to do before a session opens anything: agree to the text of these days, bind a telephone. */
export type Owed = 'terms' | 'phone';

export interface WebSignInParts {
  readonly directory: Directory;
  readonly sessions: Sessions;
  readonly captcha: Captcha;
  readonly failures: Failures;
  readonly journal: Journal;
  readonly strong: StrongSignIn;
  /** Absent: no token is taken. */
  readonly tokens?: TokenJudge;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: {
    /** Of one account, beside what its address may ask. */
    readonly rates: Rates;
    /** Names under which this server is known. */
    readonly hosts: readonly string[];
    readonly sessionMaxAgeS: number;
  };
  /** Whether a password may come without TLS. */
  readonly allowPlaintext: (remoteAddress: string) => boolean;
}

/** What may be asked for in an archive although it is no GET: to agree to its terms, to leave it; and JMAP sees to it itself that nothing is changed. */
function isOpenToArchives({ path }: HttpRequest): boolean {
  return /^\/(?:jmap\/api|auth\/terms|auth\/sign-out|auth\/sign-out-everywhere|auth\/sessions\/[^/]+)$/.test(path);
}

export class WebSignIn {
  readonly #parts: WebSignInParts;
  readonly #rates: RateLimit<AccountId>;
  /** Who has agreed to the text of these days: nobody takes that back, so it is believed for good. */
  readonly #agreed = new LruMap<AccountId, true>(SIGNIN_LIMITS.accountsKept);

  constructor(parts: WebSignInParts) {
    const { clock, settings } = parts;
    this.#parts = parts;
    this.#rates = new RateLimit({ clock, rates: settings.rates, callersKept: SIGNIN_LIMITS.accountsKept });
  }

  /**
   * Who asks, or the answer for whoever may not. What changes something and comes by a cookie must come from our own
   * pages; that its content is what the route takes (`application/json`) is for the route to see. `takesTokens`: the route is
   * one of those that programs are let do by a token (`jmap`); the others are the owner's own. Whoever owes something (`Owed`)
   * gets nothing by a session; programs are judged as they sign in.
   */
  async authenticate(request: HttpRequest, { takesTokens = false } = {}): Promise<Caller | HttpAnswer> {
    const authorization = request.header('authorization');
    const tokens = takesTokens ? this.#parts.tokens : undefined;
    const caller = await (authorization === undefined
      ? this.#bySession(request, tokens !== undefined)
      : tokens !== undefined && /^Bearer /i.test(authorization)
        ? this.#byToken(request, authorization, tokens)
        : this.#byPassword(request, authorization));
    if ('status' in caller) return caller;
    nameActor({ kind: 'account', accountId: caller.accountId, name: caller.login });
    const entry = this.#rates.enter(caller.accountId);
    return entry === 'ok' ? caller : statusAnswer(429, { 'retry-after': seconds(entry) });
  }

  /** The domain of names without one, at the host that was asked. */
  domainOf({ host }: HttpRequest): string | undefined {
    return this.#parts.directory.realms.ofHost(host)?.domain;
  }

  /** Counts a further request of who was let in, for sockets; false when it asks too often. */
  admit({ accountId }: Caller): boolean {
    return this.#rates.enter(accountId) === 'ok';
  }

  /** Calls back once when what the caller came by holds no more: for streams and sockets, until unsubscribed. */
  watch(caller: Caller, onEnded: () => void): () => void {
    const { accountId, sessionId, grantId } = caller;
    const { tokens } = this.#parts;
    if (grantId !== undefined && tokens !== undefined) return tokens.watch({ accountId, grantId }, onEnded);
    return sessionId === undefined
      ? this.#parts.directory.watchSignIn(accountId, onEnded)
      : this.#parts.sessions.watch({ accountId, sessionId }, onEnded);
  }

  routes(): readonly HttpRoute[] {
    const { sessions, captcha, strong } = this.#parts;
    const ownPages =
      (
        respond: (request: HttpRequest, session: SessionRow) => Promise<HttpAnswer>,
        options: { readonly mayOwe?: readonly Owed[] } = {},
      ) =>
      async (request: HttpRequest): Promise<HttpAnswer> => {
        const session = await this.findSession(request, options);
        return 'status' in session ? session : respond(request, session);
      };
    const atTheDoor = { mayOwe: ['terms', 'phone'] } as const;
    return [
      { method: 'GET', path: '/auth/captcha', respond: async () => answer(200, await captcha.challenge()) },
      { method: 'POST', path: '/auth/sign-in', respond: (request) => this.#signIn(request) },
      {
        method: 'POST',
        path: '/auth/sign-out',
        respond: ownPages(async (request, { accountId, sessionId }) => {
          await sessions.end(accountId, sessionId);
          return { status: 204, headers: { 'set-cookie': endCookie(request.isSecure) } };
        }, atTheDoor),
      },
      {
        method: 'POST',
        path: '/auth/sign-out-everywhere',
        respond: ownPages(async (request, { accountId }) => {
          await sessions.endAll(accountId);
          return { status: 204, headers: { 'set-cookie': endCookie(request.isSecure) } };
        }),
      },
      {
        method: 'GET',
        path: '/auth/session',
        respond: ownPages(async (_, session) => answer(200, await this.#describe(session)), atTheDoor),
      },
      {
        method: 'POST',
        path: '/auth/terms',
        respond: ownPages((request, session) => this.#takeAgreement(request, session), atTheDoor),
      },
      {
        method: 'GET',
        path: '/auth/sessions',
        respond: ownPages(async (_, { accountId, sessionId }) => {
          const rows = await sessions.list(accountId);
          return answer(200, { sessions: rows.map((row) => describeSession(row, sessionId)) });
        }),
      },
      {
        method: 'DELETE',
        path: '/auth/sessions/:id',
        respond: ownPages(async (request, { accountId }) => {
          const isEnded = await sessions.end(accountId, request.params['id'] as string);
          return isEnded ? { status: 204 } : statusAnswer(404);
        }),
      },
      {
        method: 'GET',
        path: '/auth/history',
        respond: ownPages(async (_, { accountId }) => {
          const rows = await this.#parts.journal.list(accountId);
          return answer(200, {
            records: rows.map(({ at, protocol, address, place, agent, outcome }) => {
              return { at: new Date(at).toISOString(), protocol, address, place, userAgent: agent, outcome };
            }),
          });
        }),
      },
      ...strong.routes({
        findSession: (request) => this.findSession(request),
        open: (request, proven, cookies) => this.#beginAgreed(request, proven, cookies),
        admit: async (request, accountId) => {
          const source = { ...this.#source(request), isForm: true };
          const result = await this.#parts.directory.signInProven(accountId, source);
          return result.ok ? { login: result.loginAddress } : this.#refuse(request, result, {});
        },
        checkPassword: async (request, login, password, options) => {
          const result = await this.#parts.directory.signIn({
            login,
            password,
            ...this.#source(request),
            isForm: true,
            ...options,
          });
          return result.ok ? undefined : this.#refuse(request, result, {});
        },
      }),
    ];
  }

  /**
   * The JSON of our own page that may bring a secret, for routes that sign somebody in; or the answer for whoever may not
   * ask so. Throws HttpRefusal for too much of it.
   */
  async readOwn(request: HttpRequest): Promise<{ readonly body: Readonly<Record<string, unknown>> } | HttpAnswer> {
    // A page elsewhere that signs its visitor in, as somebody else, would read what that visitor then writes.
    if (isForeign(request)) return refusal('crossSite');
    if (!isJson(request)) return refusal('invalidRequest', {}, 415);
    const { isSecure, remoteAddress } = request;
    if (!isSecure && !this.#parts.allowPlaintext(remoteAddress)) return refusal('insecure');
    const body = readObject(await request.readBody(SIGNIN_LIMITS.requestBytes));
    return body === undefined ? refusal('invalidRequest') : { body };
  }

  /** Opens a session (`openSession`) for whoever came by our own pages; answers what the page may know, with the cookie. */
  async begin(request: HttpRequest, proven: Proven, cookies: readonly string[] = []): Promise<HttpAnswer> {
    const { cookie } = await this.openSession(request, proven);
    return answer(200, await this.#describe(proven), {
      'set-cookie': cookies.length === 0 ? cookie : [cookie, ...cookies],
    });
  }

  /** That the account's owner agrees to the text of these days, on a page of ours that shows it (S-07). */
  async agree({ remoteAddress: address }: HttpRequest, accountId: AccountId): Promise<void> {
    await this.#parts.directory.agree({ accountId, document: CONSENT_DOCUMENT, version: CONSENT_VERSION, address });
    this.#agreed.set(accountId, true);
  }

  /** For those of our pages that say what people agree to by signing in. */
  async #beginAgreed(request: HttpRequest, proven: Proven, cookies?: readonly string[]): Promise<HttpAnswer> {
    await this.agree(request, proven.accountId);
    return this.begin(request, proven, cookies);
  }

  /** From whoever came another way than by a page that says so, or before the text changed. Another version than ours: an old page. */
  async #takeAgreement(request: HttpRequest, session: SessionRow): Promise<HttpAnswer> {
    const read = await this.readOwn(request);
    if ('status' in read) return read;
    if (read.body['version'] !== CONSENT_VERSION) return refusal('termsRequired', {}, 409);
    await this.agree(request, session.accountId);
    return answer(200, await this.#describe(session));
  }

  async #owesTerms(accountId: AccountId): Promise<boolean> {
    if (this.#agreed.get(accountId) === true) return false;
    const consents = await this.#parts.directory.consentsOf(accountId);
    const owes = !consents.some(
      ({ document, version }) => document === CONSENT_DOCUMENT && version === CONSENT_VERSION,
    );
    if (!owes) this.#agreed.set(accountId, true);
    return owes;
  }

  async #signIn(request: HttpRequest): Promise<HttpAnswer> {
    const { directory, strong, clock } = this.#parts;
    const proof = await this.#provePassword(request, { maySetPassword: true });
    if (!proof.ok) return proof.answer;
    const { proven, newPassword } = proof;
    if (newPassword === undefined) return (await strong.goOn(request, proven)) ?? this.#beginAgreed(request, proven);
    const faults = await directory.judgePassword(proven.accountId, newPassword);
    if (faults.length > 0) return refusal('weakPassword', {}, undefined, { faults });
    const asked = await strong.goOn(request, proven, newPassword);
    if (asked !== undefined) return asked;
    await directory.setPassword(proven.accountId, newPassword);
    return this.#beginAgreed(request, { ...proven, provedAt: clock.now() + 1 });
  }

  /**
   * Whose password a form of our own pages brings (`login`, `password`, `captcha` as JSON), within all limits; or the answer for
   * whoever is refused, also where a second step would be asked for: nothing but a password was proven. For routes that change
   * something with it.
   */
  async provePassword(
    request: HttpRequest,
  ): Promise<(Proven & { readonly ok: true }) | { readonly ok: false; readonly answer: HttpAnswer }> {
    const proof = await this.#provePassword(request, { maySetPassword: false });
    if (!proof.ok) return proof;
    if (await this.#parts.directory.isArchived(proof.proven.accountId))
      return { ok: false, answer: refusal('archived') };
    const asked = await this.#parts.strong.goOn(request, proof.proven);
    return asked === undefined ? { ok: true, ...proof.proven } : { ok: false, answer: asked };
  }

  /** `newPassword`: to be set at once, since the one that was proven is good for nothing else. */
  async #provePassword(
    request: HttpRequest,
    { maySetPassword }: { readonly maySetPassword: boolean },
  ): Promise<
    | { readonly ok: true; readonly proven: Proven; readonly newPassword: string | undefined }
    | { readonly ok: false; readonly answer: HttpAnswer }
  > {
    const no = (refused: HttpAnswer) => ({ ok: false, answer: refused }) as const;
    const { directory, captcha, failures, clock } = this.#parts;
    const read = await this.readOwn(request);
    if ('status' in read) return no(read);
    const given = readSignIn(read.body);
    if (given === undefined) return no(refusal('invalidRequest'));
    const { remoteAddress } = request;

    const { login, password } = given;
    const needsCaptcha = await failures.needsCaptcha(login, remoteAddress);
    if (needsCaptcha && !(await captcha.accept(given.captcha))) return no(refusal('captchaRequired'));
    const provedAt = clock.now();
    const attempt = { login, password, ...this.#source(request), isForm: true };
    let result = await directory.signIn(attempt);
    let newPassword: string | undefined;
    if (maySetPassword && !result.ok && result.reason === 'passwordChangeRequired' && given.newPassword !== undefined) {
      ({ newPassword } = given);
      result = await directory.signIn({ ...attempt, setsPassword: true });
    }
    if (!result.ok) {
      const isWrong = result.reason === 'invalidCredentials';
      const asksNext = await failures[isWrong ? 'add' : 'needsCaptcha'](login, remoteAddress);
      return no(this.#refuse(request, result, asksNext ? { captcha: true } : {}));
    }
    await failures.forget(login, remoteAddress);
    nameActor({ kind: 'account', accountId: result.accountId, name: result.loginAddress });
    return { ok: true, proven: { accountId: result.accountId, login: result.loginAddress, provedAt }, newPassword };
  }

  /** What weakens or lends the account wants a proof of its owner not older than ten minutes: the answer that asks for it, where it is wanted. */
  asksProof(request: HttpRequest, session: SessionRow): Promise<HttpAnswer | undefined> {
    return this.#parts.strong.asksProof(request, session);
  }

  /** Whether this browser would be asked for a second step, were the account's password right. */
  async asksSecondStep(request: HttpRequest, accountId: AccountId): Promise<boolean> {
    return (await this.#parts.strong.stepsFor(request, accountId)).kind === 'step';
  }

  /** A session for somebody whose identity is proven, in place of what the browser had open. `provedAt`: from before that. */
  async openSession(
    request: HttpRequest,
    { accountId, login, provedAt }: Proven,
  ): Promise<{ readonly sessionId: string; readonly cookie: string }> {
    const { sessions, journal, log, settings } = this.#parts;
    const { remoteAddress: address, isSecure } = request;
    // Whoever signs in anew leaves no open session behind, and takes over none.
    const before = await this.#sessionOf(request, { mayRenew: false });
    if (before !== undefined) await sessions.end(before.accountId, before.sessionId);
    const agent = request.header('user-agent') ?? '';
    journal.note({ accountId, protocol: 'http', address, agent, outcome: 'ok' });
    const { sessionId, token } = await sessions.begin({ accountId, login, address, agent, provedAt });
    log.info({ accountId, remoteAddress: address, sessionId }, 'signed in on the web');
    return { sessionId, cookie: formatCookie(token, { isSecure, maxAgeS: settings.sessionMaxAgeS }) };
  }

  async #describe({ accountId, login }: Pick<Proven, 'accountId' | 'login'>): Promise<object> {
    const { directory, settings } = this.#parts;
    const [account, owesTerms, owesPhone] = await Promise.all([
      directory.account(accountId),
      this.#owesTerms(accountId),
      directory.owesPhone(accountId),
    ]);
    // As JMAP names the account.
    const described = { accountId: `A${accountId}`, login, name: account?.displayName ?? '', hosts: settings.hosts };
    return { ...described, ...(owesTerms ? { owesTerms } : {}), ...(owesPhone ? { owesPhone } : {}) };
  }

  // Sessions

  async #bySession(request: HttpRequest, takesTokens: boolean): Promise<Caller | HttpAnswer> {
    const session = await this.findSession(request, { takesTokens });
    if ('status' in session) return session;
    const { accountId, login, sessionId } = session;
    return { accountId, login, sessionId, via: 'session' };
  }

  /**
   * The session, or the answer for whoever has none or may not use it so: what changes something must come from our own pages.
   * `mayOwe`: the route is one of those that are open before that is done.
   */
  async findSession(
    request: HttpRequest,
    { takesTokens = false, mayOwe = [] }: { readonly takesTokens?: boolean; readonly mayOwe?: readonly Owed[] } = {},
  ): Promise<SessionRow | HttpAnswer> {
    const session = await this.#sessionOf(request, { mayRenew: request.header('upgrade') === undefined });
    if (session === undefined) return refusal('notSignedIn', challengeFor(request, takesTokens));
    const isOwn = isSafe(request) ? !isForeign(request) : isProvenOwn(request);
    if (!isOwn) return refusal('crossSite');
    if (!isSafe(request) && !isOpenToArchives(request) && (await this.#parts.directory.isArchived(session.accountId)))
      return refusal('archived');
    const { accountId } = session;
    if (!mayOwe.includes('terms') && (await this.#owesTerms(accountId))) return refusal('termsRequired');
    if (!mayOwe.includes('phone') && (await this.#parts.directory.owesPhone(accountId)))
      return refusal('phoneRequired');
    nameActor({ kind: 'account', accountId, name: session.login });
    return session;
  }

  async #sessionOf(request: HttpRequest, options: { readonly mayRenew: boolean }): Promise<SessionRow | undefined> {
    const { directory, sessions, settings } = this.#parts;
    const { isSecure } = request;
    const token = readCookie(request.header('cookie'), isSecure);
    if (token === undefined) return undefined;
    const found = await sessions.find(token, request.remoteAddress, options);
    // Cookies are of one host; who carries one elsewhere by hand is nobody there.
    if (found !== undefined && !(await directory.isWelcomeAt(found.session.accountId, request.host))) return undefined;
    if (found?.renewed !== undefined) {
      const maxAgeS = settings.sessionMaxAgeS;
      request.addHeader?.('set-cookie', formatCookie(found.renewed, { isSecure, maxAgeS }));
    }
    return found?.session;
  }

  // Passwords

  async #byPassword(request: HttpRequest, authorization: string): Promise<Caller | HttpAnswer> {
    const credentials = readBasic(authorization);
    if (credentials === undefined) return refusal('invalidCredentials', challengeFor(request));
    if (!request.isSecure && !this.#parts.allowPlaintext(request.remoteAddress)) return refusal('insecure');
    const result = await this.#parts.directory.signIn({ ...credentials, ...this.#source(request) });
    if (!result.ok) return this.#refuse(request, result, {}, challengeFor(request));
    return { accountId: result.accountId, login: result.loginAddress, via: 'basic' };
  }

  async #byToken(request: HttpRequest, authorization: string, tokens: TokenJudge): Promise<Caller | HttpAnswer> {
    const token = /^Bearer +([A-Za-z0-9._~+/-]{1,8192}=*)$/i.exec(authorization)?.[1] ?? '';
    if (!request.isSecure && !this.#parts.allowPlaintext(request.remoteAddress)) return refusal('insecure');
    const result = await tokens.signIn(token, '', this.#source(request));
    if (result.ok) {
      const { accountId, loginAddress: login, grantId } = result;
      return { accountId, login, via: 'token', ...(grantId === undefined ? {} : { grantId }) };
    }
    if (result.reason !== 'invalidCredentials') return this.#refuse(request, result, {});
    // RFC 6750 §3.1.
    const { status = 'invalid_token', scope = '' } = result.discovery ?? {};
    const challenge = `Bearer realm="campusmail", error="${status}", scope="${scope}"`;
    const code = status === 'insufficient_scope' ? 403 : undefined;
    return refusal('invalidCredentials', { 'www-authenticate': challenge }, code);
  }

  #source({ remoteAddress, host }: HttpRequest) {
    return { protocol: 'http', remoteAddress, host } as const;
  }

  #refuse(
    { origin }: HttpRequest,
    result: Extract<Awaited<ReturnType<Directory['signIn']>>, { ok: false }>,
    facts: object,
    headers: HttpAnswer['headers'] = {},
  ): HttpAnswer {
    switch (result.reason) {
      case 'invalidCredentials':
        return refusal('invalidCredentials', headers, undefined, facts);
      case 'disabled':
      case 'forbidden':
        return refusal('suspended', headers);
      case 'wrongDoor':
      case 'archived':
      case 'archiveEnded': {
        const { reason, url, place } = result;
        const there = url === undefined ? {} : { url: addressOf(new URL(url).hostname, origin) };
        return refusal(reason, headers, undefined, { ...there, ...(place === undefined ? {} : { place }) });
      }
      case 'notActivated':
      case 'frozen':
      case 'passwordChangeRequired':
      case 'passwordExpired':
      case 'phoneRequired':
      case 'clientPasswordRequired':
        return refusal(result.reason, headers, undefined, result.url === undefined ? {} : { url: result.url });
      case 'limited': {
        const retryAfter = seconds(result.retryAfterMs ?? 60_000);
        return refusal('tooManyAttempts', { 'retry-after': retryAfter }, undefined, { retryAfter: Number(retryAfter) });
      }
      case 'unavailable':
        return refusal('unavailable', { 'retry-after': '5' }, undefined, { retryAfter: 5 });
    }
  }
}

/** RFC 7617 §2.1, RFC 6750 §3. Not to pages: the browser would ask its user for a password in a window of its own. */
function challengeFor(request: HttpRequest, takesTokens = false): NonNullable<HttpAnswer['headers']> {
  const isPage = request.header('sec-fetch-mode') !== undefined || request.header('x-requested-with') !== undefined;
  if (isPage) return {};
  const basic = 'Basic realm="campusmail", charset="UTF-8"';
  return { 'www-authenticate': takesTokens ? [basic, 'Bearer realm="campusmail", scope="jmap"'] : basic };
}

function readObject(octets: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(octets.toString());
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function readSignIn(
  body: Readonly<Record<string, unknown>>,
): { login: string; password: string; captcha: string; newPassword: string | undefined } | undefined {
  const { login, password, captcha = '', newPassword } = body;
  if (typeof login !== 'string' || typeof password !== 'string' || typeof captcha !== 'string') return undefined;
  if (newPassword !== undefined && typeof newPassword !== 'string') return undefined;
  return { login, password, captcha, newPassword };
}

/** RFC 7617 §2: in UTF-8, the login without a colon. */
function readBasic(authorization: string): { login: string; password: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]{1,2048}={0,2})$/i.exec(authorization)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

function describeSession(row: SessionRow, ownId: string): object {
  const { sessionId, createdAt, usedAt, address, agent } = row;
  return {
    id: sessionId,
    isCurrent: sessionId === ownId,
    createdAt: new Date(createdAt).toISOString(),
    usedAt: new Date(usedAt).toISOString(),
    address,
    userAgent: agent,
  };
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1000));
}
