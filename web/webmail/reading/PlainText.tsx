import { useState } from 'react';
import { useTexts } from '#web/locales/texts.ts';
import { IconButton } from '#web/ui/Button.tsx';
import { segmentsOf, splitQuoted } from './text-segments.ts';

export function PlainText({ text }: { readonly text: string }) {
  const { t } = useTexts();
  const [isQuoteShown, showQuote] = useState(false);
  const { said, quoted } = splitQuoted(text);
  return (
    <div className="plain-text">
      <LinkedText text={said} />
      {quoted !== '' && (
        <>
          <IconButton
            label={t('reading.quoted')}
            icon="more"
            size="small"
            aria-expanded={isQuoteShown}
            onClick={() => showQuote(!isQuoteShown)}
          />
          {isQuoteShown && (
            <div className="plain-text__quoted">
              <LinkedText text={quoted} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

/** Text with the addresses in it as links. */
export function LinkedText({ text }: { readonly text: string }) {
  let at = 0;
  return segmentsOf(text).map((segment) => {
    const key = at;
    at += segment.text.length;
    return segment.url === undefined ? (
      <span key={key}>{segment.text}</span>
    ) : (
      <a key={key} href={segment.url} target="_blank" rel="noopener noreferrer nofollow">
        {segment.text}
      </a>
    );
  });
}
