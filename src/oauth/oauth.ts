/**
 * Letting programs in by tokens (RFC 6749, by code and PKCE alone, as RFC 9700 advises): the routes that programs ask, and those of our
 * pages that ask the owner and show what was given. What a grant is and when it ends is grants.ts's matter; who is signed in, signin/'s.
 */
import type { Audit } from '#audit/audit.ts';
import type { Clock } from '#base/clock.ts';
import { statusAnswer } from '#http/answers.ts';
import type { HttpAnswer, HttpRequest, HttpRoute } from '#http/types.ts';
import { answer, readJson, refusal } from '#signin/answers.ts';
import type { Journal } from '#signin/journal.ts';
import type { SessionRow } from '#signin/ports/session-store.ts';
import type { WebSignIn } from '#signin/signin.ts';
import { formatAnswer, readAuthorizationRequest, type ReadRequest } from './authorization-request.ts';
import { destinationOf, GRANT_SCOPES, readScopes, type OAuthClient } from './clients.ts';
import type { Exchanged, Grants } from './grants.ts';
import { OAUTH_LIMITS } from './limits.ts';
import { readParameters, type Parameters } from './parameters.ts';
import { AUTHORIZE_PATH, METADATA_PATH } from './paths.ts';
import type { GrantRow } from './ports/grant-store.ts';
import { challengeOf } from './tokens.ts';

/** RFC 6749 §5.2. */
type TokenError = 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type';

export interface OAuthParts {
  readonly grants: Grants;
  readonly signIn: WebSignIn;
  readonly journal: Pick<Journal, 'note'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly clock: Clock;
  /** Whether a token may come without TLS. */
  readonly allowPlaintext: (remoteAddress: string) => boolean;
}

export class OAuth {
  readonly #parts: OAuthParts;

  constructor(parts: OAuthParts) {
    this.#parts = parts;
  }

