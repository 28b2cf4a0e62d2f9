import { LANGUAGES, useTexts, type Language } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { setPreferences } from '#web/webmail/preferences.ts';
import { Logo } from '#web/webmail/shell/Logo.tsx';
import { site, siteName } from '#web/webmail/site.ts';
import './sign-in.css';

/** Above the pages that are for nobody in particular: whose they are, the other language, and help. */
export function SignInTop() {
  const { t, language: current } = useTexts();
  const university = siteName(useLive(site), current);
  return (
    <header className="sign-in__top">
      <Logo />
      <span className="sign-in__brand">{university || t('app.name')}</span>
      <span className="sign-in__space" />
      {(Object.keys(LANGUAGES) as readonly Language[])
        .filter((language) => language !== current)
        .map((language) => (
          <Button key={language} kind="quiet" icon="globe" lang={language} onClick={() => setPreferences({ language })}>
            {LANGUAGES[language]}
          </Button>
        ))}
      <Link to={{ screen: 'help', topic: undefined }} className="button button--quiet">
        {t('help.title')}
      </Link>
    </header>
  );
}
