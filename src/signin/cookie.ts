/** The one cookie (RFC 6265): whose browser this is. */

/** `__Host-`: browsers take it only over TLS, for this host alone; no subdomain can put one there. */
function nameOf(isSecure: boolean): string {
  return isSecure ? '__Host-campusmail' : 'campusmail';
}

/** Without TLS it goes in the clear: only where passwords may, too. */
export function formatCookie(
  token: string,
  { isSecure, maxAgeS }: { readonly isSecure: boolean; readonly maxAgeS: number },
): string {
  return `${nameOf(isSecure)}=${token}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}

export function endCookie(isSecure: boolean): string {
  return formatCookie('', { isSecure, maxAgeS: 0 });
}

/** The token, where there is one. */
export function readCookie(header: string | undefined, isSecure: boolean): string | undefined {
  const start = `${nameOf(isSecure)}=`;
  const pair = header?.split(';').find((text) => text.trimStart().startsWith(start));
  return pair?.trim().slice(start.length);
}
