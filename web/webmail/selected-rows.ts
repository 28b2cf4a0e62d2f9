/** Which rows a selection is of, in a list that others come into and whose rows are not all loaded. */
import type { ListModel } from './model.ts';

/** No more are selected at once: the next ones follow when these are done with. */
export const MOST_SELECTED = 5_000;

type Rows = Pick<ListModel, 'idAt' | 'indexOf'>;

/** Where a letter is that was at `index`; there, too, if it is in the list no more or nothing was known of it. */
export function follow(list: Rows, index: number, id: string | undefined): number {
  if (id === undefined || list.idAt(index) === id) return index;
  const now = list.indexOf(id);
  return now === -1 ? index : now;
}

/** Of a list of so many rows, those from one to another, both included: of too many those nearest to the first. */
export function spanOf(anchor: number, to: number, total: number): { readonly first: number; readonly last: number } {
  const most = MOST_SELECTED - 1;
  const end = Math.min(Math.max(to, anchor - most), anchor + most, total - 1);
  return { first: Math.min(anchor, end), last: Math.max(anchor, end) };
}

/** Those that are known of the rows from `first` to `last`. */
export function idsBetween(list: Rows, first: number, last: number): ReadonlySet<string> {
  const ids = new Set<string>();
  for (let at = first; at <= last && ids.size < MOST_SELECTED; at++) {
    const id = list.idAt(at);
    if (id !== undefined) ids.add(id);
  }
  return ids;
}
