/** Made-up letters that were deleted. */
import type { DeletionsModel, DeletionView } from '#web/webmail/deletions-model.ts';

const DAY_MS = 86_400_000;
const KEPT_DAYS = 30;
/** Those that are still there. */
const FOLDERS: Readonly<Record<string, string>> = { INBOX: 'inbox', Trash: 'trash' };

const LETTERS: readonly Pick<DeletionView, 'subject' | 'from' | 'path' | 'way' | 'agent'>[] = [
  {
    subject: '关于 2019 年国庆节放假安排的通知',
    from: '校长办公室',
    path: 'Trash',
    way: 'web',
    agent: 'Edg/140 Windows',
  },
  { subject: 'Re: 论文第三稿的修改意见', from: '王小明', path: '归档/课题', way: 'imap', agent: 'Foxmail 7.2.25' },
  { subject: 'قبول الطالب في برنامج التبادل', from: 'مكتب القبول', path: 'INBOX', way: 'pop3', agent: '' },
  { subject: '', from: 'noreply@journal.example', path: 'INBOX', way: 'imap', agent: 'iPhone Mail 17.4' },
];

export function createSampleDeletions(now: Date, own: string): DeletionsModel {
  let kept = LETTERS.map((letter, at): DeletionView => {
    const deletedAt = new Date(now.getTime() - (at * 3 + 0.1) * DAY_MS);
    const keptUntil = new Date(deletedAt.getTime() + KEPT_DAYS * DAY_MS);
    const by = at === 1 ? 'secretary@example.edu.cn' : own;
    return {
      ...letter,
      id: `D1-${at + 1}`,
      size: 20_000 * (at + 1),
      deletedAt,
      keptUntil,
      mailboxId: FOLDERS[letter.path],
      by,
    };
  });
  const take = async (ids: readonly string[]): Promise<readonly string[]> => {
    kept = kept.filter(({ id }) => !ids.includes(id));
    return ids;
  };
  return {
    kept: async () => ({ keptDays: KEPT_DAYS, trashDays: 30, junkDays: 15 }),
    list: async (text) => ({
      deletions: kept.filter(({ subject, from }) => `${subject} ${from}`.includes(text)),
      next: undefined,
    }),
    recover: take,
    destroy: take,
    emptyTrash: async () => 3,
  };
}
