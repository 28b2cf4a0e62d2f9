import { useEffect } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { PhoneForm } from '#web/webmail/activation/PhoneForm.tsx';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { signOut } from './auth.ts';
import { SignInTop } from './SignInTop.tsx';
import '#web/webmail/activation/activation.css';

/** Before the mailbox, where the school wants a telephone of everybody (S-15). */
export function OwedPhoneScreen({ onBound }: { readonly onBound: () => void }) {
  const { t } = useTexts();
  useEffect(() => {
    document.title = t('phone.title');
  }, [t]);
  return (
    <div className="sign-in">
      <SignInTop />
      <main className="steps">
        <section className="sign-in__card steps__card own-steps" aria-labelledby="owed-phone">
          <h1 id="owed-phone">{t('phone.title')}</h1>
          <p>{t('phone.owed')}</p>
          <PhoneForm bound={null} onDone={onBound} />
        </section>
        <footer className="steps__foot">
          <Button kind="quiet" onClick={() => void signOut().then(() => location.assign('/'))}>
            {t('shell.signOut')}
          </Button>
          <Phones />
        </footer>
      </main>
    </div>
  );
}
