/** How one leaves a list, out of its List-Unsubscribe (RFC 2369 §3.2), which a stranger wrote. Pure. */

/** `letter`: by a letter to the list. `page`: on a page of its sender, which only the reader opens. */
export type Unsubscribing =
  | { readonly by: 'letter'; readonly to: string; readonly subject: string; readonly text: string }
  | { readonly by: 'page'; readonly url: string; readonly host: string };

/** URLs looked at; no list names more than a few. */
const MOST_URLS = 10;
/** Characters of one URL. */
const URL_LENGTH = 2_000;
/** Characters of what a letter says: a command, and what tells the subscriber. */
const SUBJECT_LENGTH = 200;
const TEXT_LENGTH = 1_000;

/** The first of `urls` that can be used; undefined: none. RFC 2369 §2: the list prefers what stands to the left. */
export function readUnsubscribe(urls: readonly string[]): Unsubscribing | undefined {
  for (const url of urls.slice(0, MOST_URLS)) {
    // RFC 3986 §2: all of a URL is ASCII. What is not might be read as another.
    if (url.length > URL_LENGTH || !/^[\x21-\x7E]+$/.test(url)) continue;
    const way = /^mailto:/i.test(url) ? readMailto(url.slice('mailto:'.length)) : readPage(url);
    if (way !== undefined) return way;
  }
  return undefined;
}

function readPage(text: string): Unsubscribing | undefined {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const { href, host, username, password } = new URL(text);
  // A name before the host could be taken for it.
  return username === '' && password === '' ? { by: 'page', url: href, host } : undefined;
}

/** RFC 6068 §2, with one recipient. §7: of its header fields only Subject and Body are taken. */
function readMailto(text: string): Unsubscribing | undefined {
  const [address, query] = splitAt(text, '?');
  const to = decode(address);
  if (to === undefined || !/^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z\d.-]{1,253}$/.test(to)) return undefined;
  const fields = new Map<string, string>();
  for (const field of query.split('&')) {
    const [name, value] = splitAt(field, '=');
    const decoded = decode(value);
    if (decoded === undefined) return undefined;
    fields.set(name.toLowerCase(), decoded);
  }
  const subject = withoutControls(fields.get('subject') ?? '').slice(0, SUBJECT_LENGTH);
  const lines = (fields.get('body') ?? '').split(/\r?\n/).map(withoutControls);
  return { by: 'letter', to, subject, text: lines.join('\n').slice(0, TEXT_LENGTH) };
}

/** undefined: not what an encoder writes. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Without what turns the direction of text, either. */
function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '');
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
