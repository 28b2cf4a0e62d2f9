import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { systemClock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId, MailboxId } from '#base/ids.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { openImapConnection } from '#imap/client/connection.ts';
import { startServer, type TestServer } from '#imap/testing/test-server.ts';
import type { MailAccount } from '#mail/account.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { Mail } from '#mail/mail.ts';
import { openTestStore, type TestStore } from '#test/harness/stores.ts';
import { Migration, sumMailboxes, type MigrationOptions, type RunOptions, type RunTally } from './migration.ts';
import { MIGRATION_LIMITS } from './limits.ts';
import type { MigrationStore } from './ports/migration-store.ts';

const HERE = 7 as AccountId;
/** Up to where the base pass brings: the end of a second, as INTERNALDATE has no less. */
const DAY = Date.UTC(2019, 6, 11, 16);

interface Scene {
  readonly source: TestServer;
  readonly old: MailAccount;
  readonly store: TestStore;
  readonly here: MailAccount;
  /** As the migration is given it. */
  migrationStore: MigrationStore;
  /** In place of what it is given otherwise. */
  given: Partial<MigrationOptions>;
  put(path: string, text: string, receivedAt: number, keywords?: string[], more?: object): Promise<void>;
  /** Signs in at the source. */
  readonly open: MigrationOptions['open'];
  run(pass: RunOptions['pass'], more?: Partial<RunOptions>): Promise<RunTally>;
  /** Of the account here: by mailbox, what stands in it. */
  list(): Promise<Record<string, string[]>>;
  readonly migration: Migration;
}

async function openScene(
  t: TestContext,
  { messageBytes = 100_000, login = 'anna' }: { readonly messageBytes?: number; readonly login?: string } = {},
): Promise<Scene> {
  const source = await startServer(await openTestStore('memory'));
  const store = await openTestStore('sqlite');
  const mail = new Mail(store.mail);
  t.after(async () => {
    await source[Symbol.asyncDispose]();
    await store.close();
  });
  const scene: Pick<Scene, 'migrationStore' | 'given'> = { migrationStore: store.migration, given: {} };
  const options = {
    mail,
    open: (name: string) =>
      openImapConnection({
        address: '127.0.0.1',
        port: source.port,
        serverName: 'imap.example.edu',
        tls: 'none' as const,
        credential: { login: name, password: 'geheim 密码' },
        clock: systemClock,
        random: systemRandom,
        limits: { messageBytes },
      }),
    messageBytes,
    quotaBytes: 5_000_000,
    isAlone: true,
    clock: store.clock,
    log: silentLog,
  };
  const openMigration = (): Migration => new Migration({ ...options, store: scene.migrationStore, ...scene.given });
  await openMigration().enlist(HERE, login);
  const here = mail.account(HERE);
  return Object.assign(scene, {
    source,
    old: source.account,
    store,
    here,
    migration: openMigration(),
    open: options.open,
    async put(path: string, text: string, receivedAt: number, keywords: string[] = [], more: object = {}) {
      const mailboxId = (await source.account.findMailbox(path))?.mailboxId as MailboxId;
      const message = source.account.prepareMessage(Buffer.from(text));
      const items = [{ message, mailboxes: [mailboxId], keywords, receivedAt, ...more }];
      await source.account.append({ items, source: 'imap' });
    },
    async run(pass: RunOptions['pass'], more: Partial<RunOptions> = {}) {
      (store.clock as unknown as { advance(ms: number): void }).advance(1000);
      return openMigration().run({
        pass,
        until: DAY,
        workers: 2,
        limit: Infinity,
        pauseMs: 0,
        signal: new AbortController().signal,
        onProgress: () => undefined,
        ...more,
      });
    },
    async list() {
      const found: Record<string, string[]> = {};
      for (const { path, mailboxId } of await here.mailboxes()) {
        const { emailIds, flags } = await store.mail.reader.entries(HERE, mailboxId);
        const rows = new Map(
          (await here.emails(Array.from(emailIds) as never)).map((row) => [row.emailId as number, row]),
        );
        for (const [i, emailId] of emailIds.entries()) {
          const row = rows.get(emailId);
          const text = (await here.readMessage(emailId as never)).toString().slice(0, 20);
          const deleted = ((flags[i] ?? 0) & 0x4000_0000) === 0 ? '' : ' \\Deleted';
          const keywords = row === undefined ? [] : unpackKeywords(row);
          (found[path] ??= []).push(`${text} ${row?.receivedAt} ${keywords.join()}${deleted}`);
        }
      }
      return found;
    },
  });
}

