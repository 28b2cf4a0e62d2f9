/** Names of mailboxes: one level each, NFC, and the paths made of them. Protocol encodings (UTF-7) are not known here. */
import { MailError } from '#base/errors.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { MailboxId, MailboxRow } from './types.ts';

export const PATH_SEPARATOR = '/';

// Control characters, line and paragraph separators (RFC 5198 §2), lone surrogates.
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/u;

/** The name in stored form. Throws `invalid` with a reason a person understands. */
export function normaliseMailboxName(name: string): string {
  // Before it is composed, which takes quadratic time for marks without end.
  if (name.length > 3 * MAIL_LIMITS.mailboxNameBytes) throw tooLong();
  const normal = name.normalize('NFC');
  if (normal === '') throw new MailError('invalid', 'a mailbox name cannot be empty');
  if (normal.includes(PATH_SEPARATOR)) throw new MailError('invalid', 'a mailbox name cannot contain "/"');
  if (FORBIDDEN.test(normal)) throw new MailError('invalid', 'a mailbox name cannot contain control characters');
  if (Buffer.byteLength(normal) > MAIL_LIMITS.mailboxNameBytes) throw tooLong();
  return normal;
}

// What normaliseMailboxName refuses, each by itself.
const UNFIT = new RegExp(`${FORBIDDEN.source}|${PATH_SEPARATOR}`, 'gu');

/** The name that a foreign one stands for; always one that can be a mailbox's. */
export function toMailboxName(foreign: string): string {
  const cut = foreign.slice(0, 3 * MAIL_LIMITS.mailboxNameBytes);
  let name = cut.normalize('NFC').replace(UNFIT, '_').trim();
  while (Buffer.byteLength(name) > MAIL_LIMITS.mailboxNameBytes) name = Array.from(name).slice(0, -1).join('');
  return name === '' ? '_' : name;
}

function tooLong(): MailError {
  return new MailError('invalid', `a mailbox name cannot be longer than ${MAIL_LIMITS.mailboxNameBytes} octets`);
}

/**
 * `path` split into its levels in stored form; a first level `inbox` in any case is `INBOX` (RFC 9051 §5.1).
 * One trailing separator is dropped (RFC 9051 §6.3.4). Throws `invalid`.
 */
export function parseMailboxPath(path: string): string[] {
  const trimmed = path.endsWith(PATH_SEPARATOR) ? path.slice(0, -1) : path;
  const levels = trimmed.split(PATH_SEPARATOR).map(normaliseMailboxName);
  if (levels.length > MAIL_LIMITS.mailboxDepth) {
    throw new MailError('invalid', `mailboxes cannot be nested deeper than ${MAIL_LIMITS.mailboxDepth} levels`);
  }
  const first = levels[0] as string;
  if (first.toUpperCase() === 'INBOX') levels[0] = 'INBOX';
  return levels;
}

/** Path of every mailbox, by id. */
export function mailboxPaths(mailboxes: Iterable<MailboxRow>): Map<MailboxId, string> {
  const rows = new Map(Array.from(mailboxes, (row) => [row.mailboxId, row]));
  const paths = new Map<MailboxId, string>();
  const pathOf = (row: MailboxRow): string => {
    const known = paths.get(row.mailboxId);
    if (known !== undefined) return known;
    const parent = row.parentId === null ? undefined : rows.get(row.parentId);
    const path = parent === undefined ? row.name : pathOf(parent) + PATH_SEPARATOR + row.name;
    paths.set(row.mailboxId, path);
    return path;
  };
  for (const row of rows.values()) pathOf(row);
  return paths;
}

/** The mailbox at the end of `levels`, if there. */
export function findByLevels(mailboxes: Iterable<MailboxRow>, levels: readonly string[]): MailboxRow | undefined {
  const rows = [...mailboxes];
  let found: MailboxRow | undefined;
  for (const name of levels) {
    const parentId = found?.mailboxId ?? null;
    found = rows.find((row) => row.parentId === parentId && row.name === name);
    if (found === undefined) return undefined;
  }
  return found;
}
