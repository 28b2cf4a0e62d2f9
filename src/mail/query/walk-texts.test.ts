import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, EmailId } from '#base/ids.ts';
import type { MatchText } from '#mail/email-query.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { Mail } from '#mail/mail.ts';
import { openTestStore } from '#test/harness/stores.ts';

const ME = 5 as AccountId;
const LETTERS = MAIL_LIMITS.textsSettled * 3;
const WITH_FILE =
  'Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\n' +
  'Content-Disposition: attachment; filename=a.txt\r\n\r\nfile\r\n--b--\r\n';

test('while words have to be looked for in letters themselves, only those are read that may be on the page', async (t) => {
  const store = await openTestStore('memory');
  t.after(() => store.close());
  const account = new Mail(store.mail).account(ME);
  const [plain, withFile] = ['Subject: x\r\n\r\ntext\r\n', WITH_FILE].map((octets) =>
    account.prepareMessage(Buffer.from(octets)),
  );
  assert.ok(plain && withFile);
  const items = Array.from({ length: LETTERS }, (_, n) => ({
    message: n % 3 === 0 ? withFile : plain,
    mailboxes: ['inbox' as const],
    keywords: n % 2 === 0 ? ['$seen'] : [],
    receivedAt: n * 1000,
  }));
  await account.append({ source: 'imap', items });
  const ids = Array.from({ length: LETTERS }, (_, n) => (n + 1) as EmailId);
  const isMarked = (id: EmailId) => (id - 1) % 3 === 0;
  /** What the index does not know yet; every letter but each fifth has the words. */
  const hasWords = (id: EmailId) => id % 5 !== 0;
  const read: EmailId[] = [];
  const lagging: MatchText = async () => ({
    among: new Set(ids),
    settle: async (some) => {
      read.push(...some);
      return new Set(some.filter(hasWords));
    },
  });
  const page = async (filter: object, limit: number) => {
    read.length = 0;
    const query = {
      filter: { text: '毕业', ...filter },
      sort: [{ property: 'receivedAt', isAscending: false }],
    } as const;
    const answer = await account.queryEmails(query, { limit }, lagging);
    return typeof answer === 'object' ? answer.emailIds : [];
  };
  const expected = (fits: (id: EmailId) => boolean) => ids.toReversed().filter((id) => fits(id) && hasWords(id));

  assert.deepEqual(await page({ hasAttachment: true }, 5), expected(isMarked).slice(0, 5));
  assert.ok(read.every(isMarked) && read.length <= 10, `read ${read.join()}`);
  const isUnread = (id: EmailId) => (id - 1) % 2 === 1;
  assert.deepEqual(await page({ notKeyword: '$seen' }, 5), expected(isUnread).slice(0, 5));
  assert.ok(read.every(isUnread) && read.length <= 10, `read ${read.join()}`);
  assert.deepEqual(await page({ hasAttachment: true }, LETTERS), expected(isMarked), 'all, where all are wanted');
  assert.ok(read.every(isMarked), 'what has no attachment is not read');
});
