import { useCallback, useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import {
  isFailure,
  readSecurity,
  removeFactor,
  turnSmsOn,
  type Factor,
  type Failure,
  type Security,
} from '#web/webmail/sign-in/strong.ts';
import { useProof } from '#web/webmail/sign-in/use-proof.tsx';
import { browserOf } from './browser-of.ts';
import { GrantsSection } from './GrantsSection.tsx';
import { ClientPasswordDialog, CodesDialog, PasskeyDialog, PasswordDialog, TotpDialog } from './SecurityDialogs.tsx';
import { SecurityRow, SecuritySection } from './SecuritySection.tsx';

/** 设置 → 高级功能: what protects the account. */
export function AdvancedPage() {
  const { t, full } = useTexts();
  const toast = useToast();
  const [security, setSecurity] = useState<Security | 'failed'>();
  const [open, setOpen] = useState<'password' | 'totp' | 'passkey' | 'codes' | 'client'>();
  const { guarded, proofDialog } = useProof();
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
      <SecuritySection title={t('security.password')}>
        <SecurityRow
          name={
            security.passwordChangedAt === null
              ? t('security.password')
              : t('security.changedAt', { at: full(new Date(security.passwordChangedAt)) })
          }
        >
          <Button onClick={() => setOpen('password')}>{t('security.changePassword')}</Button>
        </SecurityRow>
      </SecuritySection>

      {(hasSecondStep || security.secondStep !== 'off') && (
        <SecuritySection title={t('security.secondStep')} hint={t('security.secondStepHint')}>
          <SecurityRow
            name={t('security.totp')}
            note={totp === null ? t('security.totpHint') : used(totp)}
            isOn={totp !== null}
          >
            {totp === null ? <Button onClick={() => setOpen('totp')}>{t('security.setUp')}</Button> : remove('totp')}
          </SecurityRow>
          <SecurityRow name={t('security.passkeys')} note={t('security.passkeysHint')} isOn={passkeys.length > 0}>
            <Button onClick={() => setOpen('passkey')}>{t('security.add')}</Button>
          </SecurityRow>
          {passkeys.map((one) => (
            <SecurityRow key={one.id} name={one.name || t('security.passkey')} note={used(one)} isInner>
              {remove(`passkeys/${encodeURIComponent(one.id)}`)}
            </SecurityRow>
          ))}
          {sms.phone !== null && (
            <SecurityRow name={t('security.sms')} note={t('security.smsHint', { phone: sms.phone })} isOn={sms.isOn}>
              {sms.isOn ? (
                remove('sms')
              ) : (
                <Button onClick={() => void change(turnSmsOn)}>{t('security.turnOn')}</Button>
              )}
            </SecurityRow>
          )}
          {hasSecondStep && (
            <SecurityRow
              name={t('security.recoveryCodes')}
              note={
                recoveryCodesLeft === 0 ? t('security.noCodes') : t('security.codesLeft', { count: recoveryCodesLeft })
              }
              isOn={recoveryCodesLeft > 0}
            >
              <Button onClick={() => setOpen('codes')}>
                {t(recoveryCodesLeft === 0 ? 'security.makeCodes' : 'security.makeNewCodes')}
              </Button>
            </SecurityRow>
          )}
        </SecuritySection>
      )}

      <SecuritySection title={t('security.clientPasswords')} hint={t('security.clientPasswordsHint')}>
        {(hasSecondStep || security.secondStep === 'required') && (
          <Banner tone="info">{t('security.clientPasswordsNeeded')}</Banner>
        )}
        {clientPasswords.map((one) => (
          <SecurityRow
            key={one.id}
            name={one.name}
            note={`${one.scopes.map((scope) => t(`clientScope.${scope}`)).join(' · ')} · ${used(one)}`}
          >
            {remove(`client-passwords/${one.id}`)}
          </SecurityRow>
        ))}
        <div>
          <Button icon="plus" onClick={() => setOpen('client')}>
            {t('security.newClientPassword')}
          </Button>
        </div>
      </SecuritySection>

      <GrantsSection />

      {devices.length > 0 && (
        <SecuritySection title={t('security.devices')} hint={t('security.devicesHint')}>
          {devices.map((one) => (
            <SecurityRow
              key={one.id}
              name={browserOf(one.name) || t('history.unknown')}
              note={t('security.trustedAt', { at: full(new Date(one.createdAt)) })}
            >
              {remove(`devices/${one.id}`)}
            </SecurityRow>
          ))}
        </SecuritySection>
      )}

      {open === 'password' && <PasswordDialog onClose={close} />}
      {open === 'totp' && <TotpDialog guarded={guarded} onClose={close} />}
      {open === 'passkey' && <PasskeyDialog guarded={guarded} onClose={close} />}
      {open === 'codes' && <CodesDialog guarded={guarded} onClose={close} />}
      {open === 'client' && <ClientPasswordDialog guarded={guarded} onClose={close} />}
      {proofDialog}
    </div>
  );
}
