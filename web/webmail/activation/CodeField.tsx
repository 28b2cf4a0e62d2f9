import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';

export interface CodeFieldProps {
  readonly value: string;
  readonly onChange: (code: string) => void;
  /** Sends one; resolves to the seconds until the next may be asked for, 0 where none was sent. */
  readonly onSend: () => Promise<number>;
  readonly canSend: boolean;
  /** Until when the next must wait, kept by whoever outlives this field; milliseconds since the epoch. */
  readonly waitsUntil: number;
  readonly onWait: (until: number) => void;
  readonly error?: string | undefined;
}

/** The code of an SMS: typed, pasted with whatever is around it, or offered by the telephone itself. */
export function CodeField({ value, onChange, onSend, canSend, waitsUntil, onWait, error }: CodeFieldProps) {
  const { t } = useTexts();
  const [now, setNow] = useState(() => Date.now());
  const [isBusy, setBusy] = useState(false);
  const wasSent = waitsUntil > 0;
  const seconds = Math.max(0, Math.ceil((waitsUntil - now) / 1000));
  useEffect(() => {
    if (waitsUntil <= Date.now()) return;
    const timer = window.setInterval(() => {
      setNow(Date.now());
      if (waitsUntil <= Date.now()) window.clearInterval(timer);
    }, 500);
    return () => window.clearInterval(timer);
  }, [waitsUntil]);

  const send = async () => {
    setBusy(true);
    const wait = await onSend();
    setBusy(false);
    if (wait <= 0) return;
    setNow(Date.now());
    onWait(Date.now() + wait * 1000);
  };
  return (
    <div className="steps__code">
      <Field
        name="code"
        label={t('steps.code')}
        hint={wasSent ? t('steps.codeSent') : t('steps.codeHint')}
        error={error}
        value={value}
        // What is pasted may be a whole message.
        onChange={(event) => onChange(readCode(event.target.value))}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9]*"
        required
        suffix={
          <Button onClick={() => void send()} isBusy={isBusy} disabled={!canSend || seconds > 0}>
            {seconds > 0 ? t('steps.resendIn', { seconds }) : wasSent ? t('steps.resend') : t('steps.sendCode')}
          </Button>
        }
      />
    </div>
  );
}

/** Six digits in a row where there are some; otherwise the digits. */
function readCode(text: string): string {
  const folded = text.normalize('NFKC');
  return /(?<!\d)\d{6}(?!\d)/.exec(folded)?.[0] ?? folded.replaceAll(/\D/g, '').slice(0, 6);
}
