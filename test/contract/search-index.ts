/** What every SearchIndex promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { AccountId, BlobKey, EmailId } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { analyse, toNeedle, toPartNeedle } from '#search/analyse.ts';
import type { IndexSlice } from '#search/ports/search-index.ts';
import { parseQuery } from '#search/query.ts';
import { SEARCH_FIELDS, type SearchDocument, type SearchField, isHit } from '#search/types.ts';
import type { TestStore } from '#test/harness/stores.ts';

const LI = 7 as AccountId;
const WANG = 8 as AccountId;

const makeDocument = (texts: Partial<Record<SearchField, string>>): SearchDocument =>
  Object.fromEntries(SEARCH_FIELDS.map((field) => [field, analyse(texts[field] ?? '')])) as SearchDocument;

interface Fixture {
  readonly store: TestStore;
  readonly mail: Mail;
  /** A message of its own for each account. */
  deliver(accountIds: readonly AccountId[], text: string): Promise<{ emailIds: EmailId[]; blobKey: BlobKey }>;
  /** Indexes what `deliver` put there, every text as its body. */
  index(accountId?: AccountId): Promise<void>;
  find(accountId: AccountId, text: string, fields?: readonly SearchField[]): Promise<number[]>;
}

export function searchIndexContract(name: string, open: () => Promise<TestStore>): void {
  const withIndex = (title: string, body: (fixture: Fixture) => Promise<void>): void => {
    test(title, async () => {
      const store = await open();
      const mail = new Mail(store.mail);
      const { search } = store;
      const texts = new Map<BlobKey, string>();
      /** By `key`, what was indexed. */
      const documents = new Map<string, SearchDocument>();
      const key = (accountId: AccountId, emailId: EmailId): string => `${accountId}/${emailId}`;
      const fixture: Fixture = {
        store,
        mail,
        async deliver(accountIds, text) {
          const message = mail.prepareMessage(Buffer.from(`Subject: x\r\n\r\n${text}\r\n`));
          for (const accountId of accountIds) await mail.account(accountId).provision();
          await mail.deliver(message, accountIds, 0);
          const rows = await Promise.all(
            accountIds.map(async (accountId) => {
              const { nextEmailId } = await mail.account(accountId).status();
              return mail.account(accountId).emails([(nextEmailId - 1) as EmailId]);
            }),
          );
          const blobKey = rows[0]?.[0]?.blobKey as BlobKey;
          texts.set(blobKey, text);
          return { emailIds: rows.flat().map(({ emailId }) => emailId), blobKey };
        },
        async index(only) {
          const slices: IndexSlice[] = [];
          for (const { accountId, from, next } of (await search.backlog(100)).accounts) {
            if (only !== undefined && accountId !== only) continue;
            const ids = Array.from({ length: next - from }, (_, n) => (from + n) as EmailId);
            const emails = await mail.account(accountId).emails(ids);
            const shared = await search.sharedBlobs(emails.map(({ blobKey }) => blobKey));
            const entries = emails.map(({ emailId, blobKey }) => {
              const document = makeDocument({ body: texts.get(blobKey) ?? '' });
              documents.set(key(accountId, emailId), document);
              return { emailId, blobKey, ...(shared.get(blobKey) === true ? {} : { document }) };
            });
            slices.push({ accountId, from, next, entries });
          }
          await search.write(slices);
        },
        async find(accountId, text, fields) {
          const query = parseQuery(text, fields);
          if (query.length === 0) return [];
          const { emailIds } = await search.find(accountId, query);
          const kept = await mail.account(accountId).emails(emailIds);
          assert.deepEqual(
            emailIds,
            emailIds.toSorted((a, b) => b - a),
          );
          for (const emailId of emailIds) {
            const document = documents.get(key(accountId, emailId));
            if (document !== undefined) assert.ok(isHit(document, query), text);
          }
          return emailIds.filter((emailId) => kept.some((row) => row.emailId === emailId));
        },
      };
      try {
        await body(fixture);
      } catch (error) {
        await store.discard();
        throw error;
      }
      await store.close();
    });
  };

  describe(`SearchIndex contract: ${name}`, () => {
    withIndex('what is indexed is found, newest first, and only by its own account', async (fixture) => {
      const { deliver, index, find } = fixture;
      await deliver([LI], '关于启用新版电子邮件系统的通知');
      await deliver([WANG], '电子邮件');
      await deliver([LI], '電子郵件 seminar on Thursday');
      assert.deepEqual(await find(LI, '邮件'), []);
      await index();
      assert.deepEqual(await find(LI, '邮件'), [2, 1]);
      assert.deepEqual(await find(LI, '通'), [1]);
      assert.deepEqual(await find(LI, '新'), [1]);
      assert.deepEqual(await find(LI, 'SEMINAR 郵件'), [2]);
      assert.deepEqual(await find(LI, '"seminar on"'), [2]);
      assert.deepEqual(await find(LI, 'on seminar thursday'), [2]);
      assert.deepEqual(await find(LI, '"on seminar"'), []);
      assert.deepEqual(await find(LI, 'semin'), []);
      assert.deepEqual(await find(WANG, '邮件'), [1]);
      assert.deepEqual(await find(9 as AccountId, '邮件'), []);
    });

    withIndex('each field is asked for by itself', async ({ store, deliver, find }) => {
      const { emailIds, blobKey } = await deliver([LI], 'x');
      const texts = Object.fromEntries(SEARCH_FIELDS.map((field, at) => [field, `共同 ${'甲乙丙丁戊己庚辛壬'[at]}`]));
      const entries = [{ emailId: emailIds[0]!, blobKey, document: makeDocument(texts) }];
      await store.search.write([{ accountId: LI, from: 1 as EmailId, next: 2 as EmailId, entries }]);
      for (const [at, field] of SEARCH_FIELDS.entries()) {
        assert.deepEqual(await find(LI, '共同', [field]), [1]);
        for (const [other, own] of Array.from('甲乙丙丁戊己庚辛壬').entries())
          assert.deepEqual(await find(LI, own, [field]), at === other ? [1] : [], field);
      }
      assert.deepEqual(await find(LI, '甲 己'), [1]);
      assert.deepEqual(await find(LI, '甲 己', ['subject']), []);
    });

    withIndex(
      'the backlog says what is missing, and nobody indexes it twice',
      async ({ store, deliver, index, find }) => {
        await deliver([LI], '会议一');
        await deliver([LI], '会议二');
        await deliver([WANG], '会议三');
        assert.deepEqual(await store.search.backlog(1), {
          accounts: [{ accountId: LI, from: 1, next: 3 }],
          waiting: 3,
        });
        const before = await store.search.find(LI, parseQuery('会议'));
        assert.deepEqual(before, { emailIds: [], indexedBelow: 1 });
        await index(LI);
        assert.deepEqual(await store.search.backlog(9), {
          accounts: [{ accountId: WANG, from: 1, next: 2 }],
          waiting: 1,
        });
        assert.deepEqual(await store.search.find(LI, parseQuery('会议')), {
          emailIds: [2, 1],
          indexedBelow: 3,
        });
        // By one who looked before that.
        const document = makeDocument({ body: '迟到' });
        const late = [{ emailId: 1 as EmailId, blobKey: 1 as BlobKey, document }];
        await store.search.write([{ accountId: LI, from: 1 as EmailId, next: 2 as EmailId, entries: late }]);
        assert.deepEqual(await find(LI, '迟到'), []);
        assert.equal((await store.search.find(LI, parseQuery('会'))).indexedBelow, 3);
      },
    );

    withIndex('what is kept outlives the process', async ({ store, deliver, index }) => {
      await deliver([LI], '会议');
      await index();
      const again = await store.reopen();
      assert.deepEqual(await again.search.find(LI, parseQuery('会')), {
        emailIds: [1],
        indexedBelow: 2,
      });
    });

    withIndex('an announcement is found by everybody who has it', async ({ store, mail, deliver, index, find }) => {
      const everybody = Array.from({ length: 20 }, (_, n) => (20 + n) as AccountId);
      await deliver([LI], '别的');
      await deliver([LI, ...everybody], '全校放假通知');
      await index(LI);
      await index();
      for (const accountId of everybody) assert.deepEqual(await find(accountId, '放假'), [1]);
      assert.deepEqual(await find(LI, '放假'), [2]);
      assert.deepEqual(await find(WANG, '放假'), []);
      // One of them deletes it, and has it again.
      const account = mail.account(everybody[3]!);
      const inbox = (await account.findMailbox('INBOX'))!;
      const expunge = async (): Promise<void> => {
        const uids = [...(await store.mail.reader.entries(account.accountId, inbox.mailboxId)).uids];
        await account.expunge({ mailboxId: inbox.mailboxId, uids, onlyDeleted: false });
      };
      await expunge();
      assert.deepEqual(await find(account.accountId, '放假'), []);
      await store.search.tidy();
      for (const accountId of everybody.slice(4)) assert.deepEqual(await find(accountId, '放假'), [1]);
      await deliver([account.accountId], '全校放假通知');
      await index();
      assert.deepEqual(await find(account.accountId, '放假'), [2]);
    });

    withIndex(
      'what is deleted is no hit, and tidying gives its space back',
      async ({ store, mail, deliver, index, find }) => {
        await deliver([LI], '会议一');
        await deliver([LI], '会议二');
        await deliver([WANG], '会议三');
        await index();
        const account = mail.account(LI);
        const inbox = (await account.findMailbox('INBOX'))!;
        await account.expunge({ mailboxId: inbox.mailboxId, uids: [1], onlyDeleted: false });
        assert.deepEqual(await find(LI, '会议'), [2]);
        assert.equal(await store.search.tidy(), 1);
        assert.equal(await store.search.tidy(), 0);
        assert.deepEqual(await find(LI, '会议'), [2]);
        await mail.account(WANG).deleteAll();
        assert.deepEqual(await find(WANG, '会议'), []);
        await store.search.tidy();
        assert.deepEqual(await find(LI, '会议'), [2]);
      },
    );

    withIndex('what is forgotten can be indexed again', async ({ store, deliver, index, find }) => {
      await deliver([LI], '会议');
      await deliver([WANG], '会议');
      await index();
      await store.search.forget(LI);
      assert.deepEqual(await store.search.find(LI, parseQuery('会议')), {
        emailIds: [],
        indexedBelow: 1,
      });
      assert.deepEqual(await find(WANG, '会议'), [1]);
      await index();
      assert.deepEqual(await find(LI, '会议'), [1]);
      await store.search.forget('all');
      assert.equal((await store.search.backlog(9)).waiting, 2);
      await index();
      assert.deepEqual([await find(LI, '会议'), await find(WANG, '会议')], [[1], [1]]);
    });

    withIndex('hits are those of looking through every text', async ({ store, deliver, index }) => {
      const unit = fc.constantFrom(...Array.from('会议通知会议a1b -。é\n𠀀'));
      const texts = fc.sample(fc.string({ unit, minLength: 1, maxLength: 60 }), { seed: 4, numRuns: 80 });
      const documents: SearchDocument[] = [];
      for (const [at, text] of texts.entries()) {
        // Told apart, so that each is a message of its own.
        await deliver([LI], `${text} n${at}`);
        documents.push(makeDocument({ body: `${text} n${at}` }));
        // One by one at first: pieces of the index are put together as it grows.
        if (at < 72) await index();
      }
      await index();
      const queries = fc.sample(fc.string({ unit, minLength: 1, maxLength: 4 }), { seed: 5, numRuns: 150 });
      let found = 0;
      for (const needle of queries.flatMap((text) => [toNeedle(text), toPartNeedle(text)])) {
        if (needle === '') continue;
        const query = [{ fields: SEARCH_FIELDS, needle }];
        const expected = documents.flatMap((document, at) => (isHit(document, query) ? [at + 1] : [])).toReversed();
        assert.deepEqual((await store.search.find(LI, query)).emailIds, expected, JSON.stringify(needle));
        found += expected.length;
      }
      assert.ok(found > 100);
    });

    withIndex('the longest text and the strangest needles', async ({ deliver, index, find }) => {
      await deliver([LI], `${'会议 exam '.repeat(40_000)}末尾`);
      await index();
      assert.deepEqual(await find(LI, '末尾'), [1]);
      assert.deepEqual(await find(LI, '"会议 末尾"'), []);
      for (const text of ['"', '\0', '*', 'a OR b', 'NEAR(a b)', '{body} : x', '\ud840', '会'.repeat(2_000), '-会议'])
        assert.ok(Array.isArray(await find(LI, text)), text);
      assert.deepEqual(await find(LI, '-会议'), [1]);
    });
  });
}
