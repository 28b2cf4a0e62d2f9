/** Fills a mailbox over IMAP, hundreds of messages with each APPEND (RFC 3502, RFC 7888). */
import { makeMessage } from './campus-mail.ts';
import { ImapLoad } from './clients.ts';
import type { Target } from './target.ts';

const BATCH = 500;

/** Appends what INBOX lacks of `wanted` messages. Throws when the server cannot append many at a time. */
export async function fillInbox(target: Target, user: string, wanted: number, sizeBytes: number): Promise<void> {
  const imap = await ImapLoad.open(target.imapPort, user);
  const capabilities = (await imap.command('CAPABILITY')).toString('latin1');
  if (!/ MULTIAPPEND/.test(capabilities) || !/ LITERAL[+]/.test(capabilities)) {
    throw new Error('filling a mailbox wants MULTIAPPEND and LITERAL+');
  }
  for (let first = await imap.count(); first < wanted; first += BATCH) {
    const pieces: Buffer[] = [Buffer.from('APPEND "INBOX"')];
    for (let index = first; index < Math.min(wanted, first + BATCH); index++) {
      const octets = makeMessage(index, sizeBytes);
      pieces.push(Buffer.from(` ${index % 10 < 7 ? '(\\Seen)' : '()'} {${octets.length}+}\r\n`), octets);
    }
    await imap.command(pieces);
  }
  imap.close();
}
