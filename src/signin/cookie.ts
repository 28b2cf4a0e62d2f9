/** Our cookies (RFC 6265): whose browser this is, and how far it has come on its way to be somebody's. */

export type CookieName = 'campusmail' | 'campusmail-walk';

/** `__Host-`: browsers take it only over TLS, for this host alone; no subdomain can put one there. */
function nameOf(isSecure: boolean, name: CookieName): string {
  return isSecure ? `__Host-${name}` : name;
}

/** Without TLS it goes in the clear: only where passwords may, too. */
export function formatCookie(
  token: string,
  { isSecure, maxAgeS }: { readonly isSecure: boolean; readonly maxAgeS: number },
  name: CookieName = 'campusmail',
): string {
  return `${nameOf(isSecure, name)}=${token}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

export function endCookie(isSecure: boolean, name?: CookieName): string {
  return formatCookie('', { isSecure, maxAgeS: 0 }, name);
}

/** The token, where there is one. */
export function readCookie(
  header: string | undefined,
  isSecure: boolean,
  name: CookieName = 'campusmail',
): string | undefined {
  const start = `${nameOf(isSecure, name)}=`;
  const pair = header?.split(';').find((text) => text.trimStart().startsWith(start));
  return pair?.trim().slice(start.length);
}
