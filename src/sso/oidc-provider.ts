/** OpenID Connect as a way of single sign-on: code flow with PKCE, state and nonce, as openid-client does it. */
import type * as Oidc from 'openid-client';
import { errorText, MailError } from '#base/errors.ts';
import { SSO_LIMITS } from './limits.ts';
import type { Finished, SsoProvider } from './provider.ts';

export interface OidcSettings {
  /** `https://id.example.edu/realms/campus`: its configuration is discovered there. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Beside `openid`. */
  readonly scopes: readonly string[];
  /** Claims that may hold 工号 or 学号: the first that is there counts. */
  readonly numberClaims: readonly string[];
  readonly nameClaims: readonly string[];
  /** Only for tests: an issuer without TLS. */
  readonly allowsInsecure?: boolean;
}

export function createOidcProvider(settings: OidcSettings): SsoProvider {
  // Loaded at the first sign-in, and discovered again after a failure.
  let discovered: Promise<{ oidc: typeof Oidc; config: Oidc.Configuration }> | undefined;
  const discover = () => {
    discovered ??= (async () => {
      const oidc = await import('openid-client');
      const { issuer, clientId, clientSecret, allowsInsecure } = settings;
      const config = await oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: SSO_LIMITS.answerMs / 1000,
        ...(allowsInsecure === true ? { execute: [oidc.allowInsecureRequests] } : {}),
      });
      return { oidc, config };
    })();
    discovered.catch(() => (discovered = undefined));
    return discovered;
  };
  const unavailable = (error: unknown): MailError =>
    new MailError('unavailable', 'the identity provider does not answer', { cause: error });

  return {
    async start(callback, { state, nonce, verifier }) {
      const { oidc, config } = await discover().catch((error: unknown) => {
        throw unavailable(error);
      });
      const url = oidc.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: ['openid', ...settings.scopes].join(' '),
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      return url.href;
    },

    async finish(url, callback, { state, nonce, verifier }): Promise<Finished> {
      let claims: Readonly<Record<string, unknown>> | undefined;
      try {
        const { oidc, config } = await discover();
        const here = new URL(callback);
        here.search = url.search;
        const tokens = await oidc.authorizationCodeGrant(config, here, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        claims = tokens.claims();
      } catch (error) {
        // What the browser brought was wrong, or their server was: a new sign-in mends the first.
        const isTheirs = error instanceof TypeError || (error as { code?: unknown }).code === 'OAUTH_TIMEOUT';
        return { kind: isTheirs ? 'unavailable' : 'refused', why: errorText(error) };
      }
      const find = (names: readonly string[]): string | undefined =>
        names
          .map((name) => claims?.[name])
          .find(
            (value): value is string =>
              typeof value === 'string' && value.trim() !== '' && value.length <= SSO_LIMITS.valueLength,
          )
          ?.trim();
      const number = find(settings.numberClaims);
      if (number === undefined) return { kind: 'unavailable', why: 'no claim holds a number' };
      const sid = claims?.['sid'];
      return {
        kind: 'known',
        subject: { number, name: find(settings.nameClaims) ?? '' },
        ...(typeof sid === 'string' ? { sessionIndex: sid } : {}),
      };
    },

    async logoutUrl(returnTo) {
      const { oidc, config } = await discover();
      if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(config, {
        post_logout_redirect_uri: returnTo,
        client_id: settings.clientId,
      }).href;
    },
  };
}
