import { useSyncExternalStore } from 'react';

/** `wide`: tree, list and letter side by side; `medium`: the tree folds to a rail; `phone`: one at a time. */
export type Layout = 'wide' | 'medium' | 'phone';

const WIDE = matchMedia('(min-width: 75rem)');
const PHONE = matchMedia('(max-width: 45rem)');

function subscribe(listener: () => void): () => void {
  for (const query of [WIDE, PHONE]) query.addEventListener('change', listener);
  return () => {
    for (const query of [WIDE, PHONE]) query.removeEventListener('change', listener);
  };
}

export function useLayout(): Layout {
  return useSyncExternalStore(subscribe, () => (WIDE.matches ? 'wide' : PHONE.matches ? 'phone' : 'medium'));
}
