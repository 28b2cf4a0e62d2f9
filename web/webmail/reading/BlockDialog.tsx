import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Switch } from '#web/ui/Field.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';

export interface BlockDialogProps {
  readonly address: string;
  readonly onClose: () => void;
}

/** Says what blocking somebody does before it is done, and offers to do the same to what is there. */
export function BlockDialog({ address, onClose }: BlockDialogProps) {
  const { t } = useTexts();
  const { settings } = useModel();
  const toast = useToast();
  const into = useLive(settings.filter)?.blockedInto === 'trash' ? t('mailbox.trash') : t('mailbox.junk');
  const [takesLetters, setTakesLetters] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const block = async () => {
    setBusy(true);
    const result = await settings.block(address, { takesLetters });
    setBusy(false);
    if ('why' in result) return setTrouble(t(`notSaved.${result.why}`));
    const { count } = result;
    toast({
      text: count === 0 ? t('block.done', { address }) : t('block.doneWith', { address, count }),
      action: { label: t('shell.undo'), run: () => void result.undo() },
    });
    onClose();
  };
  return (
    <Dialog
      title={t('block.title')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('block.keep')}</Button>
          <Button kind="danger" isBusy={isBusy} onClick={() => void block()}>
            {t('block.now')}
          </Button>
        </>
      }
    >
      <div className="block">
        {trouble !== undefined && <Banner tone="trouble">{trouble}</Banner>}
        <p>{t('block.ask', { address, into })}</p>
        <Switch label={t('block.takesLetters', { into })} isOn={takesLetters} onChange={setTakesLetters} />
      </div>
    </Dialog>
  );
}
