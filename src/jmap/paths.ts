/** Where JMAP is found on the web, for whoever lists it before its code is loaded. */
import type { HttpRoute } from '#http/types.ts';

export const JMAP_PATHS = [
  { method: 'GET', path: '/.well-known/jmap' },
  { method: 'GET', path: '/jmap/session' },
  { method: 'POST', path: '/jmap/api' },
  { method: 'POST', path: '/jmap/upload/:accountId' },
  { method: 'GET', path: '/jmap/download/:accountId/:blobId/:name' },
  { method: 'GET', path: '/jmap/events' },
] as const satisfies readonly Pick<HttpRoute, 'method' | 'path'>[];

export const JMAP_UPGRADES = ['/jmap/ws'] as const;
