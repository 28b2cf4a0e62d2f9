/** CAS as a way of single sign-on. */
import { readLogoutRequest } from './cas-answer.ts';
import { CasClient, type AskServer, type CasSettings } from './cas.ts';
import { SSO_LIMITS } from './limits.ts';
import type { SsoProvider } from './provider.ts';

/**
 * `hasState`: the page that a browser comes back to carries a random value, so that nobody can be signed in with a stranger's
 * ticket. Off only where the school's server wants that page's address letter for letter.
 */
export function createCasProvider(settings: CasSettings & { readonly hasState: boolean }, ask: AskServer): SsoProvider {
  const client = new CasClient(settings, ask);
  const serviceOf = (callback: string, state: string): string =>
    settings.hasState ? `${callback}?state=${encodeURIComponent(state)}` : callback;
  return {
    start: async (callback, { state }) => client.loginUrl(serviceOf(callback, state)),
    async finish(url, callback, { state }) {
      if (settings.hasState && url.searchParams.get('state') !== state)
        return { kind: 'refused', why: 'another state' };
      const ticket = url.searchParams.get('ticket') ?? '';
      const finding = await client.validate(ticket, serviceOf(callback, state));
      return finding.kind === 'known' ? { ...finding, sessionIndex: ticket } : finding;
    },
    logoutUrl: async (returnTo) => client.logoutUrl(returnTo),
    readLogout: (form) => readLogoutRequest((form.get('logoutRequest') ?? '').slice(0, SSO_LIMITS.logoutBytes)),
  };
}
