/** What its sender takes back goes out of mail programs that have the mailbox open, without their asking anew. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '#imap/testing/test-server.ts';
import { LI, openJmap, ZHANG } from '#jmap/testing/jmap.ts';

for (const kind of ['memory', 'sqlite'] as const) {
  test(`a recalled message leaves the clients that have it: ${kind}`, async (t) => {
    const jmap = await openJmap(kind);
    const { clock, call } = jmap;
    clock.advance(Date.UTC(2026, 10, 28) - clock.now());
    t.after(() => jmap.store.close());
    await using server = await startServer({ mail: jmap.store.mail, close: async () => {} }, { clock });
    const { list: identities } = await call('Identity/get');
    const email = {
      mailboxIds: { [await jmap.mailboxOf('drafts')]: true },
      from: [{ name: null, email: ZHANG }],
      to: [ZHANG, LI].map((address) => ({ name: null, email: address })),
      subject: '发错了',
    };
    await jmap.put('Subject: before\n\nx\n');
    const { created } = await call('Email/set', { create: { a: email } });
    const emailId = created.a.id as string;
    await call('EmailSubmission/set', { create: { s: { identityId: identities[0].id, emailId } } });
    await jmap.trace.flush();
    const imap = await server.open('SELECT INBOX');
    const { ids } = await call('MessageTrace/query', { filter: { direction: 'out' } });
    const { results } = await call('MessageTrace/recall', { id: ids[0] });
    assert.deepEqual(
      results.map(({ recalled }: { readonly recalled: number }) => recalled),
      [1, 1],
    );
    const told = await imap.ask('NOOP');
    assert.deepEqual(
      told.filter((line: string) => line.endsWith('EXPUNGE')),
      ['* 2 EXPUNGE'],
    );
  });
}
