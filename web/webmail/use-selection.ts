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

  return {
    active: own.active,
    ids: own.ids,
    isSelecting: own.isSelecting,
    move(index, { extend }) {
      if (!extend) setState({ ...own, ...activeAt(index), ...anchorAt(index), isSelecting: false });
      else {
        const anchor = own.anchor === -1 ? Math.max(0, own.active) : own.anchor;
        setState({
          ...own,
          ...activeAt(index),
          ...anchorAt(anchor),
          ids: idsBetween(anchor, index),
          isSelecting: false,
        });
      }
    },
    toggle(index, how) {
      const id = list.idAt(index);
      if (id === undefined) return;
      if (how?.through === true && own.anchor !== -1) {
        const ids = new Set([...own.ids, ...idsBetween(own.anchor, index)]);
        setState({ ...own, ...activeAt(index), ids, isSelecting: false });
        return;
      }
      const ids = new Set(own.ids);
      if (!ids.delete(id)) ids.add(id);
      setState({ ...own, ...activeAt(index), ...anchorAt(index), ids, isSelecting: false });
    },
    selectAll() {
      const all = () => idsBetween(0, list.getSnapshot().total - 1);
      const selecting: State = { ...own, ids: all(), isSelecting: true };
      setState(selecting);
      void list.load(MOST_SELECTED).then(() => {
        // Unless something else was chosen meanwhile.
        setState((now) => (now === selecting ? { ...now, ids: all(), isSelecting: false } : now));
      });
    },
    clear() {
      setState({ ...own, ids: new Set(), ...anchorAt(-1), isSelecting: false });
    },
  };
}
