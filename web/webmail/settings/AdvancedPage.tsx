import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import type { Refused } from '#web/webmail/sign-in/auth.ts';
import { StepForm } from '#web/webmail/sign-in/StepForm.tsx';
import {
  isFailure,
  prove,
  readSecurity,
  removeFactor,
  turnSmsOn,
  type Factor,
  type Failure,
  type Security,
} from '#web/webmail/sign-in/strong.ts';
import { browserOf } from './browser-of.ts';
import { ClientPasswordDialog, CodesDialog, PasskeyDialog, PasswordDialog, TotpDialog } from './SecurityDialogs.tsx';

/** Does something that may want a fresh proof; what comes of it. The dialog that asks is the page's. */
export type Guarded = <Result extends object>(
  act: () => Promise<Result | Failure | undefined>,
) => Promise<Result | Failure | undefined>;

/** 设置 → 高级功能: what protects the account. */
export function AdvancedPage() {
  const { t, full } = useTexts();
  const toast = useToast();
  const [security, setSecurity] = useState<Security | 'failed'>();
  const [open, setOpen] = useState<'password' | 'totp' | 'passkey' | 'codes' | 'client'>();
  const [asked, setAsked] = useState<Asked>();
  const load = useCallback(
    () => void readSecurity().then((found) => setSecurity(isFailure(found) ? 'failed' : found)),
    [],
  );
  useEffect(load, [load]);
  if (security === undefined) return <Skeleton count={6} />;
  if (security === 'failed')
    return (
      <Banner tone="trouble" action={<Button onClick={load}>{t('shell.tryAgain')}</Button>}>
        {t('security.failed')}
      </Banner>
    );

  const guarded: Guarded = async (act) => {
    const result = await act();
    if (result === undefined || !isFailure(result) || result.error !== 'proofRequired') return result;
    const isProven = await new Promise<boolean>((resolve) => setAsked({ refused: result, resolve }));
    setAsked(undefined);
    return isProven ? act() : { error: 'dismissed', retryAfter: 0 };
  };
  const change = async (act: () => Promise<Failure | undefined>) => {
    const failure = await guarded<Failure>(act);
    if (failure !== undefined && failure.error !== 'dismissed') toast({ text: t(`signIn.${failure.error}`) });
    load();
  };
  const close = () => {
    setOpen(undefined);
    load();
  };
  const remove = (path: string) => (
    <Button kind="quiet" onClick={() => void change(() => removeFactor(path))}>
      {t('security.remove')}
    </Button>
  );
  const used = ({ usedAt, usedFrom, createdAt }: Factor): string =>
    usedAt === null
      ? t('security.neverUsed', { at: full(new Date(createdAt)) })
      : t('security.lastUsed', { at: full(new Date(usedAt)), from: usedFrom.split(' ')[0] ?? '' });
  const { totp, passkeys, sms, devices, clientPasswords, recoveryCodesLeft } = security;
  const hasSecondStep = totp !== null || passkeys.length > 0 || sms.isOn;
  return (
    <div className="settings__choices">
      <Section title={t('security.password')}>
        <Row
          name={
            security.passwordChangedAt === null
              ? t('security.password')
              : t('security.changedAt', { at: full(new Date(security.passwordChangedAt)) })
          }
        >
          <Button onClick={() => setOpen('password')}>{t('security.changePassword')}</Button>
        </Row>
      </Section>

      {(hasSecondStep || security.secondStep !== 'off') && (
        <Section title={t('security.secondStep')} hint={t('security.secondStepHint')}>
          <Row
            name={t('security.totp')}
            note={totp === null ? t('security.totpHint') : used(totp)}
            isOn={totp !== null}
          >
            {totp === null ? <Button onClick={() => setOpen('totp')}>{t('security.setUp')}</Button> : remove('totp')}
          </Row>
          <Row name={t('security.passkeys')} note={t('security.passkeysHint')} isOn={passkeys.length > 0}>
            <Button onClick={() => setOpen('passkey')}>{t('security.add')}</Button>
          </Row>
          {passkeys.map((one) => (
            <Row key={one.id} name={one.name || t('security.passkey')} note={used(one)} isInner>
              {remove(`passkeys/${encodeURIComponent(one.id)}`)}
            </Row>
          ))}
          {sms.phone !== null && (
            <Row name={t('security.sms')} note={t('security.smsHint', { phone: sms.phone })} isOn={sms.isOn}>
              {sms.isOn ? (
                remove('sms')
              ) : (
                <Button onClick={() => void change(turnSmsOn)}>{t('security.turnOn')}</Button>
              )}
            </Row>
          )}
          {hasSecondStep && (
            <Row
              name={t('security.recoveryCodes')}
              note={
                recoveryCodesLeft === 0 ? t('security.noCodes') : t('security.codesLeft', { count: recoveryCodesLeft })
              }
              isOn={recoveryCodesLeft > 0}
            >
              <Button onClick={() => setOpen('codes')}>
                {t(recoveryCodesLeft === 0 ? 'security.makeCodes' : 'security.makeNewCodes')}
              </Button>
            </Row>
          )}
        </Section>
      )}

      <Section title={t('security.clientPasswords')} hint={t('security.clientPasswordsHint')}>
        {(hasSecondStep || security.secondStep === 'required') && (
          <Banner tone="info">{t('security.clientPasswordsNeeded')}</Banner>
        )}
        {clientPasswords.map((one) => (
          <Row
            key={one.id}
            name={one.name}
            note={`${one.scopes.map((scope) => t(`clientScope.${scope}`)).join(' · ')} · ${used(one)}`}
          >
            {remove(`client-passwords/${one.id}`)}
          </Row>
        ))}
        <div>
          <Button icon="plus" onClick={() => setOpen('client')}>
            {t('security.newClientPassword')}
          </Button>
        </div>
      </Section>

      {devices.length > 0 && (
        <Section title={t('security.devices')} hint={t('security.devicesHint')}>
          {devices.map((one) => (
            <Row
              key={one.id}
              name={browserOf(one.name) || t('history.unknown')}
              note={t('security.trustedAt', { at: full(new Date(one.createdAt)) })}
            >
              {remove(`devices/${one.id}`)}
            </Row>
          ))}
        </Section>
      )}

      {open === 'password' && <PasswordDialog onClose={close} />}
      {open === 'totp' && <TotpDialog guarded={guarded} onClose={close} />}
      {open === 'passkey' && <PasskeyDialog guarded={guarded} onClose={close} />}
      {open === 'codes' && <CodesDialog guarded={guarded} onClose={close} />}
      {open === 'client' && <ClientPasswordDialog guarded={guarded} onClose={close} />}
      {asked !== undefined && <ProofDialog asked={asked} />}
    </div>
  );
}

