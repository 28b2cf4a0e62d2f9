/** What people are told of a domain that is given up, in Chinese and English. */
import { DAY_MS } from '#base/clock.ts';
import type { DomainSunset } from '#directory/domain-lives.ts';
import { escapeHtml } from './status-page.ts';

/** How an account still uses its old address: in the last USE_DAYS. */
export interface OldUse {
  readonly received: number;
  readonly sent: number;
  /** Who still writes to it, those who do so most first. */
  readonly senders: readonly { readonly address: string; readonly times: number }[];
}

/** Whose address it is, and where they go on. */
export interface OldAddress {
  readonly old: string;
  readonly instead: string;
}

export interface SunsetNotice {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

const ZONE = 'Asia/Shanghai';

export function sunsetReminder(
  sunset: DomainSunset,
  { old, instead }: OldAddress,
  use: OldUse,
  nowMs: number,
): SunsetNotice {
  const { domain, sendBlockedAt, refusedAt } = sunset;
  const days = Math.max(1, Math.ceil((refusedAt - nowMs) / DAY_MS));
  const senders = use.senders.map(({ address, times }) => `  ${address} (${times})`).join('\n');
  const draft = draftLink(old, instead, use);
  const isBlocked = nowMs >= sendBlockedAt;
  const text = `您的邮箱地址 ${old} 将于 ${inChinese(refusedAt)} 停止收信。请改用 ${instead}：邮箱不变，邮件都在。
用旧地址登录不受影响。${isBlocked ? '现在已不能再用旧地址发信。' : `自 ${inChinese(sendBlockedAt)} 起不能再用旧地址发信。`}
最近 30 天：旧地址收到 ${use.received} 封邮件，发出 ${use.sent} 封。
${
  senders === ''
    ? ''
    : `
仍在使用您旧地址的联系人：
${senders}

一键告知联系人（生成一封草稿，收件人在密送栏）：
${draft}
`
}
Your address ${old} takes mail until ${inEnglish(refusedAt)}. Please go on with ${instead}: it is the same mailbox, with all your mail.
You can still sign in by the old address. ${isBlocked ? 'Nothing can be sent from it any more.' : `Nothing can be sent from it after ${inEnglish(sendBlockedAt)}.`}
In the last 30 days it received ${use.received} messages and sent ${use.sent}.${senders === '' ? '' : ' Those above still write to it; the link drafts a message to them.'}
`;
  return { subject: `@${domain} 还有 ${days} 天停用 (ends in ${days} days)`, text, html: htmlOf(text, draft) };
}

/** `instead`: what is written from now, where something is chosen. */
export function senderFlipped({ domain, successor }: DomainSunset, instead: string): SunsetNotice {
  return {
    subject: `默认发信地址已改为 ${instead} (Your default sender has changed)`,
    text: `@${domain} 已停止发信，您的默认发信地址已自动改为 ${instead}（@${successor}）。

Nothing is sent from @${domain} any more: your default sender is now ${instead} (@${successor}).
`,
  };
}

/** The same with a link that can be pressed: an address of a draft is no sight. */
function htmlOf(text: string, draft: string): string {
  const address = escapeHtml(draft);
  const link = `<a href="${address}">写信告诉他们 (Write to them)</a>`;
  return `<p>${escapeHtml(text.trim())
    .replace(address, () => link)
    .replaceAll('\n', '<br>\n')}</p>\n`;
}

/** A draft to all of them, out of each other's sight. */
function draftLink(old: string, instead: string, { senders }: OldUse): string {
  const query = new URLSearchParams({
    bcc: senders.map(({ address }) => address).join(','),
    subject: `我的邮箱地址已变更 (My new address): ${instead}`,
    body: `我的邮箱 ${old} 即将停用，请改用 ${instead}。\r\n\r\nMy address ${old} will stop working, please write to ${instead}.`,
  });
  // Mail programs take a plus for a plus.
  return `mailto:?${query.toString().replaceAll('+', '%20')}`;
}

function inChinese(at: number): string {
  return new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeStyle: 'short', timeZone: ZONE }).format(at);
}

function inEnglish(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: ZONE }).format(at);
}
