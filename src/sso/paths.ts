/** Where single sign-on is found on the web, for whoever lists it before its code is loaded. */
import type { HttpRoute } from '#http/types.ts';

export const SSO_CALLBACK = '/auth/sso/callback';

/** The portal asks the first two; the third is our own page's. */
export const PORTAL_PATHS = {
  tickets: { method: 'POST', path: '/portal/tickets' },
  unread: { method: 'GET', path: '/portal/unread' },
  redeem: { method: 'POST', path: '/auth/portal' },
} as const satisfies Readonly<Record<string, Pick<HttpRoute, 'method' | 'path'>>>;

export const SSO_PATHS = [
  { method: 'GET', path: '/auth/sso/start' },
  { method: 'GET', path: SSO_CALLBACK },
  { method: 'POST', path: SSO_CALLBACK },
  { method: 'GET', path: '/auth/sso/pending' },
  { method: 'POST', path: '/auth/sso/link' },
  { method: 'POST', path: '/auth/sso/link-session' },
  { method: 'GET', path: '/auth/sso/sign-out' },
] as const satisfies readonly Pick<HttpRoute, 'method' | 'path'>[];
