/** Our cookies (RFC 6265): whose browser this is, and what it carries for us. */

/** `Lax`: also sent when another site leads the browser here; for what opens nothing. */
export type SameSite = 'Strict' | 'Lax';

/** `__Host-`: browsers take it only over TLS, for this host alone; no subdomain can put one there. */
function nameOf(isSecure: boolean, name: string): string {
  const whole = name === '' ? 'campusmail' : `campusmail-${name}`;
  return isSecure ? `__Host-${whole}` : whole;
}

/** Without TLS it goes in the clear: only where passwords may, too. */
export function formatCookie(
  token: string,
  {
    isSecure,
    maxAgeS,
    name = '',
    sameSite = 'Strict',
  }: {
    readonly isSecure: boolean;
    readonly maxAgeS: number;
    readonly name?: string;
    readonly sameSite?: SameSite;
  },
): string {
  return `${nameOf(isSecure, name)}=${token}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`;
}

export function endCookie(isSecure: boolean, name = ''): string {
  return formatCookie('', { isSecure, maxAgeS: 0, name });
}

/** The token, where there is one. */
export function readCookie(header: string | undefined, isSecure: boolean, name = ''): string | undefined {
  const start = `${nameOf(isSecure, name)}=`;
  const pair = header?.split(';').find((text) => text.trimStart().startsWith(start));
  return pair?.trim().slice(start.length);
}
