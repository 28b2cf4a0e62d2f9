/** An OpenID provider for tests, that of oidc-provider: whoever comes is signed in and agrees. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export const OIDC_CLIENT = { id: 'campusmail', secret: 'a secret of the test' } as const;

export class OidcServer {
  readonly #server: Server = createServer();
  /** Whoever is signed in there, in every browser. */
  number = '20050012';

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo | null)?.port ?? 0}`;
  }

  /** From now on it answers, for the pages of one origin. */
  serve(origin: string): void {
    const oidc = new Provider(this.issuer, {
      clients: [
        {
          client_id: OIDC_CLIENT.id,
          client_secret: OIDC_CLIENT.secret,
          redirect_uris: [`${origin}/auth/sso/callback`],
          post_logout_redirect_uris: [`${origin}/`],
        },
      ],
      claims: { openid: ['sub', 'number'], profile: ['name'] },
      // In the token itself, as most providers have it.
      conformIdTokenClaims: false,
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, number: this.number, name: '张三' }) }),
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      pkce: { required: () => true },
      ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
      jwks: undefined,
      cookies: { keys: ['test'] },
    });
    const answer = oidc.callback();
    this.#server.on('request', (request, response) => {
      if (request.url?.startsWith('/interaction/') !== true) return void answer(request, response);
      void (async () => {
        const { params } = await oidc.interactionDetails(request, response);
        const grant = new oidc.Grant({ accountId: 'zhang', clientId: String(params['client_id']) });
        grant.addOIDCScope('openid profile');
        const result = { login: { accountId: 'zhang' }, consent: { grantId: await grant.save() } };
        await oidc.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
      })();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
