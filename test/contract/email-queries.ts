/**
 * Queries of Emails on a backend: random mail, random queries, each answered as a plain reading of RFC 8621 §4.4 over
 * all rows answers it, page by page; and changes that lead from any old answer to the new one (RFC 8620 §5.6).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { MailAccount } from '#mail/account.ts';
import {
  type EmailComparator,
  type EmailCondition,
  type EmailFilter,
  type EmailQuery,
  isOperator,
  type MatchText,
  type QueryAnswer,
} from '#mail/email-query.ts';
import { unpackKeywords } from '#mail/keywords.ts';
import { Mail } from '#mail/mail.ts';
import type { EmailListRow } from '#mail/ports/mail-store.ts';
import type { AccountId, EmailId, EmailRow, MailboxId, ModSeq } from '#mail/types.ts';
import { baseSubject } from '#mime/base-subject.ts';
import type { TestStore } from '#test/harness/stores.ts';

const LI = 7 as AccountId;
const BOXES = [1, 2, 3, 99] as MailboxId[];
const KEYWORDS = ['$seen', '$flagged', '$draft', 'todo'];
const SUBJECTS = ['budget', 'Re: budget', '会议', 'Zeit'];

const keyword = fc.constantFrom(...KEYWORDS, '$SEEN');
const box = fc.constantFrom(...BOXES);
const time = fc.integer({ min: 0, max: 12 });
const size = fc.integer({ min: 60, max: 160 });
const condition: fc.Arbitrary<EmailCondition> = fc.oneof(
  fc.record({ inMailbox: box }),
  fc.record({ inMailbox: box, notKeyword: fc.constantFrom('$seen', '$flagged', 'todo') }),
  fc.record({ inMailbox: box, hasKeyword: keyword }),
  fc.record({ inMailbox: box, before: time, after: time }),
  fc.record({ inMailboxOtherThan: fc.uniqueArray(box, { maxLength: 2 }) }),
  fc.record({ before: time }),
  fc.record({ after: time }),
  fc.record({ minSize: size }),
  fc.record({ maxSize: size }),
  fc.record({ allInThreadHaveKeyword: keyword }),
  fc.record({ someInThreadHaveKeyword: keyword }),
  fc.record({ noneInThreadHaveKeyword: keyword }),
  fc.record({ hasKeyword: keyword }),
  fc.record({ notKeyword: keyword }),
  fc.record({ hasAttachment: fc.boolean() }),
  fc.record({ subject: fc.constantFrom('b', '会'), inMailbox: box }),
  fc.record({ text: fc.constantFrom('0', '1', '2') }),
  fc.constant({}),
);
const operator = fc.constantFrom('AND' as const, 'OR' as const, 'NOT' as const);
const combined = fc.record({ operator, conditions: fc.array(condition, { maxLength: 3 }) });
const filter: fc.Arbitrary<EmailFilter | undefined> = fc.oneof(
  { weight: 4, arbitrary: condition },
  { weight: 2, arbitrary: combined },
  {
    weight: 1,
    arbitrary: fc.record({ operator, conditions: fc.array(fc.oneof(combined, condition), { maxLength: 2 }) }),
  },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const comparator: fc.Arbitrary<EmailComparator> = fc.oneof(
  fc.record({ isAscending: fc.boolean(), property: fc.constant('receivedAt' as const) }),
  fc.record({
    isAscending: fc.boolean(),
    property: fc.constantFrom('size' as const, 'from' as const, 'to' as const, 'subject' as const, 'sentAt' as const),
  }),
  fc.record({
    isAscending: fc.boolean(),
    property: fc.constantFrom(
      'hasKeyword' as const,
      'allInThreadHaveKeyword' as const,
      'someInThreadHaveKeyword' as const,
    ),
    keyword,
  }),
);
const sort = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc.boolean().map((isAscending): EmailComparator[] => [{ property: 'receivedAt', isAscending }]),
  },
  { weight: 3, arbitrary: fc.array(comparator, { minLength: 1, maxLength: 2 }) },
);
const query: fc.Arbitrary<EmailQuery> = fc
  .record({ filter, sort, collapseThreads: fc.boolean() })
  .map(({ filter: given, ...rest }) => (given === undefined ? rest : { ...rest, filter: given }));

interface Letter {
  readonly thread: number;
  readonly subject: string;
  readonly at: number;
  readonly sentAt: number;
  readonly keywords: string[];
  readonly boxes: number[];
  readonly isAttached: boolean;
  readonly from: string;
}

const letter: fc.Arbitrary<Letter> = fc.record({
  thread: fc.nat({ max: 4 }),
  subject: fc.constantFrom(...SUBJECTS),
  at: time,
  sentAt: fc.nat({ max: 3 }),
  keywords: fc.uniqueArray(fc.constantFrom(...KEYWORDS), { maxLength: 2 }),
  boxes: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  isAttached: fc.boolean(),
  from: fc.constantFrom('a@x', 'Zoe <b@x>', '王 <c@x>', ''),
});

let written = 0;

async function put(mail: Mail, account: MailAccount, letters: readonly Letter[]): Promise<void> {
  const items = letters.map((one) => {
    const attached = 'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n';
    const from = one.from === '' ? '' : `From: ${one.from}\r\n`;
    const date = one.sentAt === 0 ? '' : `Date: Mon, 16 Sep 2019 10:0${one.sentAt}:00 +0800\r\n`;
    const text = `${from}${date}Message-ID: <t${one.thread}@x>\r\nSubject: ${one.subject}\r\n${one.isAttached ? attached : ''}\r\n${written++}\r\n`;
    return {
      message: mail.prepareMessage(Buffer.from(text)),
      mailboxes: one.boxes as MailboxId[],
      keywords: one.keywords,
      receivedAt: one.at,
    };
  });
  await account.append({ items, source: 'jmap' });
}

/** A stand-in for an index of words, which knows an Email by its id alone: subjects at once, texts only by a look at each. */
const matchText: MatchText = async ({ text, subject }) => {
  const ids = Array.from({ length: 200 }, (_, id) => id as EmailId);
  const among = new Set(ids.filter((id) => subject === undefined || (id & 1) === (subject === 'b' ? 0 : 1)));
  if (text === undefined) return { among };
  return { among, settle: async (some) => new Set(some.filter((id) => id % 3 === Number(text))) };
};

