import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { useProof } from '#web/webmail/sign-in/use-proof.tsx';
import { useNow } from '#web/webmail/use-now.ts';
import type { OwnPhone } from '#contract/activation.ts';
import { isRefused, ownAccount, type Refused } from './api.ts';
import { CodeField } from './CodeField.tsx';
import { refusalText } from './refusal-text.ts';

export interface PhoneFormProps {
  /** What is bound, and is to be released; null: one is to be bound. */
  readonly bound: string | null;
  /** What is bound now. */
  readonly onDone: (bound: string | null) => void;
  /** Absent: there is no way around it. */
  readonly onCancel?: () => void;
}

/** Binds a telephone, or releases the one that is bound, by a code that is sent to it. */
export function PhoneForm({ bound, onDone, onCancel }: PhoneFormProps) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const { guarded, proofDialog } = useProof();
  const [phone, setPhone] = useState('');
  const [code, setCode] = useState('');
  const [refused, setRefused] = useState<Refused>();
  const [isBusy, setBusy] = useState(false);
  const [waitsUntil, setWaitsUntil] = useState(0);

  const submit = async () => {
    setBusy(true);
    const answer = await guarded<OwnPhone | Refused>(() =>
      bound === null ? ownAccount.bind(phone, code) : ownAccount.unbind(code),
    );
    setBusy(false);
    // The proof was not given: all is as it was.
    if (answer === undefined || ('error' in answer && answer.error === 'dismissed')) return;
    setCode('');
    if (isRefused(answer)) return setRefused(answer);
    setRefused(undefined);
    setPhone('');
    setWaitsUntil(0);
    onDone((answer as OwnPhone).phone);
  };
  const send = async (): Promise<number> => {
    const answer = await ownAccount.sendCode(phone);
    if (!isRefused(answer)) {
      setRefused(undefined);
      return answer.retryAfter;
    }
    setRefused(answer);
    return 0;
  };
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {refused !== undefined && <Banner tone="trouble">{refusalText(texts, refused, now)}</Banner>}
        {bound === null ? (
          <Field
            name="phone"
            type="tel"
            label={t('steps.phone')}
            value={phone}
            onChange={(event) => setPhone(event.target.value)}
            inputMode="tel"
            autoComplete="tel-national"
            required
            maxLength={40}
          />
        ) : (
          <p>{t('phone.releaseHint', { phone: bound })}</p>
        )}
        <CodeField
          waitsUntil={waitsUntil}
          onWait={setWaitsUntil}
          value={code}
          onChange={setCode}
          onSend={send}
          canSend={bound !== null || phone.replaceAll(/\D/g, '').length >= 11}
        />
        <div className="own-steps__row">
          <Button type="submit" kind={bound === null ? 'primary' : 'danger'} isBusy={isBusy}>
            {bound === null ? t('phone.bind') : t('phone.release')}
          </Button>
          {onCancel !== undefined && (
            <Button kind="quiet" onClick={onCancel}>
              {t('phone.cancel')}
            </Button>
          )}
        </div>
      </form>
      {proofDialog}
    </>
  );
}
