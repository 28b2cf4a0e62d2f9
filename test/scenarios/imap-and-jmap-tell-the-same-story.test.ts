/**
 * One account, changed by IMAP and JMAP at once. From whatever a JMAP client remembers, however old, the changes it is told
 * lead to the same picture as asking anew (RFC 8620 §5.2, §5.6).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '#imap/testing/test-server.ts';
import { openJmap, type Answer } from '#jmap/testing/jmap.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import type { StoreKind } from '#test/harness/stores.ts';

const STEPS = 120;
/** A picture is taken each so many steps, and compared with so many old ones. */
const EVERY = 6;
const COMPARED = 3;

const MAILBOX_QUERIES: readonly object[] = [
  {},
  { sort: [{ property: 'sortOrder' }, { property: 'name', isAscending: false }], sortAsTree: true },
  { filter: { name: 'box' }, sort: [{ property: 'name' }], filterAsTree: true },
];

const QUERIES: readonly object[] = [
  {},
  { collapseThreads: true },
  { filter: { inMailbox: 'M1-1' }, collapseThreads: true },
  { filter: { inMailbox: 'M1-1', notKeyword: '$seen' } },
  { filter: { hasKeyword: '$flagged' }, sort: [{ property: 'size' }, { property: 'receivedAt' }] },
  { filter: { someInThreadHaveKeyword: '$flagged' }, sort: [{ property: 'subject', isAscending: false }] },
];

interface Known {
  readonly state: string;
  readonly objects: ReadonlyMap<string, unknown>;
}

interface Picture {
  readonly types: Readonly<Record<'Mailbox' | 'Email' | 'Thread', Known>>;
  readonly queries: readonly { readonly state: string; readonly ids: readonly string[] }[];
  readonly mailboxQueries: Picture['queries'];
}

for (const kind of ['memory', 'sqlite'] as const) {
  for (const seed of [20_261_128, 7]) {
    test(`${kind}: what changed is told, whoever changed it, to whoever asks from whenever (${seed})`, async () => {
      await walk(kind, seededRandom(seed));
    });
  }
}

