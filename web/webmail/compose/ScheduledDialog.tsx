import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import type { Desk } from '#web/webmail/desk.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import type { ScheduledView } from '#web/webmail/writing.ts';

/** The letters that the server will send later, each to be called back and written on. */
export function ScheduledDialog({ desk, onClose }: { readonly desk: Desk; readonly onClose: () => void }) {
  const { t, full } = useTexts();
  const { writing } = useModel();
  const toast = useToast();
  const [letters, setLetters] = useState<readonly ScheduledView[] | 'failed'>();
  useEffect(() => {
    void writing.scheduled().then(setLetters, () => setLetters('failed'));
  }, [writing]);

  const cancel = async (letter: ScheduledView) => {
    try {
      if (!(await writing.cancel(letter))) toast({ text: t('compose.tooLate'), tone: 'trouble' });
      else await desk.open(letter.emailId);
      onClose();
    } catch {
      toast({ text: t('trouble.offline'), tone: 'trouble' });
    }
  };
  return (
    <Dialog title={t('scheduled.title')} closeLabel={t('shell.close')} onClose={onClose}>
      {letters === undefined ? (
        <Skeleton count={3} />
      ) : letters === 'failed' ? (
        <EmptyState icon="warning" title={t('trouble.offline')} />
      ) : letters.length === 0 ? (
        <EmptyState icon="calendar" title={t('scheduled.none')} />
      ) : (
        <ul className="scheduled">
          {letters.map((letter) => (
            <li key={letter.submissionId} className="scheduled__letter">
              <span className="scheduled__what">
                <bdi className="one-line">{letter.subject || t('list.noSubject')}</bdi>
                <span className="scheduled__who one-line">
                  {t('list.to', { who: letter.people.map(({ name, address }) => name || address).join('、') })} ·{' '}
                  <time className="numbers" dateTime={letter.sendAt.toISOString()}>
                    {full(letter.sendAt)}
                  </time>
                </span>
              </span>
              <Button onClick={() => void cancel(letter)}>{t('scheduled.cancel')}</Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
