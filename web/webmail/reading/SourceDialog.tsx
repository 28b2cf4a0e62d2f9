import { useEffect, useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Dialog } from '#web/ui/Dialog.tsx';
import { Skeleton } from '#web/ui/EmptyState.tsx';
import { Tabs } from '#web/ui/Tabs.tsx';
import { fetchText, headerOf, type FetchedText } from './fetch-text.ts';

/** A letter as it came: its header fields, or all of it. */
export function SourceDialog({ url, onClose }: { readonly url: string; readonly onClose: () => void }) {
  const { t } = useTexts();
  const [source, setSource] = useState<FetchedText | 'failed'>();
  const [shown, show] = useState<'header' | 'whole'>('header');
  useEffect(() => {
    fetchText(url).then(setSource, () => setSource('failed'));
  }, [url]);
  return (
    <Dialog title={t('reading.source')} closeLabel={t('shell.close')} onClose={onClose}>
      {source === undefined ? (
        <Skeleton count={6} />
      ) : source === 'failed' ? (
        <Banner tone="trouble">{t('reading.fetchFailed')}</Banner>
      ) : (
        <Tabs
          label={t('reading.source')}
          value={shown}
          onChange={show}
          tabs={[
            { value: 'header', label: t('reading.header') },
            { value: 'whole', label: t('reading.whole') },
          ]}
        >
          <pre className="source-text">{shown === 'header' ? headerOf(source.text) : source.text}</pre>
          {shown === 'whole' && source.isCut && <p>{t('reading.isCut')}</p>}
        </Tabs>
      )}
    </Dialog>
  );
}
