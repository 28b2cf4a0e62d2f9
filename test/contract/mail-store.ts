/**
 * What every MailStore promises, as tests. A backend's test file calls `mailStoreContract` with a way to open itself
 * fresh; the stores run the operations of store-operations.ts.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { DAY_MS, type FakeClock } from '#base/clock.ts';
import type { AccountId, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#base/ids.ts';
import { isMailError } from '#base/errors.ts';
import type { MailStore, MailTransaction, OperationOutcome, ThreadReference } from '#mail/ports/mail-store.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { Mail } from '#mail/mail.ts';
import { prepareMessage } from '#mail/prepare-message.ts';
import {
  type ChangeRecord,
  type DeletedBy,
  type EmailRow,
  FLAG,
  type MailboxRow,
  type PreparedMessage,
  type ThreadEmail,
} from '#mail/types.ts';
import { formatDate } from '#mime/date.ts';
import type { TestStore } from '#test/harness/stores.ts';
import type { Call, ScriptArgs } from './store-operations.ts';

const LI = 7 as AccountId;
const WANG = 4_294_967_299 as AccountId;
const NOBODY = 99 as AccountId;
const INBOX = 1 as MailboxId;
const BY_LI: DeletedBy = { way: 'imap', login: 'li@kust.example', agent: 'Foxmail 7.2 "ملف"' };
/** Of an account from which nothing was deleted yet. */
const NO_DELETIONS = { nextDeletionId: 1, deletions: 0, deletionBytes: 0 };

/** A message that no other test's is. */
function message(store: MailStore, text: string, headers = ''): PreparedMessage {
  const octets = Buffer.from(
    `From: "مكتب القبول" <admissions@例え.example>\r\nSubject: 通知 ${text.split('\r\n', 1)[0] ?? ''}\r\n${headers}\r\n${text}\r\n`,
  );
  return prepareMessage(octets, (blob) => store.prepareBlob(blob));
}

function value(outcome: OperationOutcome | undefined): unknown {
  assert.ok(outcome?.ok, `the operation failed: ${JSON.stringify(outcome)}`);
  return outcome.value;
}

async function script(
  store: MailStore,
  accountId: AccountId,
  calls: readonly Call<MailTransaction>[],
  end?: ScriptArgs<MailTransaction>['end'],
): Promise<OperationOutcome> {
  const [outcome] = await store.run([
    { accountId, name: 'script', args: end === undefined ? { calls } : { calls, end } },
  ]);
  assert.ok(outcome);
  return outcome;
}

async function provision(store: MailStore, ...accountIds: AccountId[]): Promise<void> {
  const outcomes = await store.run(accountIds.map((accountId) => ({ accountId, name: 'provisionAccount', args: {} })));
  for (const outcome of outcomes) assert.equal(value(outcome), true);
}

interface Appended {
  readonly modSeq: ModSeq;
  readonly emails: readonly { emailId: EmailId; threadId: ThreadId; placements: { uid: Uid }[] }[];
}

async function append(
  store: MailStore,
  accountId: AccountId,
  messages: readonly PreparedMessage[],
  options: { mailboxes?: readonly (MailboxId | 'inbox')[]; keywords?: readonly string[]; receivedAt?: number } = {},
): Promise<Appended> {
  const { mailboxes = ['inbox'], keywords = [], receivedAt } = options;
  const items = messages.map((one) => ({
    message: one,
    mailboxes,
    keywords,
    ...(receivedAt === undefined ? {} : { receivedAt }),
  }));
  const [outcome] = await store.run([{ accountId, name: 'append', args: { items, source: 'imap' } }]);
  return value(outcome) as Appended;
}

function mailbox(id: number, patch: Partial<MailboxRow> = {}): MailboxRow {
  return {
    mailboxId: id as MailboxId,
    parentId: null,
    name: `mailbox ${id}`,
    role: null,
    subscribed: false,
    selectable: true,
    sortOrder: 0,
    uidValidity: 1,
    uidNext: 1,
    ownUidsFrom: 0,
    recentFrom: 1,
    recentEmails: 0,
    totalEmails: 0,
    unreadEmails: 0,
    unreadDrafts: 0,
    totalThreads: 0,
    unreadThreads: 0,
    deletedEmails: 0,
    sizeBytes: 0,
    modSeq: 1 as ModSeq,
    propertiesModSeq: 1 as ModSeq,
    uidMarks: null,
    ...patch,
  };
}

function change(modSeq: number, patch: Partial<ChangeRecord> = {}): ChangeRecord {
  return {
    modSeq: modSeq as ModSeq,
    emails: { created: [], updated: [], destroyed: [] },
    threads: { created: [], updated: [], destroyed: [] },
    mailboxes: { created: [], updated: [], counted: [], destroyed: [] },
    entries: [],
    ...patch,
  };
}

