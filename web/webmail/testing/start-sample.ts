/** What the sample build starts with: a site with notices, and a mailbox of 200,000 conversations. */
import type { MailModel } from '#web/webmail/model.ts';
import { setSite } from '#web/webmail/site.ts';
import { createSampleModel } from './sample-model.ts';

export function startSample(): () => Promise<MailModel> {
  setSite({
    name: '示例大学',
    realm: 'staff',
    title: '教师邮件系统',
    englishTitle: 'Staff mail',
    domain: 'example.edu.cn',
    otherRealmUrl: 'https://mail.stu.example.edu.cn/',
    phones: ['0871-65915868', '0871-65911000'],
    englishName: 'Example University',
    domains: ['example.edu.cn', 'stu.example.edu.cn'],
    mail: 'help@example.edu.cn',
    servers: [
      { protocol: 'imap', host: 'imap.example.edu.cn', port: 993, security: 'tls' },
      { protocol: 'pop3', host: 'pop.example.edu.cn', port: 995, security: 'tls' },
      { protocol: 'smtp', host: 'smtp.example.edu.cn', port: 465, security: 'tls' },
      { protocol: 'smtp', host: 'smtp.example.edu.cn', port: 587, security: 'starttls' },
    ],
    notices: [
      ['关于启用新版电子邮件系统的通知', '2025-11-12'],
      ['警惕“邮箱升级”“密码到期”类钓鱼邮件', '2025-10-20'],
      ['@old.example.edu.cn 域名停用时间安排', '2025-09-01'],
    ].map(([title = '', day = ''], at) => ({
      id: String(at),
      title,
      publishedOn: day,
      url: '/help',
    })),
  });
  return () => Promise.resolve(createSampleModel({ inboxCount: 200_000, now: new Date() }));
}
