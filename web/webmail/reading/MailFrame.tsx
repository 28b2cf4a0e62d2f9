import { useEffect, useRef, useState } from 'react';
import type { WindowLike } from 'dompurify';
import { useTexts } from '#web/locales/texts.ts';
import { Banner } from '#web/ui/Banner.tsx';
import { Button } from '#web/ui/Button.tsx';
import { readMailto, type AskedLetter } from '#web/webmail/mailto.ts';
import { sanitiseMail } from './sanitise.ts';

/** What a letter looks like that says nothing about it: dark on white, because that is what senders try it on. */
const FRAME_STYLE = `
html { overflow-x: auto; overflow-y: hidden; color-scheme: light; background: #fff; }
body { margin: 0; padding: 16px; overflow-wrap: anywhere; color: #1c2328;
  font: 15px/1.65 system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Noto Sans SC', 'Noto Sans CJK SC', 'Microsoft YaHei', sans-serif; }
img { max-width: 100%; height: auto; }
img:not([src]) { min-width: 24px; min-height: 24px; outline: 1px dashed #b9b3a8; outline-offset: -1px; background: #f4f1ec; }
pre { white-space: pre-wrap; }
blockquote { margin: 8px 0; padding-inline-start: 12px; border-inline-start: 3px solid #d8d2c7; color: #48525a; }
.campusmail-real-target { display: inline-block; margin-inline: 4px; padding: 0 6px; border-radius: 4px; background: #f9e7e2; color: #9c2f24; font-size: 12px; }
`;

/** A letter's frame is never higher than this, CSS pixels: beyond it scrolls by itself. */
const MOST_HEIGHT = 60_000;

export interface MailFrameProps {
  readonly html: string;
  readonly pictures: ReadonlyMap<string, string>;
  /** The frame's name for screen readers. */
  readonly title: string;
  /** A link asks for a letter; undefined: it is left to the browser. */
  readonly onAsked?: (letter: AskedLetter) => void;
}

/** Shows a letter's HTML as its sender meant it, and lets it do nothing. */
export function MailFrame({ html, pictures, title, onAsked }: MailFrameProps) {
  const { t } = useTexts();
  const [areRemotePicturesShown, showRemotePictures] = useState(false);
  const [blockedCount, setBlockedCount] = useState(0);
  const frame = useRef<HTMLIFrameElement>(null);
  const stop = useRef<() => void>(undefined);
  useEffect(() => () => stop.current?.(), []);

  const fill = () => {
    const window = frame.current?.contentWindow;
    // A page that failed to load is of no origin of ours, or has another address.
    const page = frame.current?.contentDocument;
    if (!window || !page || page.location.pathname !== '/mail-frame') return;
    stop.current?.();
    const mail = sanitiseMail(html, { window: window as unknown as WindowLike, pictures, areRemotePicturesShown });
    const style = page.createElement('style');
    style.textContent = `${FRAME_STYLE}\n${mail.styles}`;
    page.head.append(style);
    page.body.setAttribute('style', mail.bodyStyle);
    page.body.replaceChildren(page.importNode(mail.body, true));
    setBlockedCount(mail.blockedCount);
    page.body.addEventListener('click', followLink);
    stop.current = followHeight(page);
  };

  const followLink = (event: MouseEvent) => {
    // Of the frame's own world: no Element of ours.
    const link = (event.target as Element | null)?.closest('a, area');
    const letter = readMailto(link?.getAttribute('href') ?? '');
    if (letter === undefined || onAsked === undefined) return;
    event.preventDefault();
    onAsked(letter);
  };

  const followHeight = (page: Document) => {
    const measure = () => {
      if (!frame.current) return;
      // The body's box and not the page's: that never gets smaller than the frame is.
      const height = Math.ceil(page.body.getBoundingClientRect().height);
      const bar = page.documentElement.scrollWidth > page.documentElement.clientWidth ? 16 : 0;
      frame.current.style.blockSize = `${Math.min(MOST_HEIGHT, height + bar)}px`;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(page.body);
    measure();
    return () => observer.disconnect();
  };

  return (
    <div className="mail-frame">
      {blockedCount > 0 && (
        <Banner
          tone="info"
          icon="picture"
          action={
            <Button kind="quiet" onClick={() => showRemotePictures(true)}>
              {t('reading.showPictures')}
            </Button>
          }
        >
          {t('reading.picturesBlocked', { count: blockedCount })}
        </Banner>
      )}
      <iframe
        ref={frame}
        className="mail-frame__page"
        title={title}
        src={areRemotePicturesShown ? '/mail-frame?pictures=remote' : '/mail-frame'}
        sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
        referrerPolicy="no-referrer"
        onLoad={fill}
      />
    </div>
  );
}
