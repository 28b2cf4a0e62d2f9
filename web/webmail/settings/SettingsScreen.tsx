import { useEffect, useRef, useState } from 'react';
import { LANGUAGES, useTexts, type LabelKey, type Language } from '#web/locales/texts.ts';
import { Choice, SelectField } from '#web/ui/Field.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import type { IconName } from '#web/ui/icons.ts';
import { Tabs } from '#web/ui/Tabs.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { mayWriteFrom } from '#web/webmail/endings.ts';
import { useLive } from '#web/webmail/live.ts';
import { useArchived, useModel, useOwn } from '#web/webmail/MailContext.tsx';
import { setPreferences, usePreferences } from '#web/webmail/preferences.ts';
import { SETTINGS_PAGES, type SettingsPage } from '#web/webmail/routes.ts';
import { ShortcutList } from '#web/webmail/shell/ShortcutList.tsx';
import { useLayout } from '#web/webmail/use-layout.ts';
import { AdvancedPage } from './AdvancedPage.tsx';
import { FiltersPage } from './FiltersPage.tsx';
import { LabelColours } from './LabelColours.tsx';
import { FoldersPage } from './FoldersPage.tsx';
import { ForwardingPage } from './ForwardingPage.tsx';
import { HistoryPage } from './HistoryPage.tsx';
import { LookupPage } from './LookupPage.tsx';
import { NotificationsPage } from './NotificationsPage.tsx';
import { SharingPage } from './SharingPage.tsx';
import { PhoneSection } from './PhoneSection.tsx';
import { ProfilePage } from './ProfilePage.tsx';
import { SignaturesPage } from './SignaturesPage.tsx';
import { VacationPage } from './VacationPage.tsx';
import './settings.css';

/** The names are those of the printed guides people have (设置 → 收发信设置 → 写信设置 → 默认发信账号). */
const PAGES: Readonly<Record<SettingsPage, { readonly label: LabelKey; readonly icon: IconName }>> = {
  profile: { label: 'settings.profile', icon: 'person' },
  mail: { label: 'settings.mail', icon: 'mail' },
  signatures: { label: 'settings.signatures', icon: 'compose' },
  vacation: { label: 'settings.vacation', icon: 'calendar' },
  forwarding: { label: 'settings.forwarding', icon: 'forward' },
  filters: { label: 'settings.filters', icon: 'filter' },
  folders: { label: 'settings.folders', icon: 'folder' },
  sharing: { label: 'sharing.title', icon: 'person' },
  advanced: { label: 'settings.advanced', icon: 'lock' },
  appearance: { label: 'settings.appearance', icon: 'palette' },
  notifications: { label: 'settings.notifications', icon: 'bell' },
  shortcuts: { label: 'action.shortcuts', icon: 'keyboard' },
  lookup: { label: 'settings.lookup', icon: 'search' },
  history: { label: 'settings.history', icon: 'shield' },
};

/** What a box that others share has not. */
const OF_ONES_OWN: ReadonlySet<SettingsPage> = new Set([
  'vacation',
  'forwarding',
  'filters',
  'advanced',
  'history',
  'lookup',
]);

/** What there is to set where no mail is changed. */
const OF_AN_ARCHIVE: ReadonlySet<SettingsPage> = new Set(['profile', 'appearance', 'shortcuts', 'history']);

