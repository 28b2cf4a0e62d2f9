import { useTexts } from '#web/locales/texts.ts';

/** What people agree to, in full: the text whose version is CONSENT_VERSION. */
export function TermsText() {
  const { t } = useTexts();
  return (
    <>
      <p>{t('activate.termsUse')}</p>
      <p>{t('activate.termsData')}</p>
    </>
  );
}

/** For pages on which signing in is agreeing. */
export function TermsNote() {
  const { t } = useTexts();
  return (
    <details className="sign-in__terms">
      <summary>{t('signIn.terms')}</summary>
      <TermsText />
    </details>
  );
}
