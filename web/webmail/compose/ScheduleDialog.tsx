import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Field } from '#web/ui/Field.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import { useNow } from '#web/webmail/use-now.ts';
import { formatLocal, scheduleChoices } from './schedule.ts';

export interface ScheduleDialogProps {
  readonly onClose: () => void;
  readonly onChoose: (sendAt: Date) => void;
}

/** When a letter is to go. */
export function ScheduleDialog({ onClose, onChoose }: ScheduleDialogProps) {
  const { t, full } = useTexts();
  const { writing } = useModel();
  const now = useNow();
  const [aheadMs, setAheadMs] = useState<number>();
  const [chosen, setChosen] = useState('');
  useEffect(() => {
    // Without limits the server says itself what is too late.
    void writing.limits().then(
      (limits) => setAheadMs(limits.aheadMs),
      () => undefined,
    );
  }, [writing]);
  const at = new Date(chosen);
  const isValid =
    !Number.isNaN(at.getTime()) && at > now && (aheadMs === undefined || at.getTime() <= now.getTime() + aheadMs);
  return (
    <Dialog
      title={t('compose.schedule')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <Button kind="primary" icon="calendar" disabled={!isValid} onClick={() => onChoose(at)}>
          {t('compose.scheduleAt')}
        </Button>
      }
    >
      <ul className="schedule">
        {scheduleChoices(now).map(({ name, at }) => (
          <li key={name}>
            <Button isWide onClick={() => onChoose(at)}>
              {t(`schedule.${name}`)} <span className="schedule__when numbers">{full(at)}</span>
            </Button>
          </li>
        ))}
      </ul>
      <Field
        type="datetime-local"
        label={t('schedule.other')}
        value={chosen}
        min={formatLocal(now)}
        max={aheadMs === undefined ? undefined : formatLocal(new Date(now.getTime() + aheadMs))}
        error={chosen !== '' && !isValid ? t('schedule.outOfRange') : undefined}
        onChange={(event) => setChosen(event.target.value)}
      />
    </Dialog>
  );
}
