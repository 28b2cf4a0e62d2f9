/** A plain letter as it is drawn: links found, and the letter quoted at its end apart. Pure. */

export type Segment = { readonly text: string; readonly url?: string };

/** Up to what ends an address in running text, Chinese punctuation as well. */
const URL_IN_TEXT = /https?:\/\/[^\s<>"'`，。；：、！？（）【】《》“”‘’\u3000]+/giu;

export function segmentsOf(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let at = 0;
  for (const match of text.matchAll(URL_IN_TEXT)) {
    // A full stop or bracket at the end belongs to the sentence.
    let end = match[0].length;
    while ('.,;:!?)]}'.includes(match[0].charAt(end - 1))) end--;
    const url = match[0].slice(0, end);
    if (!URL.canParse(url)) continue;
    if (match.index > at) segments.push({ text: text.slice(at, match.index) });
    segments.push({ text: url, url });
    at = match.index + url.length;
  }
  if (at < text.length) segments.push({ text: text.slice(at) });
  return segments;
}

/** What a letter says, and the quoted lines at its end ('' where there are none). A letter of quotes alone is not folded away. */
export function splitQuoted(text: string): { readonly said: string; readonly quoted: string } {
  const lines = text.trimEnd().split('\n');
  let from = lines.length;
  while (from > 0 && /^(?:>|\s*$)/.test(lines[from - 1] ?? '')) from--;
  const quoted = lines.slice(from).join('\n').trim();
  if (quoted === '' || from === 0) return { said: text.trimEnd(), quoted: '' };
  return { said: lines.slice(0, from).join('\n').trimEnd(), quoted };
}
