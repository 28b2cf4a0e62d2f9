import { useEffect, useState } from 'react';
import { DELEGATE_RIGHTS, type DelegateRight } from '#contract/jmap/delegation.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Field, SelectField } from '#web/ui/Field.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { DelegateView } from '#web/webmail/settings-model.ts';
import { useSaving } from './use-saving.ts';

/** What is usually wanted, from least to most. */
const PRESETS = {
  read: ['read'],
  work: ['read', 'write'],
  onBehalf: ['read', 'write', 'send-on-behalf'],
  sendAs: ['read', 'write', 'send-as'],
  manage: ['read', 'write', 'send-as', 'manage'],
} as const satisfies Readonly<Record<string, readonly DelegateRight[]>>;
type Preset = keyof typeof PRESETS;

const PRESET_NAMES = Object.keys(PRESETS) as readonly Preset[];

function presetOf(rights: readonly DelegateRight[]): Preset | undefined {
  const known = DELEGATE_RIGHTS.filter((right) => rights.includes(right)).join();
  return PRESET_NAMES.find((name) => PRESETS[name].join() === known);
}

/** 共享邮箱: who may open the account that is shown, and what for. */
export function SharingPage() {
  const { t } = useTexts();
  const model = useModel();
  const current = useLive(model.accounts).find(({ isCurrent }) => isCurrent);
  const [delegates, setDelegates] = useState<readonly DelegateView[]>();
  const mayManage = current?.mayManage !== false;
  useEffect(() => {
    if (mayManage) void model.settings.delegates().then(setDelegates, () => setDelegates([]));
  }, [model, mayManage]);
  if (!mayManage) return <EmptyState icon="lock" title={t('sharing.notYours')} />;
  if (delegates === undefined) return <Skeleton count={4} />;
  return <Sharing delegates={delegates} onChanged={() => void model.settings.delegates().then(setDelegates)} />;
}

function Sharing({
  delegates,
  onChanged,
}: {
  readonly delegates: readonly DelegateView[];
  readonly onChanged: () => void;
}) {
  const { t } = useTexts();
  const { settings } = useModel();
  const saving = useSaving();
  const [address, setAddress] = useState('');
  const [preset, setPreset] = useState<Preset>('read');
  const act = (what: Parameters<typeof saving.save>[0]) =>
    saving.save(what).then((isSaved) => {
      if (isSaved) onChanged();
      return isSaved;
    });
  const options = PRESET_NAMES.map((value) => ({ value, label: t(`sharing.${value}`) }));
  return (
    <div className="settings__choices">
      <Banner tone="info">{t('sharing.hint')}</Banner>
      {saving.trouble !== undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
      {delegates.length > 0 && (
        <ul className="settings__list" aria-label={t('sharing.delegates')}>
          {delegates.map((one) => (
            <li key={one.id} className="sharing__one">
              <div className="sharing__who">
                <span>{one.name}</span> <bdi className="settings__quiet">{one.address}</bdi>
              </div>
              {one.isResponsible ? (
                <span className="settings__quiet">{t('sharing.responsible')}</span>
              ) : (
                <>
                  <SelectField
                    label={t('sharing.rightsOf', { name: one.name || one.address })}
                    value={presetOf(one.rights) ?? 'other'}
                    disabled={saving.isBusy}
                    onChange={(event) => {
                      const wanted = PRESET_NAMES.find((name) => name === event.target.value);
                      if (wanted) void act(() => settings.setDelegate(one.id, PRESETS[wanted]));
                    }}
                    options={
                      presetOf(one.rights) === undefined
                        ? [{ value: 'other', label: one.rights.join(', ') }, ...options]
                        : options
                    }
                  />
                  <IconButton
                    label={t('sharing.remove', { name: one.name || one.address })}
                    icon="close"
                    size="small"
                    onClick={() => void act(() => settings.removeDelegate(one.id))}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <form
        className="sharing__add"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = address.normalize('NFKC').trim();
          void act(() => settings.addDelegate(wanted, PRESETS[preset])).then((isSaved) => isSaved && setAddress(''));
        }}
      >
        <Field
          label={t('sharing.address')}
          type="email"
          value={address}
          maxLength={320}
          onChange={(event) => setAddress(event.target.value)}
        />
        <SelectField
          label={t('sharing.rights')}
          value={preset}
          onChange={(event) => setPreset(PRESET_NAMES.find((name) => name === event.target.value) ?? 'read')}
          options={options}
        />
        <Button kind="primary" type="submit" icon="plus" isBusy={saving.isBusy} disabled={address.trim() === ''}>
          {t('sharing.add')}
        </Button>
      </form>
    </div>
  );
}
