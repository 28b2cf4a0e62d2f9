import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { isRefused, ownAccount } from '#web/webmail/activation/api.ts';
import { useLive } from '#web/webmail/live.ts';
import { navigate } from '#web/webmail/navigation.ts';
import { site } from '#web/webmail/site.ts';

const STORED_AS = 'campusmail.phoneNag';
/** Until it is asked again in this browser. */
const QUIET_MS = 30 * 86_400_000;

/** Whoever has bound no telephone is advised to (S-15), and may put it off. */
export function PhoneNag() {
  const { t } = useTexts();
  const { sendsSms } = useLive(site);
  const [isShown, show] = useState(false);
  useEffect(() => {
    if (!sendsSms || isQuiet()) return;
    void ownAccount.phone().then((answer) => show(!isRefused(answer) && answer.phone === null));
  }, [sendsSms]);
  if (!isShown) return null;
  const putOff = () => {
    show(false);
    try {
      localStorage.setItem(STORED_AS, String(Date.now() + QUIET_MS));
    } catch {
      // No storage: it is asked again next time.
    }
  };
  return (
    <div className="phone-nag">
      <Banner
        tone="info"
        action={
          <span className="phone-nag__actions">
            <Button
              onClick={() => {
                show(false);
                navigate({ screen: 'settings', page: 'advanced' });
              }}
            >
              {t('phone.nagBind')}
            </Button>
            <Button kind="quiet" onClick={putOff}>
              {t('phone.nagLater')}
            </Button>
          </span>
        }
      >
        {t('phone.nag')}
      </Banner>
    </div>
  );
}

function isQuiet(): boolean {
  try {
    return Date.now() < Number(localStorage.getItem(STORED_AS) ?? 0);
  } catch {
    return false;
  }
}
