/** What an account's owner is told by mail of what was done to it. */

export interface AccountNotice {
  readonly subject: string;
  readonly text: string;
}

const notice = (zh: readonly [string, string], en: readonly [string, string]): AccountNotice => ({
  subject: `${zh[0]} / ${en[0]}`,
  text: `${zh[1]}\n\n${en[1]}\n`,
});

export const NOTICES = {
  passwordRecovered: notice(
    [
      '邮箱密码已重设',
      '您的邮箱密码刚刚通过绑定的手机重设。所有设备均已退出登录，客户端专用密码已全部失效，请在各设备上重新登录。\n如非本人操作，请立即联系学校信息化部门。',
    ],
    [
      'Your password was set anew',
      'The password of your mailbox was just set anew by the telephone bound to it. All devices were signed out, and client passwords are good for nothing any more: sign in again where you read mail.\nIf this was not you, tell the help desk at once.',
    ],
  ),
  phoneBound: notice(
    [
      '邮箱已绑定手机',
      '您的邮箱刚刚绑定了手机，今后可用它找回密码。\n如非本人操作，请立即修改密码，并联系学校信息化部门。',
    ],
    [
      'A telephone was bound to your mailbox',
      'A telephone was just bound to your mailbox; with it, the password can be set anew.\nIf this was not you, change your password now, and tell the help desk.',
    ],
  ),
  phoneUnbound: notice(
    [
      '邮箱已解除手机绑定',
      '您的邮箱刚刚解除了手机绑定，今后不能用该手机找回密码。\n如非本人操作，请立即修改密码，并联系学校信息化部门。',
    ],
    [
      'The telephone of your mailbox was released',
      'The telephone bound to your mailbox was just released; the password cannot be set anew by it any more.\nIf this was not you, change your password now, and tell the help desk.',
    ],
  ),
} as const satisfies Record<string, AccountNotice>;