/** All that fits, by reading everything. */
async function ask(
  account: MailAccount,
  { filter: asked, sort: order = [], collapseThreads }: EmailQuery,
): Promise<EmailId[]> {
  const ids = Array.from({ length: 200 }, (_, id) => id as EmailId);
  const emails = await account.emails(ids);
  const lists = new Map((await account.listRows(ids)).map((row) => [row.emailId, row]));
  const wordsOf = (email: Pick<EmailRow, 'flags' | 'keywords'>): string[] => unpackKeywords(email);
  const has = (email: EmailRow, name: string): boolean => wordsOf(email).includes(name.toLowerCase());
  const threadOf = (email: EmailRow): EmailRow[] => emails.filter(({ threadId }) => threadId === email.threadId);
  const texts = { b: (await matchText({ subject: 'b' })).among, 会: (await matchText({ subject: '会' })).among };

  const fits = (email: EmailRow, one: EmailFilter): boolean => {
    if (isOperator(one)) {
      const results = one.conditions.map((inner) => fits(email, inner));
      if (one.operator === 'AND') return results.every(Boolean);
      return one.operator === 'OR' ? results.some(Boolean) : !results.some(Boolean);
    }
    const inBoxes = email.placements.map(({ mailboxId }) => mailboxId);
    return [
      one.inMailbox === undefined || inBoxes.includes(one.inMailbox),
      one.inMailboxOtherThan === undefined || inBoxes.some((id) => one.inMailboxOtherThan?.includes(id) === false),
      one.before === undefined || email.receivedAt < one.before,
      one.after === undefined || email.receivedAt >= one.after,
      one.minSize === undefined || email.sizeBytes >= one.minSize,
      one.maxSize === undefined || email.sizeBytes < one.maxSize,
      one.allInThreadHaveKeyword === undefined ||
        threadOf(email).every((e) => has(e, one.allInThreadHaveKeyword ?? '')),
      one.someInThreadHaveKeyword === undefined ||
        threadOf(email).some((e) => has(e, one.someInThreadHaveKeyword ?? '')),
      one.noneInThreadHaveKeyword === undefined ||
        !threadOf(email).some((e) => has(e, one.noneInThreadHaveKeyword ?? '')),
      one.hasKeyword === undefined || has(email, one.hasKeyword),
      one.notKeyword === undefined || !has(email, one.notKeyword),
      one.hasAttachment === undefined || lists.get(email.emailId)?.summary.hasAttachment === one.hasAttachment,
      one.text === undefined || email.emailId % 3 === Number(one.text),
      one.subject === undefined || texts[one.subject as 'b' | '会'].has(email.emailId),
    ].every(Boolean);
  };
  const key = (email: EmailRow, by: EmailComparator): number | string => {
    const { summary } = lists.get(email.emailId) as EmailListRow;
    switch (by.property) {
      case 'receivedAt':
        return email.receivedAt;
      case 'size':
        return email.sizeBytes;
      case 'from':
      case 'to': {
        const [first] = summary[by.property];
        return (first?.name ?? first?.email ?? '').toLowerCase();
      }
      case 'subject':
        return baseSubject(summary.subject);
      case 'sentAt':
        return summary.sentAtMs ?? email.receivedAt;
      case 'hasKeyword':
        return has(email, by.keyword) ? 1 : 0;
      case 'allInThreadHaveKeyword':
        return threadOf(email).every((e) => has(e, by.keyword)) ? 1 : 0;
      case 'someInThreadHaveKeyword':
        return threadOf(email).some((e) => has(e, by.keyword)) ? 1 : 0;
      // The stand-in weighs nothing.
      case 'relevance':
        return 0;
    }
  };
  const comparators: readonly EmailComparator[] =
    order.length === 0 ? [{ property: 'receivedAt', isAscending: false }] : order;
  const list = emails
    .filter((email) => asked === undefined || fits(email, asked))
    .toSorted((a, b) => {
      for (const by of comparators) {
        const [left, right] = [key(a, by), key(b, by)];
        if (left !== right) return left < right === by.isAscending ? -1 : 1;
      }
      return comparators.at(-1)?.isAscending === true ? a.emailId - b.emailId : b.emailId - a.emailId;
    });
  const shown = new Set<number>();
  return list
    .filter(({ threadId }) => {
      if (collapseThreads === true && shown.has(threadId)) return false;
      shown.add(threadId);
      return true;
    })
    .map(({ emailId }) => emailId);
}

