import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Avatar } from '#web/ui/Avatar.tsx';
import { Badge } from '#web/ui/Badge.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Field } from '#web/ui/Field.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useArchived, useModel } from '#web/webmail/MailContext.tsx';
import type { AddressEnding } from '#web/webmail/endings.ts';
import type { OwnIdentityView } from '#web/webmail/settings-model.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { AliasSection } from './AliasSection.tsx';
import { SaveBar } from './SaveBar.tsx';
import { TakeOutSection } from './TakeOutSection.tsx';
import { useSaving } from './use-saving.ts';

/** 个人信息: the name others see, the addresses and aliases that are one's own. */
export function ProfilePage() {
  const { t } = useTexts();
  const model = useModel();
  const account = useLive(model.account);
  const identities = useLive(model.settings.identities);
  const isArchived = useArchived();
  if (identities === undefined) return <Skeleton count={4} />;
  const endings = new Map(account.identities.map(({ address, ending }) => [address, ending]));
  const main = identities.find(({ isDefault }) => isDefault) ?? identities[0];
  return (
    <>
      <div className="settings__who">
        <Avatar name={main?.name || account.name} address={account.address} size="large" />
        <div>
          <p className="settings__name">{account.name}</p>
          <p>{account.address}</p>
        </div>
      </div>
      {main && !isArchived && <SenderName key={`${main.id} ${main.name}`} identity={main} />}
      <h3 className="settings__subheading">{t('settings.addresses')}</h3>
      <ul className="settings__list">
        {identities.map(({ id, name, address, isDefault }) => (
          <li key={id}>
            <span>
              <bdi>{address}</bdi> {isDefault && <Badge>{t('settings.isDefault')}</Badge>}
              <EndingBadge ending={endings.get(address)} />
            </span>
            <bdi>{name}</bdi>
          </li>
        ))}
      </ul>
      {!isArchived && <AliasSection />}
      <TakeOutSection />
    </>
  );
}

/** Until when an address serves. */
function EndingBadge({ ending }: { readonly ending: AddressEnding | undefined }) {
  const { t, day } = useTexts();
  const now = useNow();
  if (ending === undefined) return null;
  const { stage, refusedAt } = ending;
  if (stage === 'refused') return <Badge tone="seal">{t('settings.addressEnded')}</Badge>;
  return <Badge tone="warn">{t('settings.addressEnds', { date: day(refusedAt, now) })}</Badge>;
}

function SenderName({ identity }: { readonly identity: OwnIdentityView }) {
  const { t } = useTexts();
  const { settings } = useModel();
  const saving = useSaving();
  const [name, setName] = useState(identity.name);
  return (
    <form
      className="settings__choices"
      onSubmit={(event) => {
        event.preventDefault();
        void saving.save(() => settings.saveIdentity(identity.id, { name: name.trim() }));
      }}
    >
      <Field
        label={t('settings.senderName')}
        hint={t('settings.senderNameHint')}
        value={name}
        maxLength={200}
        onChange={(event) => setName(event.target.value)}
      />
      <SaveBar saving={saving} isDisabled={name.trim() === identity.name} />
    </form>
  );
}