export function mailStoreContract(name: string, open: () => Promise<TestStore>): void {
  /** A fresh store; `close` afterwards checks that it does not contradict itself. */
  const withStore = (title: string, body: (store: MailStore, opened: TestStore) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.mail, opened);
      } catch (error) {
        await opened.discard();
        throw error;
      }
      await opened.close();
    });
  };
  /** The same for tests whose rows need not add up. */
  const withRows = (title: string, body: (store: MailStore) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.mail);
      } finally {
        await opened.discard();
      }
    });
  };

  describe(`MailStore: ${name}`, { concurrency: false }, () => {
    withStore('an empty store answers every question with nothing', async (store) => {
      const { reader } = store;
      assert.equal(await reader.account(LI), undefined);
      assert.equal(await reader.modSeq(LI), 0);
      assert.deepEqual(await reader.mailboxes(LI), []);
      assert.equal((await reader.entries(LI, INBOX)).uids.length, 0);
      assert.equal((await reader.entries(LI, INBOX, 1, 10)).uids.length, 0);
      assert.equal((await reader.entriesOf(LI, INBOX, [1, 5])).uids.length, 0);
      assert.equal((await reader.entriesOf(LI, INBOX, [])).uids.length, 0);
      assert.deepEqual(await reader.emails(LI, [1 as EmailId]), []);
      assert.deepEqual(await reader.emails(LI, []), []);
      assert.deepEqual(await reader.latestDeletions(LI, 1), []);
      assert.deepEqual(await reader.deletions(LI, []), []);
      assert.deepEqual(await reader.listRows(LI, [1 as EmailId]), []);
      assert.deepEqual(await reader.envelopes(LI, []), []);
      assert.equal(await reader.structure(LI, 1 as EmailId), undefined);
      assert.deepEqual(await reader.thread(LI, 1 as ThreadId), []);
      assert.deepEqual(await reader.changes(LI, 0 as ModSeq, 10), []);
      await assert.rejects(reader.readMessage(LI, 1 as EmailId), (error) => isMailError(error, 'notFound'));
      assert.deepEqual(await reader.accountIds(), []);
      assert.deepEqual(await store.run([]), []);
      await store.checkInvariants();
    });

    withStore(
      'the copy of a submitted message is in Sent once, whoever puts one there first',
      async (store, opened) => {
        await provision(store, LI);
        const sentId = (await store.reader.mailboxes(LI)).find(({ role }) => role === 'sent')?.mailboxId as MailboxId;
        const mail = new Mail(store);
        const { clock } = opened;
        /** A message of that id, as a program writes it: with a field of its own where one is given. */
        const letter = (id: string, own = ''): PreparedMessage =>
          mail.prepareMessage(
            Buffer.from(`${own}Date: ${formatDate(clock.now() - 1000, 480)}\r\nMessage-ID: <${id}@x>\r\n\r\n通知\r\n`),
          );
        const put = (one: PreparedMessage, keywords = ['$seen']) =>
          append(store, LI, [one], { mailboxes: [sentId], keywords });
        const save = async (one: PreparedMessage) => value(await mail.saveSent(one, LI, clock.now())) as Appended;
        const shown = async () => Array.from((await store.reader.entries(LI, sentId)).uids, (uid) => uid);

        // By the system alone, and asked for twice.
        await save(letter('a'));
        const { emails: again, modSeq } = await save(letter('a'));
        assert.deepEqual(await shown(), [1]);
        assert.equal(again[0]?.placements[0]?.uid, 1);
        assert.equal(modSeq, await store.reader.modSeq(LI));
        // By the program afterwards: its copy stays, with what was done with ours.
        await store.run([
          {
            accountId: LI,
            name: 'setKeywords',
            args: { mailboxId: sentId, uids: [1], change: 'add', keywords: ['$answered'], deleted: false },
          },
        ]);
        const { emails: replacing } = await put(letter('a', 'X-Mailer: Foxmail\r\n'));
        assert.deepEqual(await shown(), [2]);
        const [email] = await store.reader.emails(
          LI,
          replacing.map(({ emailId }) => emailId),
        );
        assert.deepEqual([email?.flags, email?.keywords], [FLAG.SEEN | FLAG.ANSWERED, []]);
        // By the program before.
        await put(letter('b', 'X-Mailer: Foxmail\r\n'));
        await save(letter('b'));
        assert.deepEqual(await shown(), [2, 3]);
        // A program that puts one there twice means it; another date is another message.
        await put(letter('b'));
        const other = mail.prepareMessage(
          Buffer.from('Date: Mon, 16 Sep 2019 10:00:00 +0800\r\nMessage-ID: <b@x>\r\n\r\n'),
        );
        await save(other);
        await put(other);
        await save(mail.prepareMessage(Buffer.from('Subject: no id\r\n\r\n')));
        await save(mail.prepareMessage(Buffer.from('Subject: no id\r\n\r\n')));
        assert.deepEqual(await shown(), [2, 3, 4, 6, 7, 8]);
        // Elsewhere nothing is looked for.
        await append(store, LI, [letter('a'), letter('a')]);
        assert.equal((await store.reader.entries(LI, INBOX)).uids.length, 2);
      },
    );

    withStore('what follows in a muted conversation goes past the inbox, read', async (store) => {
      await provision(store, LI);
      const mailboxes = await store.reader.mailboxes(LI);
      const idOf = (role: string) => mailboxes.find((row) => row.role === role)?.mailboxId ?? assert.fail(role);
      const archive = idOf('archive');
      const letter = (name: string) => {
        const octets = Buffer.from(`Message-ID: <${name}@x>\r\nIn-Reply-To: <first@x>\r\nSubject: Re: 聚餐\r\n\r\n`);
        return prepareMessage(octets, (blob) => store.prepareBlob(blob));
      };
      const deliver = async (item: object, source = 'smtp') => {
        const args = { items: [{ mailboxes: ['inbox'], keywords: [], ...item }], source };
        const [outcome] = await store.run([{ accountId: LI, name: 'append', args }]);
        const emailId = (value(outcome) as Appended).emails[0]?.emailId ?? assert.fail();
        const [row] = await store.reader.emails(LI, [emailId]);
        assert.ok(row);
        const { placements, flags, keywords } = row;
        return { emailId, at: placements.map(({ mailboxId }) => mailboxId), flags, keywords };
      };
      const setMuted = (emailId: EmailId, to: boolean) => {
        const keywords = to ? { add: ['$muted'] } : { remove: ['$muted'] };
        return store.run([{ accountId: LI, name: 'setEmailKeywords', args: { update: [{ emailId, keywords }] } }]);
      };
      const first = await deliver({ message: letter('first') });
      assert.deepEqual(first, { emailId: first.emailId, at: [INBOX], flags: 0, keywords: [] });
      await setMuted(first.emailId, true);

      const second = await deliver({ message: letter('second') });
      const muted = { flags: FLAG.SEEN, keywords: ['$muted'] };
      assert.deepEqual(second, { emailId: second.emailId, at: [archive], ...muted });
      assert.equal((await store.reader.mailboxes(LI)).find(({ role }) => role === 'inbox')?.unreadThreads, 1);
      // Where a rule has put it; and what is no news is left as it is.
      const [outcome] = await store.run([{ accountId: LI, name: 'createMailbox', args: { path: '饭局' } }]);
      const { mailboxId: filed } = value(outcome) as { mailboxId: MailboxId };
      const inPlace = await deliver({ message: letter('filed'), mailboxes: [filed], keywords: ['exam'] });
      assert.deepEqual(inPlace, { ...inPlace, at: [filed], flags: FLAG.SEEN, keywords: ['$muted', 'exam'] });
      assert.deepEqual((await deliver({ message: letter('junk'), mailboxes: ['junk'] })).flags, 0);
      // What one puts there oneself, and what is for one alone.
      assert.deepEqual((await deliver({ message: letter('own') }, 'imap')).at, [INBOX]);
      assert.deepEqual((await deliver({ message: letter('for you'), isPersonal: true })).at, [INBOX]);
      // Of another conversation.
      assert.deepEqual((await deliver({ message: message(store, 'other') })).at, [INBOX]);

      // It outlives the letter that was muted, and ends with the last.
      await store.run([{ accountId: LI, name: 'setEmails', args: { update: [], destroy: [first.emailId] } }]);
      const third = await deliver({ message: letter('third') });
      assert.deepEqual(third.at, [archive]);
      for (const { emailId } of [second, third, inPlace]) await setMuted(emailId, false);
      assert.deepEqual((await deliver({ message: letter('fourth') })).at, [INBOX]);
      // Without an archive it stays where it is, read.
      await store.run([{ accountId: LI, name: 'deleteMailbox', args: { mailboxId: archive, removeEmails: true } }]);
      const fourth = await deliver({ message: letter('fifth') });
      await setMuted(fourth.emailId, true);
      assert.deepEqual(
        { ...(await deliver({ message: letter('sixth') })), emailId: 0 },
        { emailId: 0, at: [INBOX], ...muted },
      );
    });

    withStore('outcomes come in order, and a failure hurts neither its neighbours nor its account', async (store) => {
      await provision(store, LI, WANG);
      const good = message(store, 'good');
      const args = { items: [{ message: good, mailboxes: ['inbox'], keywords: [] }], source: 'smtp' };
      const insert = ['insertMailbox', mailbox(50, { name: 'leaves no trace' })];
      const outcomes = await store.run([
        { accountId: LI, name: 'append', args },
        { accountId: LI, name: 'script', args: { calls: [insert], end: 'refuse' } },
        { accountId: LI, name: 'script', args: { calls: [insert], end: 'bug' } },
        { accountId: NOBODY, name: 'setQuota', args: { quotaBytes: 1, quotaMessages: 1 } },
        { accountId: LI, name: 'noSuchOperation', args: {} },
        { accountId: LI, name: 'append', args },
        { accountId: WANG, name: 'append', args },
      ]);
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code)),
        ['ok', 'forbidden', 'fault', 'notFound', 'fault', 'ok', 'ok'],
      );
      const refused = outcomes[1];
      assert.ok(refused?.ok === false && refused.error.code !== 'fault');
      assert.equal(refused.error.message, 'not today');
      assert.deepEqual(refused.error.data, { day: '星期一', number: 7 });
      assert.equal((await store.reader.mailboxes(LI)).length, 6);
      assert.deepEqual([...(await store.reader.entries(LI, INBOX)).uids], [1, 2]);
      assert.equal((await store.reader.account(LI))?.usedMessages, 2);
      assert.equal(await store.reader.account(NOBODY), undefined);
    });

    withStore('rows changed before a failure are as they were, also for the next operation', async (store) => {
      await provision(store, LI);
      const before = await store.reader.account(LI);
      const inbox = (await store.reader.mailboxes(LI))[0];
      assert.ok(before && inbox);
      const calls: Call<MailTransaction>[] = [
        ['updateAccount', { ...before, usedBytes: 1_000_000 }],
        ['updateMailbox', { ...inbox, totalEmails: 77 }],
        ['deleteMailbox', 2],
      ];
      const outcome = await script(store, LI, calls, 'refuse');
      assert.equal(outcome.ok, false);
      const seen = value(await script(store, LI, [['account'], ['mailboxes']])) as [unknown, MailboxRow[]];
      assert.deepEqual(seen[0], before);
      assert.deepEqual(seen[1][0], inbox);
      assert.equal(seen[1].length, 6);
      assert.deepEqual(await store.reader.account(LI), before);
    });

    withStore('what cannot cross threads fails by itself', async (store) => {
      await provision(store, LI);
      const outcomes = await store.run([
        { accountId: LI, name: 'answerFunction', args: {} },
        { accountId: LI, name: 'setQuota', args: { quotaBytes: 5, quotaMessages: null } },
      ]);
      assert.equal(outcomes[0]?.ok, false);
      assert.equal(outcomes[1]?.ok, true);
      assert.equal((await store.reader.account(LI))?.quotaBytes, 5);
    });

    withRows('account and mailbox rows come back as they were written', async (store) => {
      const account = {
        accountId: LI,
        modSeq: 9_007_199_254_740_990 as ModSeq,
        nextMailboxId: 3,
        nextEmailId: 4_000_000_000,
        nextThreadId: 5,
        usedBytes: 9_007_199_254_740_991,
        usedMessages: 6,
        quotaBytes: null,
        quotaMessages: 0,
        nextDeletionId: 9_007_199_254_740_990,
        deletions: 7,
        deletionBytes: 9_007_199_254_740_991,
      };
      const first = mailbox(1, { name: '归档 & Résumé', role: 'archive', subscribed: true, sortOrder: 2 ** 31 });
      const second = mailbox(2, {
        name: 'o\'"\\%_ ملف',
        parentId: 1 as MailboxId,
        uidNext: 0xffff_ffff,
        selectable: false,
      });
      const third = mailbox(30, {
        ownUidsFrom: 0xffff_fffd,
        recentFrom: 0xffff_fffe,
        recentEmails: 3,
        unreadEmails: 4,
        totalThreads: 8,
        unreadThreads: 2,
        deletedEmails: 5,
        totalEmails: 9,
        sizeBytes: 2 ** 45,
      });
      const wanted = { ...second, name: 'renamed 改名', role: 'junk' as const, modSeq: 88 as ModSeq };
      const results = value(
        await script(store, LI, [
          ['account'],
          ['insertAccount', account],
          ['insertMailbox', third],
          ['insertMailbox', second],
          ['insertMailbox', first],
          ['mailboxes'],
          ['updateMailbox', wanted],
          ['mailboxes'],
          ['deleteMailbox', 30],
          ['mailboxes'],
          ['updateAccount', { ...account, quotaBytes: 12 }],
          ['account'],
        ]),
      ) as unknown[];
      assert.equal(results[0], undefined);
      assert.deepEqual(results[5], [first, second, third]);
      assert.deepEqual(results[7], [first, wanted, third]);
      assert.deepEqual(results[9], [first, wanted]);
      assert.deepEqual(results[11], { ...account, quotaBytes: 12 });
      assert.deepEqual(await store.reader.mailboxes(LI), [first, wanted]);
      assert.deepEqual(await store.reader.account(LI), { ...account, quotaBytes: 12 });
      assert.deepEqual(await store.reader.mailboxes(WANG), []);
    });

    withRows('subscriptions of names without a mailbox are kept by account', async (store) => {
      const paths = ['o\'"\\%_ ملف', '归档 & Résumé/x', '{a,b}'];
      const calls: Call<MailTransaction>[] = [
        ['insertLostSubscriptions', paths],
        ['insertLostSubscriptions', ['gone']],
        ['deleteLostSubscriptions', ['gone', 'never there']],
        ['lostSubscriptions'],
      ];
      const account = { accountId: LI, modSeq: 1 as ModSeq, nextMailboxId: 1, nextEmailId: 1, nextThreadId: 1 };
      const empty = { usedBytes: 0, usedMessages: 0, quotaBytes: null, quotaMessages: null, ...NO_DELETIONS };
      const results = value(await script(store, LI, [['insertAccount', { ...account, ...empty }], ...calls]));
      assert.deepEqual(((results as unknown[])[4] as string[]).toSorted(), paths.toSorted());
      await script(store, LI, [['deleteLostSubscriptions', paths]], 'refuse');
      assert.deepEqual((await store.reader.lostSubscriptions(LI)).toSorted(), paths.toSorted());
      assert.deepEqual(await store.reader.lostSubscriptions(WANG), []);
      value(await script(store, LI, [['deleteAccount']]));
      assert.deepEqual(await store.reader.lostSubscriptions(LI), []);
    });

    withRows("rows of many accounts written at once are each account's own", async (store) => {
      const names = ['o\'\\"\\\\%_ ملف', '{a,b}', 'NULL', '', '"quoted" \\\\', '归档 & Résumé', '🙂'];
      const outcomes = await store.run(
        names.map((name, index) => {
          const account = {
            accountId: index + 1,
            modSeq: 1,
            nextMailboxId: 3,
            nextEmailId: 1,
            nextThreadId: 1,
            usedBytes: 0,
            usedMessages: 0,
            quotaBytes: index % 2 === 0 ? null : 9,
            quotaMessages: null,
            ...NO_DELETIONS,
          };
          const calls = [
            ['insertAccount', account],
            ['insertMailbox', mailbox(1, { name, role: index % 2 === 0 ? null : 'junk' })],
            ['insertMailbox', mailbox(2, { name: `${name}${name}`, parentId: 1 as MailboxId })],
            ['appendChange', change(1, { mailboxes: { created: [INBOX], updated: [], counted: [], destroyed: [] } })],
            [
              'putThreadReferences',
              ['same', name].map((reference) => ({ reference, subjectHash: 's', threadId: index + 1 })),
            ],
          ];
          return { accountId: (index + 1) as AccountId, name: 'script', args: { calls } };
        }),
      );
      for (const outcome of outcomes) value(outcome);
      for (const [index, name] of names.entries()) {
        const accountId = (index + 1) as AccountId;
        assert.equal((await store.reader.account(accountId))?.quotaBytes, index % 2 === 0 ? null : 9);
        assert.deepEqual(await store.reader.mailboxes(accountId), [
          mailbox(1, { name, role: index % 2 === 0 ? null : 'junk' }),
          mailbox(2, { name: `${name}${name}`, parentId: 1 as MailboxId }),
        ]);
        const keys = [name, 'none'].map((reference) => ({ reference, subjectHash: 's' }));
        const found = value(await script(store, accountId, [['threadReferences', keys]]));
        assert.deepEqual(found, [[{ ...keys[0], threadId: index + 1 }]]);
      }
    });

    withRows('Emails and their entries follow each other', async (store) => {
      const row: Omit<EmailRow, 'blobKey'> = {
        emailId: 1 as EmailId,
        threadId: 4 as ThreadId,
        receivedAt: 1_568_606_400_123,
        sizeBytes: 2 ** 40,
        flags: FLAG.SEEN | FLAG.MDNSENT,
        keywords: ['$label1', '标签'],
        placements: [
          { mailboxId: INBOX, uid: 5 as Uid, deleted: false },
          { mailboxId: 3 as MailboxId, uid: 0xffff_fffe as Uid, deleted: true },
        ],
        modSeq: 12 as ModSeq,
      };
      await provision(store, LI);
      const one = message(store, 'rows');
      const [stored] = await store.run([{ accountId: LI, name: 'storeAndInsert', args: { message: one, email: row } }]);
      value(stored);
      const [before] = await store.reader.emails(LI, [1 as EmailId, 2 as EmailId]);
      assert.ok(before);
      assert.deepEqual({ ...before, blobKey: 0 }, { ...row, blobKey: 0 });
      const third = await store.reader.entries(LI, 3 as MailboxId);
      assert.deepEqual([...third.uids], [0xffff_fffe]);
      assert.deepEqual([...third.flags], [FLAG.SEEN | FLAG.MDNSENT | FLAG.DELETED | FLAG.HAS_KEYWORDS]);
      assert.deepEqual([...third.keywords], [[0xffff_fffe, ['$label1', '标签']]]);
      assert.deepEqual([...third.modSeqs], [12]);

      const after: EmailRow = {
        ...before,
        flags: FLAG.FLAGGED,
        keywords: [],
        placements: [
          { mailboxId: 2 as MailboxId, uid: 9 as Uid, deleted: false },
          { mailboxId: 3 as MailboxId, uid: 0xffff_fffe as Uid, deleted: false },
        ],
        modSeq: 13 as ModSeq,
      };
      const seen = value(
        await script(store, LI, [
          ['updateEmails', [{ before, after }]],
          ['emails', [1]],
          ['emailsIn', 2],
          ['emailsIn', 1],
          ['emailsIn', 3, [1, 0xffff_fffe]],
          ['emailsIn', 3, []],
          ['emailsIn', 3, { from: 0xffff_fffe }],
          ['emailsIn', 3, { from: 0xffff_ffff }],
          ['deletedEmailsIn', 3, 5],
        ]),
      ) as unknown[];
      assert.deepEqual(seen[1], [after]);
      assert.deepEqual(seen[2], [{ uid: 9, email: after }]);
      assert.deepEqual(seen[3], []);
      assert.deepEqual(seen[4], [{ uid: 0xffff_fffe, email: after }]);
      assert.deepEqual(seen[5], []);
      assert.deepEqual(seen[6], seen[4]);
      assert.deepEqual(seen[7], []);
      assert.deepEqual(seen[8], []);
      assert.equal((await store.reader.entries(LI, INBOX)).uids.length, 0);
      const moved = await store.reader.entries(LI, 3 as MailboxId);
      assert.deepEqual([...moved.flags], [FLAG.FLAGGED]);
      assert.deepEqual([...moved.modSeqs], [13]);
      assert.equal(moved.keywords.size, 0);

      value(await script(store, LI, [['deleteEmails', [after]]]));
      assert.deepEqual(await store.reader.emails(LI, [1 as EmailId]), []);
      assert.equal((await store.reader.entries(LI, 3 as MailboxId)).uids.length, 0);
    });

    withStore('entries are listed by range and by uids, ascending', async (store) => {
      await provision(store, LI);
      for (let n = 0; n < 12; n++) await append(store, LI, [message(store, `entry ${n}`)]);
      await store.run([
        { accountId: LI, name: 'expunge', args: { mailboxId: INBOX, uids: [3, 4, 12], onlyDeleted: false } },
        {
          accountId: LI,
          name: 'setKeywords',
          args: { mailboxId: INBOX, uids: [2, 9], change: 'add', keywords: ['$label1', '$seen'], deleted: false },
        },
      ]);
      const uids = async (...range: number[]): Promise<number[]> => [
        ...(await store.reader.entries(LI, INBOX, ...range)).uids,
      ];
      assert.deepEqual(await uids(), [1, 2, 5, 6, 7, 8, 9, 10, 11]);
      assert.deepEqual(await uids(2, 6), [2, 5, 6]);
      assert.deepEqual(await uids(3, 4), []);
      assert.deepEqual(await uids(10, 0xffff_ffff), [10, 11]);
      assert.deepEqual(await uids(6, 2), []);
      const some = await store.reader.entriesOf(LI, INBOX, [9, 2, 3, 11, 400]);
      assert.deepEqual([...some.uids], [2, 9, 11]);
      assert.deepEqual([...some.emailIds], [2, 9, 11]);
      assert.deepEqual(
        [...some.keywords].toSorted(([a], [b]) => a - b),
        [
          [2, ['$label1']],
          [9, ['$label1']],
        ],
      );
      assert.deepEqual(
        [...some.flags].map((flags) => flags & FLAG.SEEN),
        [1, 1, 0],
      );
      assert.deepEqual([...(await store.reader.entriesOf(LI, INBOX, [5, 6, 7])).uids], [5, 6, 7]);
    });

    withStore('keywords of many change, in runs and apart', async (store) => {
      await provision(store, LI);
      for (let n = 0; n < 9; n++) await append(store, LI, [message(store, `entry ${n}`)]);
      const change = (uids: number[], keywords: string[], deleted = false) =>
        store.run([
          { accountId: LI, name: 'setKeywords', args: { mailboxId: INBOX, uids, change: 'add', keywords, deleted } },
        ]);
      await change([2, 3, 4, 7], ['$seen']);
      await change([3, 4, 5, 9], ['$label1']);
      await change([4, 5, 6, 8], [], true);
      await change([1, 2, 3, 4, 5, 6, 7, 8, 9], ['$flagged']);
      const { flags, keywords } = await store.reader.entries(LI, INBOX);
      const withFlag = (flag: number): number[] =>
        [...flags].flatMap((bits, at) => ((bits & flag) === 0 ? [] : [at + 1]));
      assert.deepEqual(withFlag(FLAG.SEEN), [2, 3, 4, 7]);
      assert.deepEqual(withFlag(FLAG.HAS_KEYWORDS), [3, 4, 5, 9]);
      assert.deepEqual(
        [...keywords.keys()].toSorted((a, b) => a - b),
        [3, 4, 5, 9],
      );
      assert.deepEqual(withFlag(FLAG.DELETED), [4, 5, 6, 8]);
      assert.equal(withFlag(FLAG.FLAGGED).length, 9);
      const deleted = value(await script(store, LI, [['deletedEmailsIn', 1, 3]])) as { uid: number }[][];
      assert.deepEqual(
        deleted[0]?.map(({ uid }) => uid),
        [4, 5, 6],
      );
    });

    withStore('the end of a mailbox is read with its counters', async (store) => {
      await provision(store, LI);
      for (let n = 0; n < 9; n++) await append(store, LI, [message(store, `entry ${n}`)]);
      await store.run([
        { accountId: LI, name: 'expunge', args: { mailboxId: INBOX, uids: [3, 8], onlyDeleted: false } },
        {
          accountId: LI,
          name: 'setKeywords',
          args: { mailboxId: INBOX, uids: [2, 9], change: 'add', keywords: ['$label1'], deleted: false },
        },
      ]);
      const modSeq = await store.reader.modSeq(LI);
      const latest = async (fromUid: number, count: number): Promise<number[]> => {
        const found = await store.reader.latestEntries(LI, INBOX, fromUid, count);
        assert.equal(found?.modSeq, modSeq);
        assert.equal(found.totalEmails, 7);
        assert.deepEqual(found.columns, await store.reader.entriesOf(LI, INBOX, [...found.columns.uids]));
        return [...found.columns.uids];
      };
      assert.deepEqual(await latest(0, 0), [1, 2, 4, 5, 6, 7, 9]);
      assert.deepEqual(await latest(Infinity, 2), [7, 9]);
      assert.deepEqual(await latest(Infinity, 0), []);
      assert.deepEqual(await latest(Infinity, 100), [1, 2, 4, 5, 6, 7, 9]);
      assert.deepEqual(await latest(5, 2), [5, 6, 7, 9]);
      assert.deepEqual(await latest(9, 3), [6, 7, 9]);
      assert.deepEqual(await latest(3, 0), [4, 5, 6, 7, 9]);
      const empty = await store.reader.latestEntries(LI, 3 as MailboxId, Infinity, 5);
      assert.equal(empty?.totalEmails, 0);
      assert.deepEqual([...empty.columns.uids], []);
      assert.equal(await store.reader.latestEntries(LI, 999 as MailboxId, 0, 0), undefined);
      assert.equal(await store.reader.latestEntries(77 as AccountId, INBOX, 0, 0), undefined);
    });

    withStore('list data comes in the order asked, skipping what is gone', async (store) => {
      await provision(store, LI);
      const hostile = message(store, 'nul \0 and half \ud800 of a pair', 'Message-ID: <1@x>\r\n');
      const torn: PreparedMessage = {
        ...hostile,
        digest: {
          ...hostile.digest,
          preview: 'nul \0',
          summary: { ...hostile.digest.summary, subject: 'half \ud83d' },
        },
      };
      await append(store, LI, [message(store, 'first'), torn, message(store, 'third')], { receivedAt: 1_000 });
      const asked = [3, 77, 2, 1] as EmailId[];
      const rows = await store.reader.listRows(LI, asked);
      assert.deepEqual(
        rows.map(({ emailId }) => emailId),
        [3, 2, 1],
      );
      assert.equal(rows[0]?.summary.subject, '通知 third');
      assert.equal(rows[0]?.receivedAt, 1_000);
      assert.deepEqual(rows[2]?.summary.from, [{ name: 'مكتب القبول', email: 'admissions@例え.example' }]);
      const envelopes = await store.reader.envelopes(LI, asked);
      assert.deepEqual(
        envelopes,
        rows.map(({ emailId, receivedAt, sizeBytes, imapEnvelope }) => ({
          emailId,
          receivedAt,
          sizeBytes,
          imapEnvelope,
        })),
      );
      assert.deepEqual(
        (await store.reader.envelopes(LI, [1, 2, 3] as EmailId[])).map(({ emailId }) => emailId),
        [1, 2, 3],
      );
      assert.deepEqual(await store.reader.listRows(WANG, asked), []);
    });

    withStore('structures come back as they were made', async (store) => {
      await provision(store, LI);
      const multipart = message(
        store,
        "--b\r\nContent-Type: text/plain; charset=gb18030\r\n\r\nx\r\n--b\r\nContent-Type: image/png; name*=UTF-8''%E5%9B%BE.png\r\n\r\ny\r\n--b--",
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n',
      );
      await append(store, LI, [multipart]);
      const stored = await store.reader.structure(LI, 1 as EmailId);
      assert.deepEqual(stored, JSON.parse(JSON.stringify(multipart.digest.structure)));
      assert.equal(stored?.parts?.length, 2);
      const [seen] = await store.run([{ accountId: LI, name: 'describeMessage', args: { message: multipart } }]);
      assert.deepEqual((value(seen) as { structure: unknown }).structure, stored);
    });

    withRows('a reference and a subject lead to a thread, the one last put there', async (store) => {
      const keys = (...pairs: string[]) =>
        pairs.map((pair) => ({ reference: pair.slice(0, 3), subjectHash: pair.slice(3) }));
      const leads = (threadId: number, ...pairs: string[]) => keys(...pairs).map((key) => ({ ...key, threadId }));
      const results = value(
        await script(store, LI, [
          ['putThreadReferences', [...leads(9, 'aaas1', 'bbbs1'), ...leads(4, 'cccs1'), ...leads(2, 'aaas2')]],
          ['threadReferences', keys('bbbs1')],
          ['threadReferences', keys('zzzs1', 'bbbs1', 'cccs1', 'cccs2')],
          ['threadReferences', keys('bbbs2')],
          ['threadReferences', []],
          ['putThreadReferences', leads(3, 'bbbs1')],
          ['threadReferences', keys('bbbs1', 'aaas2')],
          ['putThreadReferences', leads(12, 'bbbs1', 'ddds1')],
          ['threadReferences', keys('ddds1', 'bbbs1')],
          ['threadEmails', [9, 3]],
          ['threadEmails', []],
        ]),
      ) as ThreadReference[][];
      const found = results.map((rows) => rows?.toSorted((a, b) => a.reference.localeCompare(b.reference)));
      assert.deepEqual(found.slice(1, 5), [leads(9, 'bbbs1'), [...leads(9, 'bbbs1'), ...leads(4, 'cccs1')], [], []]);
      assert.deepEqual(found[6], [...leads(2, 'aaas2'), ...leads(3, 'bbbs1')]);
      assert.deepEqual(found.slice(8), [leads(12, 'bbbs1', 'ddds1'), [], []]);
      const other = value(await script(store, WANG, [['threadReferences', keys('aaas1')]])) as unknown[];
      assert.deepEqual(other, [[]]);
    });

    withStore('messages appended at once thread as they do one after another', async (store) => {
      await provision(store, LI);
      await provision(store, WANG);
      const letters = [
        'Message-ID: <1@x>',
        'Message-ID: <2@x>',
        'Message-ID: <3@x>\r\nIn-Reply-To: <1@x>',
        'X-None: of its own',
        // It brings two conversations together; what follows is in the older one.
        'Message-ID: <4@x>\r\nReferences: <3@x> <2@x>',
        'Message-ID: <5@x>\r\nIn-Reply-To: <2@x>',
        'Message-ID: <1@x>',
        'Message-ID: <6@x>\r\nIn-Reply-To: <7@x>',
        'Message-ID: <7@x>',
      ].map((header) => message(store, 'budget', `${header}\r\n`));
      const first = await append(store, LI, letters.slice(0, 2));
      const { emails } = await append(store, LI, letters.slice(2));
      const threads = [...first.emails, ...emails].map(({ threadId }) => threadId);
      assert.deepEqual(threads, [1, 2, 1, 3, 1, 1, 1, 4, 4]);
      const single: number[] = [];
      for (const letter of letters) single.push(...(await append(store, WANG, [letter])).emails.map((e) => e.threadId));
      assert.deepEqual(single, threads);
    });

    withStore('threads list their Emails by date', async (store) => {
      await provision(store, LI);
      const headers = (n: number): string => `Message-ID: <${n}@x>\r\n${n > 1 ? 'In-Reply-To: <1@x>\r\n' : ''}`;
      const thread = [1, 2, 3].map((n) =>
        prepareMessage(Buffer.from(`Subject: budget\r\n${headers(n)}\r\n${n}\r\n`), (blob) => store.prepareBlob(blob)),
      );
      for (const [index, one] of thread.entries())
        await append(store, LI, [one], { receivedAt: 5_000 - index * 1_000 });
      assert.deepEqual(await store.reader.thread(LI, 1 as ThreadId), [3, 2, 1]);
      const [emails] = value(await script(store, LI, [['threadEmails', [1, 2]]])) as ThreadEmail[][];
      assert.deepEqual(emails?.[0], {
        emailId: 3,
        threadId: 1,
        receivedAt: 3_000,
        flags: 0,
        keywords: [],
        placements: [{ mailboxId: 1, uid: 3, deleted: false }],
      });
      assert.deepEqual(
        emails.map(({ emailId }) => emailId),
        [3, 2, 1],
      );
      const [first = ''] = thread[0]?.threadKeys.references ?? [];
      await append(store, LI, [message(store, 'x', 'In-Reply-To: <1@x>\r\n')]);
      assert.deepEqual(await store.reader.threadsWith(LI, first), [1, 2], 'under any subject');
      assert.deepEqual(await store.reader.threadsWith(LI, first.slice(1)), []);
      assert.deepEqual(await store.reader.threadsWith(WANG, first), []);
    });

    withStore('a thread is full at a thousand Emails, and goes on in another', async (store) => {
      await provision(store, LI);
      const one = message(store, 'again', 'Message-ID: <again@x>\r\n');
      const { emails } = await append(store, LI, new Array<PreparedMessage>(999).fill(one));
      assert.equal(new Set(emails.map(({ threadId }) => threadId)).size, 1);
      const { emails: next } = await append(store, LI, [one, one, one]);
      assert.deepEqual(
        next.map(({ threadId }) => threadId),
        [1, 2, 2],
      );
      assert.deepEqual((await append(store, LI, [one])).emails[0]?.threadId, 2);
      // A copy of what the target has already is an Email of its own.
      const copy = { fromMailboxId: INBOX, toMailboxId: INBOX, uids: [1, 2, 1001] };
      value((await store.run([{ accountId: LI, name: 'copy', args: copy }]))[0]);
      const copies = await store.reader.emails(LI, [1004, 1005, 1006] as EmailId[]);
      assert.deepEqual(
        copies.map(({ threadId }) => threadId),
        [3, 3, 2],
      );
      const [inbox] = await store.reader.mailboxes(LI);
      assert.deepEqual([inbox?.totalThreads, inbox?.unreadThreads], [3, 3]);
    });

    withStore('threads are unread where an unread Email of theirs would be shown', async (store) => {
      await provision(store, LI);
      const boxes = await store.reader.mailboxes(LI);
      const id = (role: string): MailboxId => boxes.find((row) => row.role === role)?.mailboxId as MailboxId;
      const [archive, trash, drafts] = [id('archive'), id('trash'), id('drafts')];
      const counts = async (): Promise<Record<string, string>> => {
        const rows = (await store.reader.mailboxes(LI)).filter(({ totalThreads }) => totalThreads > 0);
        return Object.fromEntries(
          rows.map((row) => [String(row.role), `${row.unreadThreads}/${row.totalThreads}`] as const),
        );
      };
      const put = (where: MailboxId, ...keywords: string[]) =>
        append(store, LI, [message(store, 'talk', 'Message-ID: <talk@x>\r\n')], { mailboxes: [where], keywords });
      const run = async (name: string, args: object): Promise<unknown> =>
        value((await store.run([{ accountId: LI, name, args }]))[0]);
      const see = (mailboxId: MailboxId, change: string) =>
        run('setKeywords', { mailboxId, uids: [1], change, keywords: ['$seen'], deleted: false });

      await put(INBOX, '$seen');
      await put(drafts, '$draft');
      assert.deepEqual(await counts(), { inbox: '0/1', drafts: '0/1' });
      // Unread in one mailbox, it is unread in the others; what is only in trash tells nobody else.
      await put(archive);
      assert.deepEqual(await counts(), { inbox: '1/1', drafts: '1/1', archive: '1/1' });
      await put(trash, '$seen');
      assert.deepEqual(await counts(), { inbox: '1/1', drafts: '1/1', archive: '1/1', trash: '0/1' });
      const modSeq = await store.reader.modSeq(LI);
      await see(archive, 'add');
      await see(trash, 'remove');
      assert.deepEqual(await counts(), { inbox: '0/1', drafts: '0/1', archive: '0/1', trash: '1/1' });
      const changed = await store.reader.changes(LI, modSeq, 10);
      assert.deepEqual(
        changed?.map(({ mailboxes }) => mailboxes.counted.toSorted((a, b) => a - b)),
        [[INBOX, drafts, archive], [trash]],
      );
      // In trash and elsewhere it counts in both; and a mailbox becomes the trash, or no longer is.
      await run('copy', { fromMailboxId: trash, toMailboxId: archive, uids: [1] });
      assert.deepEqual(await counts(), { inbox: '1/1', drafts: '1/1', archive: '1/1', trash: '1/1' });
      await run('expunge', { mailboxId: archive, uids: [2], onlyDeleted: false });
      await run('updateMailbox', { mailboxId: trash, role: null });
      assert.deepEqual(await counts(), { inbox: '1/1', drafts: '1/1', archive: '1/1', null: '1/1' });
      await run('updateMailbox', { mailboxId: INBOX, role: 'inbox', subscribed: true });
      await run('updateMailbox', { mailboxId: archive, role: 'trash' });
      assert.deepEqual(await counts(), { inbox: '1/1', drafts: '1/1', trash: '0/1', null: '1/1' });
      // Exchanged in one change, and all or none.
      const exchange = (roles: readonly string[]) =>
        run('updateMailboxes', {
          updates: [
            { mailboxId: drafts, role: roles[0], name: 'archive' },
            { mailboxId: archive, role: roles[1], name: 'drafts' },
          ],
        });
      await assert.rejects(exchange(['trash', 'trash']), /inUse/);
      await exchange(['trash', 'drafts']);
      assert.deepEqual(await counts(), { inbox: '1/1', trash: '0/1', drafts: '1/1', null: '1/1' });
      await exchange(['drafts', 'trash']);
      await run('deleteMailbox', { mailboxId: trash, removeEmails: true });
      assert.deepEqual(await counts(), { inbox: '0/1', drafts: '0/1', trash: '0/1' });
    });

    withRows('changes are read from any point that the log reaches', async (store) => {
      const record = change(12, {
        emails: { created: [1, 2, 3, 7] as EmailId[], updated: [9] as EmailId[], destroyed: [5, 4] as EmailId[] },
        threads: { created: [1] as ThreadId[], updated: [], destroyed: [2, 3] as ThreadId[] },
        mailboxes: {
          created: [6] as MailboxId[],
          updated: [5] as MailboxId[],
          counted: [1, 2] as MailboxId[],
          destroyed: [4] as MailboxId[],
        },
        entries: [
          { mailboxId: INBOX, added: [1, 2, 3], changed: [7, 9, 10], expunged: [] },
          { mailboxId: 2 as MailboxId, added: [], changed: [], expunged: [0xffff_fffe] },
        ],
      });
      const account = {
        accountId: LI,
        modSeq: 14,
        nextMailboxId: 1,
        nextEmailId: 1,
        nextThreadId: 1,
        usedBytes: 0,
        usedMessages: 0,
        quotaBytes: null,
        quotaMessages: null,
        ...NO_DELETIONS,
      };
      value(
        await script(store, LI, [
          ['insertAccount', account],
          ['appendChange', change(11)],
          ['appendChange', record],
          ['appendChange', change(13)],
          ['appendChange', change(14)],
        ]),
      );
      const modSeqs = async (since: number, limit: number): Promise<number[] | undefined> =>
        (await store.reader.changes(LI, since as ModSeq, limit))?.map(({ modSeq }) => modSeq);
      assert.deepEqual((await store.reader.changes(LI, 11 as ModSeq, 1))?.[0], record);
      assert.deepEqual(await modSeqs(10, 10), [11, 12, 13, 14]);
      assert.deepEqual(await modSeqs(11, 2), [12, 13]);
      assert.deepEqual(await modSeqs(13, 10), [14]);
      assert.deepEqual(await modSeqs(14, 10), []);
      assert.deepEqual(await modSeqs(99, 10), []);
      assert.equal(await modSeqs(9, 10), undefined);
      assert.equal(await modSeqs(0, 10), undefined);
    });

    withStore('messages of every size are read whole and by range', async (store) => {
      await provision(store, LI);
      const zeroes = Buffer.alloc(700_000);
      const noise = randomBytes(600_001);
      const bodies = [
        Buffer.alloc(0),
        Buffer.from('x'),
        Buffer.from('a line\r\n'.repeat(2_000)),
        zeroes,
        noise,
        Buffer.concat([zeroes, noise]),
        randomBytes(256 * 1024),
        Buffer.alloc(512 * 1024, 'ab'),
      ];
      const prepared = bodies.map((body) => prepareMessage(body, (blob) => store.prepareBlob(blob)));
      for (const one of prepared) await append(store, LI, [one]);
      for (const [index, body] of bodies.entries()) {
        const emailId = (index + 1) as EmailId;
        assert.ok((await store.reader.readMessage(LI, emailId)).equals(body));
        const offset = fc.integer({ min: -10, max: body.length + 10 });
        const sample = fc.sample(fc.tuple(offset, offset), 8);
        for (const [start, end] of [...sample, [262_143, 262_145], [262_144, 524_288], [0, 1], [5, 5]] as const) {
          const from = Math.max(0, start);
          const wanted = body.subarray(from, Math.max(from, end));
          const got = await store.reader.readMessage(LI, emailId, start, end);
          assert.ok(got.equals(wanted), `[${start}, ${end}) of ${body.length} octets`);
        }
      }
      await assert.rejects(store.reader.readMessage(WANG, 1 as EmailId), (error) => isMailError(error, 'notFound'));
      await assert.rejects(store.reader.readMessage(LI, 99 as EmailId), (error) => isMailError(error, 'notFound'));
    });

    withStore('a message given to many is shared, and stays while one of them has it', async (store, opened) => {
      const accountIds = Array.from({ length: 40 }, (_, index) => (index + 1) as AccountId);
      const shared = message(store, 'to all');
      const args = { items: [{ message: shared, mailboxes: ['inbox'], keywords: [] }], source: 'smtp' };
      const outcomes = await store.run(accountIds.map((accountId) => ({ accountId, name: 'append', args })));
      assert.ok(outcomes.every(({ ok }) => ok));
      const rows = await Promise.all(accountIds.map((accountId) => store.reader.emails(accountId, [1 as EmailId])));
      assert.equal(new Set(rows.map(([row]) => row?.blobKey)).size, 1);
      const [last, ...others] = accountIds.toReversed();
      assert.ok(last !== undefined);
      for (const accountId of others) await store.run([{ accountId, name: 'deleteAccount', args: {} }]);
      await opened.maintenance.probe();
      await opened.maintenance.collectGarbage({ graceMs: -1 });
      assert.ok((await store.reader.readMessage(last, 1 as EmailId)).includes('to all'));
      assert.deepEqual(await store.reader.accountIds(), [last]);
      await store.run([{ accountId: last, name: 'deleteAccount', args: {} }]);
      const report = await opened.maintenance.collectGarbage({ graceMs: -1 });
      assert.equal(report.droppedBlobs, 1);
      assert.deepEqual(await store.reader.accountIds(), []);
    });

    withStore('a message stored by a failed operation can be stored again', async (store) => {
      await provision(store, LI);
      const one = message(store, 'second try');
      const email = {
        emailId: 1,
        threadId: 1,
        receivedAt: 1,
        sizeBytes: one.blob.sizeBytes,
        flags: 0,
        keywords: [],
        placements: [{ mailboxId: 1, uid: 1, deleted: false }],
        modSeq: 1,
      };
      const outcomes = await store.run([
        { accountId: LI, name: 'storeAndInsert', args: { message: one, email, end: 'refuse' } },
        {
          accountId: LI,
          name: 'append',
          args: { items: [{ message: one, mailboxes: ['inbox'], keywords: [] }], source: 'smtp' },
        },
      ]);
      assert.deepEqual(
        outcomes.map(({ ok }) => ok),
        [false, true],
      );
      assert.ok((await store.reader.readMessage(LI, 1 as EmailId)).includes('second try'));
    });

    withStore('a stored message that nobody refers to is garbage', async (store, opened) => {
      await provision(store, LI);
      const nested = { deep: { message: message(store, 'nobody') } };
      value((await store.run([{ accountId: LI, name: 'storeOnly', args: { nested } }]))[0]);
      await store.checkInvariants();
      const report = await opened.maintenance.collectGarbage({ graceMs: -1 });
      assert.equal(report.droppedBlobs, 1);
      await append(store, LI, [nested.deep.message]);
      assert.ok((await store.reader.readMessage(LI, 1 as EmailId)).includes('nobody'));
    });

    withStore('an id means nothing outside its account', async (store) => {
      await provision(store, LI, WANG);
      await append(store, LI, [message(store, 'private', 'Message-ID: <p@x>\r\n')]);
      for (const read of [
        store.reader.emails(WANG, [1 as EmailId]),
        store.reader.listRows(WANG, [1 as EmailId]),
        store.reader.envelopes(WANG, [1 as EmailId]),
        store.reader.thread(WANG, 1 as ThreadId),
      ])
        assert.deepEqual(await read, []);
      assert.equal(await store.reader.structure(WANG, 1 as EmailId), undefined);
      const seen = value(
        await script(store, WANG, [
          ['emails', [1]],
          ['emailsIn', 1],
          ['threadEmails', [1]],
        ]),
      ) as unknown[];
      assert.deepEqual(seen, [[], [], []]);
      assert.deepEqual(await store.reader.accountIds(), [LI, WANG]);
    });

    withStore('watchers hear of each commit to their account, and of no other', async (store) => {
      await provision(store, LI, WANG);
      const heard: number[] = [];
      const twice: number[] = [];
      const first = Promise.withResolvers<void>();
      const second = Promise.withResolvers<void>();
      const unwatch = store.watch(LI, (modSeq) => {
        heard.push(modSeq);
        first.resolve();
      });
      const stop = store.watch(LI, (modSeq) => {
        twice.push(modSeq);
        if (twice.length === 2) second.resolve();
      });
      const wang: number[] = [];
      const stopWang = store.watch(WANG, (modSeq) => wang.push(modSeq));
      await script(store, LI, [], 'refuse');
      const { modSeq } = await append(store, LI, [message(store, 'heard')]);
      await first.promise;
      assert.deepEqual(heard, [modSeq]);
      assert.equal(await store.reader.modSeq(LI), modSeq);
      unwatch();
      unwatch();
      const { modSeq: next } = await append(store, LI, [message(store, 'not heard')]);
      await second.promise;
      assert.deepEqual(heard, [modSeq]);
      assert.deepEqual(twice, [modSeq, next]);
      assert.deepEqual(wang, []);
      stop();
      stopWang();
    });

    withStore('many changes at once leave a log without gaps', async (store) => {
      const accountIds = [LI, WANG, 8 as AccountId];
      await provision(store, ...accountIds);
      const messages = [0, 1, 2].map((n) => message(store, `crowd ${n}`));
      await Promise.all(
        Array.from({ length: 60 }, async (_, n) => {
          const accountId = accountIds[n % 3] ?? LI;
          if (n % 5 === 4) {
            const args = {
              mailboxId: INBOX,
              uids: [1, 2, 3],
              change: 'add',
              keywords: [`k${n}`],
              deleted: n % 2 === 0,
            };
            value((await store.run([{ accountId, name: 'setKeywords', args }]))[0]);
          } else {
            await append(store, accountId, [messages[n % 2] ?? message(store, 'none')]);
          }
        }),
      );
      for (const accountId of accountIds) {
        const records = (await store.reader.changes(accountId, 0 as ModSeq, 100)) ?? [];
        assert.deepEqual(
          records.map(({ modSeq }) => modSeq),
          Array.from({ length: await store.reader.modSeq(accountId) }, (_, index) => index + 1),
        );
        const { uids } = await store.reader.entries(accountId, INBOX);
        assert.deepEqual(
          [...uids],
          Array.from(uids, (_, index) => index + 1),
        );
      }
    });

    withStore('requests for one account take effect in their order', async (store) => {
      await provision(store, LI);
      const quotas = Array.from({ length: 30 }, (_, index) => index);
      const runs = quotas.map((quotaBytes) =>
        store.run([{ accountId: LI, name: 'setQuota', args: { quotaBytes, quotaMessages: null } }]),
      );
      await Promise.all(runs);
      assert.equal((await store.reader.account(LI))?.quotaBytes, 29);
    });

    withStore('what a run answered is read at once', async (store) => {
      await provision(store, LI);
      for (let n = 1; n <= 10; n++) {
        const { modSeq } = await append(store, LI, [message(store, `at once ${n}`)]);
        assert.equal(await store.reader.modSeq(LI), modSeq);
        assert.equal((await store.reader.entries(LI, INBOX)).uids.length, n);
      }
    });

    withStore(
      'what was deleted can be had back, is let go for good, or is forgotten in time',
      async (store, opened) => {
        await provision(store, LI, WANG);
        const { reader } = store;
        const account = new Mail(store).account(LI);
        const both = message(store, 'in two accounts');
        const { emails } = await append(store, LI, [both, message(store, 'two'), message(store, 'three')], {
          keywords: ['$seen', 'todo'],
          receivedAt: 1_568_606_400_000,
        });
        await append(store, WANG, [both]);
        const usage = await account.status();
        const deletedAt = opened.clock.now();
        await account.expunge({ mailboxId: INBOX, uids: [1, 2, 3], onlyDeleted: false, by: BY_LI });
        assert.deepEqual((await account.status()).usedBytes, 0);
        const list = await reader.latestDeletions(LI, 10);
        assert.deepEqual(
          list.map(({ deletionId, emailId, summary }) => [deletionId, emailId, summary.subject]),
          [
            [3, 3, '通知 three'],
            [2, 2, '通知 two'],
            [1, 1, '通知 in two accounts'],
          ],
        );
        const { blobKey: _, summary: __, ...first } = list[2] ?? assert.fail();
        assert.deepEqual(first, {
          deletionId: 1,
          emailId: 1,
          threadId: emails[0]?.threadId,
          receivedAt: 1_568_606_400_000,
          sizeBytes: both.blob.sizeBytes,
          flags: FLAG.SEEN,
          keywords: ['todo'],
          deletedAt,
          mailboxId: INBOX,
          path: 'INBOX',
          ...BY_LI,
        });
        assert.deepEqual(
          (await reader.latestDeletions(LI, 1, 3 as DeletionId)).map(({ deletionId }) => deletionId),
          [2],
        );
        assert.deepEqual(await reader.latestDeletions(WANG, 10), []);
        assert.deepEqual(
          (await reader.deletions(LI, [9, 1, 3] as DeletionId[])).map(({ deletionId }) => deletionId),
          [3, 1],
        );
        await store.checkInvariants();

        const { recovered } = await account.recoverDeletions({ deletionIds: [1, 9] as DeletionId[] });
        assert.deepEqual(recovered, [{ deletionId: 1, emailId: 4, mailboxId: INBOX }]);
        const [back] = await reader.emails(LI, [4 as EmailId]);
        assert.deepEqual(
          [back?.flags, back?.keywords, back?.receivedAt, back?.threadId, back?.placements],
          [FLAG.SEEN, ['todo'], 1_568_606_400_000, emails[0]?.threadId, [{ mailboxId: INBOX, uid: 4, deleted: false }]],
        );
        assert.ok((await reader.readMessage(LI, 4 as EmailId)).includes('in two accounts'));
        await store.checkInvariants();

        const { modSeq } = await account.status();
        assert.deepEqual(await account.destroyDeletions({ deletionIds: [2, 1] as DeletionId[] }), [2]);
        const forget = async (accountId: AccountId, deletedBefore: number, limit = 10) =>
          value((await store.run([{ accountId, name: 'forgetDeletions', args: { deletedBefore, limit } }]))[0]);
        assert.deepEqual(await reader.accountsWithDeletions(deletedAt, 0 as AccountId, 10), []);
        assert.deepEqual(await reader.accountsWithDeletions(deletedAt + 1, 0 as AccountId, 10), [LI]);
        assert.deepEqual(await reader.accountsWithDeletions(deletedAt + 1, LI, 10), []);
        assert.equal(await forget(LI, deletedAt), 0);
        assert.equal(await forget(LI, deletedAt + 1), 1);
        assert.equal(await forget(NOBODY, deletedAt + 1), 0);
        assert.deepEqual(await reader.latestDeletions(LI, 10), []);
        assert.deepEqual(await reader.accountsWithDeletions(Number.MAX_SAFE_INTEGER, 0 as AccountId, 10), []);
        assert.equal((await account.status()).modSeq, modSeq, 'no client has to hear of that');
        assert.ok((await account.status()).usedBytes < usage.usedBytes);
      },
    );

    withStore(
      'since when mail has been in the trash is told, and counts anew in a mailbox that becomes it',
      async (store, opened) => {
        const clock = opened.clock as FakeClock;
        await provision(store, LI);
        const account = new Mail(store).account(LI);
        const rows = await account.mailboxes();
        const idOf = (role: string) => rows.find((row) => row.role === role)?.mailboxId ?? assert.fail();
        const [trash, archive] = [idOf('trash'), idOf('archive')];
        const old = async () =>
          value((await store.run([{ accountId: LI, name: 'markUids', args: { keepMs: { trash: 30 * DAY_MS } } }]))[0]);
        const put = (mailboxId: MailboxId) =>
          append(store, LI, [message(store, `${clock.now()}`)], { mailboxes: [mailboxId] });

        assert.deepEqual(await store.reader.accountsWithMailIn('trash', 0 as AccountId, 10), []);
        await put(trash);
        assert.deepEqual(await store.reader.accountsWithMailIn('trash', 0 as AccountId, 10), [LI]);
        assert.deepEqual(await store.reader.accountsWithMailIn('trash', LI, 10), []);
        assert.deepEqual(await store.reader.accountsWithMailIn('junk', 0 as AccountId, 10), []);
        const { modSeq } = await account.status();
        assert.deepEqual(await old(), []);
        assert.equal((await account.status()).modSeq, modSeq, 'no client has to hear of that');
        clock.advance(DAY_MS);
        await put(trash);
        assert.deepEqual(await old(), []);
        // Of what comes between two marks nobody knows when: it counts from the later one.
        clock.advance(3_600_000);
        await put(trash);
        assert.deepEqual(await old(), []);
        clock.advance(29 * DAY_MS - 3_600_001);
        assert.deepEqual(await old(), []);
        clock.advance(1);
        assert.deepEqual(await old(), [{ mailboxId: trash, below: 2 }]);
        clock.advance(DAY_MS);
        assert.deepEqual(await old(), [{ mailboxId: trash, below: 3 }]);
        clock.advance(29 * DAY_MS);
        assert.deepEqual(await old(), [{ mailboxId: trash, below: 4 }]);

        await account.expunge({ mailboxId: trash, onlyDeleted: false });
        assert.deepEqual(await old(), []);
        assert.deepEqual(await store.reader.accountsWithMailIn('trash', 0 as AccountId, 10), []);

        await put(archive);
        await account.updateMailbox({ mailboxId: trash, role: null });
        await account.updateMailbox({ mailboxId: archive, role: 'trash' });
        await old();
        clock.advance(29 * DAY_MS);
        assert.deepEqual(await old(), []);
        clock.advance(DAY_MS);
        assert.deepEqual(await old(), [{ mailboxId: archive, below: 2 }]);
        await account.updateMailbox({ mailboxId: archive, role: null });
        await account.updateMailbox({ mailboxId: archive, role: 'trash' });
        assert.deepEqual(await old(), []);
      },
    );

    withStore('not everything that goes was deleted', async (store) => {
      await provision(store, LI);
      const account = new Mail(store).account(LI);
      const drafts = (await account.mailboxes()).find(({ role }) => role === 'drafts')?.mailboxId ?? assert.fail();
      const put = async (keywords: readonly string[], ...mailboxes: readonly MailboxId[]) =>
        (
          await append(store, LI, [message(store, `${mailboxes.join(' ')} ${keywords.join(' ')}`)], {
            mailboxes,
            keywords,
          })
        ).emails[0]?.emailId ?? assert.fail();
      const replaced = await put(['$draft'], drafts);
      const inTwo = await put([], INBOX, drafts);
      const recalled = await put([], INBOX);
      const moved = await put(['$draft'], INBOX);
      await account.expunge({ mailboxId: INBOX, uids: [1], onlyDeleted: false, by: BY_LI });
      await account.recall({ emailId: recalled, unreadOnly: true });
      assert.deepEqual(await account.latestDeletions(10), [], 'it is elsewhere still, or was taken back by its author');
      await account.setEmails({ update: [], destroy: [replaced, inTwo, moved], by: BY_LI });
      assert.deepEqual(
        (await account.latestDeletions(10)).map(({ emailId, mailboxId }) => [emailId, mailboxId]),
        [
          [moved, INBOX],
          [inTwo, drafts],
        ],
      );
      const off = new Mail(store, undefined, false).account(LI);
      const last = await put([], INBOX);
      await off.setEmails({ update: [], destroy: [last], by: BY_LI });
      assert.equal((await account.latestDeletions(10)).length, 2, 'where nothing is kept, nothing is');
    });

    withStore('what was in a mailbox that is gone, or in the trash, comes back to the inbox', async (store) => {
      await provision(store, LI);
      const account = new Mail(store).account(LI);
      const trash = (await account.mailboxes()).find(({ role }) => role === 'trash')?.mailboxId ?? assert.fail();
      const { mailboxId: outer } = await account.createMailbox({ path: '归档' });
      const { mailboxId: inner } = await account.createMailbox({ path: '归档/二级' });
      for (const mailboxId of [inner, trash, outer])
        await append(store, LI, [message(store, `in ${mailboxId}`)], { mailboxes: [mailboxId] });
      await account.deleteMailbox({ mailboxId: inner, removeEmails: true, by: BY_LI });
      for (const mailboxId of [trash, outer])
        await account.expunge({ mailboxId, uids: [1], onlyDeleted: false, by: BY_LI });
      const list = await account.latestDeletions(10);
      assert.deepEqual(
        list.map(({ path }) => path),
        ['归档', 'Trash', '归档/二级'],
      );
      const deletionIds = list.map(({ deletionId }) => deletionId);
      await account.setQuota({ quotaBytes: 10, quotaMessages: null });
      await assert.rejects(account.recoverDeletions({ deletionIds }), (error) => isMailError(error, 'overQuota'));
      assert.equal((await account.latestDeletions(10)).length, 3);
      await account.setQuota({ quotaBytes: null, quotaMessages: null });
      const { recovered } = await account.recoverDeletions({ deletionIds });
      assert.deepEqual(
        recovered.map(({ mailboxId }) => mailboxId),
        [INBOX, INBOX, outer],
      );
    });

    withStore('a mailbox is emptied up to a uid, into another or for good', async (store) => {
      await provision(store, LI);
      const account = new Mail(store).account(LI);
      const trash = (await account.mailboxes()).find(({ role }) => role === 'trash')?.mailboxId ?? assert.fail();
      for (const n of [1, 2, 3, 4]) await append(store, LI, [message(store, `${n}`)], { mailboxes: [INBOX] });
      await account.copy({ fromMailboxId: INBOX, toMailboxId: trash, uids: [2] });
      const uidsOf = async (mailboxId: MailboxId): Promise<number[]> =>
        Array.from((await store.reader.entries(LI, mailboxId)).uids);
      const some = { mailboxId: INBOX, below: 4, into: trash, atMost: 2 };
      assert.deepEqual(await account.empty(some), { emptied: 2, left: 1 });
      assert.deepEqual(
        [await uidsOf(INBOX), await uidsOf(trash)],
        [
          [3, 4],
          [1, 2],
        ],
        'what was there already is there once',
      );
      assert.deepEqual(await account.empty({ mailboxId: trash, below: 2, by: BY_LI }), { emptied: 1, left: 0 });
      assert.deepEqual(await account.empty({ mailboxId: INBOX, below: 4, by: BY_LI }), { emptied: 1, left: 0 });
      assert.deepEqual([await uidsOf(INBOX), await uidsOf(trash)], [[4], [2]]);
      assert.equal((await account.latestDeletions(10)).length, 2);
      await assert.rejects(account.empty({ mailboxId: 77 as MailboxId, below: 9 }), (error) =>
        isMailError(error, 'notFound'),
      );
    });

    withRows('the oldest deletions make room', async (store) => {
      await provision(store, LI);
      const account = new Mail(store).account(LI);
      await append(
        store,
        LI,
        [1, 2, 3, 4, 5].map((n) => message(store, `${n}`)),
      );
      const expunge = (...uids: number[]) => account.expunge({ mailboxId: INBOX, uids, onlyDeleted: false, by: BY_LI });
      const kept = async () => (await account.latestDeletions(10)).map(({ deletionId }) => deletionId);
      await expunge(1, 2, 3);
      const full = { ...(await account.status()), deletions: MAIL_LIMITS.deletions };
      value(await script(store, LI, [['updateAccount', full]]));
      await expunge(4);
      assert.deepEqual(await kept(), [4, 3, 2]);
      assert.equal((await account.status()).deletions, MAIL_LIMITS.deletions);
      const heavy = { ...(await account.status()), deletions: 3, deletionBytes: MAIL_LIMITS.deletionBytes };
      value(await script(store, LI, [['updateAccount', heavy]]));
      await expunge(5);
      assert.deepEqual(await kept(), [5, 4, 3]);
    });

    withStore('an account can be deleted and begun anew', async (store) => {
      await provision(store, LI, WANG);
      await append(store, LI, [message(store, 'old', 'Message-ID: <o@x>\r\n')]);
      await append(store, WANG, [message(store, 'kept')]);
      await append(store, LI, [message(store, 'deleted before')]);
      const uids = [2];
      await new Mail(store).account(LI).expunge({ mailboxId: INBOX, uids, onlyDeleted: false, by: BY_LI });
      assert.equal((await store.reader.latestDeletions(LI, 1)).length, 1);
      value((await store.run([{ accountId: LI, name: 'deleteAccount', args: {} }]))[0]);
      await store.checkInvariants();
      assert.equal(await store.reader.account(LI), undefined);
      assert.deepEqual(await store.reader.latestDeletions(LI, 1), []);
      assert.deepEqual(await store.reader.mailboxes(LI), []);
      assert.equal((await store.reader.entries(LI, INBOX)).uids.length, 0);
      assert.deepEqual(await store.reader.changes(LI, 0 as ModSeq, 10), []);
      await provision(store, LI);
      await append(store, LI, [message(store, 'new')]);
      assert.deepEqual(await store.reader.thread(LI, 1 as ThreadId), [1]);
      assert.ok((await store.reader.readMessage(WANG, 1 as EmailId)).includes('kept'));
    });

    withStore('everything is there after it was closed and opened', async (store, opened) => {
      await provision(store, LI);
      const one = message(store, 'lasting');
      await append(store, LI, [one], { keywords: ['todo'] });
      const before = [
        await store.reader.account(LI),
        await store.reader.mailboxes(LI),
        await store.reader.emails(LI, [1 as EmailId]),
      ];
      const again = await opened.reopen();
      const { reader } = again.mail;
      assert.deepEqual(
        [await reader.account(LI), await reader.mailboxes(LI), await reader.emails(LI, [1 as EmailId])],
        before,
      );
      assert.ok((await reader.readMessage(LI, 1 as EmailId)).includes('lasting'));
      await append(again.mail, LI, [one, message(again.mail, 'and more')]);
      assert.deepEqual([...(await reader.entries(LI, INBOX)).uids], [1, 2, 3]);
    });

    withRows('checkInvariants finds contradictions', async (store) => {
      await provision(store, LI);
      await append(store, LI, [message(store, 'counted')]);
      await store.checkInvariants();
      const [inbox] = await store.reader.mailboxes(LI);
      const account = await store.reader.account(LI);
      assert.ok(inbox && account);
      const wrong: [Call<MailTransaction>, Call<MailTransaction>, RegExp][] = [
        [
          ['updateMailbox', { ...inbox, unreadEmails: 7 }],
          ['updateMailbox', inbox],
          /account 7 mailbox 1: unreadEmails/,
        ],
        [['updateMailbox', { ...inbox, totalThreads: 2 }], ['updateMailbox', inbox], /mailbox 1: totalThreads/],
        [['updateMailbox', { ...inbox, unreadThreads: 0 }], ['updateMailbox', inbox], /mailbox 1: unreadThreads/],
        [['updateMailbox', { ...inbox, uidNext: 1 }], ['updateMailbox', inbox], /uid 1: uidNext/],
        [['updateMailbox', { ...inbox, name: 'Sent' }], ['updateMailbox', inbox], /sibling/],
        [['updateAccount', { ...account, usedBytes: 1 }], ['updateAccount', account], /account 7: usedBytes/],
        [['updateAccount', { ...account, deletions: 1 }], ['updateAccount', account], /account 7: deletions/],
        [['updateAccount', { ...account, modSeq: 9 }], ['updateAccount', account], /log ends/],
      ];
      for (const [harm, repair, expected] of wrong) {
        value(await script(store, LI, [harm]));
        await assert.rejects(store.checkInvariants(), expected);
        value(await script(store, LI, [repair]));
        await store.checkInvariants();
      }
    });
  });
}
