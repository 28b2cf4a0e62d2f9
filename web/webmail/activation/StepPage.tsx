import { useEffect, type ReactNode } from 'react';
import { LANGUAGES, useTexts, type Language } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { setPreferences } from '#web/webmail/preferences.ts';
import { Logo } from '#web/webmail/shell/Logo.tsx';
import { site, siteName } from '#web/webmail/site.ts';
import '#web/webmail/sign-in/sign-in.css';
import './activation.css';

export interface StepPageProps {
  readonly title: string;
  readonly steps: readonly string[];
  /** From 0. */
  readonly step: number;
  readonly children: ReactNode;
}

/** What surrounds each step: whose page it is, how far one has come, and whom to ask. */
export function StepPage({ title, steps, step, children }: StepPageProps) {
  const texts = useTexts();
  const { t } = texts;
  const university = siteName(useLive(site), texts.language);
  useEffect(() => {
    document.title = `${title} · ${university || t('app.name')}`;
  }, [t, title, university]);
  return (
    <div className="sign-in">
      <header className="sign-in__top">
        <Logo />
        <span className="sign-in__brand">{university || t('app.name')}</span>
        <span className="sign-in__space" />
        {(Object.keys(LANGUAGES) as readonly Language[])
          .filter((language) => language !== texts.language)
          .map((language) => (
            <Button
              key={language}
              kind="quiet"
              icon="globe"
              lang={language}
              onClick={() => setPreferences({ language })}
            >
              {LANGUAGES[language]}
            </Button>
          ))}
        <Link to={{ screen: 'help', topic: undefined }} className="button button--quiet">
          {t('help.title')}
        </Link>
      </header>
      <main className="steps">
        <section className="sign-in__card steps__card" aria-labelledby="steps-title">
          <h1 id="steps-title">{title}</h1>
          <ol className="steps__bar" aria-label={t('steps.progress', { step: step + 1, of: steps.length })}>
            {steps.map((name, at) => (
              <li
                key={name}
                className={at < step ? 'steps__done' : undefined}
                aria-current={at === step ? 'step' : undefined}
              >
                <span className="steps__number numbers">{at + 1}</span>
                {name}
              </li>
            ))}
          </ol>
          {children}
        </section>
        <footer className="steps__foot">
          <Link to={{ screen: 'signIn', next: '/' }}>{t('steps.toSignIn')}</Link>
          <Phones />
        </footer>
      </main>
    </div>
  );
}
