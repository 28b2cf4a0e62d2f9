import { useEffect, useRef, useState, type ReactNode } from 'react';
import { createPortal } from 'react-dom';
import { Kbd } from './Kbd.tsx';
import { place } from './place.ts';
import './tooltip.css';

/** How long a pointer rests before it is told, milliseconds. */
const REST_MS = 450;

export interface TooltipProps {
  readonly text: string;
  readonly shortcut?: string | undefined;
  readonly children: ReactNode;
}

/**
 * Says the name of a control that shows only an icon. The control bears that name itself (aria-label), so this is hidden from
 * screen readers; Escape, a press or leaving ends it.
 */
export function Tooltip({ text, shortcut, children }: TooltipProps) {
  const [isShown, setShown] = useState(false);
  const timer = useRef(0);
  const anchor = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLDivElement>(null);

  const show = (afterMs: number) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setShown(true), afterMs);
  };
  const hide = () => {
    window.clearTimeout(timer.current);
    setShown(false);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);

  useEffect(() => {
    const control = anchor.current?.firstElementChild;
    if (!isShown || !control || !bubble.current) return;
    const at = place(
      control.getBoundingClientRect(),
      bubble.current.getBoundingClientRect(),
      { width: window.innerWidth, height: window.innerHeight },
      'middle',
      6,
    );
    bubble.current.style.translate = `${at.left}px ${at.top}px`;
    bubble.current.dataset['placed'] = '';
  }, [isShown]);

  return (
    <span
      ref={anchor}
      className="tooltip-anchor"
      role="presentation"
      onPointerEnter={(event) => event.pointerType === 'mouse' && show(REST_MS)}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => event.target.matches(':focus-visible') && show(0)}
      onBlur={hide}
      onKeyDown={hide}
    >
      {children}
      {isShown &&
        createPortal(
          <div ref={bubble} className="tooltip" aria-hidden="true">
            {text}
            {shortcut !== undefined && <Kbd keys={shortcut} />}
          </div>,
          document.body,
        )}
    </span>
  );
}
