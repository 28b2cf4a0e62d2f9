import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { sweepMail } from './sweep-mail.ts';

const LI = 1 as AccountId;
const WANG = 2 as AccountId;
const HELD = 3 as AccountId;

test('what has lain in the trash or the junk for long enough goes, and can be had back; what is on hold stays', async () => {
  const clock = new FakeClock();
  const store = await openTestStore('sqlite', { clock });
  const mail = new Mail(store.mail);
  const put = async (accountId: AccountId, role: 'inbox' | 'trash' | 'junk', count: number) => {
    const message = mail.prepareMessage(Buffer.from(`Subject: ${role}\r\n\r\n`));
    const items = Array.from({ length: count }, () => ({ message, mailboxes: [role], keywords: [] }));
    await mail.account(accountId).append({ items, source: 'imap' });
  };
  const left = async (accountId: AccountId) =>
    (await mail.account(accountId).mailboxes())
      .filter(({ totalEmails }) => totalEmails > 0)
      .map(({ role, totalEmails }) => `${role}: ${totalEmails}`);
  const days = { deletedDays: 30, trashDays: 30, junkDays: 15 };
  const sweep = (kept: Partial<typeof days> = {}) =>
    sweepMail({
      store: store.mail,
      config: { mail: { ...days, ...kept } },
      isKept: async (accountId) => accountId === HELD,
    });
  for (const accountId of [LI, WANG, HELD]) await mail.account(accountId).provision();
  await put(LI, 'inbox', 3);
  await put(LI, 'trash', 450);
  await put(LI, 'junk', 2);
  await put(HELD, 'trash', 1);

  assert.equal(await sweep(), 0);
  clock.advance(15 * DAY_MS);
  await put(LI, 'junk', 1);
  assert.equal(await sweep(), 2);
  await put(WANG, 'trash', 1);
  clock.advance(15 * DAY_MS);
  assert.equal(await sweep({ trashDays: 0, junkDays: 0 }), 0, 'not where the school wants it to stay');
  assert.equal(await sweep(), 451);
  assert.deepEqual(await Promise.all([LI, WANG, HELD].map(left)), [['inbox: 3'], ['trash: 1'], ['trash: 1']]);
  const [latest] = await mail.account(LI).latestDeletions(1);
  assert.deepEqual([latest?.way, latest?.login, latest?.path], ['server', '', 'Junk']);
  assert.equal((await mail.account(LI).latestDeletions(1000)).length, 453);

  clock.advance(30 * DAY_MS);
  assert.equal(await sweep({ deletedDays: 0 }), 1);
  assert.equal((await mail.account(WANG).latestDeletions(10)).length, 0);
  await store.close();
});
