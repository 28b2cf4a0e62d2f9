/** What submission says to people: mail programs show it as it is. */
import type { PostingPolicy } from '#directory/types.ts';
import { isAscii } from '#smtp/address.ts';
import type { Excess } from './send-limits.ts';

export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** Chinese goes only to clients that can read it (RFC 6531 §3.7.4.1: those that said SMTPUTF8); English to all. */
export function say({ zh, en }: Bilingual, utf8: boolean): string {
  return utf8 ? `${zh}\n${en}` : en;
}

/** Who may write to a group, as its policy says; one that is open to everyone refuses only reports. */
const MAY_NOT_POST: Readonly<Record<PostingPolicy, Bilingual>> = {
  everyone: { zh: '该群组不接收回执和系统报告', en: 'this group takes no receipts and reports' },
  inside: { zh: '该群组只接收校内用户的邮件', en: 'only people of this site may write to this group' },
  members: { zh: '只有群组成员才能向该群组发信', en: 'only members may write to this group' },
  named: { zh: '只有指定人员才能向该群组发信', en: 'only those appointed may write to this group' },
};

function describeExcess({ window, limit }: Excess): Bilingual {
  if (window === 'new') {
    return {
      zh: `新的校外收件人过多：每天最多 ${limit} 个未曾联系过的地址`,
      en: `Too many new recipients outside: ${limit} addresses you had no contact with a day at most`,
    };
  }
  return {
    zh: `校外收件人过多：每${window === 'hour' ? '小时' : '天'}最多 ${limit} 人`,
    en: `Too many recipients outside: ${limit} ${window === 'hour' ? 'an hour' : 'a day'} at most`,
  };
}

function inBrackets(note: string): string {
  return note === '' ? '' : ` (${note})`;
}

/** Whom the owner of an address turns to. */
export function postmasterOf(address: string): string {
  return `postmaster${address.slice(address.lastIndexOf('@'))}`;
}

/** A mail to an account and to the postmaster. */
export interface Notice {
  readonly subject: string;
  readonly text: string;
}

const AT_ONCE: Bilingual = {
  zh: `如果这些邮件不是您发送的，说明密码可能已经泄露：请立即修改密码，并通知管理员。`,
  en: `If you did not send this mail, somebody else has your password: change it now, and tell the postmaster.`,
};

export const notices = {
  limited: (address: string, excess: Excess): Notice => {
    const { zh, en } = describeExcess(excess);
    return {
      subject: `发信量超过上限 (Too much mail sent): ${address}`,
      text: `${address} 的发信量超过上限：${zh}。超出的邮件未被接收，请稍后再发。
${AT_ONCE.zh}
继续超量发送，系统将暂停该邮箱发信；收信不受影响。

${address} has sent too much mail: ${en}. What was beyond that was not taken; send it later.
${AT_ONCE.en}
If it goes on, sending will be suspended; mail will still be received.
`,
    };
  },
  suspended: (address: string, refusals: number, held: number): Notice => {
    const { zh, en } = texts.wentOn(refusals);
    return {
      subject: `已暂停发信 (Sending suspended): ${address}`,
      text: `${address} 已暂停发信：${zh}。收信、阅读不受影响；队列中的 ${held} 封待发邮件已暂扣。
${AT_ONCE.zh}
修改密码后，请联系 ${postmasterOf(address)} 恢复发信。
管理员：campusmail account sending ${address} allow

Sending from ${address} is suspended: it ${en}. Mail is still received and can be read; ${held} deliveries that waited are held.
${AT_ONCE.en}
When the password is changed, ask ${postmasterOf(address)} to allow sending again.
For the postmaster: campusmail account sending ${address} allow
`,
    };
  },
} as const;

