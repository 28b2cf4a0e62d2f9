import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import type { Failure, Step } from './strong.ts';

export interface StepFormProps {
  readonly steps: readonly Step[];
  /** Where a code by SMS would go. */
  readonly phone?: string | undefined;
  readonly failure: Failure | undefined;
  readonly isBusy: boolean;
  readonly onShow: (step: { readonly kind: Step; readonly code: string }) => void;
  readonly onSendCode?: () => Promise<Failure | undefined>;
}

/** One second step at a time, the handiest first, and the way to the others. */
export function StepForm({ steps, phone, failure, isBusy, onShow, onSendCode }: StepFormProps) {
  const { t } = useTexts();
  const order = (['passkey', 'totp', 'sms', 'password', 'recovery'] as const).filter((one) => steps.includes(one));
  const [chosen, choose] = useState<Step>();
  const step = chosen ?? order[0] ?? 'password';
  const [code, setCode] = useState('');
  const other = (one: Step) => {
    choose(one);
    setCode('');
  };
  const [sent, setSent] = useState<Failure | 'sent'>();
  return (
    <form
      className="step-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (step === 'passkey' || code.trim() !== '') onShow({ kind: step, code: code.trim() });
      }}
    >
      {failure !== undefined && <StepFailure failure={failure} />}
      <p className="step-form__hint">
        {/* Nothing of one's own to show: the help desk has a code for whom it knows. */}
        {t(step === 'recovery' && order.length === 1 ? 'strong.hint.desk' : `strong.hint.${step}`, {
          phone: phone ?? '',
        })}
      </p>
      {step === 'sms' && onSendCode !== undefined && (
        <>
          <Button onClick={() => void onSendCode().then((failed) => setSent(failed ?? 'sent'))}>
            {t('strong.sendCode')}
          </Button>
          {sent === 'sent' && <p className="step-form__hint">{t('strong.codeSent')}</p>}
          {typeof sent === 'object' && <StepFailure failure={sent} />}
        </>
      )}
      {step !== 'passkey' && (
        <Field
          key={step}
          label={t(`strong.field.${step}`)}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          type={step === 'password' ? 'password' : 'text'}
          autoComplete={step === 'password' ? 'current-password' : step === 'recovery' ? 'off' : 'one-time-code'}
          inputMode={step === 'totp' || step === 'sms' ? 'numeric' : 'text'}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={step === 'password' ? 1024 : 40}
          autoFocus
          required
        />
      )}
      <Button kind="primary" type="submit" isWide isBusy={isBusy}>
        {t(step === 'passkey' ? 'strong.usePasskey' : 'strong.continue')}
      </Button>
      {order.length > 1 && (
        <div className="step-form__others">
          {order
            .filter((one) => one !== step)
            .map((one) => (
              <Button key={one} kind="quiet" onClick={() => other(one)}>
                {t(`strong.other.${one}`)}
              </Button>
            ))}
        </div>
      )}
    </form>
  );
}

/** Why not, and when again. */
export function StepFailure({ failure }: { readonly failure: Failure }) {
  const { t } = useTexts();
  const { error, retryAfter } = failure;
  return (
    <Banner tone="trouble">
      {t(error === 'dismissed' ? 'strong.dismissed' : `signIn.${error}`)}
      {'faults' in failure && failure.faults !== undefined && (
        <ul className="step-form__faults">
          {failure.faults.map((fault) => (
            <li key={fault}>{t(`newPassword.${fault}`)}</li>
          ))}
        </ul>
      )}
      {retryAfter > 0 && ` ${t('signIn.retryAfter', { minutes: Math.ceil(retryAfter / 60) })}`}
    </Banner>
  );
}
