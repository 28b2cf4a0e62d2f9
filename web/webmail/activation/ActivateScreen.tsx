/**
 * Claiming an account, on a telephone, within three minutes. What was typed stays where it was whatever happens: a step back, a
 * refusal, half an hour over; it is kept by this screen, and nowhere else.
 */
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { ActivationStanding, PasswordProblem, School } from '#contract/activation.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { ShowPassword } from '#web/webmail/sign-in/ShowPassword.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { navigate } from '#web/webmail/navigation.ts';
import type { ActivationStep } from '#web/webmail/routes.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { activation, isRefused, type Refused } from './api.ts';
import { CodeField } from './CodeField.tsx';
import { NewPassword } from './NewPassword.tsx';
import { refusalText } from './refusal-text.ts';
import { SchoolField } from './SchoolField.tsx';
import { StepPage } from './StepPage.tsx';
import { useCaptcha } from './use-captcha.ts';

const STEPS: readonly ActivationStep[] = ['verify', 'phone', 'password'];

const EMPTY = { school: '', number: '', name: '', initial: '', phone: '', code: '', alias: '', password: '' };
type Typed = typeof EMPTY;

export function ActivateScreen({ step }: { readonly step: ActivationStep }) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const [typed, setTyped] = useState<Typed>(EMPTY);
  const [schools, setSchools] = useState<readonly School[]>([]);
  const [standing, setStanding] = useState<ActivationStanding>();
  const [refused, setRefused] = useState<Refused>();
  const [hasAgreed, setAgreed] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [waitsUntil, setWaitsUntil] = useState(0);
  const captcha = useCaptcha();
  const type = (patch: Partial<Typed>) => setTyped((before) => ({ ...before, ...patch }));
  const go = (to: ActivationStep, mode: 'push' | 'replace' = 'push') =>
    navigate({ screen: 'activate', step: to }, mode);

  useEffect(() => {
    void activation.schools().then((answer) => {
      if (isRefused(answer)) return;
      setSchools(answer.schools);
      const [only, ...others] = answer.schools;
      if (only !== undefined && others.length === 0) type({ school: only.id });
    });
    // Loaded anew in the middle: one goes on where one was.
    void activation.walk().then((answer) => {
      if (!isRefused(answer)) setStanding(answer);
      else if (step !== 'verify') go('verify', 'replace');
    });
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once
  }, []);
  // What was refused before says nothing about another step.
  useEffect(() => setRefused((before) => (before?.error === 'noWalk' ? before : undefined)), [step]);

  /** Runs one step; what is over sends one back to the beginning, with everything typed. */
  const run = async <Answer extends object>(
    work: () => Promise<Answer | Refused>,
    onDone: (answer: Answer) => void,
  ): Promise<boolean> => {
    setRefused(undefined);
    setBusy(true);
    const answer = await work();
    setBusy(false);
    if (!isRefused(answer)) {
      onDone(answer);
      return true;
    }
    setRefused(answer);
    if (answer.error === 'noWalk') go('verify', 'replace');
    return false;
  };

  const banner = refused !== undefined && !SHOWN_AT_FIELDS.includes(refused.error) && (
    <Banner tone="trouble">
      {refusalText(texts, refused, now)}
      {refused.url !== undefined && <a href={refused.url}> {t('signIn.goThere')}</a>}
      {refused.error === 'alreadyActive' && (
        <>
          {' '}
          <Link to={{ screen: 'signIn', next: '/' }}>{t('steps.toSignIn')}</Link>
        </>
      )}
    </Banner>
  );
  const common = { typed, type, refused, isBusy, run, go };
  return (
    <StepPage
      title={t('activate.title')}
      steps={[t('activate.verify'), t('activate.phone'), t('activate.finish')]}
      step={STEPS.indexOf(step)}
    >
      {banner}
      {step === 'verify' && (
        <VerifyStep
          {...common}
          schools={schools}
          captcha={captcha}
          hasAgreed={hasAgreed}
          onAgree={setAgreed}
          onVerified={setStanding}
        />
      )}
      {step !== 'verify' && standing !== undefined && (
        <p className="steps__who">
          {t('activate.hello', { name: standing.name })}
          <bdi>{standing.address}</bdi>
        </p>
      )}
      {step === 'phone' && (
        <PhoneStep {...common} onProven={setStanding} waitsUntil={waitsUntil} onWait={setWaitsUntil} />
      )}
      {step === 'password' && standing !== undefined && <PasswordStep {...common} standing={standing} />}
    </StepPage>
  );
}

