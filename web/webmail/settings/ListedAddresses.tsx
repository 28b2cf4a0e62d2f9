import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { Choice, Field } from '#web/ui/Field.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { FilterView } from '#web/webmail/settings-model.ts';
import { useSaving } from './use-saving.ts';

export interface ListedAddressesProps {
  readonly list: 'blocked' | 'allowed';
  readonly filter: FilterView;
}

/** The black list or the white list: each change is kept at once. */
export function ListedAddresses({ list, filter }: ListedAddressesProps) {
  const { t } = useTexts();
  const { settings } = useModel();
  const saving = useSaving();
  const [added, setAdded] = useState('');
  const entries = filter[list];
  const add = async () => {
    const entry = added.normalize('NFKC').trim().toLowerCase();
    if (entry === '') return;
    const isDone = await saving.save(() => settings.saveFilter({ [list]: [...entries, entry] }));
    if (isDone) setAdded('');
  };
  return (
    <div className="settings__choices">
      <p className="settings__quiet">{list === 'blocked' ? t('filters.blockedHint') : t('filters.allowedHint')}</p>
      <form
        className="settings__pair"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Field
          label={t('filters.addressOrDomain')}
          placeholder="spam@example.com"
          value={added}
          maxLength={320}
          inputMode="email"
          autoCapitalize="none"
          onChange={(event) => setAdded(event.target.value)}
        />
        <Button icon="plus" type="submit" isBusy={saving.isBusy} disabled={added.trim() === ''}>
          {t('filters.add')}
        </Button>
      </form>
      {saving.trouble !== undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
      {entries.length === 0 ? (
        <p className="settings__quiet">{t('filters.nobody')}</p>
      ) : (
        <ul className="settings__list" aria-label={list === 'blocked' ? t('filters.blocked') : t('filters.allowed')}>
          {entries.map((entry) => (
            <li key={entry}>
              <bdi>{entry}</bdi>
              <IconButton
                label={t('filters.remove', { entry })}
                icon="close"
                size="small"
                onClick={() =>
                  void saving.save(() => settings.saveFilter({ [list]: entries.filter((one) => one !== entry) }))
                }
              />
            </li>
          ))}
        </ul>
      )}
      {list === 'blocked' && (
        <Choice
          label={t('filters.blockedInto')}
          value={filter.blockedInto}
          onChange={(blockedInto) => void saving.save(() => settings.saveFilter({ blockedInto }))}
          options={[
            { value: 'junk', label: t('filters.intoJunk') },
            { value: 'trash', label: t('filters.intoTrash') },
          ]}
        />
      )}
    </div>
  );
}
