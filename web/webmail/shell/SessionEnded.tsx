import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';

/** Says to somebody who is writing that they are signed out, as by a new password set elsewhere, and that nothing is lost by that. */
export function SessionEnded({ onSignIn }: { readonly onSignIn: () => void }) {
  const { t } = useTexts();
  return (
    <Dialog
      title={t('sessionEnded.title')}
      closeLabel={t('sessionEnded.signIn')}
      onClose={onSignIn}
      footer={
        <Button kind="primary" onClick={onSignIn}>
          {t('sessionEnded.signIn')}
        </Button>
      }
    >
      <p>{t('sessionEnded.text')}</p>
    </Dialog>
  );
}
