import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { useToast } from '#web/ui/Toasts.tsx';
import type { SaveResult } from '#web/webmail/settings-model.ts';

export interface Saving {
  readonly isBusy: boolean;
  /** What is wrong, in words; undefined: nothing. */
  readonly trouble: string | undefined;
  /** Saves, says how it went, and settles with whether it did. */
  readonly save: (act: () => Promise<SaveResult>) => Promise<boolean>;
}

/** A form that is saved: one at a time, success told in a toast and failure where the form is. */
export function useSaving(): Saving {
  const { t } = useTexts();
  const toast = useToast();
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const save = async (act: () => Promise<SaveResult>) => {
    setBusy(true);
    setTrouble(undefined);
    const result = await act();
    setBusy(false);
    if (result === 'saved') toast({ text: t('settings.saved') });
    else setTrouble(`${result.address === undefined ? '' : `${result.address}: `}${t(`notSaved.${result.why}`)}`);
    return result === 'saved';
  };
  return { isBusy, trouble, save };
}
