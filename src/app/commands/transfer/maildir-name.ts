/** Names of Maildir++ folders: modified UTF-7, levels divided by dots. */
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '#imap/modified-utf7.ts';
import { toMailboxName } from '#mail/mailbox-name.ts';

/** A dot inside a level, which Maildir++ has no spelling for: written as if it were no ASCII. */
const DOT = '&AC4-';

/** The mailbox level that one level of a folder's name stands for; always one that can be a mailbox's. */
export function readLevel(name: string): string {
  return toMailboxName(decodeModifiedUtf7(name.replaceAll(DOT, '.')) ?? name);
}

/** `.Sent.2019` for `Sent/2019`; empty for the inbox, which is the Maildir itself. */
export function formatFolderName(path: string): string {
  if (path === 'INBOX') return '';
  const levels = path.split('/').map((level) => encodeModifiedUtf7(level).replaceAll('.', DOT));
  return `.${levels.join('.')}`;
}
