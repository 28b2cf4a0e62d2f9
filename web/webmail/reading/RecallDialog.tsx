import { useState } from 'react';
import type { RecallResult } from '#contract/jmap/message-trace.ts';
import { useTexts, type Texts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Switch } from '#web/ui/Field.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { RecallOutcome, TraceView } from '#web/webmail/traces-model.ts';

export interface RecallDialogProps {
  readonly letterId: string;
  readonly trace: TraceView;
  readonly onClose: () => void;
}

/** Asks first, then says recipient by recipient what came of it. */
export function RecallDialog({ letterId, trace, onClose }: RecallDialogProps) {
  const texts = useTexts();
  const { t, full } = texts;
  const { traces } = useModel();
  const [notifies, setNotifies] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<RecallOutcome>();
  const recall = async () => {
    setBusy(true);
    setOutcome(await traces.recall(letterId, trace.id, notifies));
    setBusy(false);
  };
  const isDone = outcome !== undefined && 'results' in outcome;
  return (
    <Dialog
      title={t('recall.title')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        isDone ? (
          <Button kind="primary" onClick={onClose}>
            {t('recall.close')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('recall.keep')}</Button>
            <Button kind="danger" isBusy={isBusy} onClick={() => void recall()}>
              {t('recall.now')}
            </Button>
          </>
        )
      }
    >
      {isDone ? (
        <ul className="delivery__recipients" aria-label={t('recall.results')}>
          {outcome.results.map((result) => (
            <li
              key={result.address}
              className={`delivery__recipient delivery__recipient--${result.recalled > 0 ? 'good' : 'quiet'}`}
            >
              <Icon name={result.recalled > 0 ? 'undo' : 'info'} size="small" />
              <div>
                <p>
                  <bdi className="delivery__address">{result.address}</bdi>
                </p>
                <p className="delivery__facts">{resultText(result, texts)}</p>
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <div className="recall">
          {outcome !== undefined && 'why' in outcome && (
            <Banner tone="trouble">{t(`recallFailed.${outcome.why}`)}</Banner>
          )}
          <p>{t('recall.ask', { subject: trace.subject || t('list.noSubject') })}</p>
          <ul className="recall__rules">
            <li>{t('recall.ruleInside')}</li>
            <li>{t('recall.ruleUnread')}</li>
            {trace.recallableUntil !== undefined && (
              <li>{t('recall.ruleUntil', { until: full(trace.recallableUntil) })}</li>
            )}
          </ul>
          <Switch label={t('recall.notifies')} hint={t('recall.notifiesHint')} isOn={notifies} onChange={setNotifies} />
        </div>
      )}
    </Dialog>
  );
}

/** A word for one recipient, numbers for a group. */
function resultText({ recalled, read, missing, outside }: RecallResult, { t }: Texts): string {
  if (recalled + read + missing + outside === 1)
    return recalled === 1
      ? t('recalled.done')
      : read === 1
        ? t('recalled.read')
        : outside === 1
          ? t('recalled.outside')
          : t('recalled.missing');
  return [
    t('recalled.ofDone', { count: recalled }),
    read > 0 && t('recalled.ofRead', { count: read }),
    missing > 0 && t('recalled.ofMissing', { count: missing }),
    outside > 0 && t('recalled.ofOutside', { count: outside }),
  ]
    .filter((text) => text !== false)
    .join(' · ');
}
