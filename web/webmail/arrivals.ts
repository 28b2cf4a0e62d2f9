/** Tells of new mail: by the page while it is open somewhere behind, and by the browser's push service when no page is. */
import type { Id } from '#contract/jmap/values.ts';
import type { Client } from '#web/jmap/client.ts';
import { resultOf } from '#web/jmap/types.ts';
import { ownPage } from '#contract/own-page.ts';
import type { Live } from './live.ts';
import type { MailboxView } from './model.ts';
import { navigate } from './navigation.ts';
import type { OpenPage } from './push-notice.ts';
import { parseRoute } from './routes.ts';
import { currentPreferences } from './preferences.ts';

/** So many letters that came at once are told one by one. */
const MOST_AT_ONCE = 3;

/** Goes where a notice leads that is pressed while the page is open. */
export function followNotices(): void {
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<Partial<OpenPage> | null>) => {
    if (typeof data?.openPage === 'string') navigate(parseRoute(ownPage(data.openPage)));
  });
}

/** On the installed application's icon: how many conversations of the inbox are unread. */
export function showBadge(mailboxes: Live<readonly MailboxView[]>): void {
  if (!('setAppBadge' in navigator)) return;
  let shown: number | undefined;
  const show = () => {
    const unread = mailboxes.getSnapshot().find(({ role }) => role === 'inbox')?.unread;
    if (unread === undefined || unread === shown) return;
    shown = unread;
    // Zero clears it. Refused where nothing is installed.
    navigator.setAppBadge(unread).catch(() => undefined);
  };
  mailboxes.subscribe(show);
  show();
}

export function forgetBadge(): void {
  if ('clearAppBadge' in navigator) navigator.clearAppBadge().catch(() => undefined);
}

/** Until the page is left. */
export function announceArrivals({ accountId, connection, push, store }: Client): void {
  let seenUntil = new Date().toISOString();
  push.heard.add((heard) => {
    const isOfMail = heard === 'everything' || 'Email' in heard || 'EmailDelivery' in heard;
    const { notify } = currentPreferences.getSnapshot();
    if (isOfMail && notify !== 'off' && document.hidden) announce(notify).catch(() => undefined);
  });

  async function announce(notify: 'quiet' | 'full'): Promise<void> {
    if (!('Notification' in window) || Notification.permission !== 'granted') return;
    const inbox = store.peekAll('Mailbox')?.find(({ role }) => role === 'inbox');
    if (inbox === undefined) return;
    const filter = { inMailbox: inbox.id, notKeyword: '$seen' };
    const sort = [{ property: 'receivedAt', isAscending: false }];
    const [, got] = await connection.run([
      ['Email/query', { accountId, filter, sort, limit: MOST_AT_ONCE }],
      [
        'Email/get',
        { accountId, '#ids': resultOf(0, 'Email/query', '/ids'), properties: ['id', 'from', 'subject', 'receivedAt'] },
      ],
    ]);
    if (!got.ok) return;
    const fresh = got.value.list.filter(({ receivedAt = '' }) => receivedAt > seenUntil);
    if (fresh.length === 0) return;
    seenUntil = fresh.reduce((latest, { receivedAt = '' }) => (receivedAt > latest ? receivedAt : latest), seenUntil);
    if (notify === 'quiet') return show('有新邮件', 'You have new mail', 'new-mail', '/mail/inbox');
    for (const { id, from, subject } of fresh.toReversed())
      await show(from?.[0]?.name || from?.[0]?.email || '', subject || '（无主题）', id, `/mail/inbox/${id}`);
  }
}

/** Of what the push service has told already the worker's notice has the same tag, and nothing is shown twice. */
async function show(title: string, body: string, tag: Id, path: string): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration();
  await worker?.showNotification(title, { body, tag, icon: '/icon-192.png', data: path });
}
