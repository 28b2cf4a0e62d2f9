/**
 * Looks for search keys in a message's text: decoded as people see it, folded, a piece at a time, so that neither a large
 * message nor many keys keep the other sessions waiting.
 */
import type { Turn } from '#imap/turn.ts';
import { extractText, type ExtractedText } from '#mime/body-text.ts';
import { decodeHeaderText } from '#mime/encoded-word.ts';
import { parseHeader } from '#mime/header.ts';
import { LIMITS } from '#mime/limits.ts';
import type { MimePart } from '#mime/structure.ts';
import { foldText } from '#search/fold.ts';
import type { TextKey } from './search-key.ts';

/** Characters folded and looked through at a time. */
const PIECE_CHARS = 64 * 1024;

/**
 * Enters into `verdicts` what the header says of `keys`: all of HEADER, and TEXT where it is found. `octets` is the
 * whole message.
 */
export async function findInHeader(
  octets: Buffer,
  structure: MimePart,
  keys: readonly TextKey[],
  verdicts: Map<TextKey, boolean>,
  turn: Turn,
): Promise<void> {
  const asked = keys.filter((key) => key.kind !== 'body');
  if (asked.length === 0) return;
  const readBytes = Math.min(structure.bodyStart, LIMITS.headerBytes + LIMITS.fieldBytes);
  const headers = parseHeader(octets.subarray(0, readBytes));
  const fields: { readonly name: string; readonly line: string }[] = [];
  for (const field of headers.fields) {
    const name = field.lowerName;
    fields.push({ name, line: `${name}: ${foldText(decodeHeaderText(headers.value(field)))}` });
    if (turn.isOver) await turn.pass();
  }
  for (const key of asked) {
    if (key.kind === 'header') {
      // RFC 9051 §6.4.4: with an empty text, the field only has to be there.
      const has = fields.some(({ name, line }) => name === key.name && line.includes(key.text, name.length + 2));
      verdicts.set(key, has);
    } else if (fields.some(({ line }) => line.includes(key.text))) {
      verdicts.set(key, true);
    }
    if (turn.isOver) await turn.pass();
  }
}

/** Enters into `verdicts` those of BODY, and of TEXT that is not there yet. */
export async function findInBody(
  octets: Buffer,
  structure: MimePart,
  keys: readonly TextKey[],
  verdicts: Map<TextKey, boolean>,
  turn: Turn,
): Promise<void> {
  const left = new Set<TextKey>();
  for (const key of keys) {
    if (key.kind === 'header' || verdicts.has(key)) continue;
    verdicts.set(key, key.text === '');
    if (key.text !== '') left.add(key);
  }
  const overlap = Math.max(0, ...Array.from(left, ({ text }) => text.length - 1));
  let last: ExtractedText | undefined;
  /** As it was read, and the end of what was looked through. */
  let waiting = '';
  let seen = '';
  const lookThrough = async (chars: number): Promise<void> => {
    const text = seen + foldText(waiting.slice(0, chars));
    waiting = waiting.slice(chars);
    for (const key of left) {
      if (text.includes(key.text)) {
        verdicts.set(key, true);
        left.delete(key);
      }
      if (turn.isOver) await turn.pass();
    }
    seen = overlap === 0 ? '' : text.slice(-overlap);
  };
  for (const extracted of extractText(octets, structure)) {
    if (last !== undefined && (extracted.part !== last.part || extracted.kind !== last.kind)) {
      await lookThrough(waiting.length);
      seen = '';
    }
    last = extracted;
    waiting += extracted.text;
    while (waiting.length > PIECE_CHARS && left.size > 0) await lookThrough(pieceEnd(waiting));
    if (left.size === 0) return;
    if (turn.isOver) await turn.pass();
  }
  await lookThrough(waiting.length);
}

/** At a blank if there is one, since what folds together must not be torn apart. */
function pieceEnd(text: string): number {
  const blank = text.lastIndexOf(' ', PIECE_CHARS);
  return blank > PIECE_CHARS / 2 ? blank : PIECE_CHARS;
}
