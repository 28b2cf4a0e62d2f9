import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import './split-pane.css';

/** How far an arrow key moves the line, CSS pixels. */
const STEP = 16;

export interface SplitPaneProps {
  /** The name of the line between. */
  readonly label: string;
  /** The first pane's width and its bounds, CSS pixels. */
  readonly width: number;
  readonly least: number;
  readonly most: number;
  readonly onResize: (width: number) => void;
  readonly first: ReactNode;
  readonly second: ReactNode;
}

/** Two panes with a line between that can be dragged, or moved by the arrow keys (WAI-ARIA window splitter). */
export function SplitPane({ label, width, least, most, onResize, first, second }: SplitPaneProps) {
  const pane = useRef<HTMLDivElement>(null);
  const resize = (to: number) => onResize(Math.round(Math.max(least, Math.min(most, to))));
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !pane.current) return;
    resize(event.clientX - pane.current.getBoundingClientRect().left);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: width - STEP, ArrowRight: width + STEP, Home: least, End: most }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    resize(to);
  };
  return (
    <div ref={pane} className="split-pane">
      <div className="split-pane__first" style={{ inlineSize: width }}>
        {first}
      </div>
      <div
        className="split-pane__line"
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={width}
        aria-valuemin={least}
        aria-valuemax={most}
        tabIndex={0}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onPointerMove}
        onKeyDown={onKeyDown}
      />
      <div className="split-pane__second">{second}</div>
    </div>
  );
}