export function SettingsScreen({ page: asked }: { readonly page: SettingsPage }) {
  const { t } = useTexts();
  const layout = useLayout();
  const isOwn = useOwn();
  const isArchived = useArchived();
  const pages = SETTINGS_PAGES.filter((one) => (isArchived ? OF_AN_ARCHIVE.has(one) : isOwn || !OF_ONES_OWN.has(one)));
  const page = isArchived && !OF_AN_ARCHIVE.has(asked) ? 'profile' : asked;
  const list = useRef<HTMLUListElement>(null);
  // On a phone the pages are a strip: the one that is open is in sight.
  useEffect(() => {
    list.current?.querySelector(`[href$="/${page}"]`)?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [page]);
  return (
    <div className="settings">
      <nav className="settings__pages scroll" aria-label={t('settings.title')}>
        <h1 className={layout === 'phone' ? 'visually-hidden' : 'settings__title'}>{t('settings.title')}</h1>
        <ul ref={list}>
          {pages.map((one) => (
            <li key={one}>
              <Link to={{ screen: 'settings', page: one }} className="tree__link" isCurrent={one === page}>
                <Icon name={PAGES[one].icon} />
                <span className="tree__name one-line">{t(PAGES[one].label)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <section className="settings__page scroll" aria-labelledby="settings-page" tabIndex={0}>
        <h2 id="settings-page" className="settings__heading">
          {t(PAGES[page].label)}
        </h2>
        <Page page={page} />
      </section>
    </div>
  );
}

function Page({ page }: { readonly page: SettingsPage }) {
  switch (page) {
    case 'profile':
      return <ProfilePage />;
    case 'mail':
      return <MailPage />;
    case 'appearance':
      return <AppearancePage />;
    case 'shortcuts':
      return <ShortcutList />;
    case 'signatures':
      return <SignaturesPage />;
    case 'vacation':
      return <VacationPage />;
    case 'forwarding':
      return <ForwardingPage />;
    case 'folders':
      return <FoldersPage />;
    case 'sharing':
      return <SharingPage />;
    case 'notifications':
      return <NotificationsPage />;
    case 'filters':
      return <FiltersPage />;
    case 'lookup':
      return <LookupPage />;
    case 'history':
      return <HistoryPage />;
    case 'advanced':
      return (
        <>
          <PhoneSection />
          <AdvancedPage />
        </>
      );
  }
}

function MailPage() {
  const { t } = useTexts();
  const model = useModel();
  const { identities, isDefaultFixed } = useLive(model.account);
  const isOwn = useOwn();
  const [tab, setTab] = useState<'writing' | 'reading'>('writing');
  const { reading } = usePreferences();
  return (
    <Tabs
      label={t('settings.mail')}
      value={tab}
      onChange={setTab}
      tabs={[
        { value: 'writing', label: t('settings.writing') },
        { value: 'reading', label: t('settings.reading') },
      ]}
    >
      {tab === 'writing' ? (
        <SelectField
          label={t('settings.defaultFrom')}
          hint={t('settings.defaultFromHint')}
          value={isDefaultFixed ? identities[0]?.address : ''}
          onChange={(event) => model.setDefaultIdentity(event.target.value || undefined)}
          options={[
            // Nobody signs in as a box.
            ...(isOwn ? [{ value: '', label: t('settings.defaultFromLogin') }] : []),
            ...identities
              .filter(mayWriteFrom)
              .map(({ name, address }) => ({ value: address, label: `${name} <${address}>` })),
          ]}
        />
      ) : (
        <Choice
          label={t('settings.readingPane')}
          value={reading}
          onChange={(reading) => setPreferences({ reading })}
          options={[
            { value: 'beside', label: t('settings.beside') },
            { value: 'instead', label: t('settings.instead') },
          ]}
        />
      )}
    </Tabs>
  );
}

function AppearancePage() {
  const { t } = useTexts();
  const { language, theme, density } = usePreferences();
  const isArchived = useArchived();
  return (
    <div className="settings__choices">
      <Choice
        label={t('settings.language')}
        value={language}
        onChange={(language) => setPreferences({ language })}
        options={(Object.keys(LANGUAGES) as readonly Language[]).map((value) => ({ value, label: LANGUAGES[value] }))}
      />
      <Choice
        label={t('settings.theme')}
        value={theme}
        onChange={(theme) => setPreferences({ theme })}
        options={[
          { value: 'auto', label: t('settings.themeAuto') },
          { value: 'light', label: t('settings.themeLight') },
          { value: 'dark', label: t('settings.themeDark') },
        ]}
      />
      <Choice
        label={t('settings.density')}
        value={density}
        onChange={(density) => setPreferences({ density })}
        options={[
          { value: 'comfortable', label: t('settings.comfortable') },
          { value: 'compact', label: t('settings.compact') },
        ]}
      />
      {!isArchived && <LabelColours />}
    </div>
  );
}
