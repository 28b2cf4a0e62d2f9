import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import type { Saving } from './use-saving.ts';

/** The foot of a form: what went wrong, and the button. */
export function SaveBar({ saving, isDisabled = false }: { readonly saving: Saving; readonly isDisabled?: boolean }) {
  const { t } = useTexts();
  return (
    <div className="save-bar">
      {saving.trouble !== undefined && <Banner tone="trouble">{saving.trouble}</Banner>}
      <Button kind="primary" type="submit" isBusy={saving.isBusy} disabled={isDisabled}>
        {t('settings.save')}
      </Button>
    </div>
  );
}
