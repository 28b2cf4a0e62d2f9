/** What a push message of ours becomes on the screen. For the service worker alone, which shares no code with the pages. Pure. */
import type { PushedChange, PushVerification } from '#contract/jmap/push.ts';

export type Pushed = PushedChange | PushVerification;

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Another of the same tag takes its place. */
  readonly tag: string;
  /** Where a press on it leads. */
  readonly path: string;
}

/** What the worker says to a page that is open when a notice is pressed. */
export interface OpenPage {
  readonly openPage: string;
}

/** As it was posted; undefined: it is none of ours. */
export function readPushed(text: string): Pushed | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('@type' in value)) return undefined;
  const type = value['@type'];
  return type === 'PushVerification' || type === 'StateChange' ? (value as Pushed) : undefined;
}

/** One for each new letter that is told of; where only that there are some is told, one in two languages. */
export function noticesOf({ newEmails = [] }: PushedChange): readonly Notice[] {
  if (newEmails.length === 0)
    return [{ title: '有新邮件', body: 'You have new mail', tag: 'new-mail', path: '/mail/inbox' }];
  // Oldest first, so that the newest is on top.
  return newEmails.toReversed().map(({ id, from, subject }) => ({
    title: from?.name || from?.email || '（无发件人）',
    body: subject || '（无主题）',
    tag: id,
    path: `/mail/inbox/${encodeURIComponent(id)}`,
  }));
}
