/**
 * `node tools/bench/fill-professor.ts IMAP_PORT LOGIN PASSWORD [MESSAGES]`: puts a professor's 200,000 letters of fifteen years into a mailbox of
 * a server that runs, such as `npm start`'s, or a Dovecot; its quota must allow for 2 GB (`campusmail account quota ADDRESS none`).
 */
import { parseArgs } from 'node:util';
import { encodeModifiedUtf7 } from '#imap/modified-utf7.ts';
import { ImapLoad } from './clients.ts';
import { listFolders, professorsMail, type OldMail } from './professors-mail.ts';

/** Letters held until they are appended, a command for each folder. */
const BATCH = 2_000;

const { positionals } = parseArgs({ allowPositionals: true });
const [port = '2143', login = '', password = '', messages = '200000'] = positionals;
const imap = await ImapLoad.open(Number(port), login, password);
const enabled = await imap.command('ENABLE UTF8=ACCEPT');
// Dovecot 2.3 has no UTF8=ACCEPT (RFC 6855), and wants names as RFC 3501 has them.
const nameOf = enabled.includes('UTF8=ACCEPT') ? (path: string) => path : encodeModifiedUtf7;
const there = await imap.command('LIST "" Sent');
for (const path of [...(there.includes('Sent') ? [] : ['Sent']), ...listFolders()]) {
  await imap.command([Buffer.from(`CREATE "${nameOf(path)}"`)]);
  await imap.command([Buffer.from(`SUBSCRIBE "${nameOf(path)}"`)]);
}
const wanted = Number(messages);
const write = professorsMail(wanted, login);
for (let first = 0; first < wanted; first += BATCH) {
  const mails = Array.from({ length: Math.min(BATCH, wanted - first) }, (_, n) => write(first + n));
  for (const [folder, batch] of Map.groupBy(mails, (mail) => mail.folder)) await append(folder, batch);
  process.stdout.write(`\r${first + mails.length}`);
}
imap.close();
console.log(' letters are there');

async function append(folder: string, mails: readonly OldMail[]): Promise<void> {
  const pieces = mails.flatMap(({ flags, receivedAt, octets }) => [
    Buffer.from(` (${flags.join(' ')}) "${formatInstant(receivedAt)}" {${octets.length}+}\r\n`),
    octets,
  ]);
  await imap.command([Buffer.from(`APPEND "${nameOf(folder)}"`), ...pieces]);
}

/** RFC 9051 §9, date-time: `01-Sep-2011 08:00:00 +0000`. */
function formatInstant(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${day}-${month}-${year} ${time} +0000`;
}