async function all(account: MailAccount, one: EmailQuery): Promise<QueryAnswer> {
  const answer = await account.queryEmails(one, { limit: 1_000 }, matchText);
  assert.ok(answer !== 'anchorNotFound');
  return answer;
}

/** Pages, anchors and totals are of the list that a plain reading gives. */
async function checkPages(account: MailAccount, one: EmailQuery): Promise<void> {
  const wanted = await ask(account, one);
  const told = JSON.stringify(one);
  assert.deepEqual((await all(account, one)).emailIds, wanted, told);
  const { length } = wanted;
  for (const [position, limit] of [
    [0, 2],
    [1, 3],
    [length - 1, 5],
    [length + 3, 5],
    [-3, 2],
    [-1_000, 2],
  ] as const) {
    for (const calculateTotal of [false, true]) {
      const page = await account.queryEmails(one, { position, limit, calculateTotal }, matchText);
      assert.ok(page !== 'anchorNotFound');
      const start = position < 0 ? Math.max(0, length + position) : position;
      assert.deepEqual(page.emailIds, wanted.slice(start, start + limit), `${told} at ${position}`);
      assert.equal(page.position, start);
      assert.equal(page.total, calculateTotal ? length : undefined, told);
    }
  }
  for (const anchor of [1, 2, 150] as EmailId[]) {
    for (const anchorOffset of [0, -2, 2]) {
      const page = await account.queryEmails(one, { anchor, anchorOffset, limit: 3 }, matchText);
      const at = wanted.indexOf(anchor);
      if (at < 0) {
        assert.equal(page, 'anchorNotFound', told);
        continue;
      }
      assert.ok(page !== 'anchorNotFound', told);
      const start = Math.max(0, at + anchorOffset);
      assert.deepEqual([page.emailIds, page.position], [wanted.slice(start, start + 3), start], told);
    }
  }
}

