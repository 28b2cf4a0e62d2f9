import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Field, Switch } from '#web/ui/Field.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { ForwardingView } from '#web/webmail/settings-model.ts';
import { SaveBar } from './SaveBar.tsx';
import { useSaving } from './use-saving.ts';

/** 自动转发, with the rules of the university beside it. */
export function ForwardingPage() {
  const forwarding = useLive(useModel().settings.forwarding);
  return forwarding === undefined ? <Skeleton count={4} /> : <ForwardingForm forwarding={forwarding} />;
}

function ForwardingForm({ forwarding }: { readonly forwarding: ForwardingView }) {
  const { t } = useTexts();
  const { settings } = useModel();
  const saving = useSaving();
  const { mayForwardOutside, allowedDomains, mayDropCopy, maxTargets } = forwarding;
  const [targets, setTargets] = useState(forwarding.targets);
  const [keepsCopy, keepCopy] = useState(forwarding.keepsCopy);
  const [added, setAdded] = useState('');
  const add = () => {
    const address = added.normalize('NFKC').trim();
    if (address === '') return targets;
    const next = targets.includes(address) ? targets : [...targets, address];
    setTargets(next);
    setAdded('');
    return next;
  };
  return (
    <form
      className="settings__choices"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = add();
        void saving.save(() => settings.saveForwarding(wanted, keepsCopy));
      }}
    >
      <Banner tone="info">
        {!mayForwardOutside
          ? t('forwarding.insideOnly')
          : allowedDomains.length > 0
            ? t('forwarding.onlyTo', { domains: allowedDomains.join('、') })
            : t('forwarding.hint')}
      </Banner>
      {targets.length > 0 && (
        <ul className="settings__list" aria-label={t('forwarding.targets')}>
          {targets.map((target) => (
            <li key={target}>
              <bdi>{target}</bdi>
              <IconButton
                label={t('forwarding.remove', { address: target })}
                icon="close"
                size="small"
                onClick={() => setTargets(targets.filter((one) => one !== target))}
              />
            </li>
          ))}
        </ul>
      )}
      {targets.length < maxTargets && (
        <div className="settings__pair">
          <Field
            label={t('forwarding.add')}
            type="email"
            value={added}
            maxLength={320}
            onChange={(event) => setAdded(event.target.value)}
          />
          <Button icon="plus" onClick={add} disabled={added.trim() === ''}>
            {t('forwarding.addNow')}
          </Button>
        </div>
      )}
      {mayDropCopy ? (
        <Switch label={t('forwarding.keepsCopy')} isOn={keepsCopy} onChange={keepCopy} />
      ) : (
        <p className="settings__quiet">{t('forwarding.copyAlways')}</p>
      )}
      <SaveBar saving={saving} />
    </form>
  );
}