  routes(): readonly HttpRoute[] {
    const { signIn } = this.#parts;
    const own =
      (respond: (request: HttpRequest, session: SessionRow) => Promise<HttpAnswer>) =>
      async (request: HttpRequest): Promise<HttpAnswer> => {
        const session = await signIn.findSession(request);
        return 'status' in session ? session : respond(request, session);
      };
    return [
      { method: 'GET', path: METADATA_PATH, respond: ({ origin }) => answer(200, describeServer(origin)) },
      { method: 'POST', path: '/oauth/token', respond: (request) => this.#giveTokens(request) },
      { method: 'POST', path: '/oauth/revoke', respond: (request) => this.#revoke(request) },
      { method: 'GET', path: '/auth/oauth/request', respond: own((...given) => this.#showRequest(...given)) },
      { method: 'POST', path: '/auth/oauth/answer', respond: (request) => this.#answerRequest(request) },
      {
        method: 'GET',
        path: '/auth/oauth/grants',
        respond: own(async (_, { accountId }) => {
          const rows = await this.#parts.grants.list(accountId);
          return answer(200, { grants: rows.map((row) => this.#describeGrant(row)) });
        }),
      },
      {
        method: 'DELETE',
        path: '/auth/oauth/grants/:id',
        respond: own(async (request, { accountId, login }) => {
          const row = await this.#parts.grants.end(accountId, request.params['id'] ?? '');
          if (row === undefined) return statusAnswer(404);
          this.#tell({ ...row, login }, request, 'revoked');
          return { status: 204 };
        }),
      },
    ];
  }

  // Our pages

  /** What the page shows its owner; 400 with `error` where nobody can be asked, and `url`, where the program may be told so. */
  async #showRequest({ query, origin }: HttpRequest, { login }: SessionRow): Promise<HttpAnswer> {
    const read = readAuthorizationRequest(query.toString(), this.#parts.grants.clients);
    if (read.kind !== 'request') return refuseRequest(read, origin);
    const { client, scopes, redirectUri } = read.request;
    return answer(200, { client: client.title, scopes, login, destination: destinationOf(redirectUri) });
  }

  /**
   * The owner's answer, from our page alone: `url` is where the browser goes with it. To say yes lends the account to somebody, so
   * it wants a fresh proof, as a client password does.
   */
  async #answerRequest(request: HttpRequest): Promise<HttpAnswer> {
    const { clock, signIn, grants } = this.#parts;
    // Before the session is looked at: what ends that later, ends the grant.
    const provedAt = clock.now();
    const session = await signIn.findSession(request);
    if ('status' in session) return session;
    const { query, isAllowed } = await readJson(request, OAUTH_LIMITS.requestBytes);
    if (typeof query !== 'string' || typeof isAllowed !== 'boolean') return refusal('invalidRequest');
    const read = readAuthorizationRequest(query, grants.clients);
    if (read.kind !== 'request') return refuseRequest(read, request.origin);
    const { client, redirectUri, scopes, challenge } = read.request;
    if (!isAllowed) return answer(200, { url: formatAnswer(read.request, request.origin, { error: 'access_denied' }) });
    const unproven = await signIn.asksProof(request, session);
    if (unproven !== undefined) return unproven;
    const { accountId, login } = session;
    const { clientId } = client;
    const code = await grants.give({ accountId, login, clientId, redirectUri, challenge, scopes, provedAt });
    this.#tell({ accountId, login, clientId, scopes: scopes.join(' ') }, request, 'given');
    return answer(200, { url: formatAnswer(read.request, request.origin, { code }) });
  }

  #describeGrant({ grantId, clientId, scopes, createdAt, usedAt, usedFrom }: GrantRow): object {
    return {
      id: grantId,
      client: this.#titleOf(clientId),
      scopes: readScopes(scopes),
      createdAt: new Date(createdAt).toISOString(),
      usedAt: usedAt === null ? null : new Date(usedAt).toISOString(),
      usedFrom,
    };
  }

  // Programs

  /** RFC 6749 §4.1.3 and §6. */
  async #giveTokens(request: HttpRequest): Promise<HttpAnswer> {
    const asked = await this.#readForm(request);
    if ('status' in asked) return asked;
    const { form, client } = asked;
    const { grants } = this.#parts;
    const { clientId } = client;
    switch (form.get('grant_type')) {
      case 'authorization_code': {
        const code = form.get('code');
        const redirectUri = form.get('redirect_uri');
        const verifier = form.get('code_verifier');
        if (code === undefined || redirectUri === undefined || verifier === undefined)
          return refuseTokens('invalid_request');
        // What no verifier looks like fits no challenge.
        const challenge = challengeOf(verifier) ?? '';
        return this.#answerTokens(request, await grants.redeem(code, { clientId, redirectUri, challenge }));
      }
      case 'refresh_token': {
        const token = form.get('refresh_token');
        if (token === undefined) return refuseTokens('invalid_request');
        return this.#answerTokens(request, await grants.refresh(token, clientId));
      }
      case undefined:
        return refuseTokens('invalid_request');
      default:
        return refuseTokens('unsupported_grant_type');
    }
  }

  #answerTokens(request: HttpRequest, exchanged: Exchanged): HttpAnswer {
    if (exchanged.kind === 'ended') this.#tell(exchanged.grant, request, 'ended');
    if (exchanged.kind !== 'given') return refuseTokens('invalid_grant');
    const { grant, accessToken, refreshToken, expiresInMs } = exchanged.tokens;
    return answer(200, {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: Math.max(0, Math.floor(expiresInMs / 1000)),
      // What is asked for on refreshing is not heeded (RFC 6749 §3.3): it stays what the owner gave.
      scope: grant.scopes,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    });
  }

  /** RFC 7009 §2.2: the same answer whether or not there was such a token. */
  async #revoke(request: HttpRequest): Promise<HttpAnswer> {
    const asked = await this.#readForm(request);
    if ('status' in asked) return asked;
    const token = asked.form.get('token');
    if (token === undefined) return refuseTokens('invalid_request');
    const row = await this.#parts.grants.revoke(token, asked.client.clientId);
    if (row !== undefined) this.#tell(row, request, 'given back');
    return { status: 200 };
  }

  /** A form in the request's content, never in its address, of a client that we know. */
  async #readForm(
    request: HttpRequest,
  ): Promise<{ readonly form: Parameters; readonly client: OAuthClient } | HttpAnswer> {
    const { isSecure, remoteAddress, query } = request;
    if (!isSecure && !this.#parts.allowPlaintext(remoteAddress)) return refuseTokens('invalid_request');
    const isForm = /^application\/x-www-form-urlencoded(?:$|\s*;)/i.test(request.header('content-type') ?? '');
    if (!isForm || query.size > 0) return refuseTokens('invalid_request');
    const text = (await request.readBody(OAUTH_LIMITS.requestBytes)).toString();
    const form = readParameters(new URLSearchParams(text));
    if (form === undefined) return refuseTokens('invalid_request');
    const client = this.#parts.grants.clients.get(form.get('client_id') ?? '');
    return client === undefined ? refuseTokens('invalid_client') : { form, client };
  }

  // What becomes known of it

  #titleOf(clientId: string): string {
    return this.#parts.grants.clients.get(clientId)?.title ?? clientId;
  }

  /** `login`: who does it. `given back`: by the program that has it. `ended`: by a code or refresh token that came twice. */
  #tell(
    { accountId, login, clientId, scopes }: Pick<GrantRow, 'accountId' | 'login' | 'clientId' | 'scopes'>,
    request: HttpRequest,
    how: 'given' | 'revoked' | 'given back' | 'ended',
  ): void {
    const { journal, audit } = this.#parts;
    const { remoteAddress: address } = request;
    const outcome = how === 'given' ? 'ok' : how === 'ended' ? how : 'revoked';
    journal.note({ accountId, protocol: 'oauth', address, agent: this.#titleOf(clientId), outcome });
    audit.record({
      action: 'identity.grant',
      actor: how === 'ended' ? { kind: 'system', name: 'oauth' } : { kind: 'account', accountId, name: login },
      accountId,
      subject: login,
      via: 'web',
      remoteAddress: address,
      detail: { how, client: clientId, scopes },
    });
  }
}

/** RFC 8414 §2, of the host that was asked. */
function describeServer(issuer: string): object {
  return {
    issuer,
    authorization_endpoint: issuer + AUTHORIZE_PATH,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/revoke`,
    scopes_supported: GRANT_SCOPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    // RFC 9207 §3.
    authorization_response_iss_parameter_supported: true,
    ui_locales_supported: ['zh-CN', 'en'],
  };
}

/**
 * The page tells people why. Nobody is sent on by itself: RFC 9700 §4.11.2, whoever follows a link of ours with a fault made on purpose
 * shall not find themselves elsewhere.
 */
function refuseRequest(read: Exclude<ReadRequest, { readonly kind: 'request' }>, origin: string): HttpAnswer {
  const { error } = read;
  return answer(
    400,
    read.kind === 'refused' ? { error, url: formatAnswer(read.back, origin, { error: read.error }) } : { error },
  );
}

function refuseTokens(error: TokenError): HttpAnswer {
  return answer(error === 'invalid_client' ? 401 : 400, { error });
}