test('folders, octets, dates, flags and subscriptions come as they are, in two passes, and nothing twice', async (t) => {
  const scene = await openScene(t);
  const { old, here } = scene;
  await old.createMailbox({ path: '归档 & Résumé/2018', subscribed: true });
  await old.createMailbox({ path: 'leer' });
  await scene.put('INBOX', 'Message-ID: <1@x>\r\n\r\none', DAY, ['$seen', '$forwarded', 'wichtig']);
  await scene.put('INBOX', 'late', DAY + 1000);
  await scene.put('归档 & Résumé/2018', 'old', 1000, ['$flagged'], { deleted: true });
  await scene.put('Sent', 'sent', 2000, ['$seen']);
  const base = { accounts: 1, failed: 0, closed: 0, stopped: undefined };
  assert.deepEqual(await scene.run('base'), { ...base, messages: 3, bytes: 31 });
  const expected = {
    INBOX: [`Message-ID: <1@x>\r\n\r ${DAY} $seen,$forwarded,wichtig`],
    '归档 & Résumé/2018': ['old 1000 $flagged \\Deleted'],
    Sent: ['sent 2000 $seen'],
  };
  assert.deepEqual(await scene.list(), expected);
  // It had no mailboxes before.
  assert.equal((await here.status()).quotaBytes, 5_000_000);
  const folders = new Map((await here.mailboxes()).map(({ path, subscribed }) => [path, subscribed]));
  assert.deepEqual([folders.get('归档 & Résumé/2018'), folders.get('leer')], [true, false]);
  assert.equal((await scene.migration.reader.account(HERE))?.state, 'based');

  assert.equal((await scene.run('base')).messages, 0);
  assert.deepEqual(await scene.list(), expected);
  await scene.put('INBOX', 'very old, come late', 5000);
  assert.equal((await scene.run('delta')).messages, 2);
  assert.equal((await scene.run('delta')).messages, 0);
  const after = await scene.list();
  assert.deepEqual(after['INBOX']?.slice(1), [`late ${DAY + 1000} `, 'very old, come late 5000 ']);
  const rows = await scene.migration.reader.mailboxes(HERE);
  const sums = sumMailboxes(rows);
  assert.deepEqual([sums.sourceMessages, sums.sourceBytes], [sums.movedMessages, sums.movedBytes]);
  assert.deepEqual(
    rows.filter(({ path }) => path === 'INBOX').map((row) => [row.copiedMessages, row.presentMessages]),
    [[3, 0]],
  );
  assert.equal((await scene.migration.reader.account(HERE))?.state, 'done');
});

test('what changed there since: flags are united, what is gone stays, what was moved comes no second time', async (t) => {
  const scene = await openScene(t);
  const { old, here } = scene;
  await old.createMailbox({ path: 'work' });
  const texts = ['Message-ID: <a@x>\r\n\r\na', 'no id', 'Message-ID: <c@x>\r\n\r\nc', 'read there', 'twin', 'twin'];
  for (const [i, text] of texts.entries()) await scene.put('INBOX', text, 1000 * Math.min(i, 4));
  await scene.run('base');
  const inbox = (await old.findMailbox('INBOX'))?.mailboxId as MailboxId;
  const work = (await old.findMailbox('work'))?.mailboxId as MailboxId;
  const here3 = (await here.findMailbox('INBOX'))?.mailboxId as MailboxId;
  await here.setKeywords({ mailboxId: here3, uids: [4], change: 'add', keywords: ['$flagged'], deleted: false });
  await old.setKeywords({ mailboxId: inbox, uids: [4, 5], change: 'add', keywords: ['$seen'], deleted: true });
  await old.move({ fromMailboxId: inbox, toMailboxId: work, uids: [1, 2] });
  await old.expunge({ mailboxId: inbox, uids: [3], onlyDeleted: false });
  const tally = await scene.run('delta');
  assert.equal(tally.failed, 0);
  const found = await scene.list();
  assert.equal(found['work'], undefined);
  assert.deepEqual(found['INBOX']?.length, 6);
  assert.deepEqual(found['INBOX']?.slice(3), ['read there 3000 $seen,$flagged', 'twin 4000 $seen', 'twin 4000 ']);
  const row = (await scene.migration.reader.mailboxes(HERE)).find(({ path }) => path === 'work');
  assert.deepEqual([row?.copiedMessages, row?.presentMessages], [0, 2]);
});

