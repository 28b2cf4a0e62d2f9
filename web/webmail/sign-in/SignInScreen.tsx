import { Suspense, useEffect, useRef, useState, type FormEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field, Switch } from '#web/ui/Field.tsx';
import { later } from '#web/ui/later.ts';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { formText } from '#web/webmail/form-text.ts';
import { useLive } from '#web/webmail/live.ts';
import { site, siteName } from '#web/webmail/site.ts';
import { ArchiveBanner } from '#web/webmail/shell/ArchiveBanner.tsx';
import { useNow } from '#web/webmail/use-now.ts';
import { signIn, ssoAddress, type Refused, type Session } from './auth.ts';
import { RefusalBanner } from './RefusalBanner.tsx';
import { withCaptcha } from './solve-captcha.ts';
import { parseRoute, type SsoTrouble } from '#web/webmail/routes.ts';
import { ShowPassword } from './ShowPassword.tsx';
import { SignInTop } from './SignInTop.tsx';
import { TermsNote } from './Terms.tsx';
import { StepFailure, StepForm } from './StepForm.tsx';
import { finishStep, sendStepCode, signInByPasskey, type Failure } from './strong.ts';
import './sign-in.css';

/** Of a few sign-ins in a life. */
const EnrolForm = later(() => import('./EnrolForm.tsx').then((module) => ({ default: module.EnrolForm })));

export interface SignInScreenProps {
  readonly onSignedIn: (session: Session) => void;
  /** Where to go then. */
  readonly next: string;
  /** Why the school's own sign-in did not let them in. */
  readonly sso?: SsoTrouble | undefined;
  /** They have just signed out. */
  readonly isSignedOut?: boolean;
}

