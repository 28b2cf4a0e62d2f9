import { Suspense, useEffect, useId, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { later } from '#web/ui/later.ts';
import { useLive } from '#web/webmail/live.ts';
import { useArchived, useModel } from '#web/webmail/MailContext.tsx';
import { ReportButton } from '#web/webmail/report/ReportButton.tsx';
import type { RecipientTraceView } from '#web/webmail/traces-model.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { DELIVERY_LOOKS, stateOf, summariseDelivery } from './delivery-summary.ts';
import './delivery.css';

const RecallDialog = later(() => import('./RecallDialog.tsx').then(({ RecallDialog }) => ({ default: RecallDialog })));

/** 投递状态: did a letter of one's own arrive, with whom, and may it come back? Nothing where that is not known. */
export function DeliveryPanel({ letterId }: { readonly letterId: string }) {
  const { t, number } = useTexts();
  const { traces } = useModel();
  const isArchived = useArchived();
  const trace = useLive(traces.ofLetter(letterId));
  const now = useNow();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [isRecalling, setRecalling] = useState(false);
  // What the list showed may be an hour old.
  useEffect(() => traces.refresh(letterId), [traces, letterId]);
  if (trace === undefined) return null;
  const summary = summariseDelivery(trace);
  const { icon, label, tone } = DELIVERY_LOOKS[summary.state];
  const counts = [
    summary.arrived > 0 && t('delivery.ofArrived', { count: summary.arrived, total: number(summary.total) }),
    summary.read > 0 && t('delivery.ofRead', { count: summary.read }),
    summary.waiting > 0 && t('delivery.ofWaiting', { count: summary.waiting }),
    summary.failed > 0 && t('delivery.ofFailed', { count: summary.failed }),
    summary.recalled > 0 && t('delivery.ofRecalled', { count: summary.recalled }),
  ].filter((text) => text !== false);
  const canRecall =
    !isArchived &&
    trace.recallableUntil !== undefined &&
    trace.recallableUntil > now &&
    trace.recipients.some(({ state }) => state === 'delivered' || state === 'posted');
  return (
    <section className={`delivery delivery--${tone}`} aria-label={t('delivery.title')}>
      <div className="delivery__bar">
        <Icon name={icon} />
        <p className="delivery__summary">
          <strong>{t(label)}</strong>
          {summary.total > 1 && <span className="numbers"> · {counts.join(' · ')}</span>}
        </p>
        {canRecall && (
          <Button kind="quiet" icon="undo" onClick={() => setRecalling(true)}>
            {t('recall.title')}
          </Button>
        )}
        <Button
          kind="quiet"
          icon={isOpen ? 'chevronUp' : 'chevronDown'}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          {t('delivery.details')}
        </Button>
      </div>
      <div id={id} hidden={!isOpen}>
        {isOpen && (
          <>
            <RecipientList recipients={trace.recipients} />
            <ReportButton about={{ traceId: trace.id, letterId }} />
          </>
        )}
      </div>
      {isRecalling && (
        <Suspense>
          <RecallDialog letterId={letterId} trace={trace} onClose={() => setRecalling(false)} />
        </Suspense>
      )}
    </section>
  );
}

/** Each recipient with what became of the letter there, those in trouble first. */
export function RecipientList({ recipients }: { readonly recipients: readonly RecipientTraceView[] }) {
  const rank = ({ state }: RecipientTraceView) => ['failed', 'waiting'].indexOf(state) >>> 0;
  return (
    <ul className="delivery__recipients">
      {recipients
        .toSorted((a, b) => rank(a) - rank(b))
        .map((recipient) => (
          <Recipient key={recipient.address} recipient={recipient} />
        ))}
    </ul>
  );
}

function Recipient({ recipient }: { readonly recipient: RecipientTraceView }) {
  const { t, full, language } = useTexts();
  const { address, state, at, isRead, server, words, reason, nextTryAt } = recipient;
  const { icon, tone } = DELIVERY_LOOKS[stateOf(recipient)];
  return (
    <li className={`delivery__recipient delivery__recipient--${tone}`}>
      <Icon name={icon} size="small" />
      <div>
        <p>
          <bdi className="delivery__address">{address}</bdi>{' '}
          <span className="delivery__state">
            {isRead === undefined || state !== 'delivered'
              ? t(`recipient.${state}`)
              : isRead
                ? t('recipient.isRead')
                : t('recipient.isUnread')}
          </span>
        </p>
        {reason !== undefined && <p className="delivery__reason">{language === 'zh-CN' ? reason.zh : reason.en}</p>}
        <p className="delivery__facts numbers">
          {[
            at !== undefined && full(at),
            nextTryAt !== undefined && t('recipient.nextTry', { when: full(nextTryAt) }),
            server !== undefined && t('recipient.server', { server }),
          ]
            .filter((text) => text !== false)
            .join(' · ')}
        </p>
        {words !== undefined && server !== undefined && <p className="delivery__words">{words}</p>}
      </div>
    </li>
  );
}
