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
/** White space, and the invisible fillers that newsletters put into their hidden first line. A lone blank is one already. */
const BLANKS = /[\u034f\s\u00a0\u00ad\u200b-\u200d\u2060\ufeff]{2,}|[^\S ]|[\u034f\u00ad\u200b-\u200d\u2060]/g;
/** One write at a time, so that a long document is left early. */
const CHUNK_CHARS = 4096;

/** The text of an HTML document; blocks on lines of their own, white space folded, entities decoded. */
export function htmlToText(html: string, options: HtmlTextOptions = {}): string {
  const maxChars = options.maxChars ?? Number.POSITIVE_INFINITY;
  let out = '';
  for (const piece of htmlTextPieces(html)) {
    out += piece;
    if (out.length >= maxChars) return out.slice(0, maxChars);
  }
  return out;
}

/** The same in small pieces as they are read, so that others may have their turn; a piece may end anywhere in a word. */
export function* htmlTextPieces(html: string): Generator<string> {
  let out = '';
  let isFirst = true;
  /** What separates the next text from the last: nothing, a blank, or a line end. */
  let gap: '' | ' ' | '\n' = '';
  let hidden = '';
  let tagName = '';
  /** Text not yet added: a `<` that begins nothing cuts a text in two, and hostile ones are made of these. */
  let runStart = 0;
  let runEnd = 0;

  const add = (text: string): void => {
    const words = text.replace(BLANKS, ' ');
    if (words === ' ') {
      if (gap === '') gap = ' ';
      return;
    }
    const start = words.startsWith(' ') ? 1 : 0;
    const end = words.endsWith(' ') ? words.length - 1 : words.length;
    if (start === 1 && gap === '') gap = ' ';
    if (!isFirst) out += gap;
    isFirst = false;
    out += words.slice(start, end);
    gap = end < words.length ? ' ' : '';
  };
  const endRun = (): void => {
    if (runEnd > runStart && hidden === '') add(html.slice(runStart, runEnd));
    runStart = runEnd;
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
      ontext(start, end) {
        if (start !== runEnd) {
          endRun();
          runStart = start;
        }
        runEnd = end;
      },
      ontextentity(codepoint) {
        endRun();
        if (hidden === '') add(String.fromCodePoint(codepoint));
      },
      onopentagname(start, end) {
        endRun();
        tagName = html.slice(start, Math.min(end, start + 20)).toLowerCase();
      },
      onopentagend: () => open(tagName),
      onselfclosingtag() {
        open(tagName);
        // `<svg/>` hides nothing.
        if (hidden === tagName && tagName === 'svg') hidden = '';
      },
      onclosetag(start, end) {
        endRun();
        close(html.slice(start, Math.min(end, start + 20)).toLowerCase());
      },
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
  for (let start = 0; start < html.length; start += CHUNK_CHARS) {
    tokenizer.write(html.slice(start, start + CHUNK_CHARS));
    endRun();
    yield out;
    out = '';
  }
  tokenizer.end();
  endRun();
  if (out !== '') yield out;
}
