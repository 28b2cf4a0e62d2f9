/**
 * Keys and what they are called: `e`, `Shift+U`, `Mod+K` (Ctrl, on a Mac ⌘), and one after the other: `g i`. Pure. Letters mean the character
 * that comes of a key, so that they hold on every keyboard.
 */

/** What is asked of a KeyboardEvent. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** How long the second key of two may take, milliseconds. */
export const SEQUENCE_MS = 1_200;

/** A press as shortcuts are written; undefined for what is none: a modifier alone, a key with Alt. */
export function nameKey(press: KeyPress): string | undefined {
  if (press.altKey || ['Shift', 'Control', 'Meta', 'Alt', 'Process', 'Dead'].includes(press.key)) return undefined;
  const isLetter = /^\p{L}$/u.test(press.key);
  // `?` and `#` are characters already: their Shift is how a keyboard makes them.
  const isShifted = press.shiftKey && (isLetter || press.key.length > 1);
  const key = isLetter
    ? isShifted || press.ctrlKey || press.metaKey
      ? press.key.toUpperCase()
      : press.key
    : press.key;
  return [(press.ctrlKey || press.metaKey) && 'Mod', isShifted && 'Shift', key].filter(Boolean).join('+');
}

/** Which shortcut a key completes, given the key before it; `waits` when it may be the first of two. */
export function matchShortcut(
  shortcuts: Iterable<string>,
  before: string | undefined,
  key: string,
): { readonly shortcut: string | undefined; readonly waits: boolean } {
  const all = [...shortcuts];
  const whole = before === undefined ? undefined : all.find((shortcut) => shortcut === `${before} ${key}`);
  return {
    shortcut: whole ?? all.find((shortcut) => shortcut === key),
    waits: whole === undefined && all.some((shortcut) => shortcut.startsWith(`${key} `)),
  };
}
