import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Choice } from '#web/ui/Field.tsx';
import { ENCODINGS, type Encoding } from './fetch-text.ts';

export interface EncodingDialogProps {
  /** undefined: as the letter says. */
  readonly encoding: Encoding | undefined;
  readonly onChoose: (encoding: Encoding | undefined) => void;
  readonly onClose: () => void;
}

/** 乱码？ The letter behind it is read anew with each choice, so that one sees which is right. */
export function EncodingDialog({ encoding, onChoose, onClose }: EncodingDialogProps) {
  const { t } = useTexts();
  return (
    <Dialog
      title={t('reading.encodingTitle')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <Button kind="primary" onClick={onClose}>
          {t('reading.encodingDone')}
        </Button>
      }
    >
      <Choice<Encoding | ''>
        label={t('reading.encodingHint')}
        value={encoding ?? ''}
        options={[
          { value: '', label: t('reading.encodingAsSent') },
          ...ENCODINGS.map((value) => ({ value, label: value.toUpperCase() })),
        ]}
        onChange={(value) => onChoose(value === '' ? undefined : value)}
      />
    </Dialog>
  );
}