async function walk(kind: StoreKind, random: () => number): Promise<void> {
  const jmap = await openJmap(kind);
  const { call, request, clock } = jmap;
  const server = await startServer({ mail: jmap.store.mail, close: async () => {} }, { clock });
  try {
    const imap = await server.open('SELECT INBOX');
    const upTo = (n: number): number => Math.floor(random() * n);
    const choose = <Item>(items: readonly Item[]): Item => items[upTo(items.length)] as Item;
    let letters = 0;
    let names = 0;
    const emailId = (): string => `E1-${1 + upTo(letters + 1)}`;
    const mailboxId = (): string => `M1-${1 + upTo(6 + names)}`;
    const flag = (): string => choose(['\\Seen', '\\Flagged', '\\Deleted', '\\Draft', 'todo']);
    const keyword = (): string => choose(['$seen', '$flagged', '$draft', 'todo']);
    const box = (): string => choose(['INBOX', 'Sent', ...Array.from({ length: names }, (_, n) => `box${n + 1}`)]);

    const append = (): string => {
      const octets = letter(++letters).toString('latin1');
      return `APPEND ${box()} (${flag()}) {${octets.length}+}\r\n${octets}`;
    };
    const byImap: readonly (() => string)[] = [
      append,
      append,
      () => `UID STORE ${1 + upTo(letters)}:${1 + upTo(letters)} ${choose(['+', '-', ''])}FLAGS (${flag()})`,
      () => `UID COPY ${1 + upTo(letters)} ${box()}`,
      () => `UID MOVE ${1 + upTo(letters)} ${box()}`,
      () => 'EXPUNGE',
      () => `CREATE box${++names}`,
      () => `RENAME ${box()} box${++names}`,
      () => `DELETE ${choose(['box1', 'box3', 'box5'])}`,
      () => `${choose(['', 'UN'])}SUBSCRIBE ${box()}`,
    ];
    const byJmap: readonly (() => [string, object])[] = [
      () => {
        const subject = `第${upTo(++letters)}次`;
        return [
          'Email/set',
          { create: { a: { mailboxIds: { 'M1-1': true }, subject, messageId: [`j${letters}@x`] } } },
        ];
      },
      () => ['Email/set', { update: { [emailId()]: { [`keywords/${keyword()}`]: choose([true, null]) } } }],
      () => ['Email/set', { update: { [emailId()]: { keywords: { [keyword()]: true } }, [emailId()]: {} } }],
      () => ['Email/set', { update: { [emailId()]: { [`mailboxIds/${mailboxId()}`]: choose([true, null]) } } }],
      () => ['Email/set', { update: { [emailId()]: { mailboxIds: { [mailboxId()]: true } } }, destroy: [emailId()] }],
      () => ['Mailbox/set', { create: { a: { name: `box${++names}`, parentId: choose([null, mailboxId()]) } } }],
      () => ['Mailbox/set', { update: { [mailboxId()]: { name: `box${++names}`, sortOrder: upTo(5) } } }],
      () => ['Mailbox/set', { destroy: [mailboxId()], onDestroyRemoveEmails: choose([true, false]) }],
    ];

    const album: Picture[] = [await look()];
    for (let step = 1; step <= STEPS; step++) {
      clock.advance(1000);
      // Both under way at the same time; either may be refused.
      const [method, args] = choose(byJmap)();
      await Promise.all([imap.ask(choose(byImap)()), request([[method, { ...args }]])]);
      if (step % EVERY !== 0) continue;
      const now = await look();
      for (let n = 0; n < COMPARED; n++) await compare(choose(album), now);
      album.push(now);
    }
    const last = album.at(-1) as Picture;
    const sizes = album.map(({ types: { Email, Thread } }) => [Email.objects.size, Thread.objects.size]);
    assert.ok(
      sizes.some(([emails = 0, threads = 0]) => emails > 5 && threads < emails),
      `too little to compare: ${sizes.join(' ')}`,
    );
    for (const picture of album) await compare(picture, last);
  } finally {
    await server[Symbol.asyncDispose]();
    await jmap.store.close();
  }

  async function look(): Promise<Picture> {
    const queries = await ask('Email', QUERIES);
    const { list: emails, state } = await call('Email/get', { ids: queries[0]?.ids, properties: EMAIL });
    const threadIds = (emails as Answer[]).map((email) => email.threadId as string);
    const threads = await call('Thread/get', { ids: threadIds });
    const mailboxes = await call('Mailbox/get');
    return {
      types: {
        Email: { state: state as string, objects: byId(emails) },
        Thread: { state: threads['state'] as string, objects: byId(threads['list']) },
        Mailbox: { state: mailboxes['state'] as string, objects: byId(mailboxes['list']) },
      },
      queries,
      mailboxQueries: await ask('Mailbox', MAILBOX_QUERIES),
    };
  }

  async function ask(type: 'Email' | 'Mailbox', queries: readonly object[]): Promise<Picture['queries']> {
    const answers: Picture['queries'][number][] = [];
    for (const query of queries) {
      const { queryState, ids } = await call(`${type}/query`, { ...query });
      answers.push({ state: queryState as string, ids: ids as string[] });
    }
    return answers;
  }

  async function compare(old: Picture, now: Picture): Promise<void> {
    for (const type of ['Mailbox', 'Email', 'Thread'] as const) {
      const objects = new Map(old.types[type].objects);
      let sinceState = old.types[type].state;
      for (let hasMore = true; hasMore;) {
        const maxChanges = [null, 100, 200][Math.floor(random() * 3)];
        const changes = await call(`${type}/changes`, { sinceState, maxChanges });
        for (const id of changes['destroyed'] as string[]) objects.delete(id);
        const ids = [...(changes['created'] as string[]), ...(changes['updated'] as string[])];
        const { list } = await call(`${type}/get`, { ids, ...(type === 'Email' ? { properties: EMAIL } : {}) });
        for (const [id, object] of byId(list)) objects.set(id, object);
        sinceState = changes['newState'] as string;
        hasMore = changes['hasMoreChanges'] as boolean;
      }
      const sorted = (map: ReadonlyMap<string, unknown>): unknown[] =>
        [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(objects), sorted(now.types[type].objects), `${type} from ${old.types[type].state}`);
      assert.equal(sinceState, now.types[type].state);
    }
    await compareQueries('Email', QUERIES, old.queries, now.queries);
    await compareQueries('Mailbox', MAILBOX_QUERIES, old.mailboxQueries, now.mailboxQueries);
  }

  async function compareQueries(
    type: 'Email' | 'Mailbox',
    queries: readonly object[],
    before: Picture['queries'],
    now: Picture['queries'],
  ): Promise<void> {
    for (const [n, query] of queries.entries()) {
      const { state: sinceQueryState, ids } = before[n] as Picture['queries'][number];
      const changes = await call(`${type}/queryChanges`, { ...query, sinceQueryState });
      const removed = new Set(changes['removed'] as string[]);
      const result = ids.filter((id) => !removed.has(id));
      for (const { id, index } of changes['added'] as { id: string; index: number }[]) result.splice(index, 0, id);
      assert.deepEqual(result, now[n]?.ids, `${type} ${JSON.stringify(query)} from ${sinceQueryState}`);
    }
  }
}

const EMAIL = ['id', 'threadId', 'mailboxIds', 'keywords', 'receivedAt', 'size', 'subject'];

function byId(list: unknown): Map<string, unknown> {
  return new Map((list as Answer[]).map((one) => [one['id'] as string, one]));
}

/** The n-th, in one of four conversations. */
function letter(n: number): Buffer {
  const fields = `From: p${n % 3}@cs.example.edu\r\nSubject: Re: =?UTF-8?B?5Lya6K6u?=\r\nMessage-ID: <m${n}@x>\r\nIn-Reply-To: <root${n % 4}@x>`;
  return Buffer.from(`${fields}\r\n\r\n${'text '.repeat(n % 5)}${n}\r\n`);
}
