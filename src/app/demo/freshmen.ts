/** Students of the demonstration campus who have not claimed their accounts yet: invented, with initial passwords that anybody may read. */
import { isMailError } from '#base/errors.ts';
import type { System } from '#app/system.ts';
import { composeMessage } from '#mime/compose.ts';
import { STAFF_DOMAIN, STUDENT_DOMAIN } from './people.ts';
import { demoSchool } from './school.ts';

export interface Freshman {
  readonly number: string;
  readonly name: string;
  readonly englishName: string;
  readonly unit: string;
  /** By the rule of the notice: a word, and eight characters of a number that is nobody's. */
  readonly initialPassword: string;
}

export const FRESHMEN: readonly Freshman[] = [
  { number: '202611008801', name: '陈一诺', englishName: '', unit: '理学院', initialPassword: 'Ylut0915002X' },
  {
    number: '202611008802',
    name: '阿卜杜拉·麦麦提',
    englishName: '',
    unit: '机电工程学院',
    initialPassword: 'Ylut07230018',
  },
  {
    number: '202611008803',
    name: '林小雨',
    englishName: 'Lin Xiaoyu',
    unit: '国际学院',
    initialPassword: 'Ylut11020046',
  },
];

/** Enrols them unless they are there; a letter waits for each. */
export async function enrolFreshmen({ directory, mail, clock }: System): Promise<void> {
  for (const { number, name, englishName, unit, initialPassword } of FRESHMEN) {
    const address = `${number}@${STUDENT_DOMAIN}`;
    const person = {
      number,
      name,
      englishName,
      unit,
      population: 'student',
      level: '本科',
      enrolled: 202609,
      status: 'enrolled',
      endsOn: '2030-06-30',
      tailCheck: '',
      accountId: null,
    } as const;
    const account = { address, stage: 'pending', initialPasswords: [initialPassword], initialExpiresAt: null } as const;
    try {
      const [enrolled] = await directory.enrolPeople([{ person, account }]);
      if (enrolled?.accountId === undefined || enrolled.accountId === null) continue;
      const mailbox = mail.account(enrolled.accountId);
      await mailbox.provision({ quotaBytes: null });
      const message = mail.prepareMessage(composeWelcome(name, address, clock.now()));
      await mail.appendAll([
        {
          accountId: enrolled.accountId,
          args: { source: 'system', items: [{ message, mailboxes: ['inbox'], keywords: [], receivedAt: clock.now() }] },
        },
      ]);
    } catch (error) {
      if (!isMailError(error, 'alreadyExists')) throw error;
    }
  }
}

function composeWelcome(name: string, address: string, nowMs: number): Buffer {
  return composeMessage({
    from: { name: '学生工作处', email: `li.jing@${STAFF_DOMAIN}` },
    to: [{ name, email: address }],
    subject: `欢迎来到${demoSchool().site.name}`,
    text: `${name}同学：\n\n这封信在您激活邮箱之前就已送达。选课、奖助学金和图书馆的通知都会发到这里，请每天查看。\n\n学生工作处\n`,
    dateMs: nowMs,
    messageId: `demo.welcome.${address}`,
  });
}
