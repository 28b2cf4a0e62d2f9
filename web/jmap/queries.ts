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
import { CHANGEABLE } from './letters.ts';
import { LIST_CHANGES, LISTS_KEPT, PAGE_ROWS, PAGES_AT_ONCE } from './limits.ts';
import { Listeners } from './listeners.ts';
import { Repeated } from './repeated.ts';
import type { Store } from './store.ts';
import { EMAIL_HEADER, resultOf, type External, type Known, type MethodCall, type Outcome } from './types.ts';

export interface ListSpec {
  readonly filter: FilterOf<EmailFilterCondition> | null;
  readonly sort: readonly Partial<EmailComparator>[];
  /** One row for each conversation. */
  readonly collapseThreads: boolean;
}

export interface ListSnapshot {
  /**
   * As long as the list is, or where that is not known, a page longer than what is known of it; `undefined` where nothing
   * has been fetched. What the user moved away is left out.
   */
  readonly ids: readonly (Id | undefined)[];
  /** The list may be longer than what is known of it: what words find is not counted. */
  readonly isOpen: boolean;
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

/** What leaves mailboxes before its Emails say so. */
interface Leaving {
  /** By Email, the only mailbox where it will be. */
  readonly to: Map<Id, Id>;
  /** Mailboxes that are being emptied. */
  readonly emptied: Set<Id>;
}

/** Discarded pages in a row after which the list is begun anew: it changes faster than it can be followed. */
const RACES = 3;

export class EmailList implements External<ListSnapshot> {
  readonly spec: ListSpec;
  readonly #store: Store;
  readonly #connection: Connection;
  readonly #leaving: Leaving;
  readonly #listeners = new Listeners();
  /** Of what words find the server would have to look at every hit to count them, for each page and each change. */
  readonly #isCounted: boolean;
  #ids: readonly (Id | undefined)[] = [];
  /** Whether the end is not known: the last rows of `#ids` may not be there. */
  #isOpen = false;
  #queryState: string | undefined;
  #canCalculateChanges = true;
  /** Whether the server's list may have changed since `#queryState`. */
  #isStale = true;
  #isKnown = false;
  #failure: Failure | undefined;
  /** Indexes of the server's list: the first that is visible, and the one after the last. */
  #visible = { from: 0, to: PAGE_ROWS };
  /** These rows are wanted, whether they are visible or not; indexes of the snapshot. */
  #wanted: { readonly from: number; readonly to: number } | undefined;
  /** Rows that the user's changes, confirmed or not, have taken out of the list. */
  #hidden = new Set<Id>();
  /** The ids of `#ids`. */
  #held = new Set<Id>();
  #snapshot: ListSnapshot = { ids: [], isOpen: false, status: 'waiting', failure: undefined };
  readonly #updating = new Repeated(() => this.#updateAll());
  #races = 0;

