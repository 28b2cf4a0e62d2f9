/** What accounts are told of their end: mail programs show it as it is. */
import type { EndStage } from './life-plan.ts';
import type { Bilingual } from './troubles.ts';

/** A mail to the account. */
export interface Notice {
  readonly subject: string;
  readonly text: string;
}

/** What the stage means for whose mailbox it is. */
const EFFECTS: Readonly<Record<EndStage, Bilingual>> = {
  restricted: { zh: '只能向校内发信，收信不受影响', en: 'can send mail only inside; mail is still received' },
  'receive-only': {
    zh: '不能再发信；仍可登录、收信、阅读和导出',
    en: 'can send no mail; you can still sign in, receive, read and export',
  },
  'forward-only': {
    zh: '不再保存新邮件，新邮件只按您的设置转发；仍可登录、阅读和导出',
    en: 'keeps no new mail, which is only forwarded as you have set; you can still sign in, read and export',
  },
  suspended: { zh: '停用：不能登录，也不再收信', en: 'is closed: no sign-in, and no mail is received' },
  deleting: { zh: '停用并等待删除', en: 'is closed and waits to be deleted' },
  purged: { zh: '连同全部邮件被永久删除', en: 'is deleted for good with all its mail' },
};

const ADVICE: Bilingual = {
  zh: '请及时导出需要保留的邮件，告知常用联系人您的新地址，并更换在其他网站登记的邮箱。如您仍在校，请联系所在院系或人事、教务部门更正信息。',
  en: 'Export in time what you want to keep, tell your new address to those who write to you, and change it where you registered with this one. If you have not left, ask your college or department to correct the records.',
};

/** Nobody has used the mailbox for long, and it will be shut on that day unless somebody does. */
export function idleNotice(
  address: string,
  facts: { readonly day: Bilingual; readonly stage: 'frozen' | 'dormant'; readonly takesMailDays: number | null },
): Notice {
  const { day, stage, takesMailDays } = facts;
  const mail =
    stage === 'dormant'
      ? { zh: '不能登录，也不再收信', en: 'no sign-in, and no mail is received' }
      : takesMailDays === null
        ? { zh: '不能登录，仍可收信', en: 'no sign-in; mail is still received' }
        : {
            zh: `不能登录，收信再保留 ${takesMailDays} 天`,
            en: `no sign-in; mail is received for ${takesMailDays} days more`,
          };
  return {
    subject: `邮箱长期未使用，将于 ${day.zh} 冻结 (Your mailbox is not used)`,
    text: `邮箱 ${address} 已很久没有人登录。如仍需使用，请在 ${day.zh} 前登录一次，网页或邮件客户端均可，此外无需任何操作。
逾期将冻结：${mail.zh}。已有邮件不会删除，凭绑定的手机或统一认证可随时自行恢复。

Nobody has signed in to the mailbox ${address} for long. If you still want it, sign in once before ${day.en}, on the web or by a mail program; nothing else is needed.
After that it is frozen: ${mail.en}. No mail is deleted, and you open it again at any time by your telephone or by single sign-on.
`,
  };
}

export const boxNotices = {
  /** Who answered for the box has left. */
  vacant: (address: string, day: Bilingual): Notice => ({
    subject: `部门邮箱需要新的负责人 (A mailbox needs somebody to answer for it): ${address}`,
    text: `部门邮箱 ${address} 的负责人已离校或账号已停用。请所在部门在 ${day.zh} 前确定新的负责人并告知邮件管理员；逾期该邮箱将不能打开，也不能用其发信，来信照收，邮件不会删除。

Who answered for the mailbox ${address} has left, or the account is closed. Please have your department name somebody else before ${day.en} and tell the mail administrators. After that nobody can open it or write as it; mail for it is still received, and nothing is deleted.
`,
  }),
  /** Asked of who answers for the box, each December. */
  review: (address: string, members: readonly string[]): Notice => ({
    subject: `部门邮箱年度核查 (Yearly review): ${address}`,
    text: `您是部门邮箱 ${address} 的负责人。请核对：该邮箱是否仍需保留，以下人员是否仍应使用它。
${members.map((member) => `  ${member}`).join('\n')}

需要调整的，请在网页邮箱“设置 → 共享邮箱”中修改。核对后请回复本邮件，由邮件管理员登记。

You answer for the mailbox ${address}. Please check whether it is still needed, and whether the people above should still use it. Change what is not right under Settings, Shared mailboxes, in the web mail, and answer this letter: the mail administrators note that it was reviewed.
`,
  }),
} as const;

export const notices = {
  ahead: (
    address: string,
    facts: {
      readonly stage: EndStage;
      readonly day: Bilingual;
      readonly daysBefore: number;
      /** Null: never, or the stage says so itself. */
      readonly deletedOn: Bilingual | null;
    },
  ): Notice => {
    const { stage, day, daysBefore, deletedOn } = facts;
    const { zh, en } = EFFECTS[stage];
    const left = `${daysBefore} ${daysBefore === 1 ? 'day' : 'days'} left`;
    const end =
      deletedOn === null
        ? { zh: '', en: '' }
        : {
            zh: `\n全部邮件将于 ${deletedOn.zh} 永久删除。`,
            en: `\nAll mail will be deleted for good on ${deletedOn.en}.`,
          };
    return {
      subject: `邮箱到期提醒：还有 ${daysBefore} 天 (Your mailbox: ${left})`,
      text: `根据学校登记的信息，您已毕业或离校（离职）。自 ${day.zh} 起，邮箱 ${address} 将${zh}。${end.zh}
${ADVICE.zh}

By the university's records you have graduated or left. From ${day.en} on, the mailbox ${address} ${en}.${end.en}
${ADVICE.en}
`,
    };
  },
  reached: (address: string, stage: EndStage): Notice => {
    const { zh, en } = EFFECTS[stage];
    return {
      subject: `邮箱状态变更 (Your mailbox has changed): ${address}`,
      text: `根据学校登记的信息，您已毕业或离校（离职）。自今日起，邮箱 ${address} ${zh}。
${ADVICE.zh}

By the university's records you have graduated or left. From today on, the mailbox ${address} ${en}.
${ADVICE.en}
`,
    };
  },
} as const;
