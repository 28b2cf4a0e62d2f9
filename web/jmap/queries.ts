/**
 * Lists of Emails (RFC 8621 §4.4) of any length: ids by index, fetched by pages around what is visible, with what their
 * rows show; kept up to date by Email/queryChanges, or by fetching the visible part anew.
 */
import type { EmailComparator, EmailFilterCondition } from '#contract/jmap/email.ts';
import type { FilterOf, QueryChangesResponse, QueryResponse } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import type { Connection } from './connection.ts';
import { valueOf } from './connection.ts';
import { failureOf, type Failure } from './failures.ts';
import { LIST_CHANGES, LISTS_KEPT, PAGE_ROWS } from './limits.ts';
import { Listeners } from './listeners.ts';
import type { Store } from './store.ts';
import { EMAIL_HEADER, resultOf, type External, type Known, type MethodCall, type Outcome } from './types.ts';

export interface ListSpec {
  readonly filter: FilterOf<EmailFilterCondition> | null;
  readonly sort: readonly Partial<EmailComparator>[];
  /** One row for each conversation. */
  readonly collapseThreads: boolean;
}

export interface ListSnapshot {
  /** As long as the list is; `undefined` where nothing has been fetched. What the user moved away is left out. */
  readonly ids: readonly (Id | undefined)[];
  /** `waiting`: nothing is known yet. `ready`: `ids` can be shown, however old. */
  readonly status: 'waiting' | 'ready';
  /** Why it could not be brought up to date. */
  readonly failure: Failure | undefined;
}

/** What a cache keeps of a list: its first rows. */
export interface KeptList {
  readonly ids: readonly Id[];
  readonly total: number;
}

/** Discarded pages in a row after which the list is begun anew: it changes faster than it can be followed. */
const RACES = 3;

export class EmailList implements External<ListSnapshot> {
  readonly spec: ListSpec;
  readonly #store: Store;
  readonly #connection: Connection;
  readonly #listeners = new Listeners();
  #ids: readonly (Id | undefined)[] = [];
  #queryState: string | undefined;
  #canCalculateChanges = true;
  /** Whether the server's list may have changed since `#queryState`. */
  #isStale = true;
  #isKnown = false;
  #failure: Failure | undefined;
  /** Indexes of the server's list: the first that is visible, and the one after the last. */
  #visible = { from: 0, to: PAGE_ROWS };
  /** Rows that the user's changes, confirmed or not, have taken out of the list. */
  readonly #hidden = new Set<Id>();
  #snapshot: ListSnapshot = { ids: [], status: 'waiting', failure: undefined };
  #updating: Promise<void> | undefined;
  #races = 0;

  constructor(store: Store, connection: Connection, spec: ListSpec) {
    this.#store = store;
    this.#connection = connection;
    this.spec = spec;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const stop = this.#listeners.add(listener);
    if (this.#isStale) void this.update();
    return stop;
  };

  readonly getSnapshot = (): ListSnapshot => this.#snapshot;

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Says which rows are on the screen, by their index in the snapshot; they and a page around them get fetched. */
  show(first: number, last: number): void {
    this.#visible = { from: Math.max(0, first), to: Math.max(first, last) + 1 + this.#hidden.size };
    if (this.#isKnown && this.#missingSpans().length > 0) void this.update();
  }

  /** The server's list may have changed. Settles when this one has followed; without watchers it does so later. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.isWatched) await this.update();
  }

  /** Settles when the list is up to date and the visible part is there, or it has failed, as the snapshot says. */
  async update(): Promise<void> {
    this.#updating ??= this.#updateAll().finally(() => {
      this.#updating = undefined;
    });
    await this.#updating;
  }

