/** What every SsoStore promises, as tests; called by each backend. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FakeClock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { SsoStore } from '#sso/ports/sso-store.ts';
import type { TestStore } from '#test/harness/stores.ts';

export function ssoStoreContract(name: string, open: () => Promise<TestStore>): void {
  const withStore = (title: string, body: (store: SsoStore, clock: FakeClock) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await body(opened.sso, opened.clock as FakeClock);
      } finally {
        await opened.close();
      }
    });
  };

  describe(`SsoStore contract: ${name}`, () => {
    withStore('somebody without a mailbox has one ticket until it is closed', async (store, clock) => {
      const firstAt = clock.now();
      const given = { number: '20050012', name: '尉迟·雪 (سعد)' };
      const first = await store.run('noteUnlinked', { ticketId: 'AAAA2222', ...given });
      clock.advance(1000);
      const second = await store.run('noteUnlinked', { ticketId: 'BBBB2222', ...given, name: '雪' });
      const expected = { ticketId: 'AAAA2222', number: '20050012', firstAt, closedAt: null };
      assert.deepEqual(first, { ...expected, name: given.name, lastAt: firstAt, visits: 1 });
      assert.deepEqual(second, { ...expected, name: '雪', lastAt: firstAt + 1000, visits: 2 });
      assert.deepEqual(await store.reader.ticket('AAAA2222'), second);
      assert.deepEqual(await store.reader.openTicketOf('20050012'), second);
      await store.run('noteUnlinked', { ticketId: 'CCCC2222', number: '1', name: '' });
      clock.advance(1000);
      await store.run('noteUnlinked', { ticketId: 'DDDD2222', number: '2', name: '' });
      assert.deepEqual(
        (await store.reader.openTickets(2)).map(({ ticketId }) => ticketId),
        ['DDDD2222', 'AAAA2222'],
      );
      assert.equal(await store.reader.countOpenTickets(), 3);

      assert.equal(await store.run('closeTicket', { number: '20050012' }), true);
      assert.equal(await store.run('closeTicket', { number: '20050012' }), false);
      assert.equal(await store.reader.openTicketOf('20050012'), undefined);
      assert.equal((await store.reader.ticket('AAAA2222'))?.closedAt, clock.now());
      const again = await store.run('noteUnlinked', { ticketId: 'EEEE2222', ...given });
      assert.equal((again as { ticketId: string }).ticketId, 'EEEE2222');
    });

    withStore('a session is taken once, and the old are forgotten', async (store, clock) => {
      const row = { indexHash: 'h1', accountId: 7 as AccountId, sessionId: 's', createdAt: clock.now() };
      await store.run('remember', row);
      assert.deepEqual(await store.reader.session('h1'), row);
      assert.equal(await store.reader.session('H1'), undefined);
      assert.deepEqual(await store.run('take', { indexHash: 'h1' }), row);
      assert.equal(await store.run('take', { indexHash: 'h1' }), null);

      await store.run('remember', row);
      await store.run('noteUnlinked', { ticketId: 'AAAA2222', number: '1', name: '' });
      await store.run('noteUnlinked', { ticketId: 'BBBB2222', number: '2', name: '' });
      await store.run('closeTicket', { number: '1' });
      clock.advance(1000);
      await store.run('remember', { ...row, indexHash: 'h2', createdAt: clock.now() });
      assert.equal(await store.run('forget', { before: clock.now(), limit: 1 }), 1);
      assert.equal(await store.run('forget', { before: clock.now(), limit: 10 }), 1);
      assert.equal(await store.reader.session('h1'), undefined);
      assert.notEqual(await store.reader.session('h2'), undefined);
      assert.equal(await store.reader.ticket('AAAA2222'), undefined);
      assert.notEqual(await store.reader.ticket('BBBB2222'), undefined);
    });
  });
}
