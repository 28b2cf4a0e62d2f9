/** What forwarding says to people, and what automatic replies do. */

/** In the language of the reply's text. */
export function answerSubject(subject: string, text: string): string {
  const words = /\p{Script=Han}/u.test(text) ? '自动回复' : 'Automatic reply';
  return subject === '' ? words : `${words}: ${subject}`;
}

export const notices = {
  stopped: (address: string, targets: readonly string[]): { readonly subject: string; readonly text: string } => ({
    subject: `已停止转发 (Forwarding stopped): ${address}`,
    text: `按照本站规定，${address} 的邮件不能再自动转发到下列地址，转发已停止：
${targets.join('\n')}
邮件仍保存在您的邮箱中。如有疑问，请联系管理员。

By the rules of this site mail for ${address} may not be forwarded to the addresses above any more. It stays in your
mailbox. Ask the postmaster if this should be otherwise.
`,
  }),
} as const;
