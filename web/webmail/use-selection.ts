import { useState } from 'react';
import type { ListModel } from './model.ts';

export interface Selection {
  /** The row that the keyboard is on; -1: none. */
  readonly active: number;
  readonly ids: ReadonlySet<string>;
  /** Puts the keyboard on a row; `extend` selects from where the selection began. */
  readonly move: (index: number, how: { readonly extend: boolean }) => void;
  /** Selects or unselects one row; with `through` all from the last one to it. */
  readonly toggle: (index: number, how?: { readonly through: boolean }) => void;
  /** All, as far as they can be had: those that are known at once, the rest when they are there. */
  readonly selectAll: () => void;
  /** Rows of the list that are still being looked up in order to be selected. */
  readonly isSelecting: boolean;
  readonly clear: () => void;
}

interface State {
  readonly key: string;
  readonly active: number;
  /** The letter there: the keyboard stays on it when others come in above. */
  readonly activeId: string | undefined;
  /** Where a selection by Shift began; -1: nowhere; and the letter there. */
  readonly anchor: number;
  readonly anchorId: string | undefined;
  readonly ids: ReadonlySet<string>;
  readonly isSelecting: boolean;
}

/** No more are selected at once: the next ones follow when these are done with. */
export const MOST_SELECTED = 5_000;

export function useSelection(list: ListModel, key: string): Selection {
  const nothing: State = {
    key,
    active: -1,
    activeId: undefined,
    anchor: -1,
    anchorId: undefined,
    ids: new Set(),
    isSelecting: false,
  };
  const [state, setState] = useState<State>(nothing);
  const isThere = (index: number, id: string | undefined) => id === undefined || list.idAt(index) === id;
  /** Where the letter is now; where it was, if it is in the list no more. */
  const follow = (index: number, id: string | undefined) => {
    const now = isThere(index, id) ? index : list.indexOf(id ?? '');
    return now === -1 ? index : now;
  };
  // Another list: nothing of it is selected.
  const own: State =
    state.key === key
      ? { ...state, active: follow(state.active, state.activeId), anchor: follow(state.anchor, state.anchorId) }
      : nothing;
  const activeAt = (active: number) => ({ active, activeId: list.idAt(active) });
  const anchorAt = (anchor: number) => ({ anchor, anchorId: list.idAt(anchor) });

  const idsBetween = (from: number, to: number): ReadonlySet<string> => {
    const ids = new Set<string>();
    for (let at = Math.min(from, to); at <= Math.max(from, to) && ids.size < MOST_SELECTED; at++) {
      const id = list.idAt(at);
      if (id !== undefined) ids.add(id);
    }
    return ids;
  };

  /** Shows a selection as far as it is known, and the rest when the first `count` rows are. */
  const showAndLoad = (chosen: State, count: number, ids: () => ReadonlySet<string>) => {
    const selecting: State = { ...chosen, ids: ids(), isSelecting: true };
    setState(selecting);
    void list.load(count).then(() => {
      // Unless something else was chosen meanwhile.
      setState((now) => (now === selecting ? { ...now, ids: ids(), isSelecting: false } : now));
    });
  };
  /** A range that ends with the row `last`: none of its rows is left out for not being there yet, near the top. */
  const select = (chosen: State, last: number, ids: () => ReadonlySet<string>) => {
    const rows = Array.from({ length: Math.min(last + 1, MOST_SELECTED) }, (_, at) => list.idAt(at));
    if (last < MOST_SELECTED && rows.includes(undefined)) showAndLoad(chosen, last + 1, ids);
    else setState({ ...chosen, ids: ids(), isSelecting: false });
  };

  return {
    active: own.active,
    ids: own.ids,
    isSelecting: own.isSelecting,
    move(index, { extend }) {
      if (!extend) setState({ ...own, ...activeAt(index), ...anchorAt(index), isSelecting: false });
      else {
        const anchor = own.anchor === -1 ? Math.max(0, own.active) : own.anchor;
        select({ ...own, ...activeAt(index), ...anchorAt(anchor) }, Math.max(anchor, index), () =>
          idsBetween(anchor, index),
        );
      }
    },
    toggle(index, how) {
      const id = list.idAt(index);
      if (id === undefined) return;
      if (how?.through === true && own.anchor !== -1) {
        const { anchor, ids } = own;
        select(
          { ...own, ...activeAt(index) },
          Math.max(anchor, index),
          () => new Set([...ids, ...idsBetween(anchor, index)]),
        );
        return;
      }
      const ids = new Set(own.ids);
      if (!ids.delete(id)) ids.add(id);
      setState({ ...own, ...activeAt(index), ...anchorAt(index), ids, isSelecting: false });
    },
    selectAll() {
      showAndLoad(own, MOST_SELECTED, () => idsBetween(0, list.getSnapshot().total - 1));
    },
    clear() {
      setState({ ...own, ids: new Set(), ...anchorAt(-1), isSelecting: false });
    },
  };
}
