/** A page of ours as an address names it: where a browser is sent afterwards. Pure. */

/** UTF-16 units: it goes into a cookie. */
const LONGEST = 512;

/** The path and query of `next`; `/` for whatever is not a page of ours, or a link could send people elsewhere in our name. */
export function ownPage(next: string | null): string {
  if (next === null || next.length > LONGEST || !next.startsWith('/')) return '/';
  const url = URL.parse(next, 'http://here');
  // `//host` is elsewhere, and may be what is left of `/x/..//host`.
  const isOurs = url?.origin === 'http://here' && !url.pathname.startsWith('//');
  return isOurs ? url.pathname + url.search : '/';
}
