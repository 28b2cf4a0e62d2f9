import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { lastSeenTop, placeInView, rowsMoved, type Place, type Rows } from './kept-place.ts';
import './virtual-grid.css';

/** Rows drawn beyond each edge of what is in view, so that a wheel's turn shows no gap. */
const BEYOND = 6;

export interface VirtualGridProps extends Rows {
  readonly label: string;
  readonly count: number;
  /** All rows are as high as this, CSS pixels. */
  readonly rowHeight: number;
  /** The row that the keyboard is on; -1: none. */
  readonly active: number;
  /** What says that so many rows have come in above, on the way to them. */
  readonly newsText: (count: number) => string;
  /** The row as `role="row"` with this `id`. */
  readonly renderRow: (index: number, id: string) => ReactNode;
  /** Which rows are in view or nearly, [from, to). */
  readonly onShow: (from: number, to: number) => void;
  readonly onMove: (index: number, how: { readonly extend: boolean }) => void;
  readonly onToggle: (index: number) => void;
  readonly onOpen: (index: number) => void;
  readonly onSelectAll: () => void;
}

/**
 * A list of as many rows as one likes that draws those in view. For screen readers it is one grid of all rows, and the
 * focus stays on the grid (`aria-activedescendant`), because the row it is on may not be drawn. Rows in view stay where they
 * are when others come or go above them; only at the top new ones are seen to come.
 */
export function VirtualGrid(props: VirtualGridProps) {
  const { label, count, rowHeight, active, renderRow, onShow, keyAt, indexOf } = props;
  const grid = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  /** The first row wholly in view, as it was drawn last. */
  const held = useRef<Place>(undefined);
  /** The row that was on top when the top was last in view. */
  const [seen, setSeen] = useState<string>();
  const movedTo = useRef<string>(undefined);

  useLayoutEffect(() => {
    const element = grid.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  const from = Math.max(0, Math.floor(view.top / rowHeight) - BEYOND);
  const to = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + BEYOND);
  useEffect(() => onShow(from, to), [onShow, from, to]);

  // After every drawing, whatever was its reason: before it is painted.
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- it ends: what it sets is what it finds the next time
  useLayoutEffect(() => {
    const element = grid.current;
    if (!element) return;
    const moved = rowsMoved(props, held.current);
    if (moved !== 0) {
      element.scrollTop += moved * rowHeight;
      setView({ top: element.scrollTop, height: element.clientHeight });
    }
    held.current = placeInView(props, element.scrollTop, rowHeight);
    setSeen(lastSeenTop(props, seen, element.scrollTop, rowHeight));
  });
  const above = seen === undefined ? 0 : indexOf(seen);

  useEffect(() => {
    const element = grid.current;
    if (!element || active < 0) return;
    // The same row, only elsewhere: nobody has moved to it.
    const key = keyAt(active);
    if (key !== undefined && key === movedTo.current) return;
    movedTo.current = key;
    const top = active * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight;
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- `keyAt` reads what is there at the moment
  }, [active, rowHeight]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== grid.current || event.nativeEvent.isComposing) return;
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 1);
    const moved = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count }[event.key];
    if (moved !== undefined && !event.altKey && !event.metaKey) {
      props.onMove(Math.max(0, Math.min(count - 1, active + moved)), { extend: event.shiftKey });
    } else if (event.key === 'Enter' && active >= 0) props.onOpen(active);
    else if (event.key === ' ' && active >= 0) props.onToggle(active);
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) props.onSelectAll();
    else return;
    event.preventDefault();
  };

  const rows: ReactNode[] = [];
  for (let index = from; index < to; index++) rows.push(renderRow(index, rowId(index)));
  return (
    <div className="virtual-grid__frame">
      <div className="virtual-grid__news" role="status">
        {above > 0 && (
          <button type="button" onClick={() => grid.current?.scrollTo({ top: 0 })}>
            {props.newsText(above)}
          </button>
        )}
      </div>
      <div
        ref={grid}
        className="virtual-grid scroll"
        role="grid"
        tabIndex={0}
        aria-label={label}
        aria-rowcount={count}
        aria-multiselectable="true"
        aria-activedescendant={active >= from && active < to ? rowId(active) : undefined}
        onKeyDown={onKeyDown}
      >
        <div className="virtual-grid__all" role="presentation" style={{ blockSize: count * rowHeight }}>
          <div className="virtual-grid__drawn" role="rowgroup" style={{ translate: `0 ${from * rowHeight}px` }}>
            {rows}
          </div>
        </div>
      </div>
    </div>
  );
}

function rowId(index: number): string {
  return `row-${index}`;
}
