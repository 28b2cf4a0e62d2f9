/**
 * Decoders for the encodings that neither TextDecoder nor iconv-lite has: HZ (RFC 1843), ISO-2022-CN and
 * ISO-2022-CN-EXT (RFC 1922), ISO-2022-KR (RFC 1557) and EUC-TW. CNS 11643 is known for planes 1 and 2 only
 * (see cns11643.ts); the others come out as U+FFFD, one for each character.
 */
import { decodeCns } from './cns11643.ts';

const ESC = 0x1b;
const SHIFT_OUT = 0x0e;
const SHIFT_IN = 0x0f;

/** Turns seven-bit double-byte stretches into eight-bit ones, so that an EUC decoder can read the whole. */
export function raiseHz(octets: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(octets.length);
  let length = 0;
  let inGb = false;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!;
    const next = octets[i + 1];
    if (octet === 0x7e && !inGb) {
      if (next === 0x7b) inGb = true;
      else if (next === 0x7e) out[length++] = 0x7e;
      else if (next !== 0x0a) {
        out[length++] = octet;
        continue;
      }
      i++;
    } else if (octet === 0x7e && next === 0x7d) {
      inGb = false;
      i++;
    } else if (inGb && octet === 0x0a) {
      // RFC 1843: a line always starts in ASCII; `~}` was forgotten.
      inGb = false;
      out[length++] = octet;
    } else if (inGb && octet > 0x20 && next !== undefined && next > 0x20) {
      out[length++] = octet | 0x80;
      out[length++] = next | 0x80;
      i++;
    } else out[length++] = octet;
  }
  return out.subarray(0, length);
}

/** ISO-2022-KR as EUC-KR: one designation for the whole text, SO and SI switch. */
export function raiseIso2022Kr(octets: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(octets.length);
  let length = 0;
  let shifted = false;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!;
    if (octet === ESC && octets[i + 1] === 0x24 && octets[i + 2] === 0x29) i += 3;
    else if (octet === SHIFT_OUT) shifted = true;
    else if (octet === SHIFT_IN) shifted = false;
    else out[length++] = shifted && octet > 0x20 ? octet | 0x80 : octet;
  }
  return out.subarray(0, length);
}

type Plane = (first: number, second: number) => string;

const unknownPlane: Plane = () => '\ufffd';

let gbTable: string | undefined;

/** GB 2312 by a table of its 94 × 94 cells, a UTF-16 unit each. */
const gb: Plane = (first, second) => {
  if (gbTable === undefined) {
    const pairs = Buffer.alloc(94 * 94 * 2);
    for (let i = 0; i < 94 * 94; i++) pairs.writeUInt16BE(0xa1a1 + Math.floor(i / 94) * 256 + (i % 94), i * 2);
    gbTable = new TextDecoder('gb18030').decode(pairs);
  }
  return gbTable[(first - 0x21) * 94 + second - 0x21] ?? '\ufffd';
};

/** RFC 1922. SO ends with its line. */
export function decodeIso2022Cn(octets: Uint8Array): string {
  let text = '';
  let shifted = false;
  let shiftOutSet: Plane = gb;
  let singleShiftSet: Plane = unknownPlane;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!;
    if (octet === ESC) {
      const second = octets[i + 1];
      const third = octets[i + 2];
      const final = octets[i + 3] ?? 0;
      if (second === 0x24 && third === 0x29) {
        // ESC $ ) x designates what SO invokes: A GB 2312, G CNS plane 1, E ISO-IR-165 (a superset of GB 2312).
        shiftOutSet = final === 0x47 ? (a, b) => decodeCns(1, a, b) : gb;
        i += 3;
      } else if (second === 0x24 && third === 0x2a) {
        // ESC $ * H: CNS plane 2, reached by the single shift ESC N.
        singleShiftSet = final === 0x48 ? (a, b) => decodeCns(2, a, b) : unknownPlane;
        i += 3;
      } else if (second === 0x24 && third === 0x2b) {
        // ESC $ + I … M: CNS planes 3 to 7 by ESC O.
        i += 3;
      } else if ((second === 0x4e || second === 0x4f) && i + 3 < octets.length) {
        const plane = second === 0x4e ? singleShiftSet : unknownPlane;
        text += plane(octets[i + 2]! & 0x7f, octets[i + 3]! & 0x7f);
        i += 3;
      }
    } else if (octet === SHIFT_OUT) shifted = true;
    else if (octet === SHIFT_IN) shifted = false;
    else if (octet === 0x0a || octet === 0x0d) {
      shifted = false;
      text += String.fromCharCode(octet);
    } else if (shifted && octet > 0x20 && i + 1 < octets.length) text += shiftOutSet(octet & 0x7f, octets[++i]! & 0x7f);
    else text += octet < 0x80 ? String.fromCharCode(octet) : '\ufffd';
  }
  return text;
}

/** EUC-TW: A1–FE pairs are CNS plane 1; 8E A1…B0 gives the plane of the pair that follows. */
export function decodeEucTw(octets: Uint8Array): string {
  let text = '';
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!;
    if (octet < 0x80) text += String.fromCharCode(octet);
    else if (octet === 0x8e && i + 3 < octets.length) {
      text += decodeCns(octets[i + 1]! - 0xa0, octets[i + 2]! & 0x7f, octets[i + 3]! & 0x7f);
      i += 3;
    } else if (octet >= 0xa1 && i + 1 < octets.length) text += decodeCns(1, octet & 0x7f, octets[++i]! & 0x7f);
    else text += '\ufffd';
  }
  return text;
}
