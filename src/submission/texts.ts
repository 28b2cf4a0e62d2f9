/** What submission says to people: mail programs show it as it is. */
import type { PostingPolicy } from '#directory/types.ts';

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

export const texts = {
  notYourAddress: (address: string): Bilingual => ({
    zh: `<${address}> 不是您的邮箱地址，请更换发件人`,
    en: `<${address}> is not one of your addresses: choose another sender`,
  }),
  notYourAuthor: (author: string): Bilingual => ({
    zh: `发件人“${author}”不是您的邮箱地址，请更换发件人`,
    en: `The sender "${author}" is not one of your addresses: choose another sender`,
  }),
  unknownUser: (address: string): Bilingual => ({
    zh: `<${address}>：没有这个用户，请检查地址`,
    en: `<${address}>: no such user here, check the address`,
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
  tooMuch: (limit: number, window: 'hour' | 'day'): Bilingual => ({
    zh: `校外收件人过多：每${window === 'hour' ? '小时' : '天'}最多 ${limit} 人。如非本人操作，请立即修改密码`,
    en: `Too many recipients outside: ${limit} a ${window} at most. If this was not you, change your password now`,
  }),
  fault: (id: string): Bilingual => ({
    zh: `系统故障，请稍后再试（编号 ${id}）`,
    en: `Local fault, try again later (id ${id})`,
  }),
} as const satisfies Record<string, (...facts: never[]) => Bilingual>;
