import { useTexts } from '#web/locales/texts.ts';
import { useToast } from '#web/ui/Toasts.tsx';
import type { ContactFailure, ContactsDone } from '#web/webmail/contacts-model.ts';

/** Says what became of a change of one's contacts, with the way back; settles with whether all of it was done. */
export function useContactsDone() {
  const { t } = useTexts();
  const toast = useToast();
  const fail = (why: ContactFailure) => toast({ text: t(`contactTrouble.${why}`), tone: 'trouble' });
  const tell = async (change: Promise<ContactsDone>, say: (count: number) => string): Promise<boolean> => {
    const { count, why, undo } = await change;
    if (why !== undefined) {
      fail(why);
      return false;
    }
    const takeBack = () =>
      void undo().then((undone) =>
        undone.why === undefined ? toast({ text: t('contacts.undone') }) : fail(undone.why),
      );
    toast({ text: say(count), action: { label: t('shell.undo'), run: takeBack } });
    return true;
  };
  return { tell, fail };
}
