/** Writes Maildir++: `cur` of the folder itself for the inbox, `.Sent.2019` beside it; flags in names, dates as times of files. */
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { toLf } from './crlf.ts';
import type { ExportedMessage, ExportTarget } from './export-target.ts';
import { formatMaildirFlags } from './keywords.ts';
import { formatFolderName } from './maildir-name.ts';

/** Octets of a name that file systems take. */
const NAME_BYTES = 255;

export class MaildirTarget implements ExportTarget {
  readonly #root: string;
  readonly #host: string;
  #folder = '';
  /** Letters a to z for keywords that Maildir has none for; Dovecot reads them from `dovecot-keywords`. */
  #letters = new Map<string, string>();

  constructor(root: string, host: string) {
    this.#root = root;
    this.#host = host.replaceAll(/[/:,\s]/g, '_');
  }

  async openMailbox(path: string): Promise<string> {
    const name = formatFolderName(path);
    // Too long for a file system: the list of mailboxes tells what it is.
    const short = Buffer.byteLength(name) <= NAME_BYTES ? name : `.long-${hash('sha256', path, 'hex').slice(0, 32)}`;
    this.#folder = join(this.#root, short);
    this.#letters = new Map();
    for (const part of ['cur', 'new', 'tmp']) {
      await mkdir(join(this.#folder, part), { recursive: true, mode: 0o700 });
    }
    // Maildir++: marks a folder as one.
    if (short !== '') await writeFile(join(this.#folder, 'maildirfolder'), '', { mode: 0o600 });
    return short === '' ? '.' : short;
  }

  async write(message: ExportedMessage): Promise<void> {
    const { octets, receivedAt, key } = message;
    const body = toLf(octets);
    const seconds = Math.floor(receivedAt / 1000);
    const flags = formatMaildirFlags(message, (keyword) => this.#letterOf(keyword));
    const name = `${seconds}.${key}.${this.#host},S=${body.length}:2,${flags}`;
    const path = join(this.#folder, 'cur', name);
    await writeFile(path, body, { mode: 0o600, flag: 'wx' });
    await utimes(path, receivedAt / 1000, receivedAt / 1000);
  }

  /** Empty for the 27th keyword of a mailbox and those after it. */
  #letterOf(keyword: string): string {
    let letter = this.#letters.get(keyword);
    if (letter === undefined) {
      letter = this.#letters.size < 26 ? String.fromCharCode(97 + this.#letters.size) : '';
      this.#letters.set(keyword, letter);
    }
    return letter;
  }

  async closeMailbox(): Promise<void> {
    const lines = Array.from(this.#letters.keys(), (keyword, i) => `${i} ${keyword}\n`).slice(0, 26);
    if (lines.length === 0) return;
    await writeFile(join(this.#folder, 'dovecot-keywords'), lines.join(''), { mode: 0o600 });
  }
}
