/**
 * Labels are keywords (RFC 8621 §4.1.1): lower-case ASCII without `(){]%*"\`. The server keeps no names beside them, so a
 * keyword of ours says its label's name itself, and every device and every client of the account shows the same. Pure.
 */
import type { LabelView } from './model.ts';

/** Before the keywords that are labels of ours: others may be anything. */
const OURS = 'label:';

/** Colours of ui/avatar.css. */
export const COLOURS = 8;

/** What Thunderbird calls its five, by number. */
const THUNDERBIRD = /^\$label([1-5])$/;

/** Keywords without `$` that programs set for themselves. */
const NOBODYS = new Set(['junk', 'nonjunk', 'notjunk', 'forwarded', 'redirected', 'receipt-handled']);

/** Letters and digits as they are, everything else as `=` and two digits for each octet; that is ASCII and may stand in a keyword. */
export function keywordOf(name: string): string {
  const octets = new TextEncoder().encode(name.normalize('NFC').trim());
  return (
    OURS + Array.from(octets, (octet) => (isPlain(octet) ? String.fromCharCode(octet) : escapeOctet(octet))).join('')
  );
}

/** undefined: the keyword is nobody's label. */
export function labelOf(keyword: string): LabelView | undefined {
  const thunderbird = THUNDERBIRD.exec(keyword);
  if (thunderbird) return { keyword, name: `Label ${thunderbird[1]}`, colour: Number(thunderbird[1]) };
  if (keyword.startsWith('$') || NOBODYS.has(keyword)) return undefined;
  const name = keyword.startsWith(OURS) ? nameOf(keyword.slice(OURS.length)) : keyword;
  return { keyword, name, colour: colourOf(name) };
}

export function labelsOf(keywords: Readonly<Record<string, true>> | undefined): readonly LabelView[] {
  return Object.keys(keywords ?? {})
    .flatMap((keyword) => labelOf(keyword) ?? [])
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function nameOf(encoded: string): string {
  const octets = encoded.match(/=[0-9a-f]{2}|[^]/g) ?? [];
  return new TextDecoder().decode(
    Uint8Array.from(octets, (octet) =>
      octet.length === 3 ? Number.parseInt(octet.slice(1), 16) : octet.charCodeAt(0),
    ),
  );
}

/** The same for the same name wherever it is looked at. */
function colourOf(name: string): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % COLOURS;
}

/** a-z, 0-9 and `-`: what stays the same when keywords are folded to lower case. */
function isPlain(octet: number): boolean {
  return (octet >= 0x61 && octet <= 0x7a) || (octet >= 0x30 && octet <= 0x39) || octet === 0x2d;
}

function escapeOctet(octet: number): string {
  return `=${octet.toString(16).padStart(2, '0')}`;
}
