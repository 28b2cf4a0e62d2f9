/** Sets of sequence numbers or uids (RFC 9051 §9 sequence-set): read into ranges, resolved against what a session was told. */
import { MailError } from '#base/errors.ts';
import type { UidList } from '#mail/uid-list.ts';

/** The `*` of a range: the largest number in use. */
const LAST = Number.POSITIVE_INFINITY;

/** `low, high, low, high, …`, each pair as the client wrote it, in order of size; `$` (RFC 9051 §6.4.4.1) is `'saved'`. */
export type SequenceSet = readonly number[] | 'saved';

/** Pairs [start, end) of positions in a UidList, ascending and apart. */
export type Positions = readonly number[];

/** Throws `invalid`. */
export function parseSequenceSet(text: string): SequenceSet {
  if (text === '$') return 'saved';
  const ranges: number[] = [];
  for (const piece of text.split(',')) {
    const colon = piece.indexOf(':');
    const low = parseNumber(colon === -1 ? piece : piece.slice(0, colon));
    const high = colon === -1 ? low : parseNumber(piece.slice(colon + 1));
    ranges.push(Math.min(low, high), Math.max(low, high));
  }
  return ranges;
}

function parseNumber(text: string): number {
  if (text === '*') return LAST;
  const value = /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : 0;
  if (value === 0 || value > 0xffff_ffff) throw new MailError('invalid', 'not a message set');
  return value;
}

/** RFC 9051 §6.4.4.1: what `$` stands for, as positions. */
export function positionsOf(uids: readonly number[], told: UidList): Positions {
  const positions: number[] = [];
  for (const uid of uids) {
    const at = told.indexOf(uid);
    if (at < 0) continue;
    if (positions.at(-1) === at) positions[positions.length - 1] = at + 1;
    else positions.push(at, at + 1);
  }
  return positions;
}

/** The lowest number in the set. */
export function lowestOf(ranges: readonly number[]): number {
  let lowest = LAST;
  for (const number of ranges) lowest = Math.min(lowest, number);
  return lowest;
}

/** Positions of the uids in the set; those that do not exist are left out (RFC 9051 §6.4.9). */
export function resolveUids(ranges: readonly number[], told: UidList): Positions {
  const pairs: [number, number][] = [];
  if (told.length === 0) return [];
  for (let i = 0; i < ranges.length; i += 2) {
    // `*` is the largest uid, so that `559:*` names the last message even if its uid is below 559 (RFC 9051 §6.4.9).
    const a = ranges[i] === LAST ? told.last : (ranges[i] as number);
    const b = ranges[i + 1] === LAST ? told.last : (ranges[i + 1] as number);
    const start = told.lowerBound(Math.min(a, b));
    const end = told.lowerBound(Math.max(a, b) + 1);
    if (start < end) pairs.push([start, end]);
  }
  return joinPairs(pairs);
}

/** Positions of the sequence numbers in the set; `undefined` when it names one that is not there (RFC 9051 §9: BAD). */
export function resolveSequence(ranges: readonly number[], count: number): Positions | undefined {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const a = ranges[i] === LAST ? count : (ranges[i] as number);
    const b = ranges[i + 1] === LAST ? count : (ranges[i + 1] as number);
    const high = Math.max(a, b);
    const low = Math.min(a, b);
    if (low < 1 || high > count) return undefined;
    pairs.push([low - 1, high]);
  }
  return joinPairs(pairs);
}

function joinPairs(pairs: [number, number][]): Positions {
  if (pairs.length === 1) return pairs[0] as [number, number];
  const joined: number[] = [];
  for (const [start, end] of pairs.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.length - 1;
    if (last > 0 && start <= (joined[last] as number)) joined[last] = Math.max(joined[last] as number, end);
    else joined.push(start, end);
  }
  return joined;
}

/** How many positions there are. */
export function countPositions(positions: Positions): number {
  let count = 0;
  for (let i = 0; i < positions.length; i += 2) count += (positions[i + 1] as number) - (positions[i] as number);
  return count;
}

/** The uids at the positions, ascending. */
export function uidsAt(positions: Positions, told: UidList): number[] {
  if (positions.length === 2) return told.slice(positions[0] as number, positions[1] as number);
  const uids: number[] = [];
  for (let i = 0; i < positions.length; i += 2) {
    for (let at = positions[i] as number; at < (positions[i + 1] as number); at++) uids.push(told.at(at));
  }
  return uids;
}

/** Whether the set holds `value`; `last` is what `*` means. */
export function isInRanges(ranges: readonly number[], value: number, last: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) {
    const a = ranges[i] === LAST ? last : (ranges[i] as number);
    const b = ranges[i + 1] === LAST ? last : (ranges[i + 1] as number);
    if (value >= Math.min(a, b) && value <= Math.max(a, b)) return true;
  }
  return false;
}

/** `1:3,7`: ascending numbers as a set. */
export function formatSet(numbers: readonly number[]): string {
  let text = '';
  for (let i = 0; i < numbers.length;) {
    let end = i + 1;
    while (end < numbers.length && numbers[end] === (numbers[end - 1] as number) + 1) end++;
    if (text !== '') text += ',';
    text += end - i === 1 ? `${numbers[i]}` : `${numbers[i]}:${numbers[end - 1]}`;
    i = end;
  }
  return text;
}
