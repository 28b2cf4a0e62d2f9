import type { Ref } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Avatar } from '#web/ui/Avatar.tsx';
import { IconButton } from '#web/ui/Button.tsx';
import { Menu } from '#web/ui/Menu.tsx';
import { openPalette } from '#web/webmail/actions/view.ts';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useActions, useModel } from '#web/webmail/MailContext.tsx';
import { navigate } from '#web/webmail/navigation.ts';
import { site, siteName } from '#web/webmail/site.ts';
import { Logo } from './Logo.tsx';
import { SearchBox } from './SearchBox.tsx';

export interface TopBarProps {
  readonly searchField: Ref<HTMLInputElement>;
  /** On narrow windows: opens the mailboxes. */
  readonly onMenu: (() => void) | undefined;
}

export function TopBar({ searchField, onMenu }: TopBarProps) {
  const { t, language } = useTexts();
  const model = useModel();
  const { context, run } = useActions();
  const account = useLive(model.account);
  const here = useLive(site);
  const name = siteName(here, language);
  const { otherRealmUrl } = here;
  const searched = context.route.screen === 'search' ? context.route.text : '';
  return (
    <header className="top-bar">
      {onMenu && <IconButton label={t('shell.openMailboxes')} icon="menu" onClick={onMenu} />}
      <Link to={{ screen: 'mailbox', mailboxId: 'inbox', conversationId: undefined }} className="top-bar__brand">
        <Logo />
        <span className="top-bar__name">{name || t('app.name')}</span>
      </Link>
      <SearchBox key={searched} ref={searchField} searched={searched} />
      <div className="top-bar__end">
        <span className="top-bar__wide">
          <IconButton
            label={t('action.palette')}
            icon="command"
            shortcut={openPalette.shortcut}
            onClick={() => run(openPalette)}
          />
          <IconButton
            label={t('help.title')}
            icon="help"
            onClick={() => navigate({ screen: 'help', topic: undefined })}
          />
          <IconButton
            label={t('settings.title')}
            icon="settings"
            isPressed={context.route.screen === 'settings' ? true : undefined}
            onClick={() => navigate({ screen: 'settings', page: 'profile' })}
          />
        </span>
        <Menu
          label={t('shell.account')}
          align="end"
          renderButton={(button) => (
            <button
              {...button}
              type="button"
              className="top-bar__account"
              aria-label={`${t('shell.account')} ${account.name}`}
            >
              <Avatar name={account.name} address={account.address} />
            </button>
          )}
          groups={[
            [
              {
                label: account.address,
                icon: 'person',
                choose: () => navigate({ screen: 'settings', page: 'profile' }),
              },
              // Who works and studies here has a mailbox in each, and a session of its own at each host (A20).
              ...(otherRealmUrl === null
                ? []
                : [
                    {
                      label: t(here.realm === 'student' ? 'shell.toStaffMail' : 'shell.toStudentMail'),
                      icon: 'globe' as const,
                      choose: () => location.assign(otherRealmUrl),
                    },
                  ]),
            ],
            [
              {
                label: t('settings.title'),
                icon: 'settings',
                choose: () => navigate({ screen: 'settings', page: 'profile' }),
              },
              {
                label: t('settings.appearance'),
                icon: 'palette',
                choose: () => navigate({ screen: 'settings', page: 'appearance' }),
              },
              { label: t('help.title'), icon: 'help', choose: () => navigate({ screen: 'help', topic: undefined }) },
            ],
            [{ label: t('shell.signOut'), icon: 'signOut', choose: () => model.signOut() }],
          ]}
        />
      </div>
    </header>
  );
}
