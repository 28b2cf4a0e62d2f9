import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Field, Switch } from '#web/ui/Field.tsx';
import { QrCode } from '#web/ui/QrCode.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { formText } from '#web/webmail/form-text.ts';
import { StepFailure } from '#web/webmail/sign-in/StepForm.tsx';
import {
  addPasskey,
  beginTotp,
  changePassword,
  CLIENT_SCOPES,
  confirmTotp,
  isFailure,
  makeClientPassword,
  makeRecoveryCodes,
  type BegunTotp,
  type ClientScope,
  type Failure,
} from '#web/webmail/sign-in/strong.ts';
import { browserOf } from './browser-of.ts';
import type { Guarded } from '#web/webmail/sign-in/use-proof.tsx';

interface DialogProps {
  readonly onClose: () => void;
}

interface GuardedProps extends DialogProps {
  readonly guarded: Guarded;
}

/** A form in a dialog: what it says, what went wrong, and one button. */
function FormDialog({
  title,
  submit,
  failure,
  isBusy,
  onSubmit,
  onClose,
  children,
}: DialogProps & {
  readonly title: string;
  readonly submit: string;
  readonly failure: Failure | undefined;
  readonly isBusy: boolean;
  readonly onSubmit: (form: FormData) => void;
  readonly children: ReactNode;
}) {
  const { t } = useTexts();
  return (
    <Dialog title={title} closeLabel={t('security.close')} onClose={onClose}>
      <form
        className="security__form"
        onSubmit={(event: FormEvent<HTMLFormElement>) => {
          event.preventDefault();
          onSubmit(new FormData(event.currentTarget));
        }}
      >
        {failure !== undefined && <StepFailure failure={failure} />}
        {children}
        <Button kind="primary" type="submit" isWide isBusy={isBusy}>
          {submit}
        </Button>
      </form>
    </Dialog>
  );
}

/** One try at a time. */
function useTry(): {
  readonly failure: Failure | undefined;
  readonly isBusy: boolean;
  /** Undefined: it failed, which is shown. */
  readonly attempt: <Result extends object>(
    act: () => Promise<Result | Failure | undefined>,
  ) => Promise<Result | 'done' | undefined>;
  readonly fail: (failure: Failure) => void;
} {
  const [failure, fail] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  return {
    failure,
    isBusy,
    fail,
    async attempt(act) {
      setBusy(true);
      fail(undefined);
      const result = await act();
      setBusy(false);
      if (result === undefined) return 'done';
      if (!isFailure(result)) return result;
      fail(result);
      return undefined;
    },
  };
}

export function PasswordDialog({ onClose }: DialogProps) {
  const { t } = useTexts();
  const toast = useToast();
  const { failure, isBusy, attempt, fail } = useTry();
  const submit = async (form: FormData) => {
    const next = formText(form, 'newPassword');
    if (next !== formText(form, 'newPasswordAgain')) return fail({ error: 'notTheSame', retryAfter: 0 });
    if ((await attempt(() => changePassword(formText(form, 'password'), next))) === undefined) return;
    toast({ text: t('security.passwordChanged') });
    onClose();
  };
  return (
    <FormDialog
      title={t('security.changePassword')}
      submit={t('security.changePassword')}
      {...{ failure, isBusy, onClose }}
      onSubmit={(form) => void submit(form)}
    >
      <Field name="password" type="password" label={t('security.current')} autoComplete="current-password" required />
      <Field
        name="newPassword"
        type="password"
        label={t('strong.newPassword')}
        hint={t('strong.passwordRules')}
        autoComplete="new-password"
        required
      />
      <Field
        name="newPasswordAgain"
        type="password"
        label={t('strong.newPasswordAgain')}
        autoComplete="new-password"
        required
      />
      <p className="settings__quiet">{t('security.passwordEnds')}</p>
    </FormDialog>
  );
}

