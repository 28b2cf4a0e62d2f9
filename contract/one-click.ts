/** Leaving a list by one click (RFC 8058), out of fields that a stranger wrote. Pure. */

/** RFC 8058 §3.2: what is posted, and what the field announces. */
export const ONE_CLICK = 'List-Unsubscribe=One-Click';

/** URLs of one field that are looked at; no list names more than a few. */
const MOST_URLS = 10;
/** Characters of one URL. */
const URL_LENGTH = 2_000;

/** Those of a List-Unsubscribe that may be used at all. RFC 3986 §2: all of a URL is ASCII; what is not might be read as another. */
export function plainUrls(urls: readonly string[]): readonly string[] {
  return urls.slice(0, MOST_URLS).filter((url) => url.length <= URL_LENGTH && /^[\x21-\x7E]+$/.test(url));
}

/** undefined: not by HTTPS. */
export function readHttpsUrl(text: string): URL | undefined {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  // A name before the host could be taken for it.
  return url.username === '' && url.password === '' ? url : undefined;
}

/** Where to post, by the values of List-Unsubscribe and List-Unsubscribe-Post; undefined: it is not offered. */
export function oneClickUrl(urls: readonly string[], post: string | null | undefined): URL | undefined {
  if (post?.trim().toLowerCase() !== ONE_CLICK.toLowerCase()) return undefined;
  // Another port is no list's, and lets nobody look for what listens there.
  return plainUrls(urls)
    .map(readHttpsUrl)
    .find((url) => url?.port === '');
}
