/**
 * One's own contacts over the client core: so few that all are at hand once they were asked for, from what the browser kept before the
 * server answers; found by the server, which knows pinyin. What another tab or device changes comes by itself.
 */
import { CAPABILITIES, type SetError } from '#contract/jmap/core.ts';
import type {
  Card,
  ContactCardExportResponse,
  ContactCardParseResponse,
  ContactCard,
} from '#contract/jmap/contacts.ts';
import type { Client } from '#web/jmap/client.ts';
import { valueOf, type Connection } from '#web/jmap/connection.ts';
import { failureOf } from '#web/jmap/failures.ts';
import type { Cards } from '#web/jmap/kept-cards.ts';
import { Repeated } from '#web/jmap/repeated.ts';
import { resultOf } from '#web/jmap/types.ts';
import { cardOfWords, patchOfWords, viewOfCard } from './card-words.ts';
import {
  peopleOf,
  type ContactFailure,
  type ContactsDone,
  type ContactsModel,
  type ContactView,
  type SuggestedView,
} from './contacts-model.ts';
import { createLive } from './live.ts';

/** Cards asked for, and made, at once. */
const PAGE = 500;
/** Suggestions asked for: they come before those of the organisation. */
const SUGGESTED = 6;
/** Characters of what is looked for. */
const MOST_TYPED = 100;

type Patches = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface SetArguments {
  readonly create?: Patches;
  readonly update?: Patches;
  readonly destroy?: readonly string[];
}

export interface ContactsSource extends Pick<Client, 'accountId'> {
  readonly push: Pick<Client['push'], 'heard'>;
  readonly keptCards: Pick<Client['keptCards'], 'read' | 'write'>;
  readonly connection: Pick<Connection, 'call' | 'run' | 'session' | 'upload' | 'downloadUrl'>;
}

