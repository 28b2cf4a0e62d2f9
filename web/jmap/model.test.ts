/**
 * The whole client against random life: others change the account while the user acts, lines break, answers get lost.
 * When all is quiet again, what is shown equals what a client that begins now would fetch.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openClient, type Client } from './client.ts';
import { Connection } from './connection.ts';
import type { ListSpec } from './queries.ts';
import { FakeBrowser } from './testing/fake-browser.ts';
import { ACCOUNT, FakeServer } from './testing/fake-server.ts';

type Step = (world: World, number: number) => void;

interface World {
  readonly server: FakeServer;
  readonly browser: FakeBrowser;
  readonly client: Client;
}

const MAILBOXES = ['M-inbox', 'M-archive', 'M-trash'];
const SPECS: readonly ListSpec[] = MAILBOXES.flatMap((inMailbox) =>
  [false, true].map((collapseThreads) => ({
    filter: { inMailbox },
    sort: [{ property: 'receivedAt', isAscending: false }],
    collapseThreads,
  })),
);
const WORDS: ListSpec = {
  filter: { inMailbox: 'M-inbox', subject: '会议' },
  sort: [{ property: 'receivedAt', isAscending: false }],
  collapseThreads: false,
};
const UNREAD: ListSpec = { filter: { notKeyword: '$seen' }, sort: [{ property: 'size' }], collapseThreads: false };

const nth = <Item>(items: readonly Item[], number: number) => items[number % items.length] as Item;
const some = ({ server }: World, number: number) => nth(server.emailIds(), number);
const mailboxIds = (number: number) => ({ [nth(MAILBOXES, number)]: true as const });

/** What happens; `number` chooses among what there is. */
const STEPS: Readonly<Record<string, Step>> = {
  deliver: ({ server }, number) => {
    const threadId = number % 3 === 0 ? server.email(nth(server.emailIds(), number))?.threadId : undefined;
    server.deliver(threadId === undefined ? {} : { threadId });
  },
  deliverOld: ({ server }) => void server.deliver({ receivedAt: '2020-01-01T00:00:00Z' }),
  othersRead: (world, number) => world.server.change(some(world, number), { keywords: { $seen: true } }),
  othersUnread: (world, number) => world.server.change(some(world, number), { keywords: {} }),
  othersMove: (world, number) => world.server.change(some(world, number), { mailboxIds: mailboxIds(number >> 4) }),
  othersDestroy: (world, number) => world.server.destroy(some(world, number)),
  forget: ({ server }) => server.forgetHistory(),
  announce: ({ server }) => server.announce(),
  read: (world, number) => world.client.actions.markRead([some(world, number)], number % 2 === 0),
  flag: (world, number) => world.client.actions.flag([some(world, number), some(world, number + 1)], true),
  move: (world, number) => world.client.actions.move([some(world, number)], nth(MAILBOXES, number >> 4)),
  trash: (world, number) => void world.client.actions.moveToTrash([some(world, number)]),
  destroy: (world, number) => world.client.actions.destroy([some(world, number)]),
  undo: ({ client }) => void client.changes.undo(),
  show: ({ client }, number) => client.lists.open(nth(SPECS, number)).show(number % 90, (number % 90) + 10),
  lose: ({ server }) => void server.mishaps.push('lost'),
  fail: ({ server }) => void server.mishaps.push({ status: 503 }),
  unplug: ({ browser }) => browser.setOnline(false),
  plug: ({ browser }) => browser.setOnline(true),
};

async function live(steps: readonly (readonly [string, number, number])[], isRestless: boolean): Promise<void> {
  const server = new FakeServer();
  for (let number = 0; number < 120; number++) server.deliver();
  const browser = new FakeBrowser(server);
  const tab = browser.openTab();
  const client = await openClient(tab, new Connection(tab), ACCOUNT);
  const world: World = { server, browser, client };
  client.store.all('Mailbox').subscribe(() => undefined);
  for (const spec of [...SPECS, WORDS, UNREAD]) client.lists.open(spec).subscribe(() => undefined);
  await browser.settle();
  let restless = 0;
  if (isRestless) {
    server.meanwhile = () => {
      restless += 1;
      if (restless % 7 === 0)
        STEPS[nth(['othersRead', 'othersMove', 'deliver', 'othersUnread'], restless)]?.(world, restless);
    };
  }
  for (const [name, number, turns] of steps) {
    if (server.emailIds().length > 2) STEPS[name]?.(world, number);
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    if (turns === 7) browser.clock.advance(5000);
  }
  server.meanwhile = () => undefined;
  server.mishaps = [];
  browser.setOnline(true);
  for (let minute = 0; minute < 4; minute++) await browser.pass(20_000);
  server.announce();
  await browser.settle();

  assert.equal(client.changes.waiting.getSnapshot(), 0);
  for (const type of ['Email', 'Mailbox', 'Thread'] as const)
    assert.equal(client.store.state(type), server.state(type));
  for (const [id, record] of client.store.keep('Email').records) {
    const { keywords, mailboxIds: ids } = server.email(id) ?? {};
    assert.deepEqual({ keywords: record?.['keywords'], ids: record?.['mailboxIds'] }, { keywords, ids }, id);
    assert.equal(client.store.peek('Email', id), record, 'nothing is laid over it any more');
  }
  for (const [id, record] of client.store.keep('Thread').records) {
    assert.deepEqual(record?.['emailIds'], server.items.get('Thread')?.get(id)?.['emailIds']);
  }
  for (const shown of client.store.peekAll('Mailbox') ?? []) assert.deepEqual(shown, server.mailbox(shown.id));
  for (const spec of [...SPECS, WORDS, UNREAD]) {
    const { ids, isOpen, failure } = client.lists.open(spec).getSnapshot();
    const now = server.list({ ...spec });
    assert.equal(failure, undefined);
    // What words find is known as far as it was looked at.
    if (!isOpen) assert.equal(ids.length, now.length);
    assert.ok(ids.slice(now.length).every((id) => id === undefined));
    const known = now.slice(0, ids.length);
    assert.deepEqual(
      ids.slice(0, now.length),
      known.map((id, index) => (ids[index] === undefined ? undefined : id)),
    );
  }
  await client.close();
}

const step = fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(1000), fc.nat(8));

test('after any life, the client shows what is on the server', async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.boolean(), live);
  await fc.assert(property, { numRuns: Number(process.env['MODEL_RUNS'] ?? 25) });
});
