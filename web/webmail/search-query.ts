/** What is typed into the search field, as the server is asked for it (RFC 8621 §4.4.1): words and operators, Chinese and English. Pure. */
import type { FilterOf } from '#contract/jmap/core.ts';
import type { EmailFilterCondition } from '#contract/jmap/email.ts';
import { MUTED } from '#web/jmap/actions.ts';
import { keywordOf } from './labels.ts';
import type { MailboxRole, MailboxView } from './model.ts';

export type SearchFilter = FilterOf<EmailFilterCondition>;

export interface SearchContext {
  readonly mailboxes: readonly MailboxView[];
  /** One's own addresses: what `to:me` means. */
  readonly own: readonly string[];
  readonly now: Date;
}

type Operator =
  | 'from'
  | 'to'
  | 'cc'
  | 'bcc'
  | 'subject'
  | 'body'
  | 'attachment'
  | 'has'
  | 'is'
  | 'in'
  | 'label'
  | 'before'
  | 'after'
  | 'larger'
  | 'smaller';

const OPERATORS: Readonly<Record<Operator, readonly string[]>> = {
  from: ['from', '发件人', '发信人', '来自'],
  to: ['to', '收件人', '发给'],
  cc: ['cc', '抄送'],
  bcc: ['bcc', '密送'],
  subject: ['subject', '主题', '标题'],
  body: ['body', '正文', '内容'],
  attachment: ['attachment', 'filename', '附件'],
  has: ['has', '包含', '带'],
  is: ['is', '状态'],
  in: ['in', '文件夹', '位于'],
  label: ['label', '标签'],
  before: ['before', 'older', 'older_than', '早于', '之前'],
  after: ['after', 'newer', 'newer_than', '晚于', '之后', 'since'],
  larger: ['larger', '大于'],
  smaller: ['smaller', '小于'],
};

const OPERATOR_OF: ReadonlyMap<string, Operator> = new Map(
  Object.entries(OPERATORS).flatMap(([operator, names]) => names.map((name) => [name, operator as Operator] as const)),
);

/** What may follow `is:` and `has:`, and words that need no operator before them. */
const STATES: readonly (readonly [words: readonly string[], condition: EmailFilterCondition])[] = [
  [['unread', '未读'], { notKeyword: '$seen' }],
  [['read', '已读'], { hasKeyword: '$seen' }],
  [['flagged', 'starred', '星标', '加星标'], { hasKeyword: '$flagged' }],
  [['answered', 'replied', '已回复'], { hasKeyword: '$answered' }],
  [['muted', '静音', '已静音'], { hasKeyword: MUTED }],
  [['draft', '草稿'], { hasKeyword: '$draft' }],
  [['attachment', 'attachments', '附件', '有附件', '带附件'], { hasAttachment: true }],
];

/** Words that say by themselves what they ask for, for nobody looks for them in a text. */
const ALONE = new Set(['有附件', '带附件']);

const ROLES: Readonly<Record<MailboxRole, readonly string[]>> = {
  inbox: ['inbox', '收件箱'],
  drafts: ['drafts', '草稿箱'],
  sent: ['sent', '已发送'],
  archive: ['archive', '归档'],
  junk: ['junk', 'spam', '垃圾邮件', '垃圾箱'],
  trash: ['trash', 'deleted', '已删除', '回收站'],
};

const EVERYWHERE = new Set(['anywhere', 'all', '所有', '全部']);
const ME = new Set(['me', '我']);

/** An operator with its value, a phrase in quotation marks, or a word; `-` before it: what must not be. */
const TERM = /(-?)(?:(?:([\p{L}_]{1,12})[:：])(?=\s|$)|(?:([\p{L}_]{1,12})[:：])?("[^"]*"?|“[^”]*”?|[^\s"“]+))/gu;

