/** Where programs and our pages find what lets programs in, for whoever lists it before its code is loaded. */
import type { HttpRoute } from '#http/types.ts';

/** The page that asks the owner. */
export const AUTHORIZE_PATH = '/oauth/authorize';
export const METADATA_PATH = '/.well-known/oauth-authorization-server';

export const OAUTH_PATHS = [
  { method: 'GET', path: METADATA_PATH },
  { method: 'POST', path: '/oauth/token' },
  { method: 'POST', path: '/oauth/revoke' },
  { method: 'GET', path: '/auth/oauth/request' },
  { method: 'POST', path: '/auth/oauth/answer' },
  { method: 'GET', path: '/auth/oauth/grants' },
  { method: 'DELETE', path: '/auth/oauth/grants/:id' },
] as const satisfies readonly Pick<HttpRoute, 'method' | 'path'>[];
