/** Keywords and the flags that mailbox files have for them: mbox's Status letters, Maildir's info letters. */
import { toKeywords } from '#mail/keywords.ts';
import { FLAG, SYSTEM_KEYWORDS } from '#mail/types.ts';

/** https://cr.yp.to/proto/maildir.html; T (trashed) is \Deleted and no keyword. Letters in the order names need. */
const MAILDIR: readonly (readonly [letter: string, keyword: string])[] = [
  ['D', '$draft'],
  ['F', '$flagged'],
  ['P', '$forwarded'],
  ['R', '$answered'],
  ['S', '$seen'],
];

export interface Flags {
  readonly keywords: readonly string[];
  readonly deleted: boolean;
}

/** `info` is what follows `:2,`; `names` what its small letters stand for (Dovecot's `dovecot-keywords`). */
export function readMaildirFlags(info: string, names: ReadonlyMap<string, string>): Flags {
  const keywords = new Set<string>();
  for (const [letter, keyword] of MAILDIR) if (info.includes(letter)) keywords.add(keyword);
  for (const letter of info.match(/[a-z]/g) ?? []) {
    const name = names.get(letter);
    if (name !== undefined) keywords.add(name);
  }
  return { keywords: toKeywords(keywords), deleted: info.includes('T') };
}

export function formatMaildirFlags({ keywords, deleted }: Flags, letterOf: (keyword: string) => string): string {
  const letters = keywords.map((keyword) => MAILDIR.find((entry) => entry[1] === keyword)?.[0] ?? letterOf(keyword));
  if (deleted) letters.push('T');
  return letters.toSorted().join('');
}

/** From the values of Status, X-Status and X-Keywords. */
export function readMboxFlags(status: string, xStatus: string, xKeywords: string): Flags {
  const letters = (status + xStatus).toUpperCase();
  const keywords = new Set<string>(xKeywords.split(/\s+/));
  if (letters.includes('R')) keywords.add('$seen');
  if (letters.includes('A')) keywords.add('$answered');
  if (letters.includes('F')) keywords.add('$flagged');
  if (letters.includes('T')) keywords.add('$draft');
  return { keywords: toKeywords(keywords), deleted: letters.includes('D') };
}

/** Header lines for an mbox, with LF. */
export function formatMboxFlags({ keywords, deleted }: Flags): string {
  const has = (keyword: string): boolean => keywords.includes(keyword);
  const xStatus =
    (has('$answered') ? 'A' : '') + (has('$flagged') ? 'F' : '') + (has('$draft') ? 'T' : '') + (deleted ? 'D' : '');
  const others = keywords.filter((keyword) => !['$seen', '$answered', '$flagged', '$draft'].includes(keyword));
  return (
    `Status: ${has('$seen') ? 'RO' : 'O'}\n` +
    (xStatus === '' ? '' : `X-Status: ${xStatus}\n`) +
    (others.length === 0 ? '' : `X-Keywords: ${others.join(' ')}\n`)
  );
}

/** Thunderbird's X-Mozilla-Status, four hexadecimal digits. `expunged`: deleted, though its octets are still there. */
export function readMozillaStatus(value: string): { readonly keywords: readonly string[]; readonly expunged: boolean } {
  const bits = /^[0-9a-f]{1,8}$/i.test(value) ? parseInt(value, 16) : 0;
  const keywords = [
    ...(bits & 0x0001 ? ['$seen'] : []),
    ...(bits & 0x0002 ? ['$answered'] : []),
    ...(bits & 0x0004 ? ['$flagged'] : []),
    ...(bits & 0x1000 ? ['$forwarded'] : []),
  ];
  return { keywords, expunged: (bits & 0x0008) !== 0 };
}

/** An Email's keywords and one entry's \Deleted, from stored bits. */
export function flagsOf(bits: number, others: readonly string[]): Flags {
  const keywords = [...SYSTEM_KEYWORDS.filter((_, i) => (bits & (1 << i)) !== 0), ...others];
  return { keywords, deleted: (bits & FLAG.DELETED) !== 0 };
}
