/** Boxes of departments at the demonstration campus: who answers for each, who else works with it, and some of its mail. */
import { composeMessage } from '#mime/compose.ts';
import type { AccountId } from '#base/ids.ts';
import type { AccountRight } from '#directory/types.ts';
import type { System } from '#app/system.ts';
import { demoPerson, primaryAddress, STAFF_DOMAIN, type DemoPerson } from './people.ts';

interface DemoBox {
  readonly name: string;
  readonly localPart: string;
  readonly purpose: string;
  /** Aliases of people. */
  readonly responsible: string;
  readonly delegates: Readonly<Record<string, readonly AccountRight[]>>;
  readonly letters: readonly { readonly from: string; readonly subject: string; readonly text: string }[];
}

const BOXES: readonly DemoBox[] = [
  {
    name: '教务处',
    localPart: 'jwc',
    purpose: '教务咨询与通知',
    responsible: 'shan.lihua',
    delegates: {
      'li.jing': ['read', 'write', 'send-on-behalf'],
      'zeng.guodong': ['read'],
    },
    letters: [
      {
        from: 'zhang.san',
        subject: '关于重修报名的咨询',
        text: '老师您好：\n\n请问本学期的重修报名什么时候开始？需要先缴费吗？\n\n信自 2301 张三\n',
      },
      {
        from: 'aynur',
        subject: '调课申请（第 7 周）',
        text: '教务处：\n\n因参加学术会议，申请将第 7 周周四的《综合英语》调至周六上午，申请表随后送达。\n\n阿依努尔\n',
      },
    ],
  },
];

/** Makes a box that is not there yet, with its mail. */
export async function ensureBoxes(system: System, accounts: ReadonlyMap<DemoPerson, AccountId>): Promise<void> {
  const idOf = (key: string): AccountId => accounts.get(demoPerson(key)) as AccountId;
  for (const box of BOXES) {
    const { directory, mail, clock } = system;
    const address = `${box.localPart}@${STAFF_DOMAIN}`;
    if ((await directory.findAddress(address)) !== undefined) continue;
    const accountId = await directory.createBox({
      address,
      displayName: box.name,
      responsibleId: idOf(box.responsible),
      endsAt: null,
      purpose: box.purpose,
    });
    await mail.account(accountId).provision({ quotaBytes: null });
    for (const [person, rights] of Object.entries(box.delegates))
      await directory.setDelegation(accountId, idOf(person), rights, 'the demonstration');
    const nowMs = clock.now();
    for (const [i, { from, subject, text }] of box.letters.entries()) {
      const person = demoPerson(from);
      const octets = composeMessage({
        from: { name: person.name, email: primaryAddress(person) },
        to: [{ name: box.name, email: address }],
        subject,
        text,
        dateMs: nowMs - (i + 1) * 3_600_000,
        messageId: `demo.${box.localPart}.${i}@${STAFF_DOMAIN}`,
      });
      await mail.deliver(mail.prepareMessage(octets), [accountId], nowMs - (i + 1) * 3_600_000);
    }
  }
}
