/** Which octets of an answer are wanted (RFC 9110 §14). */

/** Octets [start, end). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * `whole` without a range, and where it is to be ignored: other units, several ranges at once (§14.2 lets a server,
 * and nothing that downloads needs them), what is no range.
 */
export function readRange(value: string | undefined, sizeBytes: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(value?.replaceAll(' ', '') ?? '');
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    // §14.1.2: the last so many.
    const start = Math.max(0, sizeBytes - Number(last));
    return start < sizeBytes ? { start, end: sizeBytes } : 'unsatisfiable';
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (last !== '' && Number(last) < start) return 'whole';
  return start < sizeBytes ? { start, end } : 'unsatisfiable';
}
