/**
 * `node tools/bench/fill-professor.ts IMAP_PORT LOGIN PASSWORD [MESSAGES]`: puts a professor's 200,000 letters of fifteen years into a mailbox of
 * a server that runs, such as `npm start`'s; its quota must allow for 2 GB (`campusmail account quota ADDRESS none`).
 */
import { parseArgs } from 'node:util';
import { ImapLoad } from './clients.ts';
import { listFolders, professorsMail, type OldMail } from './professors-mail.ts';

/** Letters held until they are appended, a command for each folder. */
const BATCH = 2_000;

const { positionals } = parseArgs({ allowPositionals: true });
const [port = '2143', login = '', password = '', messages = '200000'] = positionals;
const imap = await ImapLoad.open(Number(port), login, password);
await imap.command('ENABLE UTF8=ACCEPT');
for (const path of listFolders()) await imap.command([Buffer.from(`CREATE "${path}"`)]);
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
  await imap.command([Buffer.from(`APPEND "${folder}"`), ...pieces]);
}

/** RFC 9051 §9, date-time: `01-Sep-2011 08:00:00 +0000`. */
function formatInstant(ms: number): string {
  const [, day, month, year, time] = new Date(ms).toUTCString().split(' ');
  return `${day}-${month}-${year} ${time} +0000`;
}
