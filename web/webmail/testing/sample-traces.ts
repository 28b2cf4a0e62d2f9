/** Made-up fates of made-up letters: a letter's number says which. */
import { createLive, type Live } from '#web/webmail/live.ts';
import type { RecipientTraceView, TracesModel, TraceView } from '#web/webmail/traces-model.ts';

const HOUR_MS = 3_600_000;

export function createSampleTraces(now: Date): TracesModel {
  const at = (hours: number) => new Date(now.getTime() + hours * HOUR_MS);
  const recipient = (address: string, more: Partial<RecipientTraceView> = {}): RecipientTraceView => ({
    address,
    state: 'delivered',
    at: at(-2),
    isRead: undefined,
    server: undefined,
    words: undefined,
    reason: undefined,
    nextTryAt: undefined,
    ...more,
  });
  const read = recipient('ligd@example.edu.cn', { isRead: true });
  const unread = recipient('wangxm@example.edu.cn', { isRead: false });
  const relayed = recipient('editor@journal.example', {
    state: 'relayed',
    server: 'mx.journal.example (192.0.2.25)',
    words: '250 2.0.0 OK queued as 4F1A2',
  });
  const waiting = recipient('partner@lab.example', {
    state: 'waiting',
    server: 'mail.lab.example (192.0.2.77)',
    words: '451 4.7.1 Greylisted, please try again in 5 minutes',
    reason: {
      zh: '对方服务器要求稍后再试，系统会自动重新发送。',
      en: 'The other server asks to try again later; it will be tried again.',
    },
    nextTryAt: at(0.2),
  });
  const failed = recipient('nobody@far.example', {
    state: 'failed',
    server: 'mx.far.example (192.0.2.99)',
    words: '550 5.1.1 no such user',
    reason: {
      zh: '对方的邮件系统里没有这个收件人。请核对 @ 前面的部分是否写错。',
      en: 'There is no such mailbox at the other side. Please check the part before the @.',
    },
  });
  const group = recipient('math-all@example.edu.cn', { state: 'posted' });
  const fates: readonly (readonly RecipientTraceView[])[] = [
    [read, unread, relayed, failed],
    [read],
    [unread, waiting],
    [unread],
    [recipient('ligd@example.edu.cn', { state: 'recalled' })],
    [group, relayed],
  ];
  const traces = new Map<string, Live<TraceView | undefined>>();
  const traceOf = (id: string): TraceView => {
    const n = Number(id.split('-').at(-1));
    return {
      id,
      at: at(-2 - n),
      from: 'chenjy@example.edu.cn',
      subject:
        ['开题报告修改意见', '关于下周组会', 'Revised manuscript', '本学期答疑安排', '发错了', '数学系会议纪要'][
          n % 6
        ] ?? '',
      recipients: fates[n % fates.length] ?? [],
      recallableUntil: n < 6 ? at(100) : undefined,
    };
  };
  return {
    ofLetter(id) {
      let live = traces.get(id);
      if (live === undefined) traces.set(id, (live = createLive(id.startsWith('sent-') ? traceOf(id) : undefined)));
      return live;
    },
    refresh: () => undefined,
    recall: () =>
      Promise.resolve({
        results: [
          { address: 'ligd@example.edu.cn', recalled: 0, read: 1, missing: 0, outside: 0 },
          { address: 'wangxm@example.edu.cn', recalled: 1, read: 0, missing: 0, outside: 0 },
          { address: 'math-all@example.edu.cn', recalled: 41, read: 17, missing: 2, outside: 3 },
        ],
      }),
    list: (direction, before) =>
      Promise.resolve(
        before !== undefined
          ? []
          : direction === 'out'
            ? Array.from({ length: 6 }, (_, n) => traceOf(`sent-${n}`))
            : [
                {
                  ...traceOf('in-1'),
                  from: 'promo@deals.example',
                  subject: '免费领取大礼包',
                  recipients: [
                    recipient('chenjy@example.edu.cn', {
                      state: 'failed',
                      words: '550 5.7.26 Refused by DMARC',
                      reason: {
                        zh: '发件人的域名声明应拒收仿冒它的邮件。',
                        en: 'The author’s domain wants forged mail refused.',
                      },
                    }),
                  ],
                },
                { ...traceOf('in-3'), from: 'ligd@example.edu.cn', recipients: [recipient('chenjy@example.edu.cn')] },
              ],
      ),
  };
}