  constructor(
    store: Store,
    connection: Connection,
    spec: ListSpec,
    leaving: Leaving = { to: new Map(), emptied: new Set() },
  ) {
    this.#store = store;
    this.#connection = connection;
    this.#leaving = leaving;
    this.spec = spec;
    this.#isCounted = !asksWords(spec.filter);
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
    // While it fails, `refresh` is what tries again.
    if (this.#isKnown && this.#failure === undefined && this.#missingSpans().length > 0) void this.update();
  }

  /**
   * Settles when the ids of the rows [from, to) are there, or of as many as there are, and of their letters what is
   * changed of letters; or it has failed, as the snapshot says. What the rows show is not fetched with them.
   */
  async load(from: number, to: number): Promise<void> {
    const { from: first = from, to: last = to } = this.#wanted ?? {};
    this.#wanted = { from: Math.min(first, from), to: Math.max(last, to) };
    await this.update();
    this.#wanted = undefined;
    if (this.#failure !== undefined || !this.spec.collapseThreads) return;
    const ids = this.#snapshot.ids.slice(from, to).filter((id) => id !== undefined);
    const letters = this.#store.lettersOf(ids);
    await this.#store.need('Email', letters, CHANGEABLE).catch((error: unknown) => this.#setFailure(failureOf(error)));
  }

  /** The server's list may have changed. Settles when this one has followed; without watchers it does so later. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    if (this.isWatched) await this.update();
  }

  /** Settles when the list is up to date and the visible part is there, or it has failed, as the snapshot says. */
  update(): Promise<void> {
    return this.#updating.run();
  }

  /** Follows the store: rows whose Email is no longer where the list looks are hidden, and come back if it returns. */
  reconsider(ids: Iterable<Id>): void {
    let isChanged = false;
    for (const id of ids) {
      if (!this.#held.has(id)) continue;
      const isOut = this.#isOut(id);
      if (isOut === this.#hidden.has(id)) continue;
      if (isOut) this.#hidden.add(id);
      else this.#hidden.delete(id);
      isChanged = true;
    }
    if (isChanged) this.#publish();
  }

  /** A mailbox is being emptied, or is no longer: what is only there is not shown meanwhile. */
  reconsiderMailbox(id: Id): void {
    if (isWithin(this.spec.filter, id)) this.#publish();
  }

  /** Shows what a cache has kept, until the server answers. */
  restore({ ids, total }: KeptList): void {
    if (this.#isKnown) return;
    this.#isKnown = true;
    this.#setIds(place(emptyList(Math.max(total, ids.length)), 0, ids));
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
      const isOfIds = this.#wanted !== undefined;
      const pageRows = isOfIds ? (await this.#connection.limits()).maxObjectsInGet : PAGE_ROWS;
      // Asked for in one tick, they travel in one request.
      const [outcome, pages] = await Promise.all([
        wasStale ? this.#fetchChanges(this.#queryState) : undefined,
        Promise.all(
          this.#missingSpans(pageRows)
            .slice(0, PAGES_AT_ONCE)
            .map(async ({ from, to }) => ({
              page: await this.#fetchPage(from, to, isOfIds),
              limit: to - from,
            })),
        ),
      ]);
      if (outcome !== undefined && !this.#applyChanges(outcome)) await this.#begin();
      else for (const { page, limit } of pages) this.#insertPage(page, limit);
    } catch (error) {
      this.#isStale ||= wasStale;
      throw error;
    }
  }

  /** Fetches the visible part as if nothing were known; what is shown stays until it is there. */
  async #begin(): Promise<void> {
    this.#races = 0;
    const from = pageStart(this.#visible.from);
    const to = pageEnd(this.#visible.to);
    const page = await this.#fetchPage(from, to);
    this.#queryState = page.queryState;
    this.#canCalculateChanges = page.canCalculateChanges;
    this.#isKnown = true;
    this.#isOpen = isOpenBehind(page, to - from);
    this.#setIds(place(emptyList(lengthOf(page, this.#isOpen)), page.position, page.ids));
  }

  async #fetchPage(position: number, end: number, isOfIds = false): Promise<QueryResponse> {
    const { accountId } = this.#store;
    const args = { accountId, ...this.spec, position, limit: end - position, calculateTotal: this.#isCounted };
    const [query, ...rows] = (await this.#connection.run([
      ['Email/query', args],
      ...(isOfIds ? this.#idCalls() : this.#rowCalls('Email/query', '/ids')),
    ])) as readonly [Outcome<QueryResponse>, ...Outcome<never>[]];
    const page = valueOf(query);
    this.#absorbRows(rows);
    return page;
  }

  async #fetchChanges(sinceQueryState: string): Promise<Outcome<QueryChangesResponse>> {
    if (!this.#canCalculateChanges || !this.#isCounted) return { ok: false, error: { type: 'cannotCalculateChanges' } };
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

  /** What is needed of the rows of a page in order to change them. */
  #idCalls(): readonly MethodCall[] {
    const { accountId } = this.#store;
    const ids = resultOf(0, 'Email/query', '/ids');
    const get: MethodCall = ['Email/get', { accountId, '#ids': ids, properties: CHANGEABLE }];
    if (!this.spec.collapseThreads) return [get];
    return [get, ['Thread/get', { accountId, '#ids': resultOf(1, 'Email/get', '/list/*/threadId') }]];
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
    // Where an unknown row was cannot be said, only that it was in a gap: what follows the first gap may have moved.
    const firstGap = ids.indexOf(undefined);
    if (firstGap >= 0 && removed.some((id) => !this.#held.has(id))) ids.length = firstGap;
    ids = ids.filter((id) => id === undefined || !removing.has(id));
    for (const { id, index } of added.toSorted((a, b) => a.index - b.index)) {
      while (ids.length < index) ids.push(undefined);
      ids.splice(index, 0, id);
    }
    const length = total ?? ids.length;
    ids.length = Math.min(ids.length, length);
    while (ids.length < length) ids.push(undefined);
    this.#queryState = newQueryState;
    this.#setIds(ids);
    return true;
  }

  #insertPage(page: QueryResponse, limit: number): void {
    if (page.queryState !== this.#queryState) {
      // The list has changed under way. This page is of another list than ours; it will be asked for again.
      this.#isStale = true;
      if (++this.#races > RACES) this.#queryState = undefined;
      return;
    }
    this.#races = 0;
    const isOpen = isOpenBehind(page, limit);
    // An end that is known stays where it is; a page before it tells nothing of it.
    const length = isOpen
      ? Math.max(this.#ids.length, this.#isOpen ? lengthOf(page, isOpen) : 0)
      : lengthOf(page, isOpen);
    this.#isOpen &&= isOpen;
    const ids = this.#ids.slice(0, length);
    while (ids.length < length) ids.push(undefined);
    this.#setIds(place(ids, page.position, page.ids));
  }

  /** What is not there of the visible rows and of a page before and after them, from each first gap to its page's end. */
  #missingSpans(pageRows = PAGE_ROWS): readonly { readonly from: number; readonly to: number }[] {
    if (!this.#isKnown) return [{ from: 0, to: PAGE_ROWS }];
    if (this.#wanted !== undefined) return this.#gaps(this.#wanted.from, this.#wanted.to + this.#hidden.size, pageRows);
    // Without a visible gap nothing needs to be fetched ahead.
    const visibleGap = this.#ids.slice(this.#visible.from, this.#visible.to + PAGE_ROWS / 2).includes(undefined);
    if (!visibleGap) return [];
    return this.#gaps(pageStart(this.#visible.from) - PAGE_ROWS, pageEnd(this.#visible.to) + PAGE_ROWS);
  }

  #gaps(first: number, to: number, pageRows = PAGE_ROWS): readonly { readonly from: number; readonly to: number }[] {
    const spans: { from: number; to: number }[] = [];
    const { length } = this.#ids;
    // A page reaches beyond what is known of a list whose end is not.
    const end = Math.min(this.#isOpen ? pageEnd(length, pageRows) : length, to);
    let at = Math.max(0, first);
    while (at < end) {
      if (this.#ids[at] === undefined) {
        const to = Math.min(end, pageEnd(at + 1, pageRows));
        spans.push({ from: at, to });
        at = to;
      } else at++;
    }
    return spans;
  }

  #isOut(id: Id): boolean {
    const to = this.#leaving.to.get(id);
    if (to !== undefined && isOutside(this.spec.filter, { id, mailboxIds: { [to]: true } })) return true;
    const email = this.#store.peek('Email', id);
    return email === null || (email !== undefined && isOutside(this.spec.filter, email));
  }

  #setIds(ids: readonly (Id | undefined)[]): void {
    this.#ids = ids;
    this.#held = new Set(ids.filter((id) => id !== undefined));
    this.#hidden = new Set([...this.#held].filter((id) => this.#isOut(id)));
    this.#publish();
  }

  #setFailure(failure: Failure | undefined): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.#publish();
  }

  #publish(): void {
    const hidden = this.#hidden;
    const shown = hidden.size === 0 ? this.#ids : this.#ids.filter((id) => id === undefined || !hidden.has(id));
    const isEmptied = this.#leaving.emptied.values().some((id) => isWithin(this.spec.filter, id));
    this.#snapshot = {
      ids: isEmptied ? [] : shown,
      isOpen: this.#isOpen && !isEmptied,
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
  readonly #leaving: Leaving = { to: new Map(), emptied: new Set() };

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
    const list = this.#lists.get(key) ?? new EmailList(this.#store, this.#connection, spec, this.#leaving);
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const [old, { isWatched }] of this.#lists) {
      if (this.#lists.size <= LISTS_KEPT) break;
      if (!isWatched && old !== key) this.#lists.delete(old);
    }
    return list;
  }

  /** Shows these as if each were in the mailbox `to` alone, whatever is known of them, until what is answered is called. */
  leave(ids: readonly Id[], to: Id): () => void {
    for (const id of ids) this.#leaving.to.set(id, to);
    for (const list of this.#lists.values()) list.reconsider(ids);
    return () => {
      for (const id of ids) if (this.#leaving.to.get(id) === to) this.#leaving.to.delete(id);
      for (const list of this.#lists.values()) list.reconsider(ids);
    };
  }

  /** Shows a mailbox as empty, until what is answered is called. */
  empty(mailboxId: Id): () => void {
    this.#leaving.emptied.add(mailboxId);
    for (const list of this.#lists.values()) list.reconsiderMailbox(mailboxId);
    return () => {
      this.#leaving.emptied.delete(mailboxId);
      for (const list of this.#lists.values()) list.reconsiderMailbox(mailboxId);
    };
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

/** Whether all that is in the list is certainly in this mailbox. */
function isWithin(filter: ListSpec['filter'], mailboxId: Id): boolean {
  if (filter === null) return false;
  if ('operator' in filter)
    return filter.operator === 'AND' && filter.conditions.some((part) => isWithin(part, mailboxId));
  return filter.inMailbox === mailboxId;
}

/** Whether words are asked for. */
function asksWords(filter: ListSpec['filter']): boolean {
  if (filter === null) return false;
  if ('operator' in filter) return filter.conditions.some(asksWords);
  return WORDS.some((name) => filter[name] !== undefined);
}

const WORDS = ['text', 'from', 'to', 'cc', 'bcc', 'subject', 'body', 'header'] as const;

/** Whether there may be more behind a page of so many wanted rows. */
function isOpenBehind({ ids, total, limit: most }: QueryResponse, limit: number): boolean {
  return total === undefined && ids.length > 0 && ids.length >= Math.min(limit, most ?? limit);
}

/** The list's length by a page of it. A page that is empty before the end would be asked for without end: it is the end. */
function lengthOf({ position, ids, total }: QueryResponse, isOpen: boolean): number {
  const end = position + ids.length;
  if (isOpen) return end + PAGE_ROWS;
  return ids.length === 0 || total === undefined ? Math.min(end, total ?? end) : total;
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

function pageEnd(index: number, pageRows = PAGE_ROWS): number {
  return Math.ceil(index / pageRows) * pageRows;
}
