/**
 * A mailbox of made-up mail: what every screen can be seen and tested with before there is a server. The same at each start.
 */
import { labelOf } from '#web/webmail/labels.ts';
import { createLive, type Live, type Settable } from '#web/webmail/live.ts';
import type {
  AccountChoice,
  AccountView,
  Change,
  ConversationView,
  LabelView,
  ListModel,
  ListQuery,
  ListView,
  MailboxView,
  MailModel,
  MessageView,
  RowView,
} from '#web/webmail/model.ts';
import { createSampleSettings } from './sample-settings.ts';
import { createSampleDeletions } from './sample-deletions.ts';
import { createSampleTraces } from './sample-traces.ts';
import { SAMPLE_ADDRESS_BOOK } from './sample-address-book.ts';
import { createSampleContacts } from './sample-contacts.ts';
import { createSampleWriting } from './sample-writing.ts';
import { SAMPLE_LETTERS, type SampleLetter } from './sample-letters.ts';

const MINUTE_MS = 60_000;

const LABELS: readonly LabelView[] = [
  { keyword: 'teaching', name: '教学', colour: 0 },
  { keyword: 'research', name: '科研', colour: 3 },
  { keyword: 'urgent', name: '急办', colour: 4 },
];

/** `try-` and HTML in base64: a conversation of one letter with that HTML, for tests of what may be in a letter. */
const TRIAL = 'try-';

const ME = { name: '陈静宜', address: 'chenjy@example.edu.cn' };

export const SAMPLE_ACCOUNT: AccountView = {
  ...ME,
  isDefaultFixed: false,
  identities: [
    { ...ME, signature: '<p>陈静宜</p><p>数学系 · 教授</p>' },
    { name: '陈静宜', address: '20080117@example.edu.cn', signature: '' },
    { name: '教务处', address: 'jwc@example.edu.cn', signature: '' },
  ],
  quota: { usedBytes: 13.2 * 1024 ** 3, limitBytes: 20 * 1024 ** 3 },
};

const UNSUSPECTED = {
  resembles: undefined,
  claims: undefined,
  unsubscribing: undefined,
  file: { id: 'letter', name: 'letter.eml', type: 'message/rfc822', sizeBytes: 2_048, url: '/favicon.svg' },
  bodyUrls: { html: undefined, text: undefined },
} as const;

function trialOf(id: string): ConversationView {
  const octets = Uint8Array.from(atob(id.slice(TRIAL.length)), (character) => character.charCodeAt(0));
  const message: MessageView = {
    id,
    from: { name: 'Mallory', address: 'mallory@elsewhere.example' },
    to: [ME],
    cc: [],
    sentAt: new Date(0),
    preview: '',
    isUnread: false,
    isFlagged: false,
    isDraft: false,
    isSent: false,
    html: new TextDecoder().decode(octets),
    text: undefined,
    pictures: new Map([['logo@here', '/favicon.svg']]),
    attachments: [],
    isOutside: true,
    isVerified: true,
    ...UNSUSPECTED,
  };
  return {
    id,
    subject: 'trial',
    mailboxId: 'inbox',
    labels: [],
    isFlagged: false,
    isMuted: false,
    messages: [message],
  };
}

function mailbox(id: string, name: string, total: number, unread = 0, parentId?: string): MailboxView {
  const role = (['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'] as const).find((role) => role === id);
  return { id, name, role, parentId, unread, total };
}

export interface SampleOptions {
  /** How many conversations the inbox has. */
  readonly inboxCount: number;
  readonly now: Date;
}

