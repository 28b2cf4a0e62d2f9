import { Suspense, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { later } from '#web/ui/later.ts';
import { useToast } from '#web/ui/Toasts.tsx';
import type { AttachmentView } from '#web/webmail/model.ts';
import { isTnef, kindOf, previewOf, shownName } from './file-kinds.ts';
import { saveFile, ZIP_BYTES, zipAttachments } from './save-all.ts';

const PreviewDialog = later(() =>
  import('./PreviewDialog.tsx').then(({ PreviewDialog }) => ({ default: PreviewDialog })),
);

export interface AttachmentsProps {
  readonly attachments: readonly AttachmentView[];
  /** What all of them together are saved as. */
  readonly subject: string;
}

export function Attachments({ attachments, subject }: AttachmentsProps) {
  const { t, size } = useTexts();
  const toast = useToast();
  const [previewed, preview] = useState<AttachmentView>();
  const [isPacking, setPacking] = useState(false);
  const total = attachments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const saveAll = async () => {
    setPacking(true);
    try {
      saveFile(await zipAttachments(attachments), `${shownName(subject)}.zip`);
    } catch {
      toast({ text: t('reading.fetchFailed'), tone: 'trouble' });
    }
    setPacking(false);
  };
  return (
    <section className="attachments" aria-label={t('reading.attachments', { count: attachments.length })}>
      <p className="attachments__head">
        {t('reading.attachments', { count: attachments.length })} · {size(total)}
        {attachments.length > 1 && total <= ZIP_BYTES && (
          <Button kind="quiet" icon="download" isBusy={isPacking} onClick={() => void saveAll()}>
            {t('reading.saveAll')}
          </Button>
        )}
      </p>
      <ul className="attachments__list">
        {attachments.map((attachment) => {
          const { mark, tone } = kindOf(attachment.name);
          const name = shownName(attachment.name);
          return (
            <li key={attachment.id}>
              <a className="attachment" href={attachment.url} download={name}>
                <Badge tone={tone}>{mark}</Badge>
                <bdi className="attachment__name one-line" title={name}>
                  {name}
                </bdi>
                <span className="attachment__size numbers">{size(attachment.sizeBytes)}</span>
                <Icon name="download" size="small" />
              </a>
              {previewOf(attachment) && (
                <IconButton
                  label={t('reading.preview', { name })}
                  icon="eye"
                  size="small"
                  onClick={() => preview(attachment)}
                />
              )}
            </li>
          );
        })}
      </ul>
      {attachments.some(isTnef) && <p className="attachments__note">{t('reading.tnef')}</p>}
      {previewed && (
        <Suspense>
          <PreviewDialog attachment={previewed} onClose={() => preview(undefined)} />
        </Suspense>
      )}
    </section>
  );
}
