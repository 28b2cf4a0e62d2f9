import { useState, type ReactNode } from 'react';
import type { LeftList } from '#contract/jmap/list-unsubscribe.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { addressedAs, emptyDraft, htmlOfText } from '#web/webmail/draft.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { MessageView } from '#web/webmail/model.ts';
import type { Unsubscribing, UnsubscribingSelf } from './unsubscribe.ts';

export interface UnsubscribeDialogProps {
  readonly message: MessageView;
  readonly way: Unsubscribing;
  readonly onClose: () => void;
}

/** Says what leaving a list takes, one click, a letter or a page of the sender's, before any of it is done. */
export function UnsubscribeDialog({ message, way, onClose }: UnsubscribeDialogProps) {
  const { t } = useTexts();
  const model = useModel();
  const { account, writing } = model;
  const toast = useToast();
  const { identities, address } = account.getSnapshot();
  const from = addressedAs(message, identities) ?? address;
  const [left, setLeft] = useState<Exclude<LeftList, 'done'> | 'asking'>();

  const click = async () => {
    setLeft('asking');
    const result = await model.leaveList(message.id);
    if (result !== 'done') return setLeft(result);
    toast({ text: t('unsubscribe.left') });
    onClose();
  };

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

  const dialog = (button: ReactNode, body: ReactNode) => (
    <Dialog
      title={t('unsubscribe.title')}
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('unsubscribe.keep')}</Button>
          {button}
        </>
      }
    >
      {body}
    </Dialog>
  );

  if (way.by === 'oneClick' && (left === undefined || left === 'asking'))
    return dialog(
      <Button kind="primary" disabled={left === 'asking'} onClick={() => void click()}>
        {t(left === 'asking' ? 'unsubscribe.asking' : 'unsubscribe.click')}
      </Button>,
      <p>{t('unsubscribe.askClick', { host: way.host })}</p>,
    );
  // What one click did not do may be done as it always was.
  const self: UnsubscribingSelf = way.by === 'oneClick' ? way.otherwise : way;
  const trouble = left !== undefined && left !== 'asking' && (
    <div role="alert">
      <Banner tone="warn">{t(`unsubscribe.${left}`)}</Banner>
    </div>
  );
  if (self.by === 'letter')
    return dialog(
      <Button kind="primary" onClick={() => send(self)}>
        {t('unsubscribe.send')}
      </Button>,
      <>
        {trouble}
        <p>{t('unsubscribe.askLetter', { from, to: self.to })}</p>
        {self.subject !== '' && <p className="unsubscribe__text">{self.subject}</p>}
        {self.text !== '' && <p className="unsubscribe__text">{self.text}</p>}
      </>,
    );
  return dialog(
    <a className="button button--primary" href={self.url} target="_blank" rel="noopener noreferrer" onClick={onClose}>
      {t('unsubscribe.open')}
    </a>,
    <>
      {trouble}
      <p>{t('unsubscribe.askPage', { host: self.host })}</p>
    </>,
  );
}
