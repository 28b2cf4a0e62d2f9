import { useState } from 'react';
import type { NoticeLink, NoticeText } from '#contract/notice.ts';
import { useTexts } from '#web/locales/texts.ts';
import { Button } from '#web/ui/Button.tsx';
import { EmptyState, Skeleton } from '#web/ui/EmptyState.tsx';
import { Icon } from '#web/ui/Icon.tsx';
import { Phones } from '#web/webmail/help/Phones.tsx';
import { Link } from '#web/webmail/Link.tsx';
import { LinkedText } from '#web/webmail/reading/PlainText.tsx';
import { useAnswer } from '#web/webmail/use-answer.ts';
import { useNow } from '#web/webmail/use-now.ts';
import { loadNotice, loadNotices } from './api.ts';
import { blocksOf, type NoticeBlock } from './notice-blocks.ts';
import './notices.css';

/** 通知公告: readable before signing in, all of them or one. */
export function NoticesScreen({ noticeId }: { readonly noticeId: string | undefined }) {
  return (
    <div className="notices scroll" tabIndex={0}>
      {noticeId === undefined ? <List /> : <Notice noticeId={noticeId} />}
      <Phones />
    </div>
  );
}

function List() {
  const { t, day } = useTexts();
  const now = useNow();
  const [before, setBefore] = useState<number>();
  const list = useAnswer(String(before), () => loadNotices(before));
  return (
    <>
      <h1>{t('notices.title')}</h1>
      {list === 'asking' ? (
        <Skeleton count={6} />
      ) : list === 'failed' ? (
        <EmptyState icon="warning" title={t('notices.failed')} />
      ) : list.notices.length === 0 ? (
        <EmptyState icon="info" title={t('signIn.noNotices')} />
      ) : (
        <>
          <ul className="notices__list">
            {list.notices.map(({ id, title, publishedAt }) => (
              <li key={id}>
                <Link to={{ screen: 'notices', noticeId: String(id) }}>{title}</Link>
                <time className="numbers" dateTime={new Date(publishedAt).toISOString()}>
                  {day(new Date(publishedAt), now)}
                </time>
              </li>
            ))}
          </ul>
          <div className="notices__pages">
            {before !== undefined && <Button onClick={() => setBefore(undefined)}>{t('notices.latest')}</Button>}
            {list.next !== null && (
              <Button onClick={() => setBefore(list.next ?? undefined)}>{t('notices.earlier')}</Button>
            )}
          </div>
        </>
      )}
    </>
  );
}

function Notice({ noticeId }: { readonly noticeId: string }) {
  const { t } = useTexts();
  const notice = useAnswer(noticeId, () => loadNotice(noticeId));
  return (
    <>
      <p className="notices__all">
        <Link to={{ screen: 'notices', noticeId: undefined }}>{t('notices.all')}</Link>
      </p>
      {notice === 'asking' ? (
        <Skeleton count={6} />
      ) : notice === 'failed' || notice === undefined ? (
        <EmptyState icon="warning" title={t(notice === undefined ? 'notices.gone' : 'notices.failed')} />
      ) : (
        <Text notice={notice} />
      )}
    </>
  );
}

function Text({ notice }: { readonly notice: NoticeText }) {
  const { t, number, size, full } = useTexts();
  const publishedAt = new Date(notice.publishedAt);
  const editedAt = notice.editedAt === null ? null : new Date(notice.editedAt);
  return (
    <>
      <article aria-labelledby="notice-title">
        <h1 id="notice-title">{notice.title}</h1>
        <p className="notices__facts">
          {notice.number !== '' && <span>{notice.number}</span>}
          <span>
            {t('notices.published')} <time dateTime={publishedAt.toISOString()}>{full(publishedAt)}</time>
          </span>
          {editedAt !== null && (
            <span>
              {t('notices.edited')} <time dateTime={editedAt.toISOString()}>{full(editedAt)}</time>
            </span>
          )}
          <span>
            {t('notices.views')} {number(notice.views)}
          </span>
        </p>
        {blocksOf(notice.body).map((block, at) => (
          <Block key={at} block={block} />
        ))}
        {notice.files.length > 0 && (
          <section className="notices__files" aria-labelledby="notice-files">
            <h2 id="notice-files">{t('notices.files')}</h2>
            <ul>
              {notice.files.map(({ name, sizeBytes, url }) => (
                <li key={url}>
                  <Icon name="attachment" />
                  <a href={url} download>
                    {name}
                  </a>
                  <span className="numbers">{size(sizeBytes)}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </article>
      <nav className="notices__around" aria-label={t('notices.around')}>
        <Neighbour label={t('notices.newer')} link={notice.newer} />
        <Neighbour label={t('notices.older')} link={notice.older} />
      </nav>
    </>
  );
}

function Block({ block }: { readonly block: NoticeBlock }) {
  if (block.kind === 'list') {
    return (
      <ul className="notices__points">
        {block.points.map((point, at) => (
          <li key={at}>
            <LinkedText text={point} />
          </li>
        ))}
      </ul>
    );
  }
  if (block.kind === 'heading') {
    return (
      <h2 className="notices__heading">
        <LinkedText text={block.text} />
      </h2>
    );
  }
  return (
    <p className="notices__paragraph">
      <LinkedText text={block.text} />
    </p>
  );
}

function Neighbour({ label, link }: { readonly label: string; readonly link: NoticeLink | null }) {
  const { t } = useTexts();
  return (
    <p>
      {label}{' '}
      {link === null ? (
        t('notices.noneThere')
      ) : (
        <Link to={{ screen: 'notices', noticeId: String(link.id) }}>{link.title}</Link>
      )}
    </p>
  );
}
