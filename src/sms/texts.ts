/** What SMS say. Vendors send texts of their own keeping, approved by the carriers; these are to be filed there. */
import type { SmsMessage, SmsTemplate } from './types.ts';

/** `{name}` stands for a value. */
export const SMS_TEXTS: Readonly<Record<SmsTemplate, string>> = {
  code: '验证码 {code}，{minutes} 分钟内有效。请勿告诉他人，学校不会向您索要验证码。',
  passwordChanged: '您的邮箱密码刚刚通过手机验证码重设。如非本人操作，请立即联系学校信息化部门。',
  mailboxIdle: '您的学校邮箱很久没有登录，将被冻结。如仍需使用，请尽快登录一次，网页或邮件客户端均可。',
  phoneChanged: '您的手机号刚刚与学校邮箱解除绑定。如非本人操作，请立即联系学校信息化部门。',
};

export function sayByLog({ template, values }: SmsMessage): string {
  return SMS_TEXTS[template].replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => values.find((value) => value.name === name)?.text ?? '',
  );
}
