/** Reads `[[oauth_client]]`: the programs that people may let in by a token instead of a password. */
import { findRedirectFault, GRANT_SCOPES, type GrantScope, type OAuthClient } from '#oauth/clients.ts';
import type { Setting } from './config.ts';

export const OAUTH_CLIENT_FIELDS = {
  id: { kind: 'text', default: '', about: 'The name by which the program asks (client_id).' },
  name: { kind: 'text', default: '', about: 'What people are told that it is called; empty: the id.' },
  redirects: {
    kind: 'texts',
    default: [],
    about:
      'Where its codes may be sent (redirect_uri), letter for letter: "http://127.0.0.1/path" (at any port), "org.example.program:/path" or "https://host/path".',
  },
  scopes: {
    kind: 'texts',
    default: [...GRANT_SCOPES],
    about:
      'What it may ask for at most: imap, pop, smtp, jmap, and offline_access (to go on when an hour is over, until it is revoked).',
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** The values of one table, checked and complete. */
export type OAuthClientTable = Readonly<Record<keyof typeof OAUTH_CLIENT_FIELDS, unknown>>;

/** The clients, or in words what is wrong with them. */
export function readOAuthClients(tables: readonly OAuthClientTable[]): readonly OAuthClient[] | string {
  const clients: OAuthClient[] = [];
  for (const table of tables) {
    const clientId = table.id as string;
    if (!/^[\w.~-]{1,100}$/.test(clientId)) return `id must be a word of letters, digits and -._~, not "${clientId}"`;
    if (clients.some((one) => one.clientId === clientId)) return `${clientId} is given twice`;
    const redirects = table.redirects as readonly string[];
    if (redirects.length === 0) return `${clientId}: redirects must name one address at least`;
    for (const redirect of redirects) {
      const fault = findRedirectFault(redirect);
      if (fault !== undefined) return `${clientId}: redirect "${redirect}" ${fault}`;
    }
    const words = table.scopes as readonly string[];
    const unknown = words.find((word) => !GRANT_SCOPES.includes(word as GrantScope));
    if (unknown !== undefined) return `${clientId}: there is no scope "${unknown}": ${GRANT_SCOPES.join(', ')}`;
    const scopes = GRANT_SCOPES.filter((scope) => words.includes(scope));
    clients.push({ clientId, title: (table.name as string) || clientId, redirects, scopes });
  }
  return clients;
}
