import { useRef, type PointerEvent } from 'react';

/** So far a row is pulled before letting go does something, CSS pixels. */
const FAR = 96;
/** A finger that has moved so far across before it moved as much down pulls the row and scrolls nothing. */
const CLEAR = 12;

interface Pull {
  readonly pointerId: number;
  readonly x: number;
  readonly y: number;
  isPulling: boolean;
}

/** Pulling a row aside by a finger; what is shown of it is `--pull` and `data-pull` on the row. */
export function useSwipe(onSwipe: (to: 'right' | 'left') => void) {
  const pull = useRef<Pull>(undefined);
  const end = (element: HTMLElement) => {
    pull.current = undefined;
    element.style.removeProperty('--pull');
    delete element.dataset['pull'];
  };
  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.pointerType !== 'touch') return;
      const { pointerId, clientX: x, clientY: y } = event;
      pull.current = { pointerId, x, y, isPulling: false };
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const begun = pull.current;
      if (begun === undefined || begun.pointerId !== event.pointerId) return;
      const across = event.clientX - begun.x;
      if (!begun.isPulling) {
        if (Math.abs(across) < CLEAR || Math.abs(event.clientY - begun.y) > Math.abs(across)) return;
        begun.isPulling = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }
      event.currentTarget.style.setProperty('--pull', `${across}px`);
      event.currentTarget.dataset['pull'] = Math.abs(across) < FAR ? 'short' : across > 0 ? 'right' : 'left';
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      const { pull: to } = event.currentTarget.dataset;
      end(event.currentTarget);
      if (to === 'right' || to === 'left') onSwipe(to);
    },
    onPointerCancel: (event: PointerEvent<HTMLElement>) => end(event.currentTarget),
  };
}