type Step =
  | { readonly kind: 'put'; readonly letter: Letter }
  | { readonly kind: 'keywords'; readonly id: number; readonly keyword: string; readonly isAdded: boolean }
  | { readonly kind: 'boxes'; readonly id: number; readonly boxes: number[] }
  | { readonly kind: 'destroy'; readonly id: number };

const emailId = fc.integer({ min: 1, max: 16 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), letter }),
  fc.record({
    kind: fc.constant('keywords' as const),
    id: emailId,
    keyword: fc.constantFrom(...KEYWORDS),
    isAdded: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('boxes' as const),
    id: emailId,
    boxes: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('destroy' as const), id: emailId }),
);

const letters = fc.array(letter, { maxLength: 14 });
const queries = fc.array(query, { minLength: 4, maxLength: 8 });
const steps = fc.array(step, { maxLength: 5 });

async function take(mail: Mail, account: MailAccount, one: Step): Promise<void> {
  if (one.kind === 'put') return put(mail, account, [one.letter]);
  const id = one.id as EmailId;
  const set = { update: [], destroy: [] };
  if (one.kind === 'destroy') await account.setEmails({ ...set, destroy: [id] });
  else if (one.kind === 'boxes')
    await account.setEmails({ ...set, update: [{ emailId: id, mailboxes: { replace: one.boxes as MailboxId[] } }] });
  else {
    const patch = one.isAdded ? { add: [one.keyword] } : { remove: [one.keyword] };
    await account.setEmails({ ...set, update: [{ emailId: id, keywords: patch }] });
  }
}

/** RFC 8620 §5.6: the algorithm of the client. */
function apply(
  old: readonly EmailId[],
  removed: readonly EmailId[],
  added: readonly { emailId: EmailId; index: number }[],
): EmailId[] {
  const list = old.filter((id) => !removed.includes(id));
  for (const one of added) list.splice(one.index, 0, one.emailId);
  return list;
}