  /** Follows the store: rows whose Email is no longer where the list looks are hidden, and come back if it returns. */
  reconsider(ids: Iterable<Id>): void {
    const before = this.#hidden.size;
    let isChanged = false;
    for (const id of ids) {
      const wasHidden = this.#hidden.has(id);
      const email = this.#store.peek('Email', id);
      const isOut = email === null || (email !== undefined && isOutside(this.spec.filter, email));
      if (isOut === wasHidden) continue;
      if (isOut) this.#hidden.add(id);
      else this.#hidden.delete(id);
      isChanged ||= this.#ids.includes(id);
    }
    if (isChanged || before !== this.#hidden.size) this.#publish();
  }

  /** Shows what a cache has kept, until the server answers. */
  restore({ ids, total }: KeptList): void {
    if (this.#isKnown) return;
    this.#ids = place(emptyList(Math.max(total, ids.length)), 0, ids);
    this.#isKnown = true;
    this.#publish();
  }

  async #updateAll(): Promise<void> {
    try {
      while (this.#isStale || this.#missingSpans().length > 0) await this.#round();
      this.#setFailure(undefined);
    } catch (error) {
      this.#setFailure(failureOf(error));
    }
  }

  /** One request: what has changed in the list, and the pages that are missing. */
  async #round(): Promise<void> {
    const wasStale = this.#isStale;
    this.#isStale = false;
    try {
      if (this.#queryState === undefined) {
        await this.#begin();
        return;
      }
      const changes = wasStale ? this.#fetchChanges(this.#queryState) : undefined;
      const pages = this.#missingSpans().map(({ from, to }) => this.#fetchPage(from, to));
      const outcome = await changes;
      if (outcome !== undefined && !this.#applyChanges(outcome)) {
        await Promise.allSettled(pages);
        await this.#begin();
        return;
      }
      for (const page of await Promise.all(pages)) this.#insertPage(page);
      this.#publish();
    } catch (error) {
      this.#isStale ||= wasStale;
      throw error;
    }
  }

  /** Fetches the visible part as if nothing were known; what is shown stays until it is there. */
  async #begin(): Promise<void> {
    this.#races = 0;
    const from = pageStart(this.#visible.from);
    const page = await this.#fetchPage(from, pageEnd(this.#visible.to));
    const total = page.total ?? page.position + page.ids.length;
    this.#ids = place(emptyList(total), page.position, page.ids);
    this.#queryState = page.queryState;
    this.#canCalculateChanges = page.canCalculateChanges;
    this.#isKnown = true;
    this.#hidden.clear();
    this.reconsider(page.ids);
    this.#publish();
  }

  async #fetchPage(position: number, end: number): Promise<QueryResponse> {
    const { accountId } = this.#store;
    const args = { accountId, ...this.spec, position, limit: end - position, calculateTotal: true };
    const [query, ...rows] = (await this.#connection.run([
      ['Email/query', args],
      ...this.#rowCalls('Email/query', '/ids'),
    ])) as readonly [Outcome<QueryResponse>, ...Outcome<never>[]];
    const page = valueOf(query);
    this.#absorbRows(rows);
    return page;
  }

  async #fetchChanges(sinceQueryState: string): Promise<Outcome<QueryChangesResponse> | undefined> {
    if (!this.#canCalculateChanges) return { ok: false, error: { type: 'cannotCalculateChanges' } };
    const { accountId } = this.#store;
    const { filter, sort, collapseThreads } = this.spec;
    const since = { sinceQueryState, maxChanges: LIST_CHANGES, calculateTotal: true };
    const [outcome, ...rows] = (await this.#connection.run([
      ['Email/queryChanges', { accountId, filter, sort, collapseThreads, ...since }],
      ...this.#rowCalls('Email/queryChanges', '/added/*/id'),
    ])) as readonly [Outcome<QueryChangesResponse>, ...Outcome<never>[]];
    if (outcome.ok) this.#absorbRows(rows);
    return outcome;
  }

  /** What the rows show, by reference to the ids of the group's first call (RFC 8621 §4.10). */
  #rowCalls(name: string, path: string): readonly MethodCall[] {
    const { accountId } = this.#store;
    const ids = resultOf(0, name, path);
    if (!this.spec.collapseThreads) return [['Email/get', { accountId, '#ids': ids, properties: EMAIL_HEADER }]];
    return [
      ['Email/get', { accountId, '#ids': ids, properties: ['threadId'] }],
      ['Thread/get', { accountId, '#ids': resultOf(1, 'Email/get', '/list/*/threadId') }],
      ['Email/get', { accountId, '#ids': resultOf(2, 'Thread/get', '/list/*/emailIds'), properties: EMAIL_HEADER }],
    ];
  }

  /** Rows that the server would not give along (too many at once) are asked for when they are shown. */
  #absorbRows(outcomes: readonly Outcome<never>[]): void {
    const types = this.spec.collapseThreads ? (['Email', 'Thread', 'Email'] as const) : (['Email'] as const);
    for (const [index, type] of types.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok === true) this.#store.absorb(type, outcome.value);
    }
  }

  /** RFC 8620 §5.6. `false`: the server cannot say what has changed, or it is more than the visible part. */
  #applyChanges(outcome: Outcome<QueryChangesResponse>): boolean {
    if (!outcome.ok) {
      const { type } = outcome.error;
      if (type !== 'cannotCalculateChanges' && type !== 'tooManyChanges') valueOf(outcome);
      return false;
    }
    const { removed, added, total, newQueryState } = outcome.value;
    let ids = [...this.#ids];
    const removing = new Set(removed);
    const held = new Set(ids);
    // Where an unknown row was cannot be said, only that it was in a gap: what follows the first gap may have moved.
    const firstGap = ids.indexOf(undefined);
    if (firstGap >= 0 && removed.some((id) => !held.has(id))) ids.length = firstGap;
    ids = ids.filter((id) => id === undefined || !removing.has(id));
    for (const { id, index } of added.toSorted((a, b) => a.index - b.index)) {
      while (ids.length < index) ids.push(undefined);
      ids.splice(index, 0, id);
    }
    const length = total ?? ids.length;
    ids.length = Math.min(ids.length, length);
    while (ids.length < length) ids.push(undefined);
    this.#ids = ids;
    this.#queryState = newQueryState;
    for (const id of removing) this.#hidden.delete(id);
    this.reconsider(added.map(({ id }) => id));
    this.#publish();
    return true;
  }

  #insertPage(page: QueryResponse): void {
    if (page.queryState !== this.#queryState) {
      // The list has changed under way. This page is of another list than ours; it will be asked for again.
      this.#isStale = true;
      if (++this.#races > RACES) this.#queryState = undefined;
      return;
    }
    this.#races = 0;
    const total = page.total ?? this.#ids.length;
    // A page that stays empty would be asked for without end.
    const length = page.ids.length === 0 ? Math.min(total, page.position) : total;
    const ids = this.#ids.slice(0, length);
    while (ids.length < length) ids.push(undefined);
    this.#ids = place(ids, page.position, page.ids);
    this.reconsider(page.ids);
  }

  /** What is not there of the visible rows and of a page before and after them, from each first gap to its page's end. */
  #missingSpans(): readonly { readonly from: number; readonly to: number }[] {
    if (!this.#isKnown) return [{ from: 0, to: PAGE_ROWS }];
    const spans: { from: number; to: number }[] = [];
    const end = Math.min(this.#ids.length, pageEnd(this.#visible.to) + PAGE_ROWS);
    let at = Math.max(0, pageStart(this.#visible.from) - PAGE_ROWS);
    // Without a visible gap nothing needs to be fetched ahead.
    const visibleGap = this.#ids.slice(this.#visible.from, this.#visible.to + PAGE_ROWS / 2).includes(undefined);
    if (!visibleGap) return [];
    while (at < end) {
      if (this.#ids[at] === undefined) {
        const to = Math.min(end, pageEnd(at + 1));
        spans.push({ from: at, to });
        at = to;
      } else at++;
    }
    return spans;
  }

  #setFailure(failure: Failure | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.#publish();
  }

  #publish(): void {
    const hidden = this.#hidden;
    this.#snapshot = {
      ids: hidden.size === 0 ? this.#ids : this.#ids.filter((id) => id === undefined || !hidden.has(id)),
      status: this.#isKnown ? 'ready' : 'waiting',
      failure: this.#failure,
    };
    this.#listeners.emit();
  }
}