test('killed between what it brought and what it wrote of it, it goes on where it was', async (t) => {
  const scene = await openScene(t);
  const { store } = scene;
  for (let i = 0; i < MIGRATION_LIMITS.groupMessages * 2 + 5; i++) await scene.put('INBOX', `same`, 1000);
  for (const pass of ['base', 'delta'] as const) {
    for (let i = 0; i < 3; i++)
      await scene.put('Sent', `${pass} ${i}`, pass === 'base' ? 1000 * i : DAY + 1000 * (1 + i));
    let calls = 0;
    scene.migrationStore = {
      reader: store.migration.reader,
      run: (name, args) =>
        name === 'progress' && ++calls === 2
          ? Promise.reject(new MailError('stateMismatch', 'killed'))
          : store.migration.run(name, args),
    };
    await scene.run(pass);
    assert.equal((await scene.migration.reader.account(HERE))?.state, 'running');
    scene.migrationStore = store.migration;
    await scene.run(pass);
    const { INBOX, Sent } = await scene.list();
    assert.equal(INBOX?.length, MIGRATION_LIMITS.groupMessages * 2 + 5, pass);
    assert.equal(Sent?.length, pass === 'base' ? 3 : 6, pass);
  }
  const sums = sumMailboxes(await scene.migration.reader.mailboxes(HERE));
  assert.deepEqual([sums.movedMessages, sums.movedBytes], [sums.sourceMessages, sums.sourceBytes]);
});

test('killed amid what came late and has low uids, it counts nothing twice', async (t) => {
  const scene = await openScene(t);
  const { store } = scene;
  const late = MIGRATION_LIMITS.groupMessages * 2 + 5;
  for (let i = 0; i < late; i++) await scene.put('INBOX', `late ${i}`, DAY + 1000 * (i + 1));
  await scene.put('INBOX', 'early', 1000);
  await scene.run('base');
  let calls = 0;
  scene.migrationStore = {
    reader: store.migration.reader,
    run: (name, args) =>
      name === 'progress' && ++calls === 3
        ? Promise.reject(new MailError('stateMismatch', 'killed'))
        : store.migration.run(name, args),
  };
  await scene.run('delta');
  scene.migrationStore = store.migration;
  await scene.run('delta');
  assert.equal((await scene.list())['INBOX']?.length, late + 1);
  const [row] = (await scene.migration.reader.mailboxes(HERE)).filter(({ path }) => path === 'INBOX');
  assert.deepEqual([row?.sourceMessages, row?.copiedMessages, row?.presentMessages], [late + 1, late + 1, 0]);
  assert.equal((await scene.run('delta')).messages, 0);
});

test('uids that mean something else now, and a later day for the base pass: nothing comes twice', async (t) => {
  const scene = await openScene(t);
  for (let i = 0; i < 5; i++) await scene.put('INBOX', `message ${i}`, DAY + 1000 * i);
  await scene.run('base', { until: DAY + 1000 });
  await scene.run('base', { until: DAY + 3000 });
  assert.equal((await scene.list())['INBOX']?.length, 4);
  await scene.run('base', { until: DAY });
  await scene.old.renew();
  await scene.put('INBOX', 'new', DAY);
  for (const pass of ['base', 'delta', 'delta'] as const) await scene.run(pass, { until: DAY + 3000 });
  assert.deepEqual((await scene.list())['INBOX']?.map((line) => line.split(' ', 2).join(' ')).toSorted(), [
    'message 0',
    'message 1',
    'message 2',
    'message 3',
    'message 4',
    `new ${DAY}`,
  ]);
  const row = (await scene.migration.reader.mailboxes(HERE)).find(({ path }) => path === 'INBOX');
  assert.deepEqual([row?.sourceMessages, (row?.copiedMessages ?? 0) + (row?.presentMessages ?? 0)], [6, 6]);
});

