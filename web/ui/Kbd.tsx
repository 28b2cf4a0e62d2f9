import './kbd.css';

/** Keys as they are pressed: `Shift+U`, or one after the other: `g i`. */
export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span className="kbd-run">
      {keys.split(/[ +]/).map((key) => (
        <kbd key={key} className="kbd">
          {key === 'Mod' ? modifierName() : key.length === 1 ? key.toUpperCase() : key}
        </kbd>
      ))}
    </span>
  );
}

function modifierName(): string {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl';
}
