/** What the rights of delegates mean for a mailbox, in letters of RFC 4314 §2.1. Knows no store. */
import type { AccountId, MailboxId } from '#base/ids.ts';
import type { AccountRight, BoxRow } from './types.ts';

/** What there is of rights on a mailbox, in the order they are kept and shown. */
export const MAILBOX_RIGHTS = 'lrswipkxtea';

/** An account that shares something with another, as that one may use it now. */
export interface SharedAccount {
  readonly accountId: AccountId;
  /** Its primary address. */
  readonly address: string;
  readonly displayName: string;
  readonly rights: ReadonlySet<AccountRight>;
  readonly mailboxes: ReadonlyMap<MailboxId, string>;
}

/** From when on nobody may open the box; null: it stays. */
export function endOfBox({ endsAt, vacantUntil }: Pick<BoxRow, 'endsAt' | 'vacantUntil'>): number | null {
  return endsAt === null || vacantUntil === null ? (endsAt ?? vacantUntil) : Math.min(endsAt, vacantUntil);
}

/** What a right on the account is on each of its mailboxes; those of sending are of no mailbox. */
const ON_EACH: Readonly<Record<AccountRight, string>> = {
  read: 'lr',
  // \Seen is one for all who read there, so setting it is writing.
  write: 'lrswipkxte',
  manage: 'la',
  'send-as': '',
  'send-on-behalf': '',
};

export function mailboxRights(
  { rights, mailboxes }: Pick<SharedAccount, 'rights' | 'mailboxes'>,
  mailboxId: MailboxId,
): string {
  return sortRights(accountMailboxRights({ rights }) + (mailboxes.get(mailboxId) ?? ''));
}

/** What it may do with every mailbox, whatever is granted of single ones. */
export function accountMailboxRights({ rights }: Pick<SharedAccount, 'rights'>): string {
  return sortRights([...rights].map((right) => ON_EACH[right]).join(''));
}

/** Each once, in their order. Undefined when one is none of ours. */
export function parseMailboxRights(letters: string): string | undefined {
  return /^[lrswipkxtea]*$/.test(letters) ? sortRights(letters) : undefined;
}

function sortRights(letters: string): string {
  return MAILBOX_RIGHTS.split('')
    .filter((right) => letters.includes(right))
    .join('');
}

/** Whether mail of the whole account may be read, so that programs which know accounts only can show it. */
export function mayReadAll({ rights }: Pick<SharedAccount, 'rights'>): boolean {
  return rights.has('read') || rights.has('write');
}

/** How a message may be written as the account: seen alone, or with who writes; undefined when not at all. */
export function writesAs({ rights }: Pick<SharedAccount, 'rights'>): 'alone' | 'onBehalf' | undefined {
  if (rights.has('send-as')) return 'alone';
  return rights.has('send-on-behalf') ? 'onBehalf' : undefined;
}
