/**
 * Whether a request comes from our own pages. SameSite=Strict keeps the cookie from other sites already; a host of the
 * same campus is the same *site*, though, so the browser's own word on the origin is asked for as well.
 */
import type { HttpRequest } from '#http/types.ts';

/** Whether it changes nothing (RFC 9110 §9.2.1) and takes no connection over. */
export function isSafe(request: HttpRequest): boolean {
  return (request.method === 'GET' || request.method === 'HEAD') && request.header('upgrade') === undefined;
}

/** The browser says that another origin's page asks. */
export function isForeign(request: HttpRequest): boolean {
  const site = request.header('sec-fetch-site');
  // `none`: typed in or from a bookmark.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  const origin = request.header('origin');
  return origin !== undefined && origin !== request.origin;
}

/** The browser says that it is our own page that asks. */
export function isProvenOwn(request: HttpRequest): boolean {
  const site = request.header('sec-fetch-site');
  return site === undefined ? request.header('origin') === request.origin : site === 'same-origin';
}