interface Asked {
  readonly refused: Pick<Refused, 'steps' | 'phone'>;
  readonly resolve: (isProven: boolean) => void;
}

/** A browser left open must not be enough to take an account over. */
function ProofDialog({ asked: { refused, resolve } }: { readonly asked: Asked }) {
  const { t } = useTexts();
  const [failure, setFailure] = useState<Failure>();
  const [isBusy, setBusy] = useState(false);
  return (
    <Dialog title={t('security.proof')} closeLabel={t('security.close')} onClose={() => resolve(false)}>
      <p className="settings__quiet">{t('security.proofHint')}</p>
      <StepForm
        steps={refused.steps ?? []}
        phone={refused.phone}
        failure={failure}
        isBusy={isBusy}
        onShow={(step) => {
          setBusy(true);
          setFailure(undefined);
          void prove(step).then((failed) => {
            setBusy(false);
            if (failed === undefined) resolve(true);
            else setFailure(failed);
          });
        }}
      />
    </Dialog>
  );
}

function Section({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="security__section" aria-label={title}>
      <h3 className="settings__subheading">{title}</h3>
      {hint !== undefined && <p className="settings__quiet">{hint}</p>}
      {children}
    </section>
  );
}

function Row({
  name,
  note,
  isOn,
  isInner = false,
  children,
}: {
  readonly name: string;
  readonly note?: string;
  readonly isOn?: boolean;
  readonly isInner?: boolean;
  readonly children: ReactNode;
}) {
  const { t } = useTexts();
  return (
    <div className={isInner ? 'security__row security__row--inner' : 'security__row'}>
      <div className="security__what">
        <p>
          <bdi>{name}</bdi> {isOn === true && <Badge tone="good">{t('security.isOn')}</Badge>}
        </p>
        {note !== undefined && <p className="settings__quiet">{note}</p>}
      </div>
      {children}
    </div>
  );
}
