import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Tabs } from '#web/ui/Tabs.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { FilterView } from '#web/webmail/settings-model.ts';
import { ListedAddresses } from './ListedAddresses.tsx';
import { RuleList } from './RuleList.tsx';
import './filters.css';

type Tab = 'rules' | 'blocked' | 'allowed';

/** 过滤器与黑白名单. */
export function FiltersPage() {
  const { t } = useTexts();
  const filter = useLive(useModel().settings.filter);
  const [tab, setTab] = useState<Tab>('rules');
  if (filter === undefined) return <Skeleton count={6} />;
  return (
    <Tabs
      label={t('settings.filters')}
      value={tab}
      onChange={setTab}
      tabs={[
        { value: 'rules', label: t('filters.rules') },
        { value: 'blocked', label: t('filters.blocked') },
        { value: 'allowed', label: t('filters.allowed') },
      ]}
    >
      {tab === 'rules' ? (
        <>
          <RuleList filter={filter} />
          <Takeaway filter={filter} />
        </>
      ) : (
        <ListedAddresses key={tab} list={tab} filter={filter} />
      )}
    </Tabs>
  );
}

/** The same as a script that other systems read. */
function Takeaway({ filter }: { readonly filter: FilterView }) {
  const { t } = useTexts();
  if (filter.sieve === '') return null;
  const save = () => {
    const url = URL.createObjectURL(new Blob([filter.sieve], { type: 'application/sieve' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'filters.sieve';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <div className="filters__takeaway">
      <Banner
        tone="info"
        action={
          <Button kind="quiet" icon="download" onClick={save}>
            {t('filters.sieve')}
          </Button>
        }
      >
        {t('filters.sieveHint')}
      </Banner>
    </div>
  );
}
