/**
 * HTML to plain text, for previews and searching. Not for display: nothing here makes HTML safe. Works on tokens
 * without a tree, so that nesting costs nothing.
 */
import { Tokenizer } from 'htmlparser2';

export interface HtmlTextOptions {
  /** Reading stops once so many characters of text were found. */
  readonly maxChars?: number;
}

/** Elements whose content nobody sees. */
const HIDDEN = new Set([
  'script',
  'style',
  'head',
  'title',
  'template',
  'noscript',
  'object',
  'svg',
  'math',
  'select',
  'textarea',
]);
/** Of these an end tag is certain to come, or the tokenizer itself ends them. */
const INLINE = new Set([
  'a',
  'abbr',
  'acronym',
  'b',
  'bdi',
  'bdo',
  'big',
  'cite',
  'code',
  'data',
  'del',
  'dfn',
  'em',
  'font',
  'i',
  'img',
  'ins',
  'kbd',
  'label',
  'mark',
  'nobr',
  'o:p',
  'q',
  'rp',
  'rt',
  'ruby',
  's',
  'samp',
  'small',
  'span',
  'strike',
  'strong',
  'sub',
  'sup',
  'tt',
  'u',
  'var',
  'wbr',
]);
const CELLS = new Set(['td', 'th']);
/** White space, and the invisible fillers that newsletters put into their hidden first line. */
const BLANKS = /(?:[\s\u00a0\u00ad\u2060\ufeff]|\u034f|\u200b|\u200c|\u200d)+/g;
/** One write at a time, so that a long document is left early. */
const CHUNK_CHARS = 4096;

/** The text of an HTML document; blocks on lines of their own, white space folded, entities decoded. */
export function htmlToText(html: string, options: HtmlTextOptions = {}): string {
  const maxChars = options.maxChars ?? Number.POSITIVE_INFINITY;
  let out = '';
  /** What separates the next text from the last: nothing, a blank, or a line end. */
  let gap: '' | ' ' | '\n' = '';
  let hidden = '';
  let tagName = '';

  const add = (text: string): void => {
    if (hidden !== '' || out.length >= maxChars) return;
    const words = text.replace(BLANKS, ' ');
    if (words === '') return;
    if (words === ' ') {
      if (gap === '') gap = ' ';
      return;
    }
    if (words.startsWith(' ') && gap === '') gap = ' ';
    if (out !== '') out += gap;
    out += words.trim();
    gap = words.endsWith(' ') ? ' ' : '';
  };
  const open = (name: string): void => {
    if (hidden !== '') {
      // A body ends a head that was never closed.
      if (name === 'body' && hidden === 'head') hidden = '';
      return;
    }
    if (HIDDEN.has(name)) hidden = name;
    else if (CELLS.has(name)) gap = gap === '\n' ? gap : ' ';
    else if (!INLINE.has(name)) gap = '\n';
  };
  const close = (name: string): void => {
    if (hidden !== '') {
      if (name === hidden) hidden = '';
      return;
    }
    if (!INLINE.has(name) && !CELLS.has(name)) gap = '\n';
  };

  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => add(html.slice(start, end)),
      ontextentity: (codepoint) => add(String.fromCodePoint(codepoint)),
      onopentagname: (start, end) => {
        tagName = html.slice(start, Math.min(end, start + 20)).toLowerCase();
      },
      onopentagend: () => open(tagName),
      onselfclosingtag: () => {
        open(tagName);
        // `<svg/>` hides nothing.
        if (hidden === tagName && tagName === 'svg') hidden = '';
      },
      onclosetag: (start, end) => close(html.slice(start, Math.min(end, start + 20)).toLowerCase()),
      onattribdata() {},
      onattribentity() {},
      onattribend() {},
      onattribname() {},
      oncdata() {},
      oncomment() {},
      ondeclaration() {},
      onend() {},
      onprocessinginstruction() {},
    },
  );
  for (let start = 0; start < html.length && out.length < maxChars; start += CHUNK_CHARS) {
    tokenizer.write(html.slice(start, start + CHUNK_CHARS));
  }
  if (out.length < maxChars) tokenizer.end();
  return out.slice(0, maxChars === Number.POSITIVE_INFINITY ? undefined : maxChars);
}
