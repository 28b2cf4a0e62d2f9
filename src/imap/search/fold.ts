/** How texts are compared in searches: case, width and composition make no difference (RFC 9051 §6.4.4, RFC 5051's spirit). */

/** More marks on one letter than any script has (UAX #15 §13 says 30). Normalising sorts them, in quadratic time. */
const MARKS = /\p{M}{30}(?=\p{M})/gu;

/** Two texts are the same to a search when their folded forms are. Takes linear time. */
export function foldText(text: string): string {
  // ＡＢＣ and abc, ﬁ and fi, é composed or not; ß stays, as does everything beyond simple case.
  return (isAscii(text) ? text : makeStreamSafe(text).normalize('NFKC')).toLowerCase();
}

/** UAX #15 §13 Stream-Safe Text: a grapheme joiner between too many marks. */
function makeStreamSafe(text: string): string {
  return text.replace(MARKS, '$&\u034f');
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
