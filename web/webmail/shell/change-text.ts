import type { Texts } from '#web/locales/texts.ts';
import type { Change } from '#web/webmail/model.ts';

/** What was done, told afterwards. */
export function changeText(change: Change, count: number, { t }: Texts): string {
  switch (change.do) {
    case 'archive':
      return t('done.archived', { count });
    case 'delete':
      return t('done.deleted', { count });
    case 'junk':
      return t('done.junk', { count });
    case 'notJunk':
      return t('done.notJunk', { count });
    case 'move':
      return t('done.moved', { count });
    case 'setLabel':
      return t('done.labelled');
    case 'setMuted':
      return change.to ? t('done.muted', { count }) : t('done.unmuted', { count });
    case 'setUnread':
      return change.to ? t('action.markUnread') : t('action.markRead');
    case 'setFlagged':
      return change.to ? t('action.flag') : t('action.unflag');
  }
}
