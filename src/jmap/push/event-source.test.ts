import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { once } from 'node:events';
import type { MailboxId } from '#base/ids.ts';
import { message } from '#jmap/testing/jmap.ts';
import { withJmap, type ServedJmap } from '#jmap/testing/serve.ts';

const timeout = 20_000;

async function deliver({ jmap: { account, clock } }: ServedJmap, receivedAt = clock.now()): Promise<string> {
  const prepared = account.prepareMessage(message('Subject: 会议\n\ntext'));
  const item = { message: prepared, mailboxes: [1 as MailboxId], keywords: [], receivedAt };
  await account.append({ items: [item], source: 'smtp' });
  return String(await account.modSeq());
}

interface Event {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
}

/** Events as they come, comments left out. */
async function openEvents({ base }: ServedJmap, query = '', lastEventId?: string) {
  const stop = new AbortController();
  const { body, status } = await fetch(`${base}/jmap/events?${query}`, {
    signal: stop.signal,
    headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
  });
  assert.equal(status, 200);
  const chunks = (body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  return {
    async next(): Promise<Event | 'end'> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end !== -1) {
          const lines = text.slice(0, end).split('\n');
          text = text.slice(end + 2);
          return Object.fromEntries(
            lines.filter((line) => !line.startsWith(':')).map((line) => line.split(/: (.*)/s, 2)),
          ) as Event;
        }
        const { done, value } = await chunks.read();
        if (done) return 'end';
        text += Buffer.from(value).toString();
      }
    },
    close: () => stop.abort(),
  };
}

function changedBy(event: Event | 'end'): Record<string, string> {
  assert.ok(event !== 'end');
  assert.equal(event.event, 'state');
  return JSON.parse(event.data ?? '').changed['A1'] as Record<string, string>;
}

test('changes of mail, identities, submissions and answers are told, as they are asked for', { timeout }, async () => {
  await withJmap(async (served) => {
    const { jmap } = served;
    const all = await openEvents(served, 'types=*&closeafter=no&ping=0');
    const some = await openEvents(served, 'types=Identity,VacationResponse&closeafter=no&ping=0');
    await all.next();
    await some.next();
    const state = await deliver(served);
    assert.deepEqual(changedBy(await all.next()), {
      Email: state,
      EmailDelivery: state,
      Mailbox: state,
      Thread: state,
      Quota: state,
    });
    const brought = await deliver(served, 1000);
    assert.deepEqual(
      changedBy(await all.next()),
      { Email: brought, Mailbox: brought, Thread: brought, Quota: brought },
      'mail that came to another system long ago is not delivered now',
    );
    const set = await jmap.call('Identity/set', { create: { a: { email: 'zhang@kust.example', name: '张' } } });
    const identity = { Identity: set['newState'] };
    assert.deepEqual(changedBy(await all.next()), identity);
    assert.deepEqual(changedBy(await some.next()), identity);
    await jmap.call('VacationResponse/set', { update: { singleton: { isEnabled: true, textBody: '出差' } } });
    const vacation = { VacationResponse: (await jmap.call('VacationResponse/get'))['state'] };
    assert.deepEqual(changedBy(await all.next()), vacation);
    assert.deepEqual(changedBy(await some.next()), vacation);
    await jmap.services.directory.setVacation({
      accountId: jmap.li,
      isEnabled: true,
      subject: '',
      insideText: 'of another account',
      outsideText: null,
      from: null,
      until: null,
      days: 7,
    });
    const last = await deliver(served);
    assert.equal(changedBy(await all.next())['Email'], last);
    all.close();
    some.close();
  });
});

test('a new address is told of as the identity that it brings', { timeout }, async () => {
  await withJmap(async (served) => {
    const events = await openEvents(served, 'types=Identity&closeafter=no&ping=0');
    await events.next();
    await served.jmap.directory.addAlias(served.jmap.accountId, 'zhang.san@kust.example');
    const { Identity } = changedBy(await events.next());
    assert.equal((await served.jmap.call('Identity/get'))['state'], Identity);
    events.close();
  });
});

test('who comes back is told at once what it missed, and nothing else', { timeout }, async () => {
  await withJmap(async (served) => {
    const first = await openEvents(served, 'types=*&closeafter=no&ping=0');
    const welcome = await first.next();
    assert.ok(welcome !== 'end');
    first.close();
    const state = await deliver(served);
    const second = await openEvents(served, 'types=*&closeafter=state&ping=0', welcome.id);
    await second.next();
    const missed = await second.next();
    assert.deepEqual(changedBy(missed)['Email'], state);
    assert.equal('Identity' in changedBy(missed), false);
    assert.equal(await second.next(), 'end', 'closeafter');
    assert.ok(missed !== 'end');
    const third = await openEvents(served, 'types=*&closeafter=no&ping=0', missed.id);
    await third.next();
    assert.deepEqual(changedBy(await (await deliver(served), third.next()))['Email'], String(Number(state) + 1));
    third.close();
  });
});

test('from a state that there never was, everything has changed', { timeout }, async () => {
  for (const lastEventId of ['nonsense', '99999.0.0.', '1.2.3', `1.1.1.${'x'.repeat(8000)}`, '-1.0.0.x']) {
    await withJmap(async (served) => {
      const events = await openEvents(served, 'types=*&closeafter=no&ping=0', lastEventId);
      await events.next();
      const changed = changedBy(await events.next());
      assert.ok('Email' in changed && 'VacationResponse' in changed, lastEventId);
      events.close();
    });
  }
});

test('it ends with the sign-in, and leaves nobody watching', { timeout }, async () => {
  await withJmap(async (served) => {
    const events = await openEvents(served, 'types=*&closeafter=no&ping=0');
    await events.next();
    assert.equal(served.watched(), 1);
    served.signOut();
    assert.equal(await events.next(), 'end');
    assert.equal(served.watched(), 0);
  });
});

test('one who never reads holds up no change and is no more than its connection', { timeout }, async () => {
  await withJmap(async (served) => {
    const socket = connect(served.port, '127.0.0.1');
    socket.pause();
    socket.write('GET /jmap/events?types=*&closeafter=no&ping=0 HTTP/1.1\r\nhost: x\r\n\r\n');
    const events = await openEvents(served, 'types=Email&closeafter=no&ping=0');
    await events.next();
    let state = '';
    for (let n = 0; n < 50; n++) state = await deliver(served);
    let told = '';
    while (told !== state) told = changedBy(await events.next())['Email'] ?? '';
    socket.destroy();
    await once(socket, 'close');
    events.close();
  });
});
