import { useTexts } from '#web/locales/texts.ts';
import { IconButton } from '#web/ui/Button.tsx';
import { TOOLBAR } from '#web/webmail/actions/registry.ts';
import { useActions } from '#web/webmail/MailContext.tsx';

/** What can be done to the conversations acted upon, as buttons. */
export function Toolbar() {
  const { t } = useTexts();
  const { context, run } = useActions();
  return (
    <div className="toolbar" role="group" aria-label={t('shell.toolbar')}>
      {TOOLBAR.filter((action) => action.isEnabled(context)).map((action) => (
        <IconButton
          key={action.name}
          label={t(action.label)}
          icon={action.icon}
          shortcut={action.shortcut}
          isFilled={action.name === 'unflag'}
          onClick={() => run(action)}
        />
      ))}
    </div>
  );
}
