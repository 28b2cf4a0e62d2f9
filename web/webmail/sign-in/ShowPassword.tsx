import { useTexts } from '#web/locales/texts.ts';
import { IconButton } from '#web/ui/Button.tsx';

/** The eye at the end of a password's field. */
export function ShowPassword({
  isShown,
  onChange,
}: {
  readonly isShown: boolean;
  readonly onChange: (isShown: boolean) => void;
}) {
  const { t } = useTexts();
  return (
    <IconButton
      label={t('signIn.showPassword')}
      icon="eye"
      size="small"
      isPressed={isShown}
      onClick={() => onChange(!isShown)}
    />
  );
}
