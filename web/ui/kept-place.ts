/** What keeps a long list where it is while rows come and go above what is in view. */

/** A row, and where it stood when it was drawn. */
export interface Place {
  readonly key: string;
  readonly index: number;
}

export interface Rows {
  /** What a row is known by wherever it stands; `undefined` where it is not there yet. */
  readonly keyAt: (index: number) => string | undefined;
  /** Where it stands; -1: nowhere. */
  readonly indexOf: (key: string) => number;
}

/** The first row that is wholly in view; at the very top none, so that new ones are seen to come. */
export function placeInView(rows: Rows, scrollTop: number, rowHeight: number): Place | undefined {
  if (isAtTop(scrollTop, rowHeight)) return undefined;
  const index = Math.ceil(scrollTop / rowHeight);
  const key = rows.keyAt(index);
  return key === undefined ? undefined : { key, index };
}

/** By how many rows that one has moved; 0 if it is gone. */
export function rowsMoved({ keyAt, indexOf }: Rows, place: Place | undefined): number {
  // Nearly always, and while scrolling at each frame: no long list is searched for that.
  if (place === undefined || keyAt(place.index) === place.key) return 0;
  const at = indexOf(place.key);
  return at === -1 ? 0 : at - place.index;
}

/** The row that was on top when the top was in view last. */
export function lastSeenTop(
  rows: Rows,
  seen: string | undefined,
  scrollTop: number,
  rowHeight: number,
): string | undefined {
  const isKept = !isAtTop(scrollTop, rowHeight) && seen !== undefined && rows.indexOf(seen) !== -1;
  return isKept ? seen : rows.keyAt(0);
}

function isAtTop(scrollTop: number, rowHeight: number): boolean {
  return scrollTop < rowHeight;
}