export function SignInScreen({ onSignedIn, next, sso, isSignedOut = false }: SignInScreenProps) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const here = useLive(site);
  const university = siteName(here, texts.language);
  const [refused, setRefused] = useState<Refused>();
  /** The second step that is waited for, and what came of the last try. */
  const [asked, setAsked] = useState<Refused>();
  const [failure, setFailure] = useState<Failure>();
  const [trusts, trust] = useState(false);
  /** This password is good for one thing: to set another. */
  const [isNewNeeded, needNew] = useState(false);
  const [state, setState] = useState<'idle' | 'signingIn' | 'checking'>('idle');
  const [isPasswordShown, showPassword] = useState(false);
  const passwordField = useRef<HTMLInputElement>(null);
  const aborted = useRef<AbortController>(undefined);
  useEffect(() => () => aborted.current?.abort(), []);
  useEffect(() => {
    document.title = `${t('signIn.title')} · ${university || t('app.name')}`;
  }, [t, university]);

  const submit = async (form: FormData) => {
    const text = (name: string) => formText(form, name);
    // People paste numbers with blanks around them and type them in full width (domain.md S-12).
    const login = text('login').normalize('NFKC').trim();
    const password = text('password');
    if (login === '' || password === '') return;
    setRefused(undefined);
    setFailure(undefined);
    const newPassword = text('newPassword');
    if (isNewNeeded && newPassword !== text('newPasswordAgain')) {
      setRefused({ error: 'notTheSame', retryAfter: 0 });
      return;
    }
    const credentials = { login, password, ...(isNewNeeded ? { newPassword } : {}) };
    setState('signingIn');
    aborted.current = new AbortController();
    const result = await withCaptcha((captcha) => signIn({ ...credentials, ...captcha }), {
      signal: aborted.current.signal,
      onSolving: () => setState('checking'),
    }).catch((): Refused => ({ error: 'unavailable', retryAfter: 0 }));
    setState('idle');
    if ('error' in result && (result.error === 'secondStepRequired' || result.error === 'enrolmentRequired'))
      setAsked(result);
    else if ('error' in result) {
      if (result.error === 'passwordChangeRequired') needNew(true);
      setRefused(result);
      if (result.error === 'passwordChangeRequired' || result.error === 'weakPassword') return;
      passwordField.current?.select();
      passwordField.current?.focus();
    } else onSignedIn(result);
  };
  const finish = async (act: () => Promise<Session | Failure>) => {
    setFailure(undefined);
    setRefused(undefined);
    setState('signingIn');
    const result = await act();
    setState('idle');
    if (!('error' in result)) return onSignedIn(result);
    // The code that an odd sign-in was asked for is shown; now one's own step is set up.
    if (result.error === 'enrolmentRequired') return setAsked(result);
    // A passkey alone is answered as a password is.
    if (asked === undefined && result.error !== 'dismissed') {
      if (result.error === 'passwordChangeRequired') needNew(true);
      return setRefused(result);
    }
    // What was begun is over: from the beginning.
    if (result.error === 'notSignedIn') setAsked(undefined);
    setFailure(result);
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void submit(new FormData(event.currentTarget));
  };

  const ssoName = here.sso === null ? undefined : texts.language === 'en' ? here.sso.englishName : here.sso.name;
  const inLanguage = ({ title, englishTitle }: { readonly title: string; readonly englishTitle: string }) =>
    texts.language === 'en' ? englishTitle : title;
  const loginLabel =
    here.archive !== null ? 'archive.login' : here.realm === 'student' ? 'signIn.studentLogin' : 'signIn.login';
  const isEnrolment = asked?.error === 'enrolmentRequired';
  const { title, englishTitle } = here;
  const named = title === null || englishTitle === null ? undefined : inLanguage({ title, englishTitle });
  const realm =
    named ?? (here.realm === 'student' ? t('signIn.students') : here.realm === 'staff' ? t('signIn.staff') : undefined);
  return (
    <div className="sign-in">
      <SignInTop />
      <main className="sign-in__main">
        <section className="sign-in__card" aria-labelledby="sign-in-title">
          <p className="sign-in__realm">{realm ?? t('app.name')}</p>
          <h1 id="sign-in-title">
            {t(asked === undefined ? 'signIn.title' : isEnrolment ? 'enrol.title' : 'strong.title')}
          </h1>
          {asked !== undefined && isEnrolment && (
            <Suspense>
              <EnrolForm
                steps={asked.steps ?? []}
                phone={asked.phone}
                onEnrolled={onSignedIn}
                onLate={(late) => {
                  setAsked(undefined);
                  setFailure(late);
                }}
              />
            </Suspense>
          )}
          {asked !== undefined && !isEnrolment && (
            <>
              <StepForm
                steps={asked.steps ?? []}
                phone={asked.phone}
                failure={failure}
                isBusy={state !== 'idle'}
                onShow={(step) => void finish(() => finishStep(step, trusts))}
                onSendCode={sendStepCode}
              />
              <Switch label={t('strong.trust')} isOn={trusts} onChange={trust} />
              <Button kind="quiet" isWide onClick={() => setAsked(undefined)}>
                {t('strong.back')}
              </Button>
            </>
          )}
          <ArchiveBanner />
          <form onSubmit={onSubmit} hidden={asked !== undefined || here.archive?.hasEnded === true}>
            {sso !== undefined && refused === undefined && (
              <Banner tone="trouble">
                {t(`sso.${sso}`)}
                {sso === 'notActivated' && (
                  <>
                    {' '}
                    <Link to={{ screen: 'activate', step: 'verify' }}>{t('signIn.activate')}</Link>
                  </>
                )}
              </Banner>
            )}
            {isSignedOut && ssoName !== undefined && refused === undefined && (
              <Banner tone="info">
                {t('sso.signedOut', { name: ssoName })}{' '}
                <a href="/auth/sso/sign-out">{t('sso.signOutThere', { name: ssoName })}</a>
              </Banner>
            )}
            {asked === undefined && failure && <StepFailure failure={failure} />}
            {refused?.error === 'weakPassword' && <StepFailure failure={refused} />}
            {refused && refused.error !== 'weakPassword' && <RefusalBanner refused={refused} />}
            <Field
              name="login"
              label={t(loginLabel)}
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              required
              maxLength={320}
              suffix={<span>@{here.domain}</span>}
            />
            <Field
              ref={passwordField}
              name="password"
              type={isPasswordShown ? 'text' : 'password'}
              label={t('signIn.password')}
              autoComplete="current-password"
              required
              maxLength={1024}
              suffix={<ShowPassword isShown={isPasswordShown} onChange={showPassword} />}
            />
            {isNewNeeded &&
              (['newPassword', 'newPasswordAgain'] as const).map((name) => (
                <Field
                  key={name}
                  name={name}
                  type={isPasswordShown ? 'text' : 'password'}
                  label={t(`strong.${name}`)}
                  hint={name === 'newPassword' ? t('strong.passwordRules') : undefined}
                  autoComplete="new-password"
                  required
                  maxLength={1024}
                />
              ))}
            <Button kind="primary" type="submit" isWide isBusy={state !== 'idle'}>
              {state === 'checking' ? t('signIn.checking') : t('signIn.submit')}
            </Button>
            {'PublicKeyCredential' in globalThis && !isNewNeeded && here.archive === null && (
              <Button kind="quiet" icon="lock" isWide onClick={() => void finish(signInByPasskey)}>
                {t('strong.byPasskey')}
              </Button>
            )}
            {ssoName !== undefined && (
              <a className="button button--plain sign-in__sso" href={ssoAddress(next)}>
                {ssoName}
              </a>
            )}
            <TermsNote />
            {here.archive === null && (
              <p className="sign-in__more">
                <Link to={{ screen: 'activate', step: 'verify' }}>{t('signIn.activate')}</Link>
                <Link to={{ screen: 'recover', step: 'name' }}>{t('signIn.recover')}</Link>
              </p>
            )}
            {here.otherRealmUrl !== null && (
              <p className="sign-in__other">
                <a href={here.otherRealmUrl}>
                  {here.realm === 'student' ? t('signIn.toStaff') : t('signIn.toStudents')}
                </a>
              </p>
            )}
          </form>
        </section>
        <section className="sign-in__notices" aria-labelledby="sign-in-notices">
          <h2 id="sign-in-notices">{t('signIn.notices')}</h2>
          {here.notices.length === 0 ? (
            <p className="sign-in__quiet">{t('signIn.noNotices')}</p>
          ) : (
            <ul>
              {here.notices.map((notice) => (
                <li key={notice.id}>
                  {notice.url === null ? (
                    notice.title
                  ) : notice.url.startsWith('/') ? (
                    <Link to={parseRoute(notice.url)}>{notice.title}</Link>
                  ) : (
                    <a href={notice.url} target="_blank" rel="noopener noreferrer">
                      {notice.title}
                    </a>
                  )}
                  <time className="numbers" dateTime={notice.publishedOn}>
                    {texts.day(new Date(`${notice.publishedOn}T00:00`), now)}
                  </time>
                </li>
              ))}
            </ul>
          )}
          {here.notices.some(({ url }) => url?.startsWith('/')) && (
            <p className="sign-in__quiet">
              <Link to={{ screen: 'notices', noticeId: undefined }}>{t('notices.all')}</Link>
            </p>
          )}
          <p className="sign-in__quiet">{t('signIn.phishing')}</p>
          <Phones />
        </section>
      </main>
    </div>
  );
}
