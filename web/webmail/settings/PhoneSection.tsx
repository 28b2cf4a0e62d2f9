import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { isRefused, ownAccount } from '#web/webmail/activation/api.ts';
import { PhoneForm } from '#web/webmail/activation/PhoneForm.tsx';
import '#web/webmail/activation/activation.css';

/** 设置 → 高级功能 → 手机绑定. Another number: release the one that is bound, then bind the new one (S-26). */
export function PhoneSection() {
  const { t } = useTexts();
  /** Undefined: not known yet; null: none is bound. */
  const [bound, setBound] = useState<string | null>();
  const [isOpen, open] = useState(false);
  useEffect(() => {
    void ownAccount.phone().then((answer) => !isRefused(answer) && setBound(answer.phone));
  }, []);
  if (bound === undefined) return null;
  return (
    <section className="own-steps" aria-labelledby="own-phone">
      <h3 id="own-phone" className="settings__subheading">
        {t('phone.title')}
      </h3>
      <p className="own-steps__row">
        {bound === null ? t('phone.none') : <span className="own-steps__value numbers">{bound}</span>}
        {!isOpen && <Button onClick={() => open(true)}>{bound === null ? t('phone.bind') : t('phone.release')}</Button>}
      </p>
      <p className="sign-in__quiet">{t('phone.hint')}</p>
      {isOpen && (
        <PhoneForm
          bound={bound}
          onDone={(now) => {
            // Released to bind another: the form stays.
            open(now === null);
            setBound(now);
          }}
          onCancel={() => open(false)}
        />
      )}
    </section>
  );
}