/** Said beside the field that they are about. */
const SHOWN_AT_FIELDS: readonly Refused['error'][] = ['badPhone', 'wrongCode', 'codeExpired', 'alias', 'password'];

interface StepProps {
  readonly typed: Typed;
  readonly type: (patch: Partial<Typed>) => void;
  readonly refused: Refused | undefined;
  readonly isBusy: boolean;
  readonly run: <Answer extends object>(
    work: () => Promise<Answer | Refused>,
    onDone: (answer: Answer) => void,
  ) => Promise<boolean>;
  readonly go: (to: ActivationStep, mode?: 'push' | 'replace') => void;
}

function VerifyStep({
  typed,
  type,
  isBusy,
  run,
  go,
  schools,
  captcha,
  hasAgreed,
  onAgree,
  onVerified,
}: StepProps & {
  readonly schools: readonly School[];
  readonly captcha: ReturnType<typeof useCaptcha>;
  readonly hasAgreed: boolean;
  readonly onAgree: (hasAgreed: boolean) => void;
  readonly onVerified: (standing: ActivationStanding) => void;
}) {
  const { t } = useTexts();
  const [isShown, show] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { school, number, name, initial } = typed;
    void run(
      async () => {
        let solved: string;
        try {
          solved = await captcha.take();
        } catch {
          return { error: 'offline' };
        }
        return activation.begin({ school, number, name, password: initial, captcha: solved });
      },
      (standing) => {
        onVerified(standing);
        go('phone');
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <SchoolField schools={schools} value={typed.school} onChange={(school) => type({ school })} />
      <Field
        name="number"
        label={t('activate.number')}
        value={typed.number}
        onChange={(event) => type({ number: event.target.value })}
        // Numbers of students are digits; letters are a switch of the keyboard away.
        inputMode="numeric"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={64}
      />
      <Field
        name="name"
        label={t('activate.name')}
        value={typed.name}
        onChange={(event) => type({ name: event.target.value })}
        autoComplete="name"
        required
        maxLength={200}
      />
      <Field
        name="initial-password"
        type={isShown ? 'text' : 'password'}
        label={t('activate.initialPassword')}
        hint={t('activate.initialPasswordHint')}
        value={typed.initial}
        onChange={(event) => type({ initial: event.target.value })}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        maxLength={200}
        suffix={<ShowPassword isShown={isShown} onChange={show} />}
      />
      <p className={captcha.isSolved ? 'steps__check steps__check--solved' : 'steps__check'} role="status">
        <Icon name={captcha.isSolved ? 'check' : 'shield'} />
        {captcha.isSolved ? t('steps.captchaDone') : t('steps.captchaRuns')}
      </p>
      <label className="steps__consent">
        <input
          type="checkbox"
          name="consent"
          checked={hasAgreed}
          onChange={(event) => onAgree(event.target.checked)}
          required
        />
        <span>{t('activate.consent')}</span>
      </label>
      <details className="steps__terms">
        <summary>{t('activate.terms')}</summary>
        <p>{t('activate.termsUse')}</p>
        <p>{t('activate.termsData')}</p>
      </details>
      <Button kind="primary" type="submit" isWide isBusy={isBusy}>
        {t('steps.next')}
      </Button>
    </form>
  );
}

function PhoneStep({
  typed,
  type,
  refused,
  isBusy,
  run,
  go,
  onProven,
  waitsUntil,
  onWait,
}: StepProps & {
  readonly onProven: (standing: ActivationStanding) => void;
  readonly waitsUntil: number;
  readonly onWait: (until: number) => void;
}) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const form = useRef<HTMLFormElement>(null);
  const { phone, code } = typed;
  const errorOf = (...errors: readonly Refused['error'][]) =>
    refused !== undefined && errors.includes(refused.error) ? refusalText(texts, refused, now) : undefined;
  const prove = (typedCode: string) => {
    if (isBusy) return;
    void run(
      () => activation.takePhone(phone, typedCode),
      (standing) => {
        onProven(standing);
        type({ code: '' });
        go('password');
      },
    );
  };
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        prove(code);
      }}
    >
      <Field
        name="phone"
        type="tel"
        label={t('steps.phone')}
        hint={t('activate.phoneHint')}
        error={errorOf('badPhone', 'phoneFull')}
        value={phone}
        onChange={(event) => {
          type({ phone: event.target.value });
          // Another number has nothing to wait for.
          onWait(0);
        }}
        inputMode="tel"
        autoComplete="tel-national"
        autoFocus
        required
        maxLength={40}
      />
      <CodeField
        value={code}
        onChange={(next) => {
          type({ code: next });
          if (next.length === 6 && next !== code) prove(next);
        }}
        waitsUntil={waitsUntil}
        onWait={onWait}
        canSend={phone.replaceAll(/\D/g, '').length >= 11}
        error={errorOf('wrongCode', 'codeExpired')}
        onSend={async () => {
          let wait = 0;
          await run(
            () => activation.sendCode(phone),
            ({ retryAfter }) => {
              wait = retryAfter;
              form.current?.querySelector<HTMLInputElement>('[name=code]')?.focus();
            },
          );
          return wait;
        }}
      />
      <Button kind="primary" type="submit" isWide isBusy={isBusy}>
        {t('steps.next')}
      </Button>
      <p className="steps__back">
        <Button kind="quiet" icon="arrowLeft" onClick={() => history.back()}>
          {t('steps.back')}
        </Button>
      </p>
    </form>
  );
}

