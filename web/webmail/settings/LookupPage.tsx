import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { Tabs } from '#web/ui/Tabs.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import { RecipientList } from '#web/webmail/reading/DeliveryPanel.tsx';
import { DELIVERY_LOOKS, summariseDelivery } from '#web/webmail/reading/delivery-summary.ts';
import type { TraceView } from '#web/webmail/traces-model.ts';
import { useRoute } from '#web/webmail/navigation.ts';
import { ReportButton } from '#web/webmail/report/ReportButton.tsx';
import { useNow } from '#web/webmail/use-now.ts';
import { DeletionsPage } from './DeletionsPage.tsx';
import { HistoryPage } from './HistoryPage.tsx';
import './filters.css';

type Tab = 'out' | 'in' | 'logins' | 'deleted';

/** 自助查询: what one sent and got, where one is signed in, what was deleted. */
export function LookupPage() {
  const { t } = useTexts();
  const route = useRoute();
  const [tab, setTab] = useState<Tab>((route.screen === 'settings' ? route.tab : undefined) ?? 'out');
  return (
    <Tabs
      label={t('settings.lookup')}
      value={tab}
      onChange={setTab}
      tabs={[
        { value: 'out', label: t('lookup.sent') },
        { value: 'in', label: t('lookup.received') },
        { value: 'logins', label: t('lookup.logins') },
        { value: 'deleted', label: t('lookup.deleted') },
      ]}
    >
      {tab === 'logins' ? (
        <HistoryPage />
      ) : tab === 'deleted' ? (
        <DeletionsPage />
      ) : (
        <Traces key={tab} direction={tab} />
      )}
    </Tabs>
  );
}

function Traces({ direction }: { readonly direction: 'out' | 'in' }) {
  const { t } = useTexts();
  const { traces } = useModel();
  const [list, setList] = useState<readonly TraceView[]>();
  const [state, setState] = useState<'busy' | 'more' | 'all' | 'failed'>('busy');
  const load = async (known: readonly TraceView[]) => {
    setState('busy');
    const last = known.at(-1);
    const found = await traces.list(direction, last?.at);
    if (found === 'failed') return setState('failed');
    const isNew = ({ id }: TraceView) => !known.some((one) => one.id === id);
    const next = found.filter(isNew);
    setList([...known, ...next]);
    setState(next.length === 0 ? 'all' : 'more');
  };
  // oxlint-disable-next-line react/exhaustive-deps -- once for each tab, which is what `direction` is
  useEffect(() => void load([]), []);
  return (
    <div className="settings__choices">
      <p className="settings__quiet">{direction === 'out' ? t('lookup.sentHint') : t('lookup.receivedHint')}</p>
      {list === undefined && state === 'busy' && <Skeleton count={6} />}
      {list?.length === 0 && <EmptyState icon="mail" title={t('lookup.nothing')} />}
      <div className="lookup__list">
        {list?.map((trace) => (
          <Entry key={trace.id} trace={trace} direction={direction} />
        ))}
      </div>
      {state === 'failed' && (
        <Banner tone="trouble" action={<Button onClick={() => void load(list ?? [])}>{t('shell.tryAgain')}</Button>}>
          {t('lookup.failed')}
        </Banner>
      )}
      {list !== undefined && list.length > 0 && (state === 'more' || state === 'busy') && (
        <div>
          <Button isBusy={state === 'busy'} onClick={() => void load(list)}>
            {t('lookup.earlier')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Entry({ trace, direction }: { readonly trace: TraceView; readonly direction: 'out' | 'in' }) {
  const texts = useTexts();
  const { t } = texts;
  const now = useNow();
  const { id, subject, recipients, from, at } = trace;
  const { icon, label, tone } = DELIVERY_LOOKS[summariseDelivery(trace).state];
  return (
    <details className="lookup__entry">
      <summary>
        <span className={`delivery-mark delivery-mark--${tone}`}>
          <Icon name={icon} size="small" />
          <span className="visually-hidden">{t(label)}</span>
        </span>
        <bdi className="one-line">{subject || t('list.noSubject')}</bdi>
        <time className="lookup__when numbers" dateTime={at.toISOString()} title={texts.full(at)}>
          {texts.moment(at, now)}
        </time>
        <span className="lookup__who one-line">
          {direction === 'out'
            ? t('list.to', { who: recipients.map(({ address }) => address).join('、') })
            : from || t('lookup.system')}
        </span>
      </summary>
      <RecipientList recipients={recipients} />
      <ReportButton about={{ traceId: id }} />
    </details>
  );
}
