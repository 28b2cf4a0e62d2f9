/**
 * A change record as one short line of text. Items are separated by spaces; each is a kind, an operation and a list
 * of numbers with runs as ranges:
 *
 *     E+12,14-16   Emails created (`~` updated, `-` destroyed); T for threads, M for mailboxes (`#` counted only)
 *     3+7-9        entries of mailbox 3 added (`~` changed, `-` expunged), by uid
 */
import type { MailboxId, ModSeq } from '#base/ids.ts';
import type { ChangeRecord, EntryChanges } from '#mail/types.ts';

export function encodeChange(record: ChangeRecord): string {
  const items: string[] = [];
  const put = (kind: string | number, operation: string, numbers: readonly number[]): void => {
    if (numbers.length > 0) items.push(kind + operation + encodeNumbers(numbers));
  };
  put('E', '+', record.emails.created);
  put('E', '~', record.emails.updated);
  put('E', '-', record.emails.destroyed);
  put('T', '+', record.threads.created);
  put('T', '~', record.threads.updated);
  put('T', '-', record.threads.destroyed);
  put('M', '+', record.mailboxes.created);
  put('M', '~', record.mailboxes.updated);
  put('M', '#', record.mailboxes.counted);
  put('M', '-', record.mailboxes.destroyed);
  for (const entry of record.entries) {
    put(entry.mailboxId, '+', entry.added);
    put(entry.mailboxId, '~', entry.changed);
    put(entry.mailboxId, '-', entry.expunged);
  }
  return items.join(' ');
}

export function decodeChange(modSeq: number, text: string): ChangeRecord {
  const lists = new Map<string, number[]>();
  const entries: { mailboxId: MailboxId; added: number[]; changed: number[]; expunged: number[] }[] = [];
  let current: (typeof entries)[number] | undefined;
  for (const item of text === '' ? [] : text.split(' ')) {
    const at = item.search(/[+~#-]/);
    const kind = item.slice(0, at);
    const operation = item.charAt(at);
    const numbers = decodeNumbers(item, at + 1);
    if (kind === 'E' || kind === 'T' || kind === 'M') {
      lists.set(kind + operation, numbers);
      continue;
    }
    const mailboxId = Number(kind) as MailboxId;
    if (current?.mailboxId !== mailboxId) {
      current = { mailboxId, added: [], changed: [], expunged: [] };
      entries.push(current);
    }
    current[operation === '+' ? 'added' : operation === '~' ? 'changed' : 'expunged'] = numbers;
  }
  const list = <T>(name: string): T[] => (lists.get(name) ?? []) as T[];
  return {
    modSeq: modSeq as ModSeq,
    emails: { created: list('E+'), updated: list('E~'), destroyed: list('E-') },
    threads: { created: list('T+'), updated: list('T~'), destroyed: list('T-') },
    mailboxes: { created: list('M+'), updated: list('M~'), counted: list('M#'), destroyed: list('M-') },
    entries: entries satisfies EntryChanges[],
  };
}

/** `1-3,7,9-10`, in the order given. */
export function encodeNumbers(numbers: readonly number[]): string {
  let text = '';
  let at = 0;
  while (at < numbers.length) {
    const first = numbers[at] ?? 0;
    let last = first;
    while (numbers[at + 1] === last + 1) {
      last++;
      at++;
    }
    text += `${text === '' ? '' : ','}${first}${last > first ? `-${last}` : ''}`;
    at++;
  }
  return text;
}

function decodeNumbers(text: string, from: number): number[] {
  const numbers: number[] = [];
  let first = -1;
  let number = 0;
  for (let at = from; at <= text.length; at++) {
    const code = at === text.length ? 44 : text.charCodeAt(at);
    if (code === 45) {
      first = number;
      number = 0;
    } else if (code === 44) {
      if (first < 0) numbers.push(number);
      else for (let value = first; value <= number; value++) numbers.push(value);
      first = -1;
      number = 0;
    } else {
      number = number * 10 + code - 48;
    }
  }
  return numbers;
}
