/** What another server's mailbox is called in words, and what it is for. */
import { isAscii } from 'node:buffer';
import { decodeModifiedUtf7 } from '#imap/modified-utf7.ts';
import { toMailboxName } from '#mail/mailbox-name.ts';
import type { MailboxRole } from '#mail/types.ts';
import { decodeText } from '#mime/charset.ts';
import type { ListedName } from './response.ts';

export interface ForeignName {
  /** Each can be a mailbox's; the inbox is `INBOX` alone. */
  readonly levels: readonly string[];
  /** `all`: a view of what stands elsewhere, to be passed over, as are `flagged` and `important`. */
  readonly role: MailboxRole | null;
}

/** RFC 6154 §2, and XLIST's of Coremail and the Gmail of 2009. */
const ROLE_OF_ATTRIBUTE: ReadonlyMap<string, MailboxRole> = new Map(
  Object.entries<MailboxRole>({
    '\\inbox': 'inbox',
    '\\drafts': 'drafts',
    '\\sent': 'sent',
    '\\trash': 'trash',
    '\\junk': 'junk',
    '\\spam': 'junk',
    '\\archive': 'archive',
    '\\all': 'all',
    '\\allmail': 'all',
    '\\flagged': 'flagged',
    '\\starred': 'flagged',
    '\\important': 'important',
  }),
);

/** Names of those servers and programs that say no more; lower case. */
const ROLE_OF_NAME: ReadonlyMap<string, MailboxRole> = new Map(
  Object.entries({
    sent: [
      'sent',
      'sent items',
      'sent messages',
      'sent mail',
      '已发送',
      '已发送邮件',
      '已发邮件',
      '发件箱',
      '寄件備份',
    ],
    drafts: ['drafts', 'draft', '草稿箱', '草稿夹', '草稿', '草稿匣'],
    trash: ['trash', 'deleted items', 'deleted messages', 'deleted', '已删除', '已删除邮件', '已删邮件', '废件箱'],
    junk: ['junk', 'spam', 'junk e-mail', 'junk email', 'bulk mail', '垃圾邮件', '垃圾箱', '垃圾郵件'],
    archive: ['archive', 'archives', '归档'],
  }).flatMap(([role, names]) => names.map((name) => [name, role as MailboxRole] as const)),
);

/**
 * Of a list's mailboxes, in its order. Each role is given once, to who says it has it before who is only called so. Where
 * all stand below the inbox (Cyrus, Courier), that level is no level.
 */
export function nameMailboxes(listed: readonly ListedName[]): readonly ForeignName[] {
  const split = listed.map(splitName);
  const isBelowInbox = (levels: readonly string[]): boolean => levels[0] === 'INBOX';
  const isPrefixed = split.length > 1 && split.every(isBelowInbox);
  const names = split.map((levels) => (isPrefixed && levels.length > 1 ? levels.slice(1) : levels));
  const taken = new Set<MailboxRole>();
  const roles = names.map((levels) => (isInbox(levels) ? claim('inbox', taken) : null));
  for (const [i, { attributes }] of listed.entries()) {
    const role = attributes.map((attribute) => ROLE_OF_ATTRIBUTE.get(attribute)).find((found) => found !== undefined);
    if (role !== undefined) roles[i] ??= claim(role, taken);
  }
  for (const [i, levels] of names.entries()) {
    const role = levels.length === 1 ? ROLE_OF_NAME.get(levels[0]?.toLowerCase() ?? '') : undefined;
    if (role !== undefined) roles[i] ??= claim(role, taken);
  }
  return names.map((levels, i) => ({ levels, role: roles[i] ?? null }));
}

function isInbox(levels: readonly string[]): boolean {
  return levels.length === 1 && levels[0] === 'INBOX';
}

function claim(role: MailboxRole, taken: Set<MailboxRole>): MailboxRole | null {
  if (taken.has(role)) return null;
  taken.add(role);
  return role;
}

function splitName({ name, delimiter }: ListedName): readonly string[] {
  // Modified UTF-7 (RFC 3501 §5.1.3) may hold a delimiter that is none; octets above 127 are a whole name in GBK or UTF-8.
  const text = isAscii(name) ? name.toString('latin1') : decodeText(name, undefined, { locale: 'zh-CN' });
  const parts = delimiter === undefined || delimiter === '' ? [text] : text.split(delimiter);
  const levels = parts
    .filter((part) => part !== '')
    .map((part) => toMailboxName(isAscii(name) ? (decodeModifiedUtf7(part) ?? part) : part));
  if (levels.length === 0) return ['_'];
  return levels[0]?.toUpperCase() === 'INBOX' ? ['INBOX', ...levels.slice(1)] : levels;
}
