import { useTexts } from '#web/locales/texts.ts';
import { Dialog } from '#web/ui/Dialog.tsx';
import { ShortcutList } from './ShortcutList.tsx';

export function ShortcutHelp({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTexts();
  return (
    <Dialog title={t('action.shortcuts')} closeLabel={t('shell.close')} onClose={onClose}>
      <ShortcutList />
    </Dialog>
  );
}