export function TotpDialog({ guarded, onClose }: GuardedProps) {
  const { t } = useTexts();
  const [begun, setBegun] = useState<BegunTotp>();
  const { failure, isBusy, attempt } = useTry();
  useEffect(() => {
    void guarded(beginTotp).then((result) => {
      if (result === undefined || isFailure(result)) onClose();
      else setBegun(result);
    });
    // Once: another secret would be another picture.
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once: see above
  }, []);
  if (begun === undefined) return null;
  return (
    <FormDialog
      title={t('security.totp')}
      submit={t('security.turnOn')}
      {...{ failure, isBusy, onClose }}
      onSubmit={(form) =>
        void attempt(() => confirmTotp(begun.token, formText(form, 'code'))).then((done) => done && onClose())
      }
    >
      <p>{t('security.totpScan')}</p>
      <div className="security__qr">
        <QrCode text={begun.uri} label={t('security.totpPicture')} />
      </div>
      <p className="settings__quiet">
        {t('security.totpTyped')}{' '}
        <code className="security__code">{begun.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code>
      </p>
      <Field
        name="code"
        label={t('strong.field.totp')}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={10}
        required
      />
    </FormDialog>
  );
}

export function PasskeyDialog({ guarded, onClose }: GuardedProps) {
  const { t } = useTexts();
  const { failure, isBusy, attempt } = useTry();
  return (
    <FormDialog
      title={t('security.passkey')}
      submit={t('security.add')}
      {...{ failure, isBusy, onClose }}
      onSubmit={(form) =>
        void attempt(() => guarded<Failure>(() => addPasskey(formText(form, 'name')))).then((done) => done && onClose())
      }
    >
      <p className="settings__quiet">{t('security.passkeyHint')}</p>
      <Field
        name="name"
        label={t('security.name')}
        defaultValue={browserOf(navigator.userAgent)}
        maxLength={60}
        required
      />
    </FormDialog>
  );
}

/** Shown once. */
export function CodesDialog({ guarded, onClose }: GuardedProps) {
  const { t } = useTexts();
  const [codes, setCodes] = useState<readonly string[]>();
  useEffect(() => {
    void guarded(makeRecoveryCodes).then((result) => {
      if (result === undefined || isFailure(result)) onClose();
      else setCodes(result);
    });
    // Once: others would take the place of those that are shown.
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once: see above
  }, []);
  if (codes === undefined) return null;
  return (
    <Dialog
      title={t('security.recoveryCodes')}
      closeLabel={t('security.close')}
      onClose={onClose}
      footer={<Copying text={codes.join('\n')} onClose={onClose} />}
    >
      <Banner tone="warn">{t('security.codesOnce')}</Banner>
      <ul className="security__codes numbers">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

export function ClientPasswordDialog({ guarded, onClose }: GuardedProps) {
  const { t } = useTexts();
  const [scopes, setScopes] = useState<readonly ClientScope[]>(['imap', 'smtp']);
  const [made, setMade] = useState<{ readonly name: string; readonly password: string }>();
  const { failure, isBusy, attempt } = useTry();
  const make = async (name: string) => {
    const result = await attempt(() =>
      guarded(async () => {
        const password = await makeClientPassword(name, scopes);
        return typeof password === 'string' ? { password } : password;
      }),
    );
    if (result !== undefined && result !== 'done' && 'password' in result) setMade({ name, password: result.password });
  };
  if (made !== undefined)
    return (
      <Dialog
        title={made.name}
        closeLabel={t('security.close')}
        onClose={onClose}
        footer={<Copying text={made.password} onClose={onClose} />}
      >
        <Banner tone="warn">{t('security.passwordOnce')}</Banner>
        <p className="security__secret">
          <code>{made.password}</code>
        </p>
      </Dialog>
    );
  return (
    <FormDialog
      title={t('security.newClientPassword')}
      submit={t('security.make')}
      {...{ failure, isBusy, onClose }}
      onSubmit={(form) => void make(formText(form, 'name').trim())}
    >
      <Field name="name" label={t('security.name')} hint={t('security.nameHint')} maxLength={60} autoFocus required />
      {CLIENT_SCOPES.map((scope) => (
        <Switch
          key={scope}
          label={t(`clientScope.${scope}`)}
          isOn={scopes.includes(scope)}
          onChange={(isOn) => setScopes(CLIENT_SCOPES.filter((one) => (one === scope ? isOn : scopes.includes(one))))}
        />
      ))}
    </FormDialog>
  );
}

function Copying({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  const { t } = useTexts();
  const [isCopied, setCopied] = useState(false);
  return (
    <>
      <Button onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>
        {t(isCopied ? 'security.copied' : 'security.copy')}
      </Button>
      <Button kind="primary" onClick={onClose}>
        {t('security.kept')}
      </Button>
    </>
  );
}
