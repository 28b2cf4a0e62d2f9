import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import type { Warning } from './warnings.ts';

export interface WarningDialogProps {
  readonly warnings: readonly Warning[];
  readonly onBack: () => void;
  readonly onSend: () => void;
}

/** Of the people outside so many are named. */
const MOST_NAMED = 5;

/** What to think of before the letter goes. */
export function WarningDialog({ warnings, onBack, onSend }: WarningDialogProps) {
  const { t } = useTexts();
  const textOf = (warning: Warning): string => {
    switch (warning.kind) {
      case 'outside': {
        const people = warning.people.slice(0, MOST_NAMED).map(({ address }) => address);
        return t('warning.outside', { count: warning.people.length, people: people.join('、') });
      }
      case 'manyRecipients':
        return t('warning.manyRecipients', { count: warning.count });
      default:
        return t(`warning.${warning.kind}`);
    }
  };
  return (
    <Dialog
      title={t('warning.title')}
      closeLabel={t('shell.close')}
      onClose={onBack}
      footer={
        <>
          <Button onClick={onBack}>{t('warning.back')}</Button>
          <Button kind="primary" onClick={onSend}>
            {t('warning.send')}
          </Button>
        </>
      }
    >
      <ul className="warnings">
        {warnings.map((warning) => (
          <li key={warning.kind}>{textOf(warning)}</li>
        ))}
      </ul>
    </Dialog>
  );
}
