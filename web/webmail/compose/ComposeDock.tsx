import { useEffect } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { useToast } from '#web/ui/Toasts.tsx';
import type { Desk, Letter } from '#web/webmail/desk.ts';
import { useLive } from '#web/webmail/live.ts';
import { useModel } from '#web/webmail/MailContext.tsx';
import { ComposeWindow, type SendHow } from './ComposeWindow.tsx';

/** The windows of the letters being written, and what is said when one is closed, sent or thrown away. */
export function ComposeDock({ desk }: { readonly desk: Desk }) {
  const texts = useTexts();
  const { t } = texts;
  const toast = useToast();
  const model = useModel();
  const { connection } = model;
  const letters = useLive(desk.letters);
  const hasLetters = letters.length > 0;

  useEffect(() => {
    if (!hasLetters) return;
    const stop = new AbortController();
    const { signal } = stop;
    window.addEventListener(
      'beforeunload',
      (event) => {
        if (!desk.isUnkept) return;
        desk.keepAll();
        event.preventDefault();
      },
      { signal },
    );
    // A phone closes what is out of sight without asking anybody.
    document.addEventListener('visibilitychange', () => document.hidden && desk.keepAll(), { signal });
    window.addEventListener('online', () => desk.keepAll(), { signal });
    // A file let go beside a window would take the page's place.
    for (const name of ['dragover', 'drop'] as const)
      window.addEventListener(
        name,
        (event) => event.dataTransfer?.types.includes('Files') === true && event.preventDefault(),
        { signal },
      );
    return () => stop.abort();
  }, [desk, hasLetters]);

  const close = async ({ draft }: Letter) => {
    const closed = await desk.close(draft.id);
    if (typeof closed === 'object')
      toast({ text: t('compose.saved'), action: { label: t('compose.reopen'), run: () => desk.begin(closed) } });
  };
  const send = async ({ draft }: Letter, { sendAt, archives }: SendHow) => {
    const sending = await desk.send(draft.id, sendAt);
    if (sending === undefined) return;
    const answered = draft.concerns?.messageId;
    const bringBack = archives && answered !== undefined ? model.change({ do: 'archive' }, [answered]) : undefined;
    const undo = async () => {
      const back = await sending.undo();
      if (back === 'tooLate') toast({ text: t('compose.tooLate'), tone: 'trouble' });
      else {
        desk.putBack(back);
        bringBack?.undo();
      }
    };
    const soon = connection.getSnapshot() === 'online' ? t('compose.sent') : t('compose.sentLater');
    const text = sendAt === undefined ? soon : t('compose.scheduled', { when: texts.full(sendAt) });
    toast({ text, action: { label: t('shell.undo'), run: () => void undo() } });
  };
  const discard = async ({ draft }: Letter) => {
    const discarded = await desk.discard(draft.id);
    if (discarded === undefined) return;
    toast({ text: t('compose.discarded'), action: { label: t('shell.undo'), run: () => desk.putBack(discarded) } });
  };

  if (!hasLetters) return null;
  return (
    <div className="compose-dock">
      {letters.map((letter) => (
        <ComposeWindow
          key={letter.draft.id}
          letter={letter}
          desk={desk}
          onClose={() => void close(letter)}
          onSend={(how) => void send(letter, how)}
          onDiscard={() => void discard(letter)}
        />
      ))}
    </div>
  );
}