export function createContacts({ connection, accountId: shownId, push, keptCards }: ContactsSource): ContactsModel {
  const all = createLive<readonly ContactView[] | 'asking' | 'failed'>('asking');
  let cards: ReadonlyMap<string, Partial<ContactCard>> = new Map();
  /** What `cards` are as of; undefined: nobody has asked for them yet. */
  let state: string | undefined;

  /** One's own, whoever's mail is shown. */
  const ownId = async (): Promise<string> =>
    (await connection.session()).primaryAccounts[CAPABILITIES.contacts] ?? shownId;

  async function readAll(accountId: string): Promise<Cards> {
    const found: Partial<ContactCard>[] = [];
    let state = '';
    for (let position = 0, total = 1; position < total;) {
      const [query, get] = await connection.run([
        ['ContactCard/query', { accountId, position, limit: PAGE, calculateTotal: true }],
        ['ContactCard/get', { accountId, '#ids': resultOf(0, 'ContactCard/query', '/ids') }],
      ] as const);
      const { ids, total: counted = 0 } = valueOf(query);
      const page = valueOf(get);
      // That of the first page: what changes under way is asked for once more.
      if (position === 0) ({ state } = page);
      const byId = new Map(page.list.map((card) => [card.id, card]));
      for (const id of ids) {
        const card = byId.get(id);
        if (card !== undefined) found.push(card);
      }
      total = ids.length === 0 ? 0 : counted;
      position += ids.length;
    }
    return { state, cards: found };
  }

  function show(now: Cards): void {
    ({ state } = now);
    cards = new Map(now.cards.map((card) => [card.id ?? '', card]));
    all.set(Array.from(cards, ([id, card]) => viewOfCard(id, card)));
  }

  async function load(): Promise<void> {
    if (state === undefined) {
      const kept = await keptCards.read();
      if (kept !== undefined) show(kept);
    }
    const accountId = await ownId();
    if (state !== undefined) {
      const now = await connection.call('ContactCard/get', { accountId, ids: [] });
      if (now.state === state) return;
    }
    const now = await readAll(accountId);
    show(now);
    void keptCards.write(now);
  }

  const loading = new Repeated(() =>
    load().catch(() => {
      // What was there a while ago is better than nothing.
      if (!Array.isArray(all.getSnapshot())) all.set('failed');
    }),
  );
  const refresh = () => loading.run();

  push.heard.add((heard) => {
    if (all.getSnapshot() !== 'asking' && (heard === 'everything' || 'ContactCard' in heard)) void refresh();
  });

  const known = (): readonly ContactView[] => {
    const snapshot = all.getSnapshot();
    return Array.isArray(snapshot) ? (snapshot as readonly ContactView[]) : [];
  };

  async function loaded(): Promise<readonly ContactView[]> {
    if (!Array.isArray(all.getSnapshot())) await refresh();
    return known();
  }

  /** One call; what is undone by `undoOf`, given the ids of what was made. */
  async function set(
    args: SetArguments,
    undoOf: (created: readonly string[]) => SetArguments,
  ): Promise<ContactsDone & { readonly created: readonly string[] }> {
    try {
      const accountId = await ownId();
      const answer = await connection.call('ContactCard/set', { accountId, ...args });
      await refresh();
      const { notCreated, notUpdated, notDestroyed } = answer;
      const created = Object.values(answer.created ?? {}).flatMap(({ id }) => id ?? []);
      const [error] = Object.values({ ...notCreated, ...notUpdated, ...notDestroyed });
      const count = created.length + Object.keys(answer.updated ?? {}).length + (answer.destroyed ?? []).length;
      const undo = () => set(undoOf(created), () => args);
      return { count, created, why: error && whyOf(error), undo };
    } catch (error) {
      return { ...failed(failureOf(error).kind === 'offline' ? 'offline' : 'failed'), created: [] };
    }
  }

  const keyed = <Value>(values: readonly Value[]): Readonly<Record<string, Value>> =>
    Object.fromEntries(values.map((value, at) => [`c${at}`, value]));
  const destroying = (destroy: readonly string[]): SetArguments => ({ destroy });
  const updating = (id: string, patch: Readonly<Record<string, unknown>>) => {
    const before: Readonly<Record<string, unknown>> = cards.get(id) ?? {};
    const back = Object.fromEntries(Object.keys(patch).map((name) => [name, before[name] ?? null]));
    return set({ update: { [id]: patch } }, () => ({ update: { [id]: back } }));
  };

  return {
    all,
    refresh: () => void refresh(),
    async search(text) {
      const filter = { text: text.slice(0, MOST_TYPED) };
      try {
        return (await connection.call('ContactCard/query', { accountId: await ownId(), filter })).ids;
      } catch (error) {
        // Without a network by what is written in them; pinyin is the server's.
        const words = filter.text.trim().toLowerCase();
        if (failureOf(error).kind !== 'offline' || !Array.isArray(all.getSnapshot())) throw error;
        return known().flatMap((view) => (isIn(words, view) ? view.id : []));
      }
    },
    async suggest(text) {
      const accountId = await ownId();
      const filter = { text: text.slice(0, MOST_TYPED) };
      const [query, get] = await connection.run([
        ['ContactCard/query', { accountId, filter, limit: SUGGESTED }],
        ['ContactCard/get', { accountId, '#ids': resultOf(0, 'ContactCard/query', '/ids') }],
      ] as const);
      const byId = new Map(valueOf(get).list.map((card) => [card.id, card]));
      const views = valueOf(query).ids.flatMap((id) => viewOfCard(id, byId.get(id) ?? {}));
      const people = views.some(({ isGroup }) => isGroup) ? await loaded() : [];
      return views.flatMap((view) => suggestionsOf(view, people));
    },
    save(words, id) {
      if (id === undefined) return set({ create: { c: cardOfWords(words) } }, destroying);
      return updating(id, patchOfWords(cards.get(id) ?? {}, words));
    },
    async add(people, groupId) {
      const there = await loaded();
      const uidOf = new Map(there.flatMap(({ uid, emails }) => emails.map((address) => [address.toLowerCase(), uid])));
      const fresh = people.filter(({ address }) => !uidOf.has(address.toLowerCase()));
      const made = await set(
        {
          create: keyed(
            fresh.map(({ name, address, unit }) =>
              cardOfWords({ ...NO_WORDS, name: name || address, emails: [address], department: unit }),
            ),
          ),
        },
        destroying,
      );
      if (made.why !== undefined || groupId === undefined) return made;
      const wanted = new Set(people.map(({ address }) => address.toLowerCase()));
      const uids = known().flatMap(({ uid, emails }) =>
        emails.some((address) => wanted.has(address.toLowerCase())) ? uid : [],
      );
      const members = cards.get(groupId)?.members ?? {};
      return updating(groupId, { members: { ...members, ...setOf(uids) } });
    },
    saveGroup(name, memberUids, id) {
      const members = setOf(memberUids);
      if (id !== undefined) return updating(id, { name: { full: name }, members });
      const group = { '@type': 'Card', version: '1.0', kind: 'group', name: { full: name }, members };
      return set({ create: { c: group } }, destroying);
    },
    remove(ids) {
      const removed = ids.flatMap((id): readonly Partial<ContactCard>[] => {
        const card = cards.get(id);
        return card === undefined ? [] : [card];
      });
      const back = keyed(removed.map(({ id: _, ...card }): Readonly<Record<string, unknown>> => card));
      return set({ destroy: ids }, () => ({ create: back }));
    },
    async readFile(file) {
      try {
        const accountId = await ownId();
        const { blobId } = await connection.upload(accountId, file);
        const answer = (await connection.call('ContactCard/parse', {
          accountId,
          blobIds: [blobId],
        })) as ContactCardParseResponse;
        const parsed = answer.parsed?.[blobId];
        if (parsed === undefined) return 'unreadable';
        const there = await loaded();
        const uids = new Set(there.map(({ uid }) => uid));
        const addresses = new Set(there.flatMap(({ emails }) => emails.map((address) => address.toLowerCase())));
        const isKnown = (card: Card): boolean => {
          const { uid, emails } = viewOfCard('', card);
          return uids.has(uid) || emails.some((address) => addresses.has(address.toLowerCase()));
        };
        const fresh = parsed.cards.filter((card) => !isKnown(card));
        return {
          people: fresh.map((card) => viewOfCard('', card)).map(({ name, emails }) => name || (emails[0] ?? '')),
          known: parsed.cards.length - fresh.length,
          skipped: parsed.skipped,
          async keep(onProgress) {
            const created: string[] = [];
            let why: ContactFailure | undefined;
            for (let at = 0; at < fresh.length && why === undefined; at += PAGE) {
              const slice = await set({ create: keyed(fresh.slice(at, at + PAGE)) }, destroying);
              created.push(...slice.created);
              why = slice.why;
              onProgress(Math.min(1, (at + PAGE) / fresh.length));
            }
            return { count: created.length, why, undo: () => set({ destroy: created }, () => ({})) };
          },
        };
      } catch (error) {
        return failureOf(error).kind === 'offline' ? 'offline' : 'failed';
      }
    },
    async exportUrl(format, name) {
      const accountId = await ownId();
      const answer = await connection.call('ContactCard/export', {
        accountId,
        // What Outlook and Foxmail read.
        format: format === 'vcard' ? 'vcard3' : 'csv',
      });
      const { blobId, type } = answer as ContactCardExportResponse;
      return connection.downloadUrl(accountId, blobId, name, type);
    },
  };
}

const NO_WORDS = { emails: [], phones: [], organization: '', department: '', title: '', note: '' };

function isIn(words: string, { name, emails, phones, organization, department, title }: ContactView): boolean {
  return [name, ...emails, ...phones, organization, department, title].some((text) =>
    text.toLowerCase().includes(words),
  );
}

function setOf(names: readonly string[]): Readonly<Record<string, true>> {
  return Object.fromEntries(names.map((name) => [name, true] as const));
}

function suggestionsOf(view: ContactView, all: readonly ContactView[]): readonly SuggestedView[] {
  const { id, name, organization, department, isGroup } = view;
  const unit = department || organization;
  if (isGroup) return [{ name, address: id, unit, isGroup, members: peopleOf(view, all) }];
  return view.emails.map((address) => ({ name, address, unit, isGroup }));
}

function failed(why: ContactFailure): ContactsDone {
  return { count: 0, why, undo: async () => failed(why) };
}

function whyOf({ type }: SetError): ContactFailure {
  if (type === 'overQuota') return 'full';
  return type === 'tooLarge' ? 'tooLarge' : 'failed';
}
