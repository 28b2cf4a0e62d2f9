/** The mail to an account's owner when somebody signed in from a place that is new to it. */
import { composeMessage } from '#mime/compose.ts';
import { randomId } from '#base/random.ts';
import type { SignInRecordRow } from '#signin/ports/session-store.ts';
import { postmasterOf } from '#submission/texts.ts';
import { createPost } from './outbound.ts';
import type { ThreadSystem } from './system.ts';

export function alertOwner(system: ThreadSystem): (record: SignInRecordRow) => Promise<void> {
  const { directory, config, clock, random } = system;
  const post = createPost(system);
  return async (record) => {
    const [primary] = await directory.addressesOf(record.accountId);
    if (primary === undefined) return;
    const own = `${primary.localPart}@${primary.domain}`;
    // Of an old system: its owner reads mail in the new one.
    const where = await directory.resolveAddress(own);
    const to = where.kind === 'moved' ? where.address : own;
    if (to === null) return;
    const octets = composeMessage({
      from: { name: '邮件系统 Mail System', email: postmasterOf(to) },
      to: [{ name: '', email: to }],
      subject: `新地点登录提醒 (Sign-in from a new place): ${own}`,
      text: alertText(own, record),
      dateMs: clock.now(),
      messageId: `${randomId(random, 16)}@${config.hostname}`,
      // RFC 3834 §5.
      headers: [['Auto-Submitted', 'auto-generated']],
    });
    await post(octets, to);
  };
}

function alertText(to: string, { at, place, address, protocol, agent }: SignInRecordRow): string {
  // The university's own time, whoever reads it.
  const time = new Date(at).toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' });
  const by = agent === '' ? protocol.toUpperCase() : agent;
  return `${to} 刚刚在一个新地点登录：

  时间：${time}（北京时间）
  地点：${place}
  地址：${address}
  方式：${by}

如果是您本人，无需处理。如果不是，请立即修改密码（设置 → 高级功能 → 修改密码），在“登录记录”中退出其他登录，并开启二次验证。

Somebody signed in to ${to} from a place that is new to it:

  Time:    ${time} (UTC+8)
  Place:   ${place}
  Address: ${address}
  By:      ${by}

If it was you, there is nothing to do. If not, change your password now (Settings → Advanced → Change password), sign out elsewhere under "Sign-in history", and turn on two-step sign-in.
`;
}
