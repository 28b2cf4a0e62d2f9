/** Made-up settings: they change and are forgotten. */
import { createLive } from '#web/webmail/live.ts';
import type { AccountView, MailboxView } from '#web/webmail/model.ts';
import type {
  FilterView,
  FolderView,
  ForwardingView,
  SettingsModel,
  VacationView,
} from '#web/webmail/settings-model.ts';

export function createSampleSettings({ identities }: AccountView, mailboxes: readonly MailboxView[]): SettingsModel {
  const own = createLive(
    identities.map(({ name, address, signature }, at) => ({
      id: String(at),
      name,
      address,
      isDefault: at === 0,
      signatureHtml: signature,
    })),
  );
  const vacation = createLive<VacationView>({
    isEnabled: true,
    from: new Date('2026-07-10T00:00'),
    until: new Date('2026-08-25T00:00'),
    subject: '',
    insideText: '暑假外出访学，8 月 25 日返校。急事请联系教务处李老师。',
    outsideText: 'I am away until 25 August.',
  });
  const forwarding = createLive<ForwardingView>({
    targets: ['chenjy@stu.example.edu.cn'],
    keepsCopy: true,
    mayForwardOutside: false,
    allowedDomains: [],
    mayDropCopy: false,
    maxTargets: 5,
  });
  const folders = createLive<readonly FolderView[]>(
    mailboxes.map(({ id, name, role, parentId, unread, total }) => ({
      id,
      name,
      role,
      parentId,
      unread,
      total,
      isSubscribed: true,
      mayRename: role === undefined,
      mayDelete: role === undefined,
    })),
  );
  const filter = createLive<FilterView>({
    rules: [
      {
        name: '教务通知',
        isEnabled: true,
        match: 'all',
        conditions: [
          { field: 'from', test: 'is', value: 'jwc@example.edu.cn' },
          { field: 'subject', test: 'contains', value: '通知' },
        ],
        actions: { mailboxId: 'f-courses', keywords: ['teaching'], forwardTo: [] },
        stops: true,
      },
      {
        name: '期刊与会议征稿',
        isEnabled: true,
        match: 'any',
        conditions: [
          { field: 'subject', test: 'contains', value: 'Call for Papers' },
          { field: 'list', test: 'contains', value: 'dbworld' },
        ],
        actions: { mailboxId: 'archive', keywords: ['$seen'], forwardTo: [] },
        stops: false,
      },
      {
        name: '大附件转给秘书',
        isEnabled: false,
        match: 'all',
        conditions: [
          { field: 'attachment', test: 'has' },
          { field: 'size', test: 'over', bytes: 20 * 1024 * 1024 },
        ],
        actions: { mailboxId: 'gone', keywords: [], forwardTo: ['20080117@example.edu.cn'] },
        stops: false,
      },
    ],
    blocked: ['promo@deals.example', 'casino.example'],
    allowed: ['ieee.org', 'editor@journal.example'],
    blockedInto: 'junk',
    maxRules: 100,
    sieve: 'keep;\r\n',
  });
  const saved = () => Promise.resolve('saved' as const);
  return {
    identities: own,
    saveIdentity: (id, change) => {
      own.set(own.getSnapshot().map((one) => (one.id === id ? { ...one, ...change } : one)));
      return saved();
    },
    vacation,
    saveVacation: (next) => {
      vacation.set(next);
      return saved();
    },
    forwarding,
    saveForwarding: (targets, keepsCopy) => {
      const outside = targets.find((target) => !target.endsWith('example.edu.cn'));
      if (outside !== undefined) return Promise.resolve({ why: 'forbidden', address: outside } as const);
      forwarding.set({ ...forwarding.getSnapshot(), targets, keepsCopy });
      return saved();
    },
    filter,
    saveFilter: (change) => {
      filter.set({ ...filter.getSnapshot(), ...change });
      return saved();
    },
    block: (address) => {
      const before = filter.getSnapshot();
      filter.set({ ...before, blocked: [...before.blocked, address] });
      return Promise.resolve({ count: 2, undo: async () => filter.set(before) });
    },
    tryRule: () =>
      Promise.resolve({
        examined: 50,
        letters: [
          { id: '1', from: '教务处', subject: '关于 2026 年春季学期选课的通知' },
          { id: '2', from: '教务处', subject: '调课通知：操作系统（周三第 5–6 节）' },
        ],
      }),
    applyRule: () => Promise.resolve(12),
    folders,
    createFolder: saved,
    changeFolder: saved,
    deleteFolder: saved,
    mailMove: async () => undefined,
    dismissMailMove: async () => undefined,
    delegates: async () => [
      {
        id: '1',
        name: '李秘书',
        address: 'lims@example.edu.cn',
        rights: ['read', 'write', 'send-on-behalf'],
        isResponsible: false,
      },
    ],
    addDelegate: saved,
    setDelegate: saved,
    removeDelegate: saved,
  };
}
