import { useEffect, useRef } from 'react';
import { matchShortcut, nameKey, SEQUENCE_MS } from './shortcuts.ts';

/** Who takes keys as text: there a letter is a letter, and only what is held with Ctrl or ⌘ is a shortcut. */
function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input:not([type=checkbox],[type=radio]), textarea, select');
}

/** Listens to the window for as long as nothing modal is open. `run` answers whether it did anything. */
export function useShortcuts(shortcuts: readonly string[], run: (shortcut: string) => boolean): void {
  const latest = useRef({ shortcuts, run });
  useEffect(() => {
    latest.current = { shortcuts, run };
  });
  useEffect(() => {
    let before: { key: string; at: number } | undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return;
      const key = nameKey(event);
      if (key === undefined || (takesText(event.target) && !key.startsWith('Mod+'))) return;
      const isSoon = before !== undefined && event.timeStamp - before.at < SEQUENCE_MS;
      const { shortcut, waits } = matchShortcut(latest.current.shortcuts, isSoon ? before?.key : undefined, key);
      before = waits ? { key, at: event.timeStamp } : undefined;
      if (shortcut !== undefined && latest.current.run(shortcut)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
