import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { systemClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { Mail } from '#mail/mail.ts';
import { openMemoryStore } from '#store/open-memory.ts';

import { Maildrop } from './maildrop.ts';
import { FakeMail, MESSAGES } from './testing/fake-mail.ts';

const octets = Buffer.from('Subject: 归档\r\n\r\n');

function makeMail(count: number): FakeMail {
  return new FakeMail(Array.from({ length: count }, (_, i) => [i * 2 + 1, octets]));
}

function countCalls(mail: FakeMail, name: string): number {
  return mail.calls.filter((call) => call === name).length;
}

describe('Maildrop', () => {
  it('answers the total of 50,000 messages without reading a size, and numbers that never change', async () => {
    const mail = makeMail(50_000);
    const maildrop = await Maildrop.open(mail.account);
    assert.equal(await maildrop.presentBytes(), 50_000 * octets.length);
    assert.equal(maildrop.presentCount, 50_000);
    assert.equal(countCalls(mail, 'envelopes'), 0);
    mail.expunge([1, 3, 5]);
    mail.deliver(900_000, octets);
    assert.equal(maildrop.uniqueIdOf(4), '1568606400.7');
    assert.equal(maildrop.uniqueIdOf(50_000), '1568606400.99999');
    assert.equal(await maildrop.sizeOf(50_000), octets.length);
    assert.equal(countCalls(mail, 'envelopes'), 1);
  });

  it('adds the sizes up when the counters are of another moment than the rows', async () => {
    const mail = makeMail(2500);
    mail.countersAhead = 1;
    const maildrop = await Maildrop.open(mail.account);
    assert.equal(await maildrop.presentBytes(), 2500 * octets.length);
    assert.equal(countCalls(mail, 'envelopes'), 3);
  });

  it('is not disturbed by another session that refreshes the shared index', async () => {
    const mail = makeMail(10);
    const other = mail.account.openIndex((await mail.account.mailboxes())[0]!.mailboxId);
    await other.index.refresh();
    const maildrop = await Maildrop.open(mail.account);
    mail.expunge([1, 3]);
    await other.index.refresh();
    assert.equal(other.index.list.length, 8);
    assert.equal(maildrop.length, 10);
    assert.deepEqual(await maildrop.read(3, 0, 7), octets.subarray(0, 7));
    await assert.rejects(maildrop.read(1, 0, 7), { code: 'expunged' });
    assert.equal(maildrop.isPresent(1), false);
    other.release();
    assert.equal(mail.account.isOpen, false);
  });

  it('keeps count of octets over marks, gone ones and RSET', async () => {
    const mail = makeMail(5);
    const maildrop = await Maildrop.open(mail.account);
    assert.equal(await maildrop.mark(1), true);
    assert.equal(await maildrop.mark(2), true);
    mail.expunge([9]);
    await assert.rejects(maildrop.read(5, 0, 1));
    assert.equal(await maildrop.presentBytes(), 2 * octets.length);
    maildrop.unmarkAll();
    assert.equal(maildrop.markedCount, 0);
    assert.equal(maildrop.presentCount, 4);
    assert.equal(await maildrop.presentBytes(), 4 * octets.length);
  });

  it('adds up anew when one of unknown size has gone', async () => {
    const mail = new FakeMail(MESSAGES);
    const maildrop = await Maildrop.open(mail.account);
    mail.expunge([7]);
    assert.equal(await maildrop.sizeOf(2), undefined);
    assert.equal(await maildrop.presentBytes(), 57 + 18);
  });

  it('removes what is marked in one call, by uid, whatever became of the numbers', async () => {
    const mail = makeMail(5);
    const maildrop = await Maildrop.open(mail.account);
    await maildrop.mark(2);
    await maildrop.mark(5);
    mail.expunge([1, 3]);
    assert.equal(await maildrop.removeMarked('zhang@kust.example'), 1);
    assert.deepEqual(mail.expungeCalls, [
      {
        mailboxId: 5,
        uids: [3, 9],
        onlyDeleted: false,
        by: { way: 'pop3', login: 'zhang@kust.example', agent: '' },
      },
    ]);
    assert.deepEqual(mail.uids, [5, 7]);
  });

  it('says nothing to the store when nothing is marked', async () => {
    const mail = makeMail(1);
    const maildrop = await Maildrop.open(mail.account);
    assert.equal(await maildrop.removeMarked('zhang@kust.example'), 0);
    assert.deepEqual(mail.expungeCalls, []);
  });
});

describe('Maildrop over a real store', () => {
  it('shows the inbox alone, its total without adding up, and removes from it alone', async (t) => {
    const store = await openMemoryStore({ clock: systemClock });
    const account = new Mail(store.mail).account(1 as AccountId);
    await account.provision();
    const [inbox, archive] = await Promise.all([account.findMailbox('INBOX'), account.findMailbox('Archive')]);
    const message = account.prepareMessage(octets);
    const item = { message, mailboxes: ['inbox' as const], keywords: [] };
    for (let i = 0; i < 3; i++) await account.append({ items: [item], source: 'system' });
    // In both mailboxes at once.
    const both = { ...item, mailboxes: [inbox!.mailboxId, archive!.mailboxId] };
    const { emails } = await account.append({ items: [both], source: 'system' });

    const envelopes = t.mock.method(account, 'envelopes');
    const maildrop = await Maildrop.open(account);
    const before = await Maildrop.open(account);
    assert.equal(maildrop.presentCount, 4);
    assert.equal(await maildrop.presentBytes(), 4 * octets.length);
    assert.equal(envelopes.mock.callCount(), 0);
    assert.deepEqual(await maildrop.read(2, 0, 1000), octets);
    await maildrop.mark(2);
    await maildrop.mark(4);
    assert.equal(await maildrop.removeMarked('zhang@kust.example'), 2);
    assert.equal((await account.findMailbox('Archive'))?.totalEmails, 1);
    assert.deepEqual(await account.readMessage(emails[0]!.emailId), octets);

    const after = await Maildrop.open(account);
    assert.deepEqual(
      [1, 2].map((number) => after.uniqueIdOf(number)),
      [1, 3].map((number) => before.uniqueIdOf(number)),
    );
    assert.equal(await after.presentBytes(), 2 * octets.length);
    await assert.rejects(before.read(2, 0, 10), { code: 'expunged' });
    await store.mail.checkInvariants();
    await store.close();
  });
});
