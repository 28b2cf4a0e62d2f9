import { useEffect, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { site, siteName } from '#web/webmail/site.ts';
import { SignInTop } from '#web/webmail/sign-in/SignInTop.tsx';
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
      <SignInTop />
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
