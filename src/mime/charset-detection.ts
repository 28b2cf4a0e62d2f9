/**
 * Guesses the charset of text that states none. Chinese text is the expected case. Works on octets alone;
 * canonical charset names in and out.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { LIMITS } from './limits.ts';

export interface DetectionHints {
  /** Canonical charset stated elsewhere in the message. */
  readonly sibling: string | undefined;
  /** BCP 47 locale of the readers. */
  readonly locale: string;
}

/** The charset of `octets`, or `fallback` when nothing fits better. Looks at the first few kilobytes. */
export function detectCharset(octets: Uint8Array, hints: DetectionHints, fallback: string): string {
  if (octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf) return 'utf-8';
  if (octets[0] === 0xff && octets[1] === 0xfe) return 'utf-16le';
  if (octets[0] === 0xfe && octets[1] === 0xff) return 'utf-16be';
  const sample = octets.length > LIMITS.detectionBytes ? octets.subarray(0, LIMITS.detectionBytes) : octets;
  if (isAscii(sample)) {
    if (isAscii(octets)) return detectSevenBit(sample, hints, fallback);
    return isUtf8Start(octets) ? 'utf-8' : detectTail(octets, hints, fallback);
  }
  if (isUtf8Start(octets)) return looksLikeGbInUtf8(sample, hints) ? 'gb18030' : 'utf-8';
  return detectMultibyte(sample, hints, fallback);
}

/** Where the first kilobytes are ASCII: looks from the first high octet on. */
function detectTail(octets: Uint8Array, hints: DetectionHints, fallback: string): string {
  let first = LIMITS.detectionBytes;
  while (first < octets.length && octets[first]! <= 0x7f) first++;
  return detectMultibyte(octets.subarray(first, first + LIMITS.detectionBytes), hints, fallback);
}

/** Whether octets are UTF-8, or the beginning of UTF-8 text that was cut inside a character. */
export function isUtf8Start(octets: Uint8Array): boolean {
  if (isUtf8(octets)) return true;
  for (let back = 1; back <= Math.min(3, octets.length - 1); back++) {
    const octet = octets[octets.length - back]!;
    if (octet < 0x80) return false;
    if (octet < 0xc0) continue;
    // A lead octet: the sequence is cut if it asks for more octets than there are.
    const length = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2;
    const whole = octets.subarray(0, octets.length - back);
    return length > back && isUtf8(whole) && !isAscii(whole);
  }
  return false;
}

function detectSevenBit(octets: Uint8Array, hints: DetectionHints, fallback: string): string {
  if (hints.sibling === 'hz' && octets.includes(0x7e)) return 'hz';
  for (let i = octets.indexOf(0x1b); i !== -1; i = octets.indexOf(0x1b, i + 1)) {
    if (octets[i + 1] !== 0x24) continue;
    const third = octets[i + 2];
    if (third === 0x40 || third === 0x42) return 'iso-2022-jp';
    if (third === 0x29) return octets[i + 3] === 0x43 ? 'iso-2022-kr' : 'iso-2022-cn';
  }
  return fallback;
}

/**
 * Whether valid UTF-8 is real: at least two three-octet sequences of the ranges of CJK, kana, Hangul or their
 * punctuation. GBK text that is also valid UTF-8 in this way is rare nonsense (涓枃).
 */
export function looksLikeUtf8Text(octets: Uint8Array): boolean {
  let found = 0;
  const end = Math.min(octets.length, 64 * 1024);
  for (let i = 0; i < end; i++) {
    const octet = octets[i]!;
    if (octet >= 0xe2 && octet <= 0xef && ++found === 2) return true;
    if (octet >= 0xf0 && ++found === 2) return true;
  }
  return false;
}

/**
 * The 联通 trap: the GBK octets of 学校, 学院, 通知, 系统 are valid UTF-8 made of two-octet sequences (ѧУ, ѧԺ, ֪ͨ, ϵͳ).
 * Such text is GB when its readers are Chinese or the rest of the message is GB. Genuine Cyrillic, Greek, Hebrew or
 * Arabic text of some length has second octets below A1 (р to я, σ to ω, א to ט, ل), which no GB 2312 character has.
 */
function looksLikeGbInUtf8(octets: Uint8Array, hints: DetectionHints): boolean {
  const siblingIsGb = hints.sibling === 'gb18030';
  if (hints.sibling === 'utf-8' || !(siblingIsGb || hints.locale.startsWith('zh'))) return false;
  let pairs = 0;
  let plainGb = 0;
  let western = 0;
  let besideLetter = false;
  for (let i = 0; i < octets.length; i++) {
    const lead = octets[i]!;
    if (lead < 0x80) continue;
    if (lead >= 0xe0) return false;
    const trail = octets[i + 1] ?? 0xa1;
    pairs++;
    if (trail >= 0xa1) plainGb++;
    // C2 to C5: U+0080 to U+017F, the accented letters of European languages.
    if (lead <= 0xc5) western++;
    if (isLetter(octets[i - 1]) || isLetter(octets[i + 2])) besideLetter = true;
    i++;
  }
  if (western === pairs) return siblingIsGb && !besideLetter && plainGb === pairs;
  return siblingIsGb || plainGb === pairs;
}

