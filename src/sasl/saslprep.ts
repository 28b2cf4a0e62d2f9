/**
 * How passwords are made comparable before they are hashed or checked: SASLprep (RFC 4013), with two things of its
 * successor OpaqueString (RFC 8265 §4.2) where the old tables would refuse what people type today: unassigned code
 * points (Unicode 3.2 knows no emoji) and mixed writing directions are allowed.
 */

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** RFC 3454 C.1.2. */
const NON_ASCII_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
/** RFC 3454 B.1: soft hyphen, joiners, variation selectors and so on. */
// eslint-disable-next-line no-misleading-character-class -- a set of code points, not of characters as seen
const MAPPED_TO_NOTHING = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/g;
/** RFC 3454 C.2.1 to C.9: control, private use, surrogates, non-characters, tagging, display-changing. */
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u0340\u0341\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u;

/** The comparable form, or undefined when the text holds what no password may hold. Cost is linear in its length. */
export function prepareString(text: string): string | undefined {
  if (PRINTABLE_ASCII.test(text)) return text;
  const prepared = text.replace(NON_ASCII_SPACE, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
  return PROHIBITED.test(prepared) ? undefined : prepared;
}
