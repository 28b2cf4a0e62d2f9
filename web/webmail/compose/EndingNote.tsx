import { useTexts } from '#web/locales/texts.ts';
import type { AddressEnding } from '#web/webmail/endings.ts';
import { useNow } from '#web/webmail/use-now.ts';

interface EndingNoteProps {
  readonly ending: AddressEnding;
  readonly onWriteFrom: (address: string) => void;
}

/** Below the sender: its address is being given up, and which one is to be used. */
export function EndingNote({ ending: { stage, refusedAt, instead }, onWriteFrom }: EndingNoteProps) {
  const { t, day } = useTexts();
  const now = useNow();
  return (
    <p className={stage === 'announced' ? 'compose__ending' : 'compose__ending compose__ending--over'} role="status">
      {stage === 'announced' ? t('compose.ends', { date: day(refusedAt, now) }) : t('compose.ended')}
      {instead !== undefined && (
        <button type="button" className="compose__copies" onClick={() => onWriteFrom(instead)}>
          {t('compose.writeFrom', { address: instead })}
        </button>
      )}
    </p>
  );
}
