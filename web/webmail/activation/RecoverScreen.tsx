/** A password forgotten: set anew by the telephone that is bound to the account. */
import { useEffect, useState, type FormEvent } from 'react';
import type { PasswordProblem, RecoveryStanding } from '#contract/activation.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { useLive } from '#web/webmail/live.ts';
import { navigate } from '#web/webmail/navigation.ts';
import type { RecoveryStep } from '#web/webmail/routes.ts';
import { site } from '#web/webmail/site.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { isRefused, recovery, type Refused } from './api.ts';
import { CodeField } from './CodeField.tsx';
import { NewPassword } from './NewPassword.tsx';
import { refusalText } from './refusal-text.ts';
import { StepPage } from './StepPage.tsx';
import { useCaptcha } from './use-captcha.ts';

const STEPS: readonly RecoveryStep[] = ['name', 'phone', 'password', 'done'];

export function RecoverScreen({ step }: { readonly step: RecoveryStep }) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const here = useLive(site);
  const captcha = useCaptcha();
  const [login, setLogin] = useState('');
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  const [standing, setStanding] = useState<RecoveryStanding>();
  const [refused, setRefused] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const [waitsUntil, setWaitsUntil] = useState(0);
  const go = (to: RecoveryStep, mode: 'push' | 'replace' = 'push') => navigate({ screen: 'recover', step: to }, mode);
  useEffect(() => {
    if (step === 'done') return;
    void recovery.walk().then((answer) => {
      if (!isRefused(answer)) setStanding(answer);
      else if (step !== 'name') go('name', 'replace');
    });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once
  }, []);
  useEffect(() => setRefused((before) => (before?.error === 'noWalk' ? before : undefined)), [step]);

  const run = async <Answer extends object>(
    work: () => Promise<Answer | Refused>,
    onDone: (answer: Answer) => void,
  ): Promise<void> => {
    setRefused(undefined);
    setBusy(true);
    const answer = await work();
    setBusy(false);
    if (!isRefused(answer)) return onDone(answer);
    setRefused(answer);
    if (answer.error === 'noWalk') go('name', 'replace');
  };
  const onSubmit = (work: () => void) => (event: FormEvent) => {
    event.preventDefault();
    work();
  };
  const prove = (typed: string) => {
    if (isBusy) return;
    void run(
      () => recovery.prove(typed),
      (answer) => {
        setStanding(answer);
        setCode('');
        go('password');
      },
    );
  };
  const isOfField = refused !== undefined && ['wrongCode', 'codeExpired', 'password'].includes(refused.error);
  const problems: readonly PasswordProblem[] = refused?.error === 'password' ? (refused.problems ?? []) : [];
  return (
    <StepPage
      title={t('recover.title')}
      steps={[t('recover.name'), t('recover.phone'), t('recover.password')]}
      step={STEPS.indexOf(step)}
    >
      {refused !== undefined && !isOfField && <Banner tone="trouble">{refusalText(texts, refused, now)}</Banner>}
      {step === 'name' && (
        <form
          onSubmit={onSubmit(
            () =>
              void run(
                async () => {
                  try {
                    return await recovery.begin(login, await captcha.take());
                  } catch {
                    return { error: 'offline' };
                  }
                },
                (answer) => {
                  setStanding(answer);
                  go('phone');
                },
              ),
          )}
        >
          <Field
            name="login"
            label={here.realm === 'student' ? t('signIn.studentLogin') : t('signIn.login')}
            value={login}
            onChange={(event) => setLogin(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            required
            maxLength={320}
            suffix={<span>@{here.domain}</span>}
          />
          <p className={captcha.isSolved ? 'steps__check steps__check--solved' : 'steps__check'} role="status">
            <Icon name={captcha.isSolved ? 'check' : 'shield'} />
            {captcha.isSolved ? t('steps.captchaDone') : t('steps.captchaRuns')}
          </p>
          <Button kind="primary" type="submit" isWide isBusy={isBusy}>
            {t('steps.next')}
          </Button>
        </form>
      )}
      {step === 'phone' && standing !== undefined && (
        <form onSubmit={onSubmit(() => prove(code))}>
          <p className="steps__who">
            {t('recover.bound')} <strong className="numbers">{standing.phone}</strong>
            <bdi>{standing.login}</bdi>
          </p>
          <CodeField
            value={code}
            onChange={(next) => {
              setCode(next);
              if (next.length === 6 && next !== code) prove(next);
            }}
            canSend
            waitsUntil={waitsUntil}
            onWait={setWaitsUntil}
            error={
              refused?.error === 'wrongCode' || refused?.error === 'codeExpired'
                ? refusalText(texts, refused, now)
                : undefined
            }
            onSend={async () => {
              let wait = 0;
              await run(recovery.sendCode, (answer) => (wait = answer.retryAfter));
              return wait;
            }}
          />
          <Button kind="primary" type="submit" isWide isBusy={isBusy}>
            {t('steps.next')}
          </Button>
          <p className="sign-in__quiet">{t('recover.otherPhone')}</p>
        </form>
      )}
      {step === 'password' && standing !== undefined && (
        <form
          onSubmit={onSubmit(
            () =>
              void run(
                () => recovery.finish(password),
                () => go('done', 'replace'),
              ),
          )}
        >
          <NewPassword value={password} onChange={setPassword} problems={problems} username={standing.login} />
          <p className="sign-in__quiet">{t('recover.ends')}</p>
          <Button kind="primary" type="submit" isWide isBusy={isBusy}>
            {t('recover.submit')}
          </Button>
        </form>
      )}
      {step === 'done' && (
        <>
          <Banner tone="info" icon="check">
            {t('recover.done')}
          </Banner>
          <p className="steps__back">
            <Link to={{ screen: 'signIn', next: '/' }} className="button button--primary">
              {t('steps.toSignIn')}
            </Link>
          </p>
        </>
      )}
    </StepPage>
  );
}
