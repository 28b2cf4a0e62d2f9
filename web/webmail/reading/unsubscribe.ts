/** How one leaves a list, out of its List-Unsubscribe (RFC 2369 §3.2), which a stranger wrote. Pure. */
import { oneClickUrl, plainUrls, readHttpsUrl } from '#contract/one-click.ts';
import { decode, withoutControls } from '#web/webmail/mailto.ts';

/** `letter`: by a letter to the list. `page`: on a page of its sender, which only the reader opens. */
export type UnsubscribingSelf =
  | { readonly by: 'letter'; readonly to: string; readonly subject: string; readonly text: string }
  | { readonly by: 'page'; readonly url: string; readonly host: string };

/** `oneClick`: our server tells the sender's `host`, if it finds that the sender has signed for that (RFC 8058); else as in `otherwise`. */
export type Unsubscribing =
  | UnsubscribingSelf
  | { readonly by: 'oneClick'; readonly host: string; readonly otherwise: UnsubscribingSelf };
/** Characters of what a letter says: a command, and what tells the subscriber. */
const SUBJECT_LENGTH = 200;
const TEXT_LENGTH = 1_000;

/**
 * The first of `urls` that can be used; undefined: none. RFC 2369 §2: the list prefers what stands to the left. `post`: the
 * value of List-Unsubscribe-Post.
 */
export function readUnsubscribe(urls: readonly string[], post?: string | null): Unsubscribing | undefined {
  const otherwise = plainUrls(urls)
    .map((url) => (/^mailto:/i.test(url) ? readMailto(url.slice('mailto:'.length)) : readPage(url)))
    .find((way) => way !== undefined);
  const oneClick = oneClickUrl(urls, post);
  return otherwise && oneClick ? { by: 'oneClick', host: oneClick.host, otherwise } : otherwise;
}

function readPage(text: string): UnsubscribingSelf | undefined {
  const url = readHttpsUrl(text);
  return url && { by: 'page', url: url.href, host: url.host };
}

/** RFC 6068 §2, with one recipient. §7: of its header fields only Subject and Body are taken. */
function readMailto(text: string): UnsubscribingSelf | undefined {
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

function splitAt(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
