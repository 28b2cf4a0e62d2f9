/** Names of Maildir++ folders: modified UTF-7, levels divided by dots. */
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '#imap/modified-utf7.ts';

/** A dot inside a level, which Maildir++ has no spelling for: written as if it were no ASCII. */
const DOT = '&AC4-';
/** What no mailbox name may contain (mail/mailbox-name.ts). */
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff/]/gu;
const LEVEL_BYTES = 255;

/** The mailbox level that one level of a folder's name stands for; always one that can be a mailbox's. */
export function readLevel(name: string): string {
  const text = decodeModifiedUtf7(name.replaceAll(DOT, '.')) ?? name;
  let level = text.normalize('NFC').replace(FORBIDDEN, '_').trim();
  while (Buffer.byteLength(level) > LEVEL_BYTES) level = Array.from(level).slice(0, -1).join('');
  return level === '' ? '_' : level;
}

/** `.Sent.2019` for `Sent/2019`; empty for the inbox, which is the Maildir itself. */
export function formatFolderName(path: string): string {
  if (path === 'INBOX') return '';
  const levels = path.split('/').map((level) => encodeModifiedUtf7(level).replaceAll('.', DOT));
  return `.${levels.join('.')}`;
}