/** The lists of an account, each once. */
export class EmailLists {
  readonly #store: Store;
  readonly #connection: Connection;
  /** In the order in which they were last opened. */
  readonly #lists = new Map<string, EmailList>();

  constructor(store: Store, connection: Connection) {
    this.#store = store;
    this.#connection = connection;
    store.touched.add((touched) => {
      const ids = touched.get('Email');
      if (ids !== undefined) for (const list of this.#lists.values()) list.reconsider(ids);
    });
  }

  open(spec: ListSpec): EmailList {
    const key = listKey(spec);
    const list = this.#lists.get(key) ?? new EmailList(this.#store, this.#connection, spec);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const [old, { isWatched }] of this.#lists) {
      if (this.#lists.size <= LISTS_KEPT) break;
      if (!isWatched && old !== key) this.#lists.delete(old);
    }
    return list;
  }

  /** Emails have changed. Settles when the lists on the screen have followed. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#lists.values()].map((list) => list.refresh()));
  }

  /** The lists by their keys, those opened last at the end. */
  all(): ReadonlyMap<string, EmailList> {
    return this.#lists;
  }
}

/** The same for the same list. */
export function listKey({ filter, sort, collapseThreads }: ListSpec): string {
  return JSON.stringify([filter, sort, collapseThreads]);
}

/**
 * Whether an Email is certainly not in the list because of the mailboxes it is in. Everything else is the server's to
 * say: a mail just read stays in the list of unread ones until it is next looked up.
 */
function isOutside(filter: ListSpec['filter'], { mailboxIds }: Known<'Email'>): boolean {
  if (filter === null || mailboxIds === undefined) return false;
  if ('operator' in filter) {
    if (filter.operator === 'AND') return filter.conditions.some((part) => isOutside(part, { id: '', mailboxIds }));
    if (filter.operator === 'OR') return filter.conditions.every((part) => isOutside(part, { id: '', mailboxIds }));
    return false;
  }
  if (filter.inMailbox !== undefined && mailboxIds[filter.inMailbox] !== true) return true;
  const { inMailboxOtherThan: others } = filter;
  return others !== undefined && Object.keys(mailboxIds).every((id) => others.includes(id));
}

function emptyList(length: number): readonly undefined[] {
  return Array.from<undefined>({ length }).fill(undefined);
}

/** The list with `ids` standing from `position` on, not beyond its end. */
function place(list: readonly (Id | undefined)[], position: number, ids: readonly Id[]): readonly (Id | undefined)[] {
  const placed = [...list];
  for (const [index, id] of ids.entries()) if (position + index < placed.length) placed[position + index] = id;
  return placed;
}

function pageStart(index: number): number {
  return index - (index % PAGE_ROWS);
}

function pageEnd(index: number): number {
  return Math.ceil(index / PAGE_ROWS) * PAGE_ROWS;
}
