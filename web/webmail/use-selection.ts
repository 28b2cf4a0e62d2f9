import { useState } from 'react';
import type { ListModel } from './model.ts';
import { follow, idsBetween, spanOf } from './selected-rows.ts';

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
  // Another list: nothing of it is selected.
  const own: State =
    state.key === key
      ? {
          ...state,
          active: follow(list, state.active, state.activeId),
          anchor: follow(list, state.anchor, state.anchorId),
        }
      : nothing;
  const activeAt = (active: number) => ({ active, activeId: list.idAt(active) });
  const anchorAt = (anchor: number) => ({ anchor, anchorId: list.idAt(anchor) });

  /** The rows from `anchor` to `to`, and `also`: those that are known at once, the rest when they are there. */
  const select = (from: State, anchor: number, to: number, also: ReadonlySet<string> = new Set()) => {
    const span = spanOf(anchor, to, list.getSnapshot().total);
    const [firstId, lastId] = [list.idAt(span.first), list.idAt(span.last)];
    // Others may have come in above meanwhile.
    const chosen = () =>
      also.union(idsBetween(list, follow(list, span.first, firstId), follow(list, span.last, lastId)));
    const known = idsBetween(list, span.first, span.last);
    const isKnown = (id: string) => list.marksOf(id) !== undefined;
    const isSelecting = known.size <= span.last - span.first || !known.values().every(isKnown);
    const selecting: State = { ...from, ids: also.union(known), isSelecting };
    setState(selecting);
    if (!isSelecting) return;
    void list.load(span.first, span.last + 1).then(() => {
      // Unless something else was chosen meanwhile.
      setState((now) => (now === selecting ? { ...now, ids: chosen(), isSelecting: false } : now));
    });
  };

  return {
    active: own.active,
    ids: own.ids,
    isSelecting: own.isSelecting,
    move(index, { extend }) {
      if (!extend) setState({ ...own, ...activeAt(index), ...anchorAt(index), isSelecting: false });
      else {
        const anchor = own.anchor === -1 ? Math.max(0, own.active) : own.anchor;
        select({ ...own, ...activeAt(index), ...anchorAt(anchor) }, anchor, index);
      }
    },
    toggle(index, how) {
      const id = list.idAt(index);
      if (id === undefined) return;
      if (how?.through === true && own.anchor !== -1) {
        select({ ...own, ...activeAt(index) }, own.anchor, index, own.ids);
        return;
      }
      const ids = new Set(own.ids);
      if (!ids.delete(id)) ids.add(id);
      setState({ ...own, ...activeAt(index), ...anchorAt(index), ids, isSelecting: false });
    },
    selectAll() {
      select(own, 0, list.getSnapshot().total - 1);
    },
    clear() {
      setState({ ...own, ids: new Set(), ...anchorAt(-1), isSelecting: false });
    },
  };
}