export const texts = {
  notYourAddress: (address: string): Bilingual => ({
    zh: `<${address}> 不是您的邮箱地址，请更换发件人`,
    en: `<${address}> is not one of your addresses: choose another sender`,
  }),
  /** `instead`: where the account goes on. */
  domainEnded: (address: string, instead: string): Bilingual => ({
    zh: `<${address}> 所在的域名即将停用，已不能再发信，请改用 ${instead}`,
    en: `<${address}>: nothing is sent from this domain any more, use ${instead}`,
  }),
  notYourAuthor: (author: string): Bilingual => ({
    zh: `发件人“${author}”不是您的邮箱地址，请更换发件人`,
    en: `The sender "${author}" is not one of your addresses: choose another sender`,
  }),
  unknownUser: (address: string): Bilingual => ({
    zh: `<${address}>：没有这个用户，请检查地址`,
    en: `<${address}>: no such user here, check the address`,
  }),
  moved: (address: string, where: string): Bilingual => ({
    zh: `<${address}>：该域名已停用，请改用 ${where}`,
    en: `<${address}>: moved, use ${where}`,
  }),
  notReceiving: (address: string): Bilingual => ({
    zh: `<${address}>：该邮箱已停止收信`,
    en: `<${address}>: this mailbox takes no mail`,
  }),
  mayNotPost: (address: string, posting: PostingPolicy): Bilingual => ({
    zh: `<${address}>：${MAY_NOT_POST[posting].zh}`,
    en: `<${address}>: ${MAY_NOT_POST[posting].en}`,
  }),
  emptyGroup: (address: string): Bilingual => ({
    zh: `<${address}>：该群组没有成员`,
    en: `<${address}>: this group has no members`,
  }),
  listLoop: (address: string): Bilingual => ({
    zh: `<${address}>：该邮件已经由此邮件列表发送过，请新建邮件后再发`,
    en: `<${address}>: the message came by this list already, write a new one`,
  }),
  full: (address: string): Bilingual => ({
    zh: `<${address}>：对方邮箱已满，请稍后再试`,
    en: `<${address}>: mailbox full, try again later`,
  }),
  tooManyRecipients: (limit: number): Bilingual => ({
    zh: `收件人过多：每封邮件最多 ${limit} 人`,
    en: `Too many recipients: ${limit} in one message at most`,
  }),
  tooMuch: (excess: Excess): Bilingual => {
    const { zh, en } = describeExcess(excess);
    return {
      zh: `${zh}。如非本人操作，请立即修改密码`,
      en: `${en}. If this was not you, change your password now`,
    };
  },
  /** `note` in one language, or in both: `Chinese / English`. */
  suspended: (note: string, postmaster: string): Bilingual => {
    const english = note.split(' / ').filter(isAscii).join(' / ');
    const chinese = note.split(' / ').filter((part) => !isAscii(part));
    const [zh = english] = chinese;
    return {
      zh: `您的邮箱已暂停发信${inBrackets(zh)}，收信不受影响。恢复发信请联系 ${postmaster}`,
      en: `Sending from your account is suspended${inBrackets(english)}; you still receive mail. Ask ${postmaster}`,
    };
  },
  /** The account has come to that stage of its life. */
  sendsNothing: (postmaster: string): Bilingual => ({
    zh: `您的邮箱已停止发信（毕业、离校或离职），仍可收信和导出邮件。如有疑问请联系 ${postmaster}`,
    en: `Your account sends no more mail (graduated or left); you can still receive and export. Ask ${postmaster}`,
  }),
  insideOnly: (address: string): Bilingual => ({
    zh: `<${address}>：您的邮箱目前只能向校内发信`,
    en: `<${address}>: your account can send only to people of this site`,
  }),
  wentOn: (refusals: number): Bilingual => ({
    zh: `发信量超过上限后又继续发送 ${refusals} 次`,
    en: `went on ${refusals} times after too much was sent`,
  }),
  fault: (id: string): Bilingual => ({
    zh: `系统故障，请稍后再试（编号 ${id}）`,
    en: `Local fault, try again later (id ${id})`,
  }),
} as const satisfies Record<string, (...facts: never[]) => Bilingual>;

/** What those are told whose mailbox a message was taken out of again. `by`: who sent it, in people's words. */
export function recallNotice(by: string, address: string, subject: string): Notice {
  const named = by === address ? address : `${by} <${address}>`;
  const title = subject === '' ? '（无主题）' : subject;
  return {
    subject: `邮件已被撤回 (Message recalled): ${title}`,
    text: `${named} 撤回了一封发给您的未读邮件，该邮件已从您的邮箱中移除：
${title}
您无需做任何操作。如有疑问，请直接联系发件人。

${named} has recalled the message above, which you had not read: it is no longer in your mailbox. There is nothing for
you to do; please ask the sender if you have questions.
`,
  };
}
