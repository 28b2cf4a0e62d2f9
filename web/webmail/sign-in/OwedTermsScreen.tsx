import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { agreeToTerms, signOut, type Session } from './auth.ts';
import { SignInTop } from './SignInTop.tsx';
import { TermsText } from './Terms.tsx';
import './sign-in.css';

/** Before the mailbox, for whoever came by no page that says what they agree to, or before its text changed (S-07). */
export function OwedTermsScreen({ onAgreed }: { readonly onAgreed: (session: Session) => void }) {
  const { t } = useTexts();
  const [state, setState] = useState<'idle' | 'asking' | 'failed'>('idle');
  useEffect(() => {
    document.title = t('terms.title');
  }, [t]);
  const agree = async () => {
    setState('asking');
    const session = await agreeToTerms();
    if (session === undefined) setState('failed');
    else onAgreed(session);
  };
  return (
    <div className="sign-in">
      <SignInTop />
      <main className="sign-in__main sign-in__main--single">
        <section className="sign-in__card" aria-labelledby="owed-terms">
          <h1 id="owed-terms">{t('terms.title')}</h1>
          <p>{t('terms.owed')}</p>
          <TermsText />
          {state === 'failed' && <Banner tone="trouble">{t('terms.failed')}</Banner>}
          <Button kind="primary" isWide isBusy={state === 'asking'} onClick={() => void agree()}>
            {t('terms.agree')}
          </Button>
          <Button kind="quiet" isWide onClick={() => void signOut().then(() => location.assign('/'))}>
            {t('terms.decline')}
          </Button>
          <Phones />
        </section>
      </main>
    </div>
  );
}
