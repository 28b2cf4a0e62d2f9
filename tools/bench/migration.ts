/**
 * Mail of an old system brought here: how many letters a second this side takes, of one account and of several at once,
 * over a store whose commits are on the disk. The old system is played by letters written beforehand, so it costs nothing.
 */
import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import type { FetchedGroup, ImapConnection, MessageSummary } from '#imap/client/connection.ts';
import { Mail } from '#mail/mail.ts';
import { Migration } from '#migration/migration.ts';
import { letterWriter } from '#test/harness/letters.ts';
import { makeTemplate, startPostgres, TEMPLATE } from '#test/harness/postgres.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { openTestStore, type TestStore } from '#test/harness/stores.ts';
import { timed, type Report } from './target.ts';

/** In all, whoever they belong to. */
const LETTERS = 20_000;
const ACCOUNTS_AT_ONCE = [1, 4];
const MESSAGE_BYTES = 1_000_000;

export async function measureMigration(kind: 'sqlite' | 'postgres', report: Report): Promise<void> {
  const server = kind === 'postgres' ? await startPostgres({ isDurable: true }) : undefined;
  const before = process.env['TEST_POSTGRES_URL'];
  try {
    if (server !== undefined) {
      await makeTemplate(server.url('postgres'), server.url(TEMPLATE));
      process.env['TEST_POSTGRES_URL'] = server.url('postgres');
    }
    const letters = writeLetters();
    for (const accounts of ACCOUNTS_AT_ONCE) {
      const store = await openTestStore(kind, { clock: systemClock });
      try {
        report(`migration ${kind}`, { accounts, ...(await measureMove(store, accounts, letters)) });
      } finally {
        await store.discard();
      }
    }
  } finally {
    if (before === undefined) delete process.env['TEST_POSTGRES_URL'];
    else process.env['TEST_POSTGRES_URL'] = before;
    await server?.close();
  }
}

/** Each account has its own share of the letters. */
async function measureMove(store: TestStore, accounts: number, letters: readonly Buffer[]) {
  const share = letters.length / accounts;
  const migration = new Migration({
    store: store.migration,
    mail: new Mail(store.mail),
    open: async (login) => playOldServer(letters.slice(Number(login) * share, (Number(login) + 1) * share)),
    messageBytes: MESSAGE_BYTES,
    quotaBytes: null,
    isAlone: true,
    clock: systemClock,
    log: silentLog,
  });
  for (let n = 0; n < accounts; n++) await migration.enlist((n + 1) as AccountId, String(n));
  const figures = await timed(async () => {
    const tally = await migration.run({
      pass: 'base',
      until: Date.now(),
      workers: accounts,
      limit: Infinity,
      pauseMs: 0,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    if (tally.messages !== letters.length || tally.failed > 0)
      throw new Error(`${tally.messages} messages came, ${tally.failed} accounts failed`);
  });
  return { messages: letters.length, messages_per_s: Math.round(letters.length / figures.seconds), ...figures };
}

/** Of some 1.8 kB; each third begins a conversation, and the two behind it answer. */
function writeLetters(): Buffer[] {
  const write = letterWriter(seededRandom(1));
  let subject = '';
  return Array.from({ length: LETTERS }, (_, n) => {
    const letter = write(n);
    const answered = n - (n % 3);
    if (n === answered) subject = letter.subject.replaceAll('\r\n', '');
    const fields = [
      `From: ${letter.from}`,
      `Subject: ${n === answered ? subject : `Re: ${subject}`}`,
      `Message-ID: <${n}@old.example>`,
      ...(n === answered ? [] : [`In-Reply-To: <${answered}@old.example>`, `References: <${answered}@old.example>`]),
      'Content-Type: text/plain; charset=utf-8',
    ];
    return Buffer.from(`${fields.join('\r\n')}\r\n\r\n${letter.text}${letter.text}\r\n`);
  });
}

/** One inbox, as far as a base pass asks. */
function playOldServer(letters: readonly Buffer[]): ImapConnection {
  const summaries: MessageSummary[] = letters.map(({ length }, n) => ({
    uid: n + 1,
    flags: ['\\Seen'],
    receivedAt: n * 1_000,
    sizeBytes: length,
  }));
  const played = {
    list: async () => [{ name: Buffer.from('INBOX'), delimiter: '/', attributes: [], isSubscribed: true }],
    examine: async () => ({ uidValidity: 1, uidNext: letters.length + 1, exists: letters.length }),
    summaries: async () => summaries,
    async *messages(groups: Iterable<readonly MessageSummary[]>): AsyncGenerator<FetchedGroup> {
      for (const group of groups)
        yield {
          messages: new Map(group.map(({ uid }) => [uid, letters[uid - 1] as Buffer])),
          refusal: undefined,
        };
    },
    logOut: async () => {},
    destroy: () => {},
  };
  return played as unknown as ImapConnection;
}
