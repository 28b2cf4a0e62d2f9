/**
 * A process for killing: appends messages to a store for ever, many at once, and prints a line for each one that was
 * answered: the account, the Email, and the message's number. With a third argument it indexes them meanwhile.
 */
import { writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemRandom } from '#base/random.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { Mail } from '#mail/mail.ts';
import { Indexer } from '#search/indexer.ts';
import { openSqliteStore } from '#store/open-sqlite.ts';

const [dataDir, run, indexes] = process.argv.slice(2);
if (dataDir === undefined || run === undefined) throw new Error('usage: append-forever DIR RUN [index]');
const store = await openSqliteStore({ dataDir });
const mail = new Mail(store.mail);
const pad = systemRandom.bytes(indexes === undefined ? 60_000 : 60).toString('base64');

async function appendForever(lane: number): Promise<never> {
  for (let n = 0; ; n++) {
    const accountId = (1 + ((lane + n) % 5)) as AccountId;
    const name = `${run}-${lane}-${n}`;
    // Sizes from one line to several chunks.
    const body = n % 7 === 0 ? pad.repeat(1 + (n % 5)) : name;
    const octets = Buffer.from(`Message-ID: <${name}@x>\r\nSubject: ${name}\r\n\r\n${body}\r\n`);
    const { emails } = await mail.account(accountId).append({
      items: [{ message: mail.prepareMessage(octets), mailboxes: ['inbox'], keywords: [] }],
      source: 'smtp',
    });
    writeSync(1, `${accountId} ${emails[0]?.emailId} ${name} ${octets.length}\n`);
  }
}

async function indexForever(): Promise<never> {
  const source = store.mail.reader;
  const indexer = new Indexer({ index: store.search, source, readFiles: async () => '', log: silentLog });
  for (;;) if ((await indexer.step()) === 0) await nextTurn();
}

if (indexes !== undefined) void indexForever();
await Promise.all(Array.from({ length: 16 }, (_, lane) => appendForever(lane)));
