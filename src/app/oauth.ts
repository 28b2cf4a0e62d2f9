/** Letting programs in by tokens, put together for one protocol thread. */
import { isLoopback } from '#base/network-address.ts';
import { OAuth } from '#oauth/oauth.ts';
import type { WebSignIn } from '#signin/signin.ts';
import type { Routes } from './later-routes.ts';
import type { ThreadSystem } from './system.ts';

export function createOAuthRoutes(system: ThreadSystem, signIn: WebSignIn): Routes {
  const { config, grants, journal, audit, clock } = system;
  const oauth = new OAuth({
    grants,
    signIn,
    journal,
    audit,
    clock,
    allowPlaintext: (remoteAddress) => config.auth.plaintextOnLoopback && isLoopback(remoteAddress),
  });
  return { routes: oauth.routes(), upgrades: [] };
}
