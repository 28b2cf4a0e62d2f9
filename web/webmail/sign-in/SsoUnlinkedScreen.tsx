/**
 * For somebody whom the school's own sign-in has named and who has no mailbox by it: why, what to tell the help desk, and how
 * to link a mailbox by its password.
 */
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { formText } from '#web/webmail/form-text.ts';
import { useLive } from '#web/webmail/live.ts';
import { site, siteName } from '#web/webmail/site.ts';
import { linkMailbox, linkSession, readPendingLink, type LinkRefused, type PendingLink } from './auth.ts';
import { RefusalBanner } from './RefusalBanner.tsx';
import { ShowPassword } from './ShowPassword.tsx';
import { SignInTop } from './SignInTop.tsx';
import { withCaptcha } from './solve-captcha.ts';
import { StepFailure, StepForm } from './StepForm.tsx';
import { finishStep, sendStepCode, type Failure } from './strong.ts';
import { TermsNote } from './Terms.tsx';
import './sign-in.css';

export function SsoUnlinkedScreen() {
  const texts = useTexts();
  const { t } = texts;
  const here = useLive(site);
  const [pending, setPending] = useState<PendingLink | 'asking' | undefined>('asking');
  const [refused, setRefused] = useState<LinkRefused>();
  /** The second step that is waited for, and what came of the last try. */
  const [asked, setAsked] = useState<LinkRefused>();
  const [failure, setFailure] = useState<Failure>();
  const [state, setState] = useState<'idle' | 'linking' | 'checking'>('idle');
  const [isPasswordShown, showPassword] = useState(false);
  const aborted = useRef<AbortController>(undefined);
  useEffect(() => () => aborted.current?.abort(), []);
  useEffect(() => {
    document.title = t('sso.title');
  }, [t]);
  useEffect(() => {
    void readPendingLink().then(setPending);
  }, []);

  const next = typeof pending === 'object' ? pending.next : '/';
  const submit = async (form: FormData) => {
    const text = (name: string) => formText(form, name);
    const login = text('login').normalize('NFKC').trim();
    const password = text('password');
    if (login === '' || password === '') return;
    setRefused(undefined);
    setFailure(undefined);
    setState('linking');
    aborted.current = new AbortController();
    const { signal } = aborted.current;
    const result = await withCaptcha((captcha) => linkMailbox({ login, password, ...captcha }), {
      signal,
      onSolving: () => setState('checking'),
    }).catch((): LinkRefused => ({ error: 'unavailable', retryAfter: 0 }));
    if (result === undefined) return location.replace(next);
    setState('idle');
    if (result.error === 'secondStepRequired') setAsked(result);
    else setRefused(result);
  };
  /** The second step signs in; then the mailbox of that session is linked. */
  const finish = async (step: Parameters<typeof finishStep>[0]) => {
    setFailure(undefined);
    setState('linking');
    const session = await finishStep(step, false);
    const result = 'error' in session ? undefined : await linkSession();
    if (!('error' in session) && result === undefined) return location.replace(next);
    setState('idle');
    // What was begun is over: from the beginning.
    if (!('error' in session) || session.error === 'notSignedIn') setAsked(undefined);
    if ('error' in session) setFailure(session);
    else setRefused(result);
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void submit(new FormData(event.currentTarget));
  };

  const whoIs = ({ name, number }: PendingLink): string => (name === '' ? number : t('sso.who', { name, number }));
  if (pending === 'asking') return null;
  return (
    <div className="sign-in">
      <SignInTop />
      <main className="sign-in__main sign-in__main--single">
        <section className="sign-in__card" aria-labelledby="sso-title">
          <p className="sign-in__realm">{siteName(here, texts.language) || t('app.name')}</p>
          <h1 id="sso-title">{t(asked === undefined ? 'sso.title' : 'strong.title')}</h1>
          {pending === undefined ? (
            <p>{t('sso.expired')}</p>
          ) : (
            <>
              {asked === undefined && (
                <>
                  <p>{t(pending.canLink ? 'sso.unlinked' : 'sso.notInRoster', { who: whoIs(pending) })}</p>
                  <p className="sign-in__ticket">
                    {t('sso.ticket')} <strong className="numbers">{pending.ticketId}</strong>
                  </p>
                </>
              )}
              {asked !== undefined && (
                <>
                  <StepForm
                    steps={asked.steps ?? []}
                    phone={asked.phone}
                    failure={failure}
                    isBusy={state !== 'idle'}
                    onShow={(step) => void finish(step)}
                    onSendCode={sendStepCode}
                  />
                  <Button kind="quiet" isWide onClick={() => setAsked(undefined)}>
                    {t('strong.back')}
                  </Button>
                </>
              )}
              {pending.canLink && (
                <form onSubmit={onSubmit} hidden={asked !== undefined}>
                  <p>{t('sso.linkHint')}</p>
                  {asked === undefined && failure && <StepFailure failure={failure} />}
                  {refused && <RefusalBanner refused={refused} />}
                  <Field
                    name="login"
                    label={t('signIn.login')}
                    autoComplete="username"
                    autoCapitalize="none"
                    spellCheck={false}
                    required
                    maxLength={320}
                    suffix={<span>@{here.domain}</span>}
                  />
                  <Field
                    name="password"
                    type={isPasswordShown ? 'text' : 'password'}
                    label={t('sso.mailPassword')}
                    autoComplete="current-password"
                    required
                    maxLength={1024}
                    suffix={<ShowPassword isShown={isPasswordShown} onChange={showPassword} />}
                  />
                  <Button kind="primary" type="submit" isWide isBusy={state !== 'idle'}>
                    {state === 'checking' ? t('signIn.checking') : t('sso.link')}
                  </Button>
                  <TermsNote />
                </form>
              )}
            </>
          )}
          <p className="sign-in__other">
            <Link to={{ screen: 'signIn', next: '/' }}>{t('sso.toPassword')}</Link>
          </p>
          <Phones />
        </section>
      </main>
    </div>
  );
}
