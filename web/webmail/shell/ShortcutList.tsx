import { useTexts } from '#web/locales/texts.ts';
import { Kbd } from '#web/ui/Kbd.tsx';
import { ACTIONS } from '#web/webmail/actions/registry.ts';
import './palette.css';

/** Each key once: an action and what takes it back share one. */
export function ShortcutList() {
  const { t } = useTexts();
  const seen = new Set<string>();
  const shown = ACTIONS.filter(({ shortcut }) => shortcut !== undefined && !seen.has(shortcut) && seen.add(shortcut));
  return (
    <dl className="shortcut-list">
      {shown.map((action) => (
        <div key={action.name}>
          <dt>{t(action.label)}</dt>
          <dd>
            <Kbd keys={action.shortcut ?? ''} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
