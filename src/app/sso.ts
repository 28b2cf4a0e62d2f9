/** Single sign-on put together for one protocol thread. */
import { errorText } from '#base/errors.ts';
import { createCasProvider } from '#sso/cas-provider.ts';
import type { AskServer } from '#sso/cas.ts';
import { createOidcProvider } from '#sso/oidc-provider.ts';
import type { SsoProvider } from '#sso/provider.ts';
import { Sso } from '#sso/sso.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { Config } from './config.ts';
import { deriveSecret } from './secret.ts';
import type { ThreadSystem } from './system.ts';
import type { Routes } from './later-routes.ts';

export function createSsoRoutes(system: ThreadSystem, signIn: WebSignIn): Routes {
  const { config, directory, sessions, audit, clock, random, log, ssoStore } = system;
  const sso = new Sso({
    provider: openProvider(config.sso),
    store: ssoStore,
    key: deriveSecret(config.dataDir, 'single sign-on'),
    log: log.child({ listener: 'http' }),
    skipsSecondStep: config.sso.skipsSecondStep,
    audit,
    directory,
    signIn,
    sessions,
    clock,
    random,
  });
  return { routes: sso.routes(), upgrades: [] };
}

function openProvider(sso: Config['sso']): SsoProvider {
  if (sso.kind === 'oidc') {
    return createOidcProvider({
      issuer: sso.oidcIssuer,
      clientId: sso.oidcClientId,
      clientSecret: sso.oidcClientSecret,
      scopes: sso.oidcScopes,
      numberClaims: sso.numberAttributes,
      nameClaims: sso.nameAttributes,
      allowsInsecure: sso.oidcIssuer.startsWith('http:'),
    });
  }
  return createCasProvider(
    {
      baseUrl: sso.casUrl.replace(/\/$/, ''),
      loginPath: sso.casLoginPath,
      validatePath: sso.casValidatePath,
      logoutPath: sso.casLogoutPath,
      numberAttributes: sso.numberAttributes,
      nameAttributes: sso.nameAttributes,
      hasState: sso.casState,
    },
    askServer,
  );
}

/** The school's own server, wherever it stands, with a certificate that this machine trusts; it sends us nowhere else. */
export const askServer: AskServer = async (url, { maxOctets, timeoutMs }) => {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    const chunks: Uint8Array[] = [];
    let octets = 0;
    for await (const chunk of response.body ?? []) {
      octets += chunk.length;
      if (octets > maxOctets) return { failed: `more than ${maxOctets} octets` };
      chunks.push(chunk);
    }
    return { status: response.status, text: Buffer.concat(chunks).toString() };
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    return { failed: errorText(cause ?? error) };
  }
};