/** Searches everywhere but in junk and trash unless `in:` says where. What makes no sense as an operator is looked for as text. */
export function parseSearch(typed: string, context: SearchContext): SearchFilter {
  const conditions: SearchFilter[] = [];
  const words: string[] = [];
  let isPlaced = false;
  for (const [whole, minus = '', unfinished, called = '', given = ''] of typed.matchAll(TERM)) {
    const name = unfinished ?? called;
    const value = given.replace(/^["“]|["”]$/g, '').trim();
    const operator = OPERATOR_OF.get(name.toLowerCase());
    const isPlace = operator === 'in' && minus === '';
    const condition =
      isPlace && EVERYWHERE.has(value.toLowerCase())
        ? 'everywhere'
        : operator === undefined
          ? ALONE.has(whole)
            ? stateOf(whole)
            : undefined
          : conditionOf(operator, value, context);
    if (condition === undefined) {
      // An operator that is still being typed asks for nothing.
      if (operator !== undefined && value === '') continue;
      if (minus !== '' && name === '' && value !== '') conditions.push(not({ text: given }));
      else if (whole !== '-') words.push(name === '' ? given : whole);
      continue;
    }
    isPlaced ||= isPlace;
    if (condition !== 'everywhere') conditions.push(minus === '' ? condition : not(condition));
  }
  const text = words.filter((word) => word !== '').join(' ');
  if (text !== '') conditions.unshift({ text });
  if (!isPlaced) {
    const hidden = context.mailboxes.filter(({ role }) => role === 'junk' || role === 'trash').map(({ id }) => id);
    if (hidden.length > 0) conditions.push({ inMailboxOtherThan: hidden });
  }
  return conditions.length === 1 && conditions[0] ? conditions[0] : { operator: 'AND', conditions };
}

/** Any of them. */
export function anyOf(conditions: readonly SearchFilter[]): SearchFilter {
  return conditions.length === 1 && conditions[0] ? conditions[0] : { operator: 'OR', conditions: [...conditions] };
}

function not(condition: SearchFilter): SearchFilter {
  return { operator: 'NOT', conditions: [condition] };
}

/** undefined: the value makes no sense. */
function conditionOf(
  operator: Operator,
  value: string,
  { mailboxes, own, now }: SearchContext,
): SearchFilter | undefined {
  if (value === '') return operator === 'attachment' ? { hasAttachment: true } : undefined;
  switch (operator) {
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
      if (ME.has(value.toLowerCase()) && own.length > 0) return anyOf(own.map((address) => ({ [operator]: address })));
      return { [operator]: quoted(value) };
    case 'subject':
    case 'body':
      return { [operator]: quoted(value) };
    case 'attachment':
      // The index knows the names of attachments and what they say as text.
      return { hasAttachment: true, text: quoted(value) };
    case 'has':
    case 'is':
      return stateOf(value.toLowerCase());
    case 'in': {
      const mailbox = mailboxes.find((mailbox) => isCalled(mailbox, value));
      return mailbox && { inMailbox: mailbox.id };
    }
    case 'label':
      return { hasKeyword: keywordOf(value) };
    case 'before':
    case 'after': {
      const day = parseDay(value, now);
      return day && { [operator]: day.toISOString().replace('.000', '') };
    }
    case 'larger':
    case 'smaller': {
      const bytes = parseSize(value);
      return bytes === undefined ? undefined : { [operator === 'larger' ? 'minSize' : 'maxSize']: bytes };
    }
  }
}

function stateOf(word: string): SearchFilter | undefined {
  return STATES.find(([words]) => words.includes(word))?.[1];
}

function isCalled({ name, role, id }: MailboxView, called: string): boolean {
  const wanted = called.toLowerCase();
  return id === called || name.toLowerCase() === wanted || (role !== undefined && ROLES[role].includes(wanted));
}

/** A value of several words is a phrase. */
function quoted(value: string): string {
  return /\s/.test(value) ? `"${value}"` : value;
}

/** The beginning of a day where the person is: 2026-05-01, 2026/5/1, 2026年5月1日, 5月1日, 今天, 昨天, 7天, 2w. */
function parseDay(value: string, now: Date): Date | undefined {
  const today = (back: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - back);
  if (/^(?:today|今天)$/i.test(value)) return today(0);
  if (/^(?:yesterday|昨天)$/i.test(value)) return today(1);
  const ago = /^(\d{1,4})(d|天|w|周|m|个?月|y|年)前?$/i.exec(value);
  if (ago !== null) {
    const days = { d: 1, 天: 1, w: 7, 周: 7, m: 30, 月: 30, 个月: 30, y: 365, 年: 365 }[ago[2]?.toLowerCase() ?? ''];
    return today(Number(ago[1]) * (days ?? 1));
  }
  const date = /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$/.exec(value);
  if (date === null) return undefined;
  const [year, month, day] = [Number(date[1] ?? now.getFullYear()), Number(date[2]), Number(date[3])];
  const at = new Date(year, month - 1, day);
  return at.getMonth() === month - 1 && at.getDate() === day ? at : undefined;
}

/** 5M, 5MB, 500k, 1.5G, 2048; in octets. */
function parseSize(value: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*([kmg]?)b?$/i.exec(value);
  if (match === null) return undefined;
  const power = ['', 'k', 'm', 'g'].indexOf((match[2] ?? '').toLowerCase());
  return Math.round(Number(match[1]) * 1024 ** power);
}
