import { useTexts } from '#web/locales/texts.ts';
import { IconButton } from '#web/ui/Button.tsx';
import { Menu } from '#web/ui/Menu.tsx';
import { TOOLBAR } from '#web/webmail/actions/registry.ts';
import { useActions } from '#web/webmail/MailContext.tsx';

/** What can be done to the conversations acted upon, as buttons: `most` of them, the last of which opens a menu of those without one. */
export function Toolbar({ most = TOOLBAR.length }: { readonly most?: number }) {
  const { t } = useTexts();
  const { context, run } = useActions();
  const actions = TOOLBAR.filter((action) => action.isEnabled(context));
  const buttons = actions.length > most ? actions.slice(0, most - 1) : actions;
  const others = actions.slice(buttons.length);
  return (
    <div className="toolbar" role="group" aria-label={t('shell.toolbar')}>
      {buttons.map((action) => (
        <IconButton
          key={action.name}
          label={t(action.label)}
          icon={action.icon}
          shortcut={action.shortcut}
          isFilled={action.name === 'unflag'}
          onClick={() => run(action)}
        />
      ))}
      {others.length > 0 && (
        <Menu
          label={t('shell.moreActions')}
          align="end"
          groups={[
            others.map((action) => ({
              label: t(action.label),
              icon: action.icon,
              shortcut: action.shortcut,
              choose: () => run(action),
            })),
          ]}
          renderButton={(props) => <IconButton {...props} label={t('shell.moreActions')} icon="more" />}
        />
      )}
    </div>
  );
}
