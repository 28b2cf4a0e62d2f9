import type { Texts } from '#web/locales/texts.ts';
import type { Toast } from '#web/ui/Toasts.tsx';
import type { MailModel } from '#web/webmail/model.ts';
import { saveFile, saveFrom, zipAttachments, ZIP_BYTES } from '#web/webmail/reading/save-all.ts';

/** Letters in one file: each is a request of its own. */
const MOST_LETTERS = 1000;

/** Saves the letters of conversations, several in one ZIP file, and says what came of it. */
export async function saveLetters(
  model: Pick<MailModel, 'files'>,
  ids: readonly string[],
  { t, size }: Pick<Texts, 't' | 'size'>,
  toast: (toast: Toast) => void,
): Promise<void> {
  try {
    const files = await model.files(ids);
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    const [first] = files;
    if (first === undefined) return toast({ text: t('save.none') });
    if (files.length > MOST_LETTERS) return toast({ text: t('save.many', { count: MOST_LETTERS }), tone: 'trouble' });
    if (sizeBytes > ZIP_BYTES)
      return toast({ text: t('save.large', { size: size(sizeBytes), most: size(ZIP_BYTES) }), tone: 'trouble' });
    if (files.length === 1) return saveFrom(first.url, first.name);
    toast({ text: t('save.busy', { count: files.length }) });
    const zip = await zipAttachments(files);
    saveFile(zip, `${t('save.name', { count: files.length })}.zip`);
  } catch {
    toast({ text: t('reading.fetchFailed'), tone: 'trouble' });
  }
}