export function emailQueryContract(name: string, open: () => Promise<TestStore>, runs: number): void {
  const withAccount = async (
    body: (mail: Mail, account: MailAccount, asked: readonly EmailQuery[], taken: readonly Step[]) => Promise<void>,
  ): Promise<void> => {
    const store = await open();
    const mail = new Mail(store.mail);
    let accountId = LI as number;
    try {
      await fc.assert(
        fc.asyncProperty(letters, queries, steps, async (given, asked, taken) => {
          const account = mail.account(accountId++ as AccountId);
          await account.provision();
          if (given.length > 0) await put(mail, account, given);
          await body(mail, account, asked, taken);
        }),
        { numRuns: runs },
      );
    } catch (error) {
      await store.discard();
      throw error;
    }
    await store.close();
  };

  describe(`queries of Emails: ${name}`, { concurrency: false }, () => {
    test('are answered as a plain reading answers them', () =>
      withAccount(async (_, account, asked) => {
        for (const one of asked) await checkPages(account, one);
      }));

    test('have changes that lead from the old answer to the new', () =>
      withAccount(async (mail, account, asked, taken) => {
        const before = await Promise.all(asked.map((one) => all(account, one)));
        for (const one of taken) await take(mail, account, one);
        for (const [at, one] of asked.entries()) {
          const old = before[at] as QueryAnswer;
          const told = JSON.stringify(one);
          const wanted = await ask(account, one);
          for (const calculateTotal of [false, true]) {
            const changes = await account.queryEmailChanges(one, old.modSeq, { calculateTotal }, matchText);
            assert.ok(typeof changes === 'object', told);
            assert.deepEqual(apply(old.emailIds, changes.removed, changes.added), wanted, told);
            assert.equal(changes.modSeq, await account.modSeq());
            assert.equal(changes.total, calculateTotal ? wanted.length : undefined);
            const count = changes.removed.length + changes.added.length;
            if (count > 0)
              assert.equal(
                await account.queryEmailChanges(one, old.modSeq, { maxChanges: count - 1 }, matchText),
                'tooMany',
              );
          }
          // What comes behind an id that is there in both may be left out, and nothing else.
          const upToId = old.emailIds.find((id) => wanted.includes(id));
          if (upToId === undefined) continue;
          const changes = await account.queryEmailChanges(one, old.modSeq, { upToId }, matchText);
          assert.ok(typeof changes === 'object', told);
          const end = wanted.indexOf(upToId) + 1;
          assert.deepEqual(
            apply(old.emailIds, changes.removed, changes.added).slice(0, end),
            wanted.slice(0, end),
            told,
          );
        }
      }));

    test('know what cannot be told', async () => {
      const store = await open();
      const account = new Mail(store.mail).account(LI);
      assert.equal(await account.queryEmailChanges({}, 0 as ModSeq), 'cannotCalculate');
      assert.deepEqual(await account.queryEmails({}, { limit: 5, calculateTotal: true }), {
        emailIds: [],
        position: 0,
        total: 0,
        modSeq: 0,
      });
      await account.provision();
      const modSeq = await account.modSeq();
      assert.deepEqual(await account.queryEmailChanges({}, modSeq), { removed: [], added: [], modSeq });
      assert.equal(await account.queryEmailChanges({}, (modSeq + 1) as ModSeq), 'cannotCalculate');
      await account.renew();
      assert.equal(await account.queryEmailChanges({}, modSeq), 'cannotCalculate');
      await assert.rejects(
        account.queryEmails({ filter: { hasKeyword: 'no keyword' } }, { limit: 1 }),
        /not a keyword/,
      );
      await assert.rejects(account.queryEmails({ filter: { text: '会议' } }, { limit: 1 }), /nothing to search/);
      await store.close();
    });

    test('Emails are changed and destroyed by id, each by itself', async () => {
      const store = await open();
      const mail = new Mail(store.mail);
      const account = mail.account(LI);
      await account.provision();
      const one = {
        thread: 0,
        subject: '会议',
        at: 1,
        sentAt: 0,
        keywords: ['todo'],
        boxes: [1],
        isAttached: false,
        from: '',
      };
      await put(mail, account, [one, one, { ...one, boxes: [1, 2] }, one]);
      const ifModSeq = await account.modSeq();
      const result = await account.setEmails({
        ifModSeq,
        update: [
          {
            emailId: 1 as EmailId,
            keywords: { add: ['$Seen', 'x'], remove: ['todo'] },
            mailboxes: { add: [2 as MailboxId] },
          },
          { emailId: 2 as EmailId, mailboxes: { replace: [99 as MailboxId] } },
          { emailId: 3 as EmailId, mailboxes: { remove: [1, 2] as MailboxId[] } },
          { emailId: 50 as EmailId, keywords: { replace: [] } },
          { emailId: 1 as EmailId, keywords: { replace: [] } },
          { emailId: 4 as EmailId, keywords: { replace: [] } },
        ],
        destroy: [4 as EmailId, 51 as EmailId],
      });
      assert.deepEqual([result.oldModSeq, result.modSeq], [ifModSeq, ifModSeq + 1]);
      assert.deepEqual([result.updated, result.destroyed], [[1], [4]]);
      assert.deepEqual(
        result.failed.map(({ emailId: id, error }) => [id, error.code]),
        [
          [51, 'notFound'],
          [2, 'invalid'],
          [3, 'invalid'],
          [50, 'notFound'],
          [1, 'notFound'],
          [4, 'notFound'],
        ],
      );
      const [first] = await account.emails([1 as EmailId]);
      assert.deepEqual(first?.placements, [
        { mailboxId: 1, uid: 1, deleted: false },
        { mailboxId: 2, uid: 2, deleted: false },
      ]);
      assert.deepEqual(unpackKeywords(first), ['$seen', 'x']);
      await assert.rejects(account.setEmails({ ifModSeq, update: [], destroy: [] }), /has changed/);
      // Nothing to do is nothing done.
      const update = [{ emailId: 1 as EmailId, keywords: { add: ['$seen'] }, mailboxes: { remove: [3 as MailboxId] } }];
      assert.equal((await account.setEmails({ update, destroy: [] })).modSeq, ifModSeq + 1);
      assert.equal(await account.modSeq(), ifModSeq + 1);
      assert.deepEqual(await account.threads([1, 9] as never[]), new Map([[1, [1, 2, 3]]]));
      const [structure] = await account.structures([2, 60] as EmailId[]);
      assert.deepEqual(structure, { emailId: 2, structure: await account.structure(2 as EmailId) });
      await store.close();
    });
  });
}
