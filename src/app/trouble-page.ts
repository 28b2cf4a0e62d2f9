/** What somebody reads who came to a page and got an error: what it means, and whom to ask (domain.md S-08). Programs get the bare words. */
import type { HttpAnswer, HttpRequest } from '#http/types.ts';
import type { Config } from './config.ts';
import { escapeHtml } from './status-page.ts';

interface Words {
  readonly zh: string;
  readonly en: string;
}

const WORDS: Readonly<Record<number, Words>> = {
  400: { zh: '这个地址不完整或有错误。', en: 'This address is incomplete or wrong.' },
  401: { zh: '请先登录邮箱，再打开这个地址。', en: 'Please sign in to your mailbox first.' },
  403: { zh: '您没有权限打开这个地址。', en: 'You may not open this address.' },
  404: { zh: '没有这个页面，或者链接已经失效。', en: 'There is no such page, or the link is no longer good.' },
  410: { zh: '这个页面已经撤下。', en: 'This page has been taken down.' },
  429: { zh: '请求太频繁，请稍后再试。', en: 'Too many requests. Please try again later.' },
  500: { zh: '服务器出了问题，请稍后再试。', en: 'Something went wrong here. Please try again later.' },
  503: {
    zh: '邮件系统暂时不可用，请稍后再试。',
    en: 'The mail system is not available at the moment. Please try again later.',
  },
};
const OTHERWISE: Words = { zh: '这一步没有成功。', en: 'That did not work.' };

/** For an error that a browser shows as a page: that page; undefined: the answer is good as it is. */
export function explainTrouble(
  { site, hostname }: Pick<Config, 'site' | 'hostname'>,
  request: Pick<HttpRequest, 'header'>,
  answer: HttpAnswer,
): HttpAnswer | undefined {
  const isPage = request.header('sec-fetch-dest') === 'document';
  if (!isPage || answer.status < 400 || answer.contentType?.startsWith('text/plain') !== true) return undefined;
  const { zh, en } = WORDS[answer.status] ?? OTHERWISE;
  const detail = typeof answer.body === 'string' ? answer.body.trim() : '';
  const contacts = [
    ...site.phones.map(
      (phone) => `<a href="tel:${escapeHtml(phone.replaceAll(/[^\d+]/g, ''))}">${escapeHtml(phone)}</a>`,
    ),
    ...(site.mail === '' ? [] : [`<a href="mailto:${escapeHtml(site.mail)}">${escapeHtml(site.mail)}</a>`]),
  ];
  const desk =
    contacts.length === 0 ? '' : `<p>需要帮助，请联系 <span lang="en">Help desk</span>：${contacts.join(' · ')}</p>\n`;
  const body = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${zh.slice(0, -1)} · ${escapeHtml(site.name || '校园邮 campusmail')}</title>
<link rel="stylesheet" href="/status.css">
</head>
<body>
<main>
<h1>${zh}</h1>
<p lang="en">${en}</p>
<p><a href="/">回到邮箱首页 · <span lang="en">To the mailbox</span></a></p>
${desk}<footer>${escapeHtml(hostname)} · ${answer.status} ${escapeHtml(detail)}</footer>
</main>
</body>
</html>
`;
  return { ...answer, contentType: 'text/html; charset=utf-8', body };
}