function PasswordStep({
  typed,
  type,
  refused,
  isBusy,
  run,
  standing,
}: StepProps & { readonly standing: ActivationStanding }) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const [aliasRefused, setAliasRefused] = useState<Refused>();
  const { alias, password } = typed;
  const problems: readonly PasswordProblem[] = refused?.error === 'password' ? (refused.problems ?? []) : [];
  const shown = refused?.error === 'alias' ? refused : aliasRefused;
  const judge = async () => {
    if (alias.trim() === '') return setAliasRefused(undefined);
    const answer = await activation.judgeAlias(alias);
    setAliasRefused(isRefused(answer) && answer.error === 'alias' ? answer : undefined);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // A new document: nothing of these pages is left in it, and the mailbox is drawn at once.
        void run(
          () => activation.finish(alias, password),
          () => location.replace('/'),
        );
      }}
    >
      <Field
        name="alias"
        label={t('activate.alias')}
        hint={t('activate.aliasHint')}
        error={shown === undefined ? undefined : refusalText(texts, shown, now)}
        value={alias}
        onChange={(event) => {
          type({ alias: event.target.value });
          setAliasRefused(undefined);
        }}
        onBlur={() => void judge()}
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        maxLength={40}
        suffix={<span>@{standing.domain}</span>}
      />
      <NewPassword
        value={password}
        onChange={(next) => type({ password: next })}
        problems={problems}
        username={standing.address}
      />
      <Button kind="primary" type="submit" isWide isBusy={isBusy}>
        {t('activate.submit')}
      </Button>
      <p className="steps__back">
        <Button kind="quiet" icon="arrowLeft" onClick={() => history.back()}>
          {t('steps.back')}
        </Button>
      </p>
    </form>
  );
}
