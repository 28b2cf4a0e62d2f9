import { useTexts } from '#web/locales/texts.ts';
import { Badge } from '#web/ui/Badge.tsx';
import { Button, IconButton } from '#web/ui/Button.tsx';
import type { Desk, Letter } from '#web/webmail/desk.ts';
import { kindOf, shownName } from '#web/webmail/reading/file-kinds.ts';
import { troubleText } from './trouble-text.ts';

/** The files that go along: how far each has come, and what can be done about it. */
export function Files({ letter, desk }: { readonly letter: Letter; readonly desk: Desk }) {
  const texts = useTexts();
  const { t, size } = texts;
  const { draft, uploads } = letter;
  const { id } = draft;
  // Pictures of the text are seen there; here they stand only when something is the matter.
  const files = draft.files.filter((file) => file.cid === undefined || uploads.has(file.id));
  return (
    <>
      {draft.offered.length > 0 && (
        <p className="files__offer">
          <Button kind="quiet" icon="attachment" onClick={() => desk.takeOffered(id)}>
            {t('compose.takeAttachments', { count: draft.offered.length })}
          </Button>
        </p>
      )}
      {files.length > 0 && (
        <ul className="files scroll" aria-label={t('compose.files')}>
          {files.map((file) => {
            const upload = uploads.get(file.id);
            const { mark, tone } = kindOf(file.name);
            const name = shownName(file.name);
            return (
              <li key={file.id} className="files__file">
                <Badge tone={tone}>{mark}</Badge>
                <bdi className="files__name one-line" title={name}>
                  {name}
                </bdi>
                {upload?.kind === 'uploading' ? (
                  <progress
                    aria-label={t('compose.uploading', { name })}
                    value={upload.sentBytes}
                    max={file.sizeBytes}
                  />
                ) : upload?.kind === 'failed' ? (
                  <>
                    <span className="files__trouble" role="alert">
                      {troubleText(upload.trouble, texts)}
                    </span>
                    <Button kind="quiet" icon="refresh" onClick={() => desk.retryUpload(id, file.id)}>
                      {t('compose.retry')}
                    </Button>
                  </>
                ) : (
                  <span className="files__size numbers">{size(file.sizeBytes)}</span>
                )}
                <IconButton
                  label={
                    upload?.kind === 'uploading' ? t('compose.cancelUpload', { name }) : t('compose.detach', { name })
                  }
                  icon="close"
                  size="small"
                  onClick={() => desk.detach(id, file.id)}
                />
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
