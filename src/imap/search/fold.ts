/** How texts are compared in searches: case, width and composition make no difference (RFC 9051 §6.4.4, RFC 5051's spirit). */

/** Two texts are the same to a search when their folded forms are. */
export function foldText(text: string): string {
  // ＡＢＣ and abc, ﬁ and fi, é composed or not; ß stays, as does everything beyond simple case.
  return (isAscii(text) ? text : text.normalize('NFKC')).toLowerCase();
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
