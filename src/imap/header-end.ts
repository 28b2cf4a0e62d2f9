/** Where a message's header section ends. */

const LF = 10;
const CR = 13;

/** One past the first empty line; -1 when that may lie beyond `octets`, which are the message's beginning or all of it. */
export function findHeaderEnd(octets: Buffer, isWhole: boolean): number {
  for (let line = 0; line < octets.length;) {
    if (octets[line] === LF) return line + 1;
    if (octets[line] === CR && octets[line + 1] === LF) return line + 2;
    const lf = octets.indexOf(LF, line);
    if (lf === -1) break;
    line = lf + 1;
  }
  return isWhole ? octets.length : -1;
}