export function createSampleModel({ inboxCount, now }: SampleOptions): MailModel {
  const mailboxes: readonly MailboxView[] = [
    mailbox('inbox', 'Inbox', inboxCount, 12),
    mailbox('drafts', 'Drafts', 3),
    mailbox('sent', 'Sent', 1840),
    mailbox('archive', 'Archive', 9217),
    mailbox('junk', 'Junk', 41, 6),
    mailbox('trash', 'Trash', 77),
    mailbox('f-courses', '课程 2025 秋', 312, 4),
    mailbox('f-os', '操作系统', 188, 3, 'f-courses'),
    mailbox('f-ml', '机器学习导论（研究生）', 124, 1, 'f-courses'),
    mailbox('f-nsfc', '国自然 & NSFC', 96),
    mailbox('f-resume', '归档 & Résumé', 18),
  ];

  /** Where each conversation is, and what was changed on it. */
  const placed = new Map<string, string>();
  const touched = new Map<string, Partial<Pick<RowView, 'isUnread' | 'isFlagged' | 'isMuted' | 'labels'>>>();
  const lists = new Set<{ refresh(): void }>();
  const conversations = new Map<string, Settable<ConversationView>>();

  const isThere = (id: string) => mailboxes.some((box) => id.startsWith(`${box.id}-`));

  const letterOf = (id: string): { letter: SampleLetter; at: number } => {
    const at = Number(id.split('-').at(-1));
    return { letter: SAMPLE_LETTERS[at % SAMPLE_LETTERS.length] as SampleLetter, at };
  };

  const rowOf = (id: string): RowView => {
    const { letter, at } = letterOf(id);
    const mailboxId = placed.get(id) ?? id.slice(0, id.lastIndexOf('-'));
    const isOwn = mailboxId === 'sent' || mailboxId === 'drafts';
    return {
      id,
      people: isOwn ? [{ name: '李国栋', address: 'ligd@example.edu.cn' }] : letter.people,
      subject: at < SAMPLE_LETTERS.length ? letter.subject : `${letter.subject}（${at}）`,
      preview: letter.preview,
      receivedAt: new Date(now.getTime() - MINUTE_MS * (7 + at * 97 + (at * at) / 3)),
      messageCount: letter.messageCount ?? 1,
      isUnread: mailboxId !== 'sent' && (letter.isUnread ?? false) && at < SAMPLE_LETTERS.length,
      isFlagged: letter.isFlagged ?? false,
      isMuted: letter.isMuted ?? false,
      isAnswered: letter.isAnswered ?? false,
      hasAttachment: (letter.attachments?.length ?? 0) > 0,
      labels: LABELS.filter((label) => letter.labels?.includes(label.keyword)),
      found: undefined,
      ...touched.get(id),
    };
  };

  const idsOf = (query: ListQuery): readonly string[] => {
    const ids: string[] = [];
    for (const box of mailboxes) {
      if (query.mailboxId !== undefined && query.mailboxId !== box.id) continue;
      for (let at = 0; at < box.total; at++) {
        const id = `${box.id}-${at}`;
        if (!placed.has(id)) ids.push(id);
      }
    }
    for (const [id, to] of placed) if (to === query.mailboxId) ids.unshift(id);
    if (query.text === '' && query.narrowing === 'all') return query.order === 'oldest' ? ids.toReversed() : ids;
    const found = ids.slice(0, 5_000).filter((id) => {
      const row = rowOf(id);
      if (query.text !== '' && !`${row.subject}${row.preview}${row.people[0]?.name}`.includes(query.text)) return false;
      return { all: true, unread: row.isUnread, flagged: row.isFlagged, attachments: row.hasAttachment, toMe: true }[
        query.narrowing
      ];
    });
    // Something else than the newest, so that one sees it.
    return query.order === 'relevant' ? found.toReversed() : found;
  };

  const list = (query: ListQuery): ListModel => {
    let ids = idsOf(query);
    const view = createLive<ListView>({ state: 'ready', total: ids.length });
    lists.add({
      refresh() {
        ids = idsOf(query);
        view.set({ state: 'ready', total: ids.length });
      },
    });
    return {
      subscribe: view.subscribe,
      getSnapshot: view.getSnapshot,
      rowAt: (index) => (ids[index] === undefined ? undefined : rowOf(ids[index])),
      idAt: (index) => ids[index],
      marksOf: (id) => (isThere(id) ? rowOf(id) : undefined),
      indexOf: (id) => ids.indexOf(id),
      show: () => undefined,
      load: () => Promise.resolve(),
    };
  };

  const conversationOf = (id: string): ConversationView => {
    const { letter } = letterOf(id);
    const row = rowOf(id);
    const messages = Array.from({ length: row.messageCount }, (_, at): MessageView => {
      const isLast = at === row.messageCount - 1;
      const from = row.people[at % row.people.length] ?? ME;
      return {
        id: `${id}.${at}`,
        from,
        to: [ME],
        cc: letter.cc ?? [],
        sentAt: new Date(row.receivedAt.getTime() - (row.messageCount - 1 - at) * 47 * MINUTE_MS),
        preview: letter.preview,
        isUnread: row.isUnread && isLast,
        isFlagged: row.isFlagged && isLast,
        isDraft: false,
        isSent: id.startsWith('sent-'),
        html: isLast ? letter.html : undefined,
        text: isLast ? letter.text : `${letter.preview}\n\n${from.name}`,
        pictures: new Map(),
        attachments: (isLast ? (letter.attachments ?? []) : []).map(([name, type, sizeBytes], at) => ({
          id: `${id}.${at}`,
          name,
          type,
          sizeBytes,
          url: '#',
        })),
        isOutside: !from.address.endsWith('example.edu.cn'),
        isVerified: !from.address.includes('examp1e'),
        ...UNSUSPECTED,
        unsubscribing: letter.unsubscribing,
        resembles: from.address.includes('examp1e') ? 'example.edu.cn' : undefined,
      };
    });
    const mailboxId = placed.get(id) ?? id.slice(0, id.lastIndexOf('-'));
    return {
      id,
      subject: row.subject,
      mailboxId,
      labels: row.labels,
      isFlagged: row.isFlagged,
      isMuted: row.isMuted,
      messages,
    };
  };

  const conversation = (id: string): Live<ConversationView | 'missing'> => {
    if (id.startsWith(TRIAL)) return createLive(trialOf(id));
    if (!isThere(id)) return createLive<'missing'>('missing');
    let live = conversations.get(id);
    if (live === undefined) conversations.set(id, (live = createLive(conversationOf(id))));
    return live;
  };

  const refresh = (ids: readonly string[]) => {
    for (const one of lists) one.refresh();
    for (const id of ids) conversations.get(id)?.set(conversationOf(id));
  };

  return {
    account: createLive(SAMPLE_ACCOUNT),
    mailboxes: createLive(mailboxes),
    files: async (ids) =>
      ids.map((id) => ({ id, name: `${id}.eml`, type: 'message/rfc822', sizeBytes: 1000, url: '/favicon.svg' })),
    accounts: createLive<readonly AccountChoice[]>([
      { id: '1', name: '', isOwn: true, isCurrent: true, isReadOnly: false, maySend: true, mayManage: true },
      { id: '2', name: '教务处', isOwn: false, isCurrent: false, isReadOnly: false, maySend: true, mayManage: false },
      { id: '3', name: '研究生院', isOwn: false, isCurrent: false, isReadOnly: true, maySend: false, mayManage: false },
    ]),
    showAccount: () => undefined,
    connection: createLive<'online' | 'offline' | 'signedOut'>('online'),
    addressBook: SAMPLE_ADDRESS_BOOK,
    contacts: createSampleContacts(),
    people: (text) =>
      SAMPLE_LETTERS.flatMap(({ people }) => people).filter(({ name }) => text !== '' && name.includes(text)),
    labels: () => LABELS,
    list,
    conversation,
    importLetters: async (files) => ({
      count: files.length - 1,
      refused: files.slice(-1).map(({ name }) => ({ name, why: 'noLetter' })),
    }),
    // One list answers, and one does not.
    leaveList: async (messageId) => (messageId.startsWith('inbox-') ? 'done' : 'unreachable'),
    change(change: Change, letters) {
      // A letter stands for its conversation.
      const ids = letters.map((id) => id.replace(/\.\d+$/, ''));
      const placedBefore = new Map(placed);
      const touchedBefore = new Map(touched);
      for (const id of ids) {
        if (change.do === 'move') placed.set(id, change.mailboxId);
        else if (change.do === 'setUnread') touched.set(id, { ...touched.get(id), isUnread: change.to });
        else if (change.do === 'setFlagged') touched.set(id, { ...touched.get(id), isFlagged: change.to });
        else if (change.do === 'setMuted') {
          touched.set(id, { ...touched.get(id), isMuted: change.to });
          if (change.to && id.startsWith('inbox-')) placed.set(id, 'archive');
        } else if (change.do === 'setLabel') {
          const others = rowOf(id).labels.filter(({ keyword }) => keyword !== change.keyword);
          const label = LABELS.find(({ keyword }) => keyword === change.keyword) ?? labelOf(change.keyword);
          touched.set(id, { ...touched.get(id), labels: change.to && label ? [...others, label] : others });
        } else placed.set(id, { archive: 'archive', delete: 'trash', junk: 'junk', notJunk: 'inbox' }[change.do]);
      }
      refresh(ids);
      const undo = () => {
        placed.clear();
        touched.clear();
        for (const [id, to] of placedBefore) placed.set(id, to);
        for (const [id, how] of touchedBefore) touched.set(id, how);
        refresh(ids);
      };
      return { undo, settled: Promise.resolve(true) };
    },
    setDefaultIdentity: () => undefined,
    traces: createSampleTraces(now),
    reports: { isTaken: async () => true, send: async () => ({ ticket: '20190916-7K2MQX' }) },
    deletions: createSampleDeletions(now, SAMPLE_ACCOUNT.address),
    settings: createSampleSettings(SAMPLE_ACCOUNT, mailboxes),
    writing: createSampleWriting((id) => conversationOf(id)),
    signInAgain: () => location.assign('/sign-in'),
    signOut: () => location.assign('/sign-in'),
  };
}
