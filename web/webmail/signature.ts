/** Where a letter's signature stands, and how another takes its place. Letters and signatures: HTML as the editor writes it. Pure. */

/** RFC 3676 §4.3: by this line mail programs know where a signature begins. */
const DELIMITER = '<p>-- </p>';

/** A letter that has just begun, signed: above what it quotes, below where it is written. */
export function withSignature(body: string, signature: string): string {
  if (signature === '') return body;
  const written = '<p></p>';
  const rest = body.startsWith(written) ? body.slice(written.length) : body;
  return `${written}${DELIMITER}${signature}${rest}`;
}

/** A letter with the text of another before what it has, its signature and what it quotes. */
export function withTemplate(body: string, template: string): string {
  return `${template}${body.replace(/^(?:<p><\/p>)+/, '')}`;
}

/** Written from another address: its signature in place of the first one's, where that still stands as it was; else nothing is touched. */
export function changeSignature(body: string, from: string, to: string): string {
  if (from === '') {
    if (to === '') return body;
    const end = quoteStart(body);
    return `${body.slice(0, end)}${DELIMITER}${to}${body.slice(end)}`;
  }
  const at = body.indexOf(`${DELIMITER}${from}`);
  if (at === -1) return body;
  const end = at + DELIMITER.length + from.length;
  return `${body.slice(0, at)}${to === '' ? '' : DELIMITER + to}${body.slice(end)}`;
}

/** Where what is quoted begins, with the line above it; the end of a letter that quotes nothing there. */
function quoteStart(body: string): number {
  if (!/<\/blockquote>(?:<p><\/p>)?$/.test(body)) return body.length;
  const head = body.lastIndexOf('<p>', body.indexOf('<blockquote>'));
  return head === -1 ? body.length : head;
}
