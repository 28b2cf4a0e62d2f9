/** Rights of RFC 4314 on the wire, and those of RFC 2086 that stand for several of them. */
import { MailError } from '#base/errors.ts';
import type { MailAccount } from '#mail/account.ts';
import type { MailboxId } from '#mail/types.ts';
import { ALL_RIGHTS } from './places.ts';
import type { Session } from './session.ts';

/** RFC 4314 §2.1.1: what older clients call several rights together. */
const VIRTUAL: readonly (readonly [letter: string, members: string])[] = [
  ['c', 'kx'],
  ['d', 'te'],
];

/** The letters, each once, in order. Throws `invalid` for one that is no right. */
export function parseRights(text: string): string {
  let letters = text;
  for (const [letter, members] of VIRTUAL) letters = letters.replaceAll(letter, members);
  if (!/^[lrswipkxtea]*$/.test(letters)) throw new MailError('invalid', 'no such right');
  return keepRights((right) => letters.includes(right));
}

/** As they are told: with the older letters that hold some of them. */
export function formatRights(rights: string): string {
  const older = VIRTUAL.filter(([, members]) => members.split('').some((right) => rights.includes(right)));
  const letters = rights + older.map(([letter]) => letter).join('');
  return letters === '' ? '""' : letters;
}

/** RFC 4314 §3.1: `+` adds to what there is, `-` takes away, without either it is replaced. */
export function changeRights(before: string, change: string): string {
  const sign = /^[+-]/.exec(change)?.[0];
  const letters = parseRights(sign === undefined ? change : change.slice(1));
  if (sign === undefined) return letters;
  return sign === '+'
    ? keepRights((right) => before.includes(right) || letters.includes(right))
    : keepRights((right) => before.includes(right) && !letters.includes(right));
}

export function keepRights(isKept: (right: string) => boolean): string {
  return ALL_RIGHTS.split('').filter(isKept).join('');
}

/** RFC 4314 §3 (CREATE): a new mailbox is shared as the one above it. */
export async function inheritRights(
  session: Session,
  account: MailAccount,
  from: MailboxId,
  mailboxId: MailboxId,
): Promise<void> {
  const { others } = session.surroundings;
  if (others === undefined) return;
  const { accountId } = account;
  const entries = await others.aclOf(accountId, from);
  const keeps = (await account.mailboxes()).map((row) => row.mailboxId);
  for (const { identifier, rights, always } of entries) {
    if (rights === always) continue;
    await others.setRights({ accountId, mailboxId, identifier, rights, keeps, by: session.self });
  }
}
