import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Choice } from '#web/ui/Field.tsx';
import { setPreferences, usePreferences, type Preferences } from '#web/webmail/preferences.ts';

/** 新邮件提醒, of this browser. */
export function NotificationsPage() {
  const { t } = useTexts();
  const { notify } = usePreferences();
  const [permission, setPermission] = useState(() =>
    'Notification' in window ? Notification.permission : 'unsupported',
  );
  const choose = async (notify: Preferences['notify']) => {
    if (notify !== 'off' && permission === 'default') {
      const answer = await Notification.requestPermission();
      setPermission(answer);
      if (answer !== 'granted') return;
    }
    setPreferences({ notify });
  };
  if (permission === 'unsupported') return <Banner tone="info">{t('notify.unsupported')}</Banner>;
  return (
    <div className="settings__choices">
      {permission === 'denied' && <Banner tone="warn">{t('notify.denied')}</Banner>}
      <Choice
        label={t('notify.label')}
        value={permission === 'granted' ? notify : 'off'}
        onChange={(notify) => void choose(notify)}
        options={[
          { value: 'off', label: t('notify.off') },
          { value: 'quiet', label: t('notify.quiet') },
          { value: 'full', label: t('notify.full') },
        ]}
      />
      <p className="settings__quiet">{t('notify.hint')}</p>
    </div>
  );
}
