/**
 * For somebody whom the school's own sign-in has named and who has no mailbox by it: why, what to tell the help desk, and how
 * to link a mailbox by its password.
 */
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { formText } from '#web/webmail/form-text.ts';
import { useLive } from '#web/webmail/live.ts';
import { site } from '#web/webmail/site.ts';
import { linkMailbox, readPendingLink, type LinkRefused, type PendingLink } from './auth.ts';
import { withCaptcha } from './solve-captcha.ts';
import './sign-in.css';

export function SsoUnlinkedScreen() {
  const { t } = useTexts();
  const here = useLive(site);
  const [pending, setPending] = useState<PendingLink | 'asking' | undefined>('asking');
  const [refused, setRefused] = useState<LinkRefused>();
  const [isBusy, setBusy] = useState(false);
  const aborted = useRef<AbortController>(undefined);
  useEffect(() => () => aborted.current?.abort(), []);
  useEffect(() => {
    document.title = t('sso.title');
    void readPendingLink().then(setPending);
  }, [t]);

  const submit = async (form: FormData) => {
    const text = (name: string) => formText(form, name);
    const login = text('login').normalize('NFKC').trim();
    const password = text('password');
    if (login === '' || password === '') return;
    setRefused(undefined);
    setBusy(true);
    aborted.current = new AbortController();
    const { signal } = aborted.current;
    const result = await withCaptcha((captcha) => linkMailbox({ login, password, ...captcha }), { signal }).catch(
      (): LinkRefused => ({ error: 'captchaRequired', retryAfter: 0 }),
    );
    if (result !== undefined) {
      setRefused(result);
      setBusy(false);
    } else location.replace('/');
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void submit(new FormData(event.currentTarget));
  };

  const textOf = (error: LinkRefused['error']): string => {
    switch (error) {
      case 'expired':
      case 'unknown':
      case 'linked':
      case 'secondStepRequired':
        return t(`sso.${error}`);
      default:
        return t(`signIn.${error}`);
    }
  };

  if (pending === 'asking') return null;
  return (
    <div className="sign-in">
      <main className="sign-in__main sign-in__main--single">
        <section className="sign-in__card" aria-labelledby="sso-title">
          <p className="sign-in__realm">{here.name || t('app.name')}</p>
          <h1 id="sso-title">{t('sso.title')}</h1>
          {pending === undefined ? (
            <p>{t('sso.expired')}</p>
          ) : (
            <>
              <p>
                {t(pending.canLink ? 'sso.unlinked' : 'sso.notInRoster', {
                  number: pending.number,
                  name: pending.name,
                })}
              </p>
              <p className="sign-in__ticket">
                {t('sso.ticket')} <strong className="numbers">{pending.ticketId}</strong>
              </p>
              {pending.canLink && (
                <form onSubmit={onSubmit}>
                  <p>{t('sso.linkHint')}</p>
                  {refused && (
                    <Banner tone="trouble">
                      {textOf(refused.error)}
                      {refused.retryAfter > 0 &&
                        ` ${t('signIn.retryAfter', { minutes: Math.ceil(refused.retryAfter / 60) })}`}
                    </Banner>
                  )}
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
                    type="password"
                    label={t('sso.mailPassword')}
                    autoComplete="current-password"
                    required
                    maxLength={1024}
                  />
                  <Button kind="primary" type="submit" isWide isBusy={isBusy}>
                    {t('sso.link')}
                  </Button>
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
