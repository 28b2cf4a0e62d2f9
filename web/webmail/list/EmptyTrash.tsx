import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { useToast } from '#web/ui/Toasts.tsx';
import { useModel } from '#web/webmail/MailContext.tsx';
import { navigate } from '#web/webmail/navigation.ts';

/** Deletes what is in the trash, after a question that says for how long it can still be had back. */
export function EmptyTrash() {
  const { t } = useTexts();
  const { deletions } = useModel();
  const toast = useToast();
  const [keptDays, setKeptDays] = useState(0);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => void deletions.kept().then((kept) => setKeptDays(kept.keptDays)), [deletions]);
  const empty = async () => {
    setAsking(false);
    const emptying = deletions.emptyTrash((left) => toast({ text: t('trash.left', { count: left }), until: emptying }));
    toast({ text: t('trash.emptying'), until: emptying });
    const count = await emptying;
    if (count === 'failed') return toast({ text: t('deletions.failed'), tone: 'trouble' });
    if (keptDays === 0) return toast({ text: t('trash.emptiedForGood', { count }) });
    toast({
      text: t('trash.emptied', { count, days: keptDays }),
      action: { label: t('trash.look'), run: () => navigate({ screen: 'settings', page: 'lookup', tab: 'deleted' }) },
    });
  };
  return (
    <>
      <Button kind="quiet" onClick={() => setAsking(true)}>
        {t('trash.empty')}
      </Button>
      {isAsking && (
        <Dialog
          title={t('trash.emptyTitle')}
          closeLabel={t('shell.close')}
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>{t('deletions.keep')}</Button>
              <Button kind="danger" onClick={() => void empty()}>
                {t('trash.empty')}
              </Button>
            </>
          }
        >
          <p>{keptDays === 0 ? t('trash.emptyAskForGood') : t('trash.emptyAsk', { days: keptDays })}</p>
        </Dialog>
      )}
    </>
  );
}
