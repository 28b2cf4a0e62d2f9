/** The notices for everybody: a list, each, and its files. The pages that show them are the webmail's. */
import type { NoticeLink, NoticeList, NoticeSummary, NoticeText } from '#contract/notice.ts';
import { errorText } from '#base/errors.ts';
import type { Logger } from '#base/log.ts';
import { jsonAnswer, statusAnswer } from '#http/answers.ts';
import type { HttpRoute } from '#http/types.ts';
import { formatFileNameParameters } from '#mime/file-name.ts';
import type { Notices } from './notices.ts';
import type { NoticeHead } from './types.ts';

export interface NoticeRouteParts {
  readonly notices: Notices;
  /** Whose door the host is, by the realm's name; null: nobody's in particular. */
  readonly realmOf: (host: string) => string | null;
  readonly log: Logger;
}

export function noticeRoutes({ notices, realmOf, log }: NoticeRouteParts): readonly HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/site/notices',
      async respond({ host, query }) {
        const before = query.get('before');
        const from = before === null ? undefined : readNumber(before);
        if (before !== null && from === undefined) return statusAnswer(400);
        const { notices: found, next } = await notices.list(realmOf(host), from);
        return jsonAnswer(200, { notices: found.map(toSummary), next } satisfies NoticeList);
      },
    },
    {
      method: 'GET',
      path: '/site/notices/:id',
      async respond({ host, params, remoteAddress }) {
        const noticeId = readNumber(params['id']);
        const found = noticeId === undefined ? undefined : await notices.open(realmOf(host), noticeId);
        if (found === undefined) return statusAnswer(404);
        const { notice, files, newer, older } = found;
        // A notice is read whether or not it can be counted.
        const isCounted = await notices.noteView(notice.noticeId, remoteAddress).catch((error: unknown) => {
          log.warn({ err: errorText(error) }, 'a view of a notice was not counted');
          return false;
        });
        const text: NoticeText = {
          ...toSummary({ ...notice, views: notice.views + (isCounted ? 1 : 0) }),
          editedAt: notice.editedAt,
          body: notice.body,
          files: files.map(({ name, sizeBytes }, at) => ({ name, sizeBytes, url: addressOfFile(notice, at, name) })),
          newer: newer === undefined ? null : toLink(newer),
          older: older === undefined ? null : toLink(older),
        };
        return jsonAnswer(200, text);
      },
    },
    {
      method: 'GET',
      // The name is for people and their programs; the number says which.
      path: '/site/notices/:id/files/:at/:name',
      async respond({ host, params }) {
        const [noticeId, at] = [readNumber(params['id']), readNumber(params['at'])];
        if (noticeId === undefined || at === undefined) return statusAnswer(404);
        const file = await notices.openFile(realmOf(host), noticeId, at - 1);
        if (file === undefined) return statusAnswer(404);
        return {
          status: 200,
          contentType: file.mediaType,
          headers: {
            'content-disposition': `attachment; ${formatFileNameParameters(file.name).contentDisposition}`,
          },
          body: file,
        };
      },
    },
  ];
}

/** Files are counted from 1, as people count them. */
function addressOfFile({ noticeId }: NoticeHead, at: number, name: string): string {
  return `/site/notices/${noticeId}/files/${at + 1}/${encodeURIComponent(name)}`;
}

function toLink({ noticeId, title }: NoticeHead): NoticeLink {
  return { id: noticeId, title };
}

function toSummary(notice: NoticeHead): NoticeSummary {
  const { number, publishedAt, views } = notice;
  return { ...toLink(notice), number, publishedAt, views };
}

/** From 1. */
function readNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