test('where nobody had mail here, programs find uids as they were; what came here by another way is far above', async (t) => {
  const scene = await openScene(t);
  const { old, here, store } = scene;
  const look = async (account: MailAccount, path: string): Promise<[number | undefined, number[]]> => {
    const row = await account.findMailbox(path);
    const { index, release } = account.openIndex(row?.mailboxId as MailboxId);
    await index.refresh();
    release();
    return [row?.uidValidity, [...index.list]];
  };
  const deliver = async (path: string): Promise<void> => {
    const mailboxes = [(await here.findMailbox(path))?.mailboxId as MailboxId];
    const items = [{ message: here.prepareMessage(Buffer.from('delivered here')), mailboxes, keywords: [] }];
    await here.append({ items, source: 'smtp' });
  };
  await old.createMailbox({ path: 'work' });
  (store.clock as unknown as { advance(ms: number): void }).advance(100_000);
  await here.provision({});
  await deliver('Drafts');
  for (const path of ['INBOX', 'work', 'Drafts'])
    for (let i = 1; i <= 6; i++) await scene.put(path, `${path} ${i}`, i === 5 ? DAY + 1000 : 1000 * i);
  await scene.put('Sent', 'one', 1000);
  const inbox = (await old.findMailbox('INBOX'))?.mailboxId as MailboxId;
  await old.expunge({ mailboxId: inbox, uids: [1, 3], onlyDeleted: false });
  const validities = await Promise.all(['INBOX', 'work', 'Drafts'].map((path) => look(old, path)));
  await scene.run('base');
  assert.deepEqual(await look(here, 'INBOX'), [validities[0]?.[0], [2, 4, 6]]);
  assert.deepEqual(await look(here, 'work'), [validities[1]?.[0], [1, 2, 3, 4, 6]]);
  const drafts = await look(here, 'Drafts');
  assert.notEqual(drafts[0], validities[2]?.[0], 'mail was there before');
  assert.deepEqual(drafts[1], [1, 2, 3, 4, 5, 6]);

  // What is left below (5), new there (7, 8), and new here in between.
  const own = 7 + MAIL_LIMITS.foreignUidsToCome;
  await deliver('work');
  await scene.put('INBOX', 'seven', DAY + 2000);
  await scene.put('work', 'seven of work', DAY + 2000);
  await scene.put('Sent', 'two', DAY + 2000);
  assert.equal((await scene.run('delta')).messages, 6);
  const [, uids] = await look(here, 'INBOX');
  assert.deepEqual(
    uids,
    [2, 4, 6, own + 1, own + 2],
    'uid 5 could not be had any more, and the next after it not either',
  );
  assert.deepEqual((await look(here, 'work'))[1], [1, 2, 3, 4, 6, own, own + 1, own + 2]);
  assert.deepEqual((await look(here, 'Sent'))[1], [1, 2], 'nothing came between');
  await store.mail.checkInvariants();
});

test('the quota stops nothing; a message that is too large is told and tried again', async (t) => {
  const scene = await openScene(t, { messageBytes: 50 });
  await scene.here.provision({ quotaBytes: 10 });
  await scene.put('INBOX', 'x'.repeat(40), 1);
  await scene.put('INBOX', 'y'.repeat(51), 2);
  await scene.put('INBOX', 'z', 3);
  assert.equal((await scene.run('base')).messages, 2);
  assert.deepEqual(await scene.migration.reader.failures(HERE, 9), [
    { accountId: HERE, path: 'INBOX', uid: 2, sizeBytes: 51, reason: 'larger than 50 octets' },
  ]);
  assert.equal((await scene.run('retry')).accounts, 1);
  assert.equal((await scene.migration.reader.failures(HERE, 9)).length, 1);
  const inbox = (await scene.old.findMailbox('INBOX'))?.mailboxId as MailboxId;
  await scene.old.expunge({ mailboxId: inbox, uids: [2], onlyDeleted: false });
  assert.equal((await scene.run('retry')).accounts, 1);
  assert.deepEqual(await scene.migration.reader.failures(HERE, 9), []);
  assert.equal((await scene.run('retry')).accounts, 0);
});

test('a server that hangs up after some messages is asked on, one that gives none three times', async (t) => {
  const scene = await openScene(t);
  const groups = MIGRATION_LIMITS.attempts + 2;
  for (let i = 0; i < MIGRATION_LIMITS.groupMessages * groups; i++) await scene.put('INBOX', `message ${i}`, 1000 * i);
  let [opened, given] = [0, 1];
  scene.given = {
    // Pauses are over at once.
    clock: {
      now: () => scene.store.clock.now(),
      monotonic: () => scene.store.clock.monotonic(),
      after(_delayMs, call) {
        queueMicrotask(call);
        return () => undefined;
      },
    },
    async open(login) {
      opened++;
      const connection = await scene.open(login);
      const { messages } = connection;
      connection.messages = async function* some(asked) {
        let left = given;
        for await (const group of messages.call(connection, asked)) {
          if (left-- === 0) throw new MailError('unavailable', 'hung up');
          yield group;
        }
      };
      return connection;
    },
  };
  assert.deepEqual((await scene.run('base')).messages, MIGRATION_LIMITS.groupMessages * groups);
  assert.equal(opened, groups);
  await scene.put('INBOX', 'one more', 1000);
  [opened, given] = [0, 0];
  assert.deepEqual((await scene.run('base')).failed, 1);
  assert.equal(opened, MIGRATION_LIMITS.attempts);
});

test('an account that is closed there is told so, and an outage is none', async (t) => {
  const scene = await openScene(t, { login: 'nobody' });
  assert.deepEqual(await scene.run('base'), {
    accounts: 1,
    failed: 0,
    closed: 1,
    messages: 0,
    bytes: 0,
    stopped: undefined,
  });
  const row = await scene.migration.reader.account(HERE);
  assert.equal(row?.state, 'closed');
  assert.match(row?.reason ?? '', /refuses/);
  const aborter = new AbortController();
  aborter.abort();
  assert.equal((await scene.run('delta', { signal: aborter.signal })).accounts, 0);
});
