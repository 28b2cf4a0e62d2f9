/** Where something that floats goes: beside its anchor, inside the window. Pure. */

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Placed {
  readonly left: number;
  readonly top: number;
}

/** Least distance to the window's edges, CSS pixels. */
const MARGIN = 8;

/**
 * Below the anchor, or above it where below is too little room and above is more; from its left edge (`start`), right
 * edge (`end`) or middle. All in CSS pixels of the window.
 */
export function place(
  anchor: Box,
  floating: { readonly width: number; readonly height: number },
  window: { readonly width: number; readonly height: number },
  align: 'start' | 'end' | 'middle',
  gap = 4,
): Placed {
  const below = window.height - MARGIN - (anchor.top + anchor.height + gap);
  const above = anchor.top - gap - MARGIN;
  const isBelow = floating.height <= below || below >= above;
  const top = isBelow ? anchor.top + anchor.height + gap : anchor.top - gap - floating.height;
  const shift = { start: 0, end: anchor.width - floating.width, middle: (anchor.width - floating.width) / 2 }[align];
  return {
    left: clamp(anchor.left + shift, MARGIN, window.width - MARGIN - floating.width),
    top: clamp(top, MARGIN, window.height - MARGIN - floating.height),
  };
}

/** Too large a thing keeps its start in view. */
function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
