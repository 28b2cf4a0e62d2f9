import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { listSessions } from '#web/webmail/sign-in/auth.ts';

/** The server gives all mail away for 15 minutes after signing in (src/app/take-out.ts); a click takes its time. */
const FRESH_MS = 14 * 60_000;

/** 设置 → 个人信息 → 下载全部邮件和个人信息. */
export function TakeOutSection() {
  const { t } = useTexts();
  const [isTooLate, setTooLate] = useState(false);
  const begin = async () => {
    const own = (await listSessions())?.find(({ isCurrent }) => isCurrent);
    const isFresh = own === undefined || Date.now() - own.createdAt.getTime() < FRESH_MS;
    setTooLate(!isFresh);
    if (isFresh) location.assign('/take-out');
  };
  return (
    <section aria-labelledby="take-out">
      <h3 id="take-out" className="settings__subheading">
        {t('takeOut.title')}
      </h3>
      {isTooLate && <Banner tone="warn">{t('takeOut.signInAgain')}</Banner>}
      <p className="sign-in__quiet">{t('takeOut.hint')}</p>
      <Button icon="download" onClick={() => void begin()}>
        {t('takeOut.begin')}
      </Button>
    </section>
  );
}