function isLetter(octet: number | undefined): boolean {
  return octet !== undefined && ((octet >= 0x41 && octet <= 0x5a) || (octet >= 0x61 && octet <= 0x7a));
}

/** Counts of a reading of octets as a double-byte charset. */
interface Reading {
  pairs: number;
  /** Characters of everyday text. */
  common: number;
  /** Pairs whose second octet is below 0x80. */
  lowTrail: number;
  /** Pairs alone between ASCII octets and touching a letter: the `öß` of Größe. */
  insideWord: number;
  malformed: number;
}

function readAsGb(octets: Uint8Array): Reading {
  const reading: Reading = { pairs: 0, common: 0, lowTrail: 0, insideWord: 0, malformed: 0 };
  for (let i = 0; i < octets.length; i++) {
    const lead = octets[i]!;
    if (lead < 0x80) continue;
    const trail = octets[i + 1];
    // The last character may be cut: that is the sample's end, not a fault.
    if (trail === undefined) break;
    if (lead === 0x80 || lead === 0xff) reading.malformed++;
    else if (trail >= 0x30 && trail <= 0x39) {
      const third = octets[i + 2] ?? 0x81;
      const fourth = octets[i + 3] ?? 0x30;
      if (third >= 0x81 && fourth >= 0x30 && fourth <= 0x39) {
        reading.pairs++;
        i += 3;
      } else reading.malformed++;
    } else if (trail >= 0x40 && trail !== 0x7f && trail !== 0xff) {
      reading.pairs++;
      if (trail < 0x80) reading.lowTrail++;
      // GB 2312: symbols in rows A1 to A9, Han characters in B0 to F7.
      else if (trail >= 0xa1 && ((lead >= 0xb0 && lead <= 0xf7) || (lead >= 0xa1 && lead <= 0xa9))) reading.common++;
      if (isInsideWord(octets[i - 1], octets[i + 2])) reading.insideWord++;
      i++;
    } else reading.malformed++;
  }
  return reading;
}

function isInsideWord(before = 0x20, after = 0x20): boolean {
  return before < 0x80 && after < 0x80 && (isLetter(before) || isLetter(after));
}

function readAsBig5(octets: Uint8Array): Reading {
  const reading: Reading = { pairs: 0, common: 0, lowTrail: 0, insideWord: 0, malformed: 0 };
  for (let i = 0; i < octets.length; i++) {
    const lead = octets[i]!;
    if (lead < 0x80) continue;
    const trail = octets[i + 1];
    if (trail === undefined) break;
    const trailFits = (trail >= 0x40 && trail <= 0x7e) || (trail >= 0xa1 && trail <= 0xfe);
    if (lead >= 0x81 && lead !== 0xff && trailFits) {
      reading.pairs++;
      if (trail < 0x80) reading.lowTrail++;
      // Level 1 (the 5,401 frequent characters) and symbols.
      if (lead >= 0xa1 && lead <= 0xc6) reading.common++;
      i++;
    } else reading.malformed++;
  }
  return reading;
}

function detectMultibyte(octets: Uint8Array, hints: DetectionHints, fallback: string): string {
  const { sibling } = hints;
  // A message in another script that leaves one field unlabelled writes that field alike.
  if (sibling !== undefined && !['utf-8', 'gb18030', 'us-ascii', 'windows-1252'].includes(sibling)) {
    if (sibling !== 'big5' || readAsBig5(octets).malformed === 0) return sibling;
  }
  const gb = readAsGb(octets);
  const big5 = readAsBig5(octets);
  const traditional = sibling === 'big5' || /^zh-(?:TW|HK|MO|Hant)/i.test(hints.locale);
  if (
    big5.malformed === 0 &&
    big5.common >= 0.8 * big5.pairs &&
    gb.common < 0.9 * gb.pairs &&
    sibling !== 'gb18030' &&
    (traditional || (big5.pairs >= 4 && big5.lowTrail >= 0.15 * big5.pairs))
  ) {
    return 'big5';
  }
  const enoughGb = sibling === 'gb18030' ? gb.pairs > 0 : gb.common > 0 && gb.common >= 0.5 * gb.pairs;
  if (enoughGb && gb.malformed <= 0.05 * gb.pairs && gb.insideWord <= 0.5 * gb.pairs) return 'gb18030';
  return fallback;
}
