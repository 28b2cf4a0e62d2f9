/** How mail for a destination leaves: straight to its servers, or by way of a relay that the settings name. */
import type { SaslCredential } from '#sasl/client.ts';

export interface Relay {
  /** A name, or a numeric address. */
  readonly host: string;
  readonly port: number;
}

export interface Route {
  /** Domains in lower case; `*.example.org` for all below it; `*` for all that no other route names. */
  readonly domains: readonly string[];
  /** In the order to try. Empty: straight to the destination's own servers. */
  readonly relays: readonly Relay[];
  readonly credential?: SaslCredential;
  /** `required`: encrypted, to a server that proves its name. `tls`: from the first octet, likewise proven. */
  readonly security: 'opportunistic' | 'required' | 'tls';
  /** Numeric address of ours to come from. */
  readonly localAddress?: string;
}

export const DIRECT: Route = { domains: ['*'], relays: [], security: 'opportunistic' };

/** The route that names the domain most closely. */
export function findRoute(routes: readonly Route[], destination: string): Route {
  let name = destination;
  for (let isWhole = true; ; isWhole = false) {
    const wanted = isWhole ? name : `*.${name}`;
    const found = routes.find(({ domains }) => domains.includes(wanted));
    if (found !== undefined) return found;
    const dot = name.indexOf('.');
    if (dot === -1) break;
    name = name.slice(dot + 1);
  }
  return routes.find(({ domains }) => domains.includes('*')) ?? DIRECT;
}
