/** Line ends between files (LF) and mail (CRLF), and the quoting of `From ` lines in an mbox. Knows no header. */

const LF = 10;
const CR = 13;
const GREATER = 62;
const FROM = Buffer.from('From ');

/** Every line end becomes CRLF. `unquote`: takes one `>` from lines of `>From ` (mboxrd). */
export function toCrlf(octets: Buffer, unquote = false): Buffer {
  let bare = 0;
  for (let at = octets.indexOf(LF); at !== -1; at = octets.indexOf(LF, at + 1)) {
    if (at === 0 || octets[at - 1] !== CR) bare++;
  }
  if (bare === 0 && !unquote) return octets;
  const out = Buffer.allocUnsafe(octets.length + bare);
  let length = 0;
  for (let start = 0; start < octets.length;) {
    const lineFeed = octets.indexOf(LF, start);
    const end = lineFeed === -1 ? octets.length : lineFeed;
    const from = unquote && isQuotedFrom(octets, start, end) ? start + 1 : start;
    length += octets.copy(out, length, from, end);
    if (lineFeed !== -1) {
      if (end === start || octets[end - 1] !== CR) out[length++] = CR;
      out[length++] = LF;
    }
    start = end + 1;
  }
  return out.subarray(0, length);
}

/** Every CRLF becomes LF; a CR by itself stays. `quote`: adds a `>` to lines of `From `, `>From ` … (mboxrd). */
export function toLf(octets: Buffer, quote = false): Buffer {
  const pieces: Buffer[] = [];
  const sign = Buffer.from('>');
  let kept = 0;
  for (let start = 0; start < octets.length;) {
    const lineFeed = octets.indexOf(LF, start);
    const end = lineFeed === -1 ? octets.length : lineFeed;
    if (quote && isFrom(octets, skipQuotes(octets, start, end), end)) {
      pieces.push(octets.subarray(kept, start), sign);
      kept = start;
    }
    if (lineFeed > start && octets[lineFeed - 1] === CR) {
      pieces.push(octets.subarray(kept, lineFeed - 1));
      kept = lineFeed;
    }
    start = end + 1;
  }
  if (pieces.length === 0) return octets;
  pieces.push(octets.subarray(kept));
  return Buffer.concat(pieces);
}

function isQuotedFrom(octets: Buffer, start: number, end: number): boolean {
  return octets[start] === GREATER && isFrom(octets, skipQuotes(octets, start, end), end);
}

function skipQuotes(octets: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && octets[at] === GREATER) at++;
  return at;
}

function isFrom(octets: Buffer, at: number, end: number): boolean {
  return end - at >= FROM.length && octets.compare(FROM, 0, FROM.length, at, at + FROM.length) === 0;
}
