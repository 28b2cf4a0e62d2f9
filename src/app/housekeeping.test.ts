import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { openTestStore } from '#test/harness/stores.ts';
import { forgetDeletions } from './housekeeping.ts';

test('what was deleted long ago is forgotten, of every account and however much', async () => {
  const clock = new FakeClock();
  const store = await openTestStore('sqlite', { clock });
  const mail = new Mail(store.mail);
  const by = { way: 'imap', login: 'li@kust.example', agent: '' } as const;
  const accountIds = [1, 2, 3].map((id) => id as AccountId);
  const message = mail.prepareMessage(Buffer.from('Subject: x\r\n\r\n'));
  const remove = async (accountId: AccountId, count: number): Promise<void> => {
    const account = mail.account(accountId);
    await account.provision();
    const items = Array.from({ length: count }, () => ({ message, mailboxes: ['inbox' as const], keywords: [] }));
    await account.append({ items, source: 'imap' });
    const inbox = (await account.mailboxes()).find(({ role }) => role === 'inbox')?.mailboxId ?? assert.fail();
    await account.expunge({ mailboxId: inbox, onlyDeleted: false, uids: items.map((_, at) => at + 1), by });
  };
  await remove(accountIds[0] as AccountId, 3);
  await remove(accountIds[1] as AccountId, 450);
  clock.advance(DAY_MS);
  await remove(accountIds[2] as AccountId, 2);
  await forgetDeletions(store.mail, clock.now() - DAY_MS + 1);
  const left = await Promise.all(accountIds.map(async (id) => (await mail.account(id).latestDeletions(500)).length));
  assert.deepEqual(left, [0, 0, 2]);
  await store.close();
});
