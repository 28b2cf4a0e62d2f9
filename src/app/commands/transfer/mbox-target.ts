/** Writes one mbox (mboxrd) for each mailbox: `Sent.mbox`, and `Sent/2019.mbox` for what is below it. */
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toLf } from './crlf.ts';
import type { ExportedMessage, ExportTarget } from './export-target.ts';
import { DistinctNames, safeFileName } from './file-name.ts';
import { formatMboxFlags } from './keywords.ts';

const LF = 10;

export class MboxTarget implements ExportTarget {
  readonly #root: string;
  readonly #names = new DistinctNames();
  #file: FileHandle | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  async openMailbox(path: string): Promise<string> {
    const name = this.#names.claim(path.split('/').map(safeFileName).join('/'));
    const file = join(this.#root, `${name}.mbox`);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    this.#file = await open(file, 'wx', 0o600);
    return `${name}.mbox`;
  }

  async write(message: ExportedMessage): Promise<void> {
    await this.#file?.writev(formatMboxMessage(message));
  }

  async closeMailbox(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** As it stands in an mbox (mboxrd), with the empty line that ends it. */
export function formatMboxMessage(message: ExportedMessage): readonly Buffer[] {
  const body = toLf(message.octets, true);
  const sender = /^[\x21-\x7e]+$/.test(message.sender) ? message.sender : 'MAILER-DAEMON';
  const head = `From ${sender} ${formatAsctime(message.receivedAt)}\n${formatMboxFlags(message)}`;
  // After a line end where the message lacks one.
  const tail = body.length === 0 || body[body.length - 1] === LF ? '\n' : '\n\n';
  return [Buffer.from(head), body, Buffer.from(tail)];
}

/** RFC 4155: `Mon Sep 16 02:00:00 2019`, UTC. */
function formatAsctime(ms: number): string {
  const [day, date, month, year, time] = new Date(ms).toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${(date ?? '').replace(/^0/, ' ')} ${time} ${year}`;
}
