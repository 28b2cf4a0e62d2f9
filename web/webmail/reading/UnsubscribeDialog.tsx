import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { addressedAs, emptyDraft, htmlOfText } from '#web/webmail/draft.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { MessageView } from '#web/webmail/model.ts';
import type { Unsubscribing } from './unsubscribe.ts';

export interface UnsubscribeDialogProps {
  readonly message: MessageView;
  readonly way: Unsubscribing;
  readonly onClose: () => void;
}

/** Says what leaving a list takes, a letter or a page of the sender's, before any of it is done. */
export function UnsubscribeDialog({ message, way, onClose }: UnsubscribeDialogProps) {
  const { t } = useTexts();
  const { account, writing } = useModel();
  const toast = useToast();
  const { identities, address } = account.getSnapshot();
  const from = addressedAs(message, identities) ?? address;

  const send = ({ to, subject, text }: Extract<Unsubscribing, { by: 'letter' }>) => {
    const id = `${crypto.randomUUID()}@${from.slice(from.lastIndexOf('@') + 1)}`;
    const letter = emptyDraft(id, from);
    const sending = writing.send(
      { ...letter, to: [{ name: '', address: to }], subject: subject || 'unsubscribe', body: htmlOfText(text) },
      undefined,
    );
    const undo = async () => {
      const back = await sending.undo();
      if (back === 'tooLate') toast({ text: t('compose.tooLate'), tone: 'trouble' });
      else if (back.savedId !== undefined) writing.throwAway(back.savedId);
    };
    toast({ text: t('unsubscribe.sent'), action: { label: t('shell.undo'), run: () => void undo() } });
    onClose();
  };

  return (
    <Dialog
      title={t('unsubscribe.title')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('unsubscribe.keep')}</Button>
          {way.by === 'letter' ? (
            <Button kind="primary" onClick={() => send(way)}>
              {t('unsubscribe.send')}
            </Button>
          ) : (
            <a
              className="button button--primary"
              href={way.url}
              target="_blank"
              rel="noopener noreferrer"
              onClick={onClose}
            >
              {t('unsubscribe.open')}
            </a>
          )}
        </>
      }
    >
      {way.by === 'letter' ? (
        <>
          <p>{t('unsubscribe.askLetter', { from, to: way.to })}</p>
          {way.subject !== '' && <p className="unsubscribe__text">{way.subject}</p>}
          {way.text !== '' && <p className="unsubscribe__text">{way.text}</p>}
        </>
      ) : (
        <p>{t('unsubscribe.askPage', { host: way.host })}</p>
      )}
    </Dialog>
  );
}
