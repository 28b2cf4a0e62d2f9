import { useState, type FormEvent } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Field } from '#web/ui/Field.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { QrCode } from '#web/ui/QrCode.tsx';
import { formText } from '#web/webmail/form-text.ts';
import { browserOf } from '#web/webmail/settings/browser-of.ts';
import type { Session } from './auth.ts';
import { StepFailure } from './StepForm.tsx';
import {
  beginTotp,
  enrol,
  isFailure,
  makeRecoveryCodes,
  sendEnrolCode,
  type BegunTotp,
  type Failure,
  type Step,
} from './strong.ts';

export interface EnrolFormProps {
  /** What may be set up. */
  readonly steps: readonly Step[];
  /** Where a code by SMS would go. */
  readonly phone?: string | undefined;
  readonly onEnrolled: (session: Session) => void;
  /** The sign-in that this belongs to is over. */
  readonly onLate: (failure: Failure) => void;
}

const WAYS = ['passkey', 'totp', 'sms'] as const;
const ICONS = { passkey: 'lock', totp: 'qr', sms: 'phone' } as const;

type Way =
  | { readonly kind: 'passkey' }
  | { readonly kind: 'totp'; readonly begun: BegunTotp }
  | { readonly kind: 'sms' };

/** The first second step, set up in the middle of a sign-in; then the codes on paper, shown once. */
export function EnrolForm({ steps, phone = '', onEnrolled, onLate }: EnrolFormProps) {
  const { t } = useTexts();
  const [way, setWay] = useState<Way>();
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  const [done, setDone] = useState<{ readonly session: Session; readonly codes: readonly string[] }>();
  const [isCopied, setCopied] = useState(false);

  /** Undefined: it failed, which is shown. */
  const attempt = async <Result extends object>(act: () => Promise<Result | Failure>): Promise<Result | undefined> => {
    setBusy(true);
    setFailure(undefined);
    const result = await act();
    setBusy(false);
    if (!isFailure(result)) return result;
    if (result.error === 'notSignedIn') onLate(result);
    else setFailure(result);
    return undefined;
  };
  const choose = async (kind: (typeof WAYS)[number]) => {
    if (kind === 'totp') {
      const begun = await attempt(() => beginTotp('enrol'));
      if (begun !== undefined) setWay({ kind, begun });
    } else if (kind === 'sms') {
      if ((await attempt(async () => (await sendEnrolCode()) ?? {})) !== undefined) setWay({ kind });
    } else setWay({ kind });
  };
  const finish = async (form: FormData) => {
    if (way === undefined) return;
    const code = formText(form, 'code').trim();
    const session = await attempt(() => {
      if (way.kind === 'passkey') return enrol({ kind: 'passkey', name: browserOf(navigator.userAgent) });
      return way.kind === 'totp' ? enrol({ kind: 'totp', token: way.begun.token, code }) : enrol({ kind: 'sms', code });
    });
    if (session === undefined) return;
    const codes = await makeRecoveryCodes();
    // It is set up either way; codes can be made in the settings, too.
    if (isFailure(codes)) onEnrolled(session);
    else setDone({ session, codes });
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void finish(new FormData(event.currentTarget));
  };

  if (done !== undefined)
    return (
      <div className="step-form">
        <Banner tone="info" icon="check">
          {t('enrol.done')}
        </Banner>
        <p className="step-form__hint">
          {t('enrol.codes')} {t('security.codesOnce')}
        </p>
        <ul className="enrol__codes numbers">
          {done.codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <Button
          isWide
          onClick={() => void navigator.clipboard.writeText(done.codes.join('\n')).then(() => setCopied(true))}
        >
          {t(isCopied ? 'enrol.copied' : 'enrol.copy')}
        </Button>
        <Button kind="primary" isWide onClick={() => onEnrolled(done.session)}>
          {t('enrol.enter')}
        </Button>
      </div>
    );
  if (way === undefined)
    return (
      <div className="step-form">
        {failure !== undefined && <StepFailure failure={failure} />}
        <p className="step-form__hint">{t('enrol.why')}</p>
        {WAYS.filter((kind) => steps.includes(kind)).map((kind) => (
          <button key={kind} type="button" className="enrol__way" disabled={isBusy} onClick={() => void choose(kind)}>
            <Icon name={ICONS[kind]} />
            <span>{t(`enrol.${kind}`)}</span>
            <small>{t(`enrol.${kind}Hint`, { phone })}</small>
          </button>
        ))}
      </div>
    );
  return (
    <form className="step-form" onSubmit={onSubmit}>
      {failure !== undefined && <StepFailure failure={failure} />}
      {way.kind === 'passkey' && <p className="step-form__hint">{t('security.passkeyHint')}</p>}
      {way.kind === 'sms' && <p className="step-form__hint">{t('strong.codeSent')}</p>}
      {way.kind === 'totp' && (
        <>
          <p className="step-form__hint">{t('security.totpScan')}</p>
          <div className="enrol__qr">
            <QrCode text={way.begun.uri} label={t('security.totpPicture')} />
          </div>
          <p className="step-form__hint">
            {t('security.totpTyped')}{' '}
            <code className="enrol__secret">{way.begun.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
          </p>
        </>
      )}
      {way.kind !== 'passkey' && (
        <Field
          name="code"
          label={t(`strong.field.${way.kind}`)}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={10}
          autoFocus
          required
        />
      )}
      <Button kind="primary" type="submit" isWide isBusy={isBusy}>
        {t(way.kind === 'passkey' ? 'strong.usePasskey' : 'security.turnOn')}
      </Button>
      <Button
        kind="quiet"
        isWide
        onClick={() => {
          setWay(undefined);
          setFailure(undefined);
        }}
      >
        {t('enrol.others')}
      </Button>
    </form>
  );
}
