/** What one of the staff left in the old mail system: zeng.guodong reads it at oldmail.ylut.localhost, by the same password. */
import type { System } from '#app/system.ts';
import { DAY_MS } from '#base/clock.ts';
import { composeMessage } from '#mime/compose.ts';
import { ARCHIVE_DOMAIN, demoPerson, OLD_DOMAIN } from './people.ts';

const OWNER = 'zeng.guodong';

const LETTERS: readonly {
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly daysAgo: number;
}[] = [
  {
    from: 'office',
    subject: '关于启用老邮件系统的通知',
    text: '各位老师：\n\n学校电子邮件系统已启用，请妥善保管用户名和密码。\n\n信息中心',
    daysAgo: 2_900,
  },
  {
    from: 'library',
    subject: '图书馆：您借阅的图书即将到期',
    text: '曾国栋老师：\n\n您借阅的《计算机网络》将于下周到期，请及时归还或续借。\n\n图书馆流通部',
    daysAgo: 1_130,
  },
  {
    from: 'zhou.min',
    subject: 'Revised manuscript',
    text: 'Dear Zeng Guodong,\n\nplease find below my remarks on section 3. The figures are fine now.\n\nBest regards,\nZhou Min',
    daysAgo: 480,
  },
];

/** Makes the account with its letters unless it is there. */
export async function ensureArchive({ directory, mail, clock }: System, password: string): Promise<void> {
  const address = `${OWNER}@${ARCHIVE_DOMAIN}`;
  if ((await directory.findAddress(address)) !== undefined) return;
  const nowMs = clock.now();
  const accountId = await directory.createAccount(address, password, { displayName: demoPerson(OWNER).name });
  await mail.account(accountId).provision({ quotaBytes: null });
  for (const [index, { from, subject, text, daysAgo }] of LETTERS.entries()) {
    const dateMs = nowMs - daysAgo * DAY_MS;
    const octets = composeMessage({
      from: { name: '', email: `${from}@${OLD_DOMAIN}` },
      to: [{ name: '', email: `${OWNER}@${OLD_DOMAIN}` }],
      subject,
      text,
      dateMs,
      messageId: `${index + 1}.old@${OLD_DOMAIN}`,
    });
    await mail.deliver(mail.prepareMessage(octets), [accountId], dateMs, () => ({
      mailboxes: ['inbox'],
      keywords: ['$seen'],
    }));
  }
}
