import { Suspense, useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { later } from '#web/ui/later.ts';
import type { AttachmentView } from '#web/webmail/model.ts';
import { fetchText, SHOWN_BYTES, type FetchedText } from './fetch-text.ts';
import { previewOf, shownName } from './file-kinds.ts';

const OfficePreview = later(() =>
  import('./OfficePreview.tsx').then(({ OfficePreview }) => ({ default: OfficePreview })),
);

/** Looks into an attachment without saving it. */
export function PreviewDialog({
  attachment,
  onClose,
}: {
  readonly attachment: AttachmentView;
  readonly onClose: () => void;
}) {
  const { t } = useTexts();
  const name = shownName(attachment.name);
  const kind = previewOf(attachment);
  return (
    <Dialog
      title={name}
      shape="wide"
      closeLabel={t('shell.close')}
      onClose={onClose}
      footer={
        <a className="button" href={attachment.url} download={name}>
          <Icon name="download" />
          {t('reading.save')}
        </a>
      }
    >
      {kind === 'picture' && <img className="preview__picture" src={attachment.url} alt={name} />}
      {kind === 'pdf' &&
        (navigator.pdfViewerEnabled ? (
          <Pdf attachment={attachment} />
        ) : (
          // As on most phones: a frame would stay empty.
          <EmptyState icon="download" title={t('reading.noPdfViewer')} />
        ))}
      {kind === 'text' && <PreviewedText url={attachment.url} />}
      {kind !== undefined && kind !== 'picture' && kind !== 'pdf' && kind !== 'text' && (
        <Suspense fallback={<Skeleton count={6} />}>
          <OfficePreview attachment={attachment} kind={kind} />
        </Suspense>
      )}
    </Dialog>
  );
}

/** The browser's own viewer shows what it is given as a PDF document, whatever the server calls it. */
function Pdf({ attachment }: { readonly attachment: AttachmentView }) {
  const { t } = useTexts();
  const [url, setUrl] = useState<string>();
  const [isFailed, setFailed] = useState(false);
  useEffect(() => {
    let made: string | undefined;
    let isCurrent = true;
    const load = async () => {
      const answer = await fetch(attachment.url);
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const blob = new Blob([await answer.arrayBuffer()], { type: 'application/pdf' });
      if (isCurrent) setUrl((made = URL.createObjectURL(blob)));
    };
    load().catch(() => setFailed(true));
    return () => {
      isCurrent = false;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [attachment.url]);
  if (isFailed) return <Banner tone="trouble">{t('reading.fetchFailed')}</Banner>;
  if (url === undefined) return <Skeleton count={6} />;
  // oxlint-disable-next-line react/iframe-missing-sandbox -- in a sandbox browsers show no PDF; as its type is said to be nothing else, nothing of ours can run
  return <iframe className="preview__pdf" src={url} title={shownName(attachment.name)} />;
}

function PreviewedText({ url }: { readonly url: string }) {
  const { t, size } = useTexts();
  const [text, setText] = useState<FetchedText | 'failed'>();
  useEffect(() => {
    // Text without a label is UTF-8 or GB18030; what is no UTF-8 has replacement characters.
    const read = async () => {
      const utf8 = await fetchText(url);
      return utf8.text.includes('\uFFFD') ? fetchText(url, 'gb18030') : utf8;
    };
    read().then(setText, () => setText('failed'));
  }, [url]);
  if (text === undefined) return <Skeleton count={6} />;
  if (text === 'failed') return <Banner tone="trouble">{t('reading.fetchFailed')}</Banner>;
  return (
    <>
      <pre className="source-text">{text.text}</pre>
      {text.isCut && <p>{t('reading.isCutAt', { size: size(SHOWN_BYTES) })}</p>}
    </>
  );
}
