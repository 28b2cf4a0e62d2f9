/** The school's notices, as the server's routes say them. What fails rejects. */
import type { NoticeList, NoticeText } from '#contract/notice.ts';

/** `before`: a page further down. */
export async function loadNotices(before: number | undefined): Promise<NoticeList> {
  const answer = await fetch(before === undefined ? '/site/notices' : `/site/notices?before=${before}`);
  if (!answer.ok) throw new Error(`the notices were answered with ${answer.status}`);
  return (await answer.json()) as NoticeList;
}

/** Undefined: there is none to be read. */
export async function loadNotice(noticeId: string): Promise<NoticeText | undefined> {
  const answer = await fetch(`/site/notices/${encodeURIComponent(noticeId)}`);
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`the notice was answered with ${answer.status}`);
  return (await answer.json()) as NoticeText;
}
