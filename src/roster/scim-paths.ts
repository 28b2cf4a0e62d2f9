/** Where SCIM is to be found; its code is loaded when somebody asks. */
import type { HttpRoute } from '#http/types.ts';

export const SCIM_BASE = '/scim/v2';

export const SCIM_PATHS: readonly Pick<HttpRoute, 'method' | 'path'>[] = [
  { method: 'GET', path: `${SCIM_BASE}/ServiceProviderConfig` },
  { method: 'GET', path: `${SCIM_BASE}/ResourceTypes` },
  { method: 'GET', path: `${SCIM_BASE}/Schemas` },
  { method: 'GET', path: `${SCIM_BASE}/Users` },
  { method: 'POST', path: `${SCIM_BASE}/Users` },
  { method: 'GET', path: `${SCIM_BASE}/Users/:id` },
  { method: 'PUT', path: `${SCIM_BASE}/Users/:id` },
  { method: 'PATCH', path: `${SCIM_BASE}/Users/:id` },
  { method: 'DELETE', path: `${SCIM_BASE}/Users/:id` },
];
