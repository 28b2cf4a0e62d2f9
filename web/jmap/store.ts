/**
 * What is known of an account: records by type and id, each as far as it has been fetched, and the state (RFC 8620
 * §5.1) they are at. Shown is what the server said last with the user's pending changes on top.
 *
 * Whoever shows a record subscribes to it alone; a snapshot is the same object until something in it changes.
 */
import type { GetResponse } from '#contract/jmap/core.ts';
import type { Id } from '#contract/jmap/values.ts';
import { valueOf, type Connection } from './connection.ts';
import { failureOf } from './failures.ts';
import { BODY_VALUE_BYTES, CHANGES_IDS, RECORDS_HELD } from './limits.ts';
import { Listeners } from './listeners.ts';
import { applyPatch, type Patch } from './patch.ts';
import { Repeated } from './repeated.ts';
import { TRAITS, TYPE_NAMES, type External, type Known, type TypeName } from './types.ts';

type AnyKnown = Readonly<Record<string, unknown>> & { readonly id: Id };

/** What is laid over a record: a patch, or its absence. */
export type Overlay = Patch | 'destroyed';

interface Subscriber {
  readonly listener: () => void;
  readonly properties: readonly string[];
}

interface Table {
  state: string | undefined;
  /** As the server said. In the order in which they were last heard of. */
  readonly known: Map<Id, AnyKnown>;
  /** Said not to exist. */
  readonly gone: Set<Id>;
  readonly overlays: Map<Id, Overlay>;
  /** Those with an overlay, put together when first asked for. */
  readonly patched: Map<Id, AnyKnown>;
  readonly subscribers: Map<Id, Set<Subscriber>>;
  readonly allSubscribers: Set<() => void>;
  /** The snapshot of a whole collection; made when asked for. */
  all: readonly AnyKnown[] | undefined;
  /** Whether `known` holds the whole collection. */
  isComplete: boolean;
  /** Whether somebody has asked for the whole collection. */
  isWanted: boolean;
  /** Properties wanted by id, for the next request; and those under way. */
  wanted: Map<Id, Set<string>>;
  readonly asked: Map<Id, Set<string>>;
  fetching: Promise<void> | undefined;
  readonly syncing: Repeated;
  /** Records that came in at another state than `state`, with theirs. */
  readonly heardAt: Map<Id, string>;
}

/** Ids whose shown record has changed, by type. */
export type Touched = ReadonlyMap<TypeName, ReadonlySet<Id>>;

/** What a cache has kept of one type. */
export interface Kept {
  readonly state: string;
  readonly isComplete: boolean;
  readonly records: readonly AnyKnown[];
}

export class Store {
  readonly accountId: Id;
  /** Emitted once for each answer or action, after all of it has been taken in. */
  readonly touched = new Listeners<Touched>();
  readonly #connection: Connection;
  readonly #tables = new Map<TypeName, Table>(TYPE_NAMES.map((type) => [type, newTable(() => this.#catchUp(type))]));
  #dirty = new Map<TypeName, Set<Id>>();
  /** Of any type, that are not let go of. */
  readonly #holds = new Set<ReadonlySet<Id>>();
  #bodies: ((id: Id) => Promise<AnyKnown | undefined>) | undefined;

  constructor(connection: Connection, accountId: Id) {
    this.#connection = connection;
    this.accountId = accountId;
  }

  /** All Emails of the Threads of these, as far as they are known; of the others themselves. */
  lettersOf(emailIds: readonly Id[]): readonly Id[] {
    return emailIds.flatMap((id) => {
      const threadId = this.peek('Email', id)?.threadId;
      const thread = threadId === undefined ? undefined : this.peek('Thread', threadId);
      return thread?.emailIds ?? [id];
    });
  }

  /** `undefined`: not known yet. `null`: there is none. */
  peek<Type extends TypeName>(type: Type, id: Id): Known<Type> | null | undefined {
    const table = this.#table(type);
    const overlay = table.overlays.get(id);
    if (overlay === 'destroyed' || table.gone.has(id)) return null;
    const known = table.known.get(id);
    if (known === undefined || overlay === undefined) return known as Known<Type> | undefined;
    let patched = table.patched.get(id);
    if (patched === undefined) {
      patched = applyPatch(known, overlay);
      table.patched.set(id, patched);
    }
    return patched as unknown as Known<Type>;
  }

  /** As the server said last, without what the user has changed since. */
  peekServer<Type extends TypeName>(type: Type, id: Id): Known<Type> | undefined {
    return this.#table(type).known.get(id) as Known<Type> | undefined;
  }

  /** One record, kept up to date and with at least `properties`, while somebody is subscribed. */
  record<Type extends TypeName>(
    type: Type,
    id: Id,
    properties: readonly string[] = TRAITS[type].properties,
  ): External<Known<Type> | null | undefined> {
    return {
      subscribe: (listener) => {
        const { subscribers } = this.#table(type);
        const own: Subscriber = { listener, properties };
        let ofId = subscribers.get(id);
        if (ofId === undefined) subscribers.set(id, (ofId = new Set()));
        ofId.add(own);
        // A failure shows by the record staying unknown; it is asked for again with the next `sync`.
        this.need(type, [id], properties).catch(failureOf);
        return () => {
          ofId.delete(own);
          if (ofId.size === 0 && subscribers.get(id) === ofId) subscribers.delete(id);
        };
      },
      getSnapshot: () => this.peek(type, id),
    };
  }

  /** A whole collection, for the types that are kept whole; `undefined` until it is known. */
  all<Type extends TypeName>(type: Type): External<readonly Known<Type>[] | undefined> {
    return {
      subscribe: (listener) => {
        const { allSubscribers } = this.#table(type);
        const own = () => listener();
        allSubscribers.add(own);
        this.needAll(type).catch(failureOf);
        return () => void allSubscribers.delete(own);
      },
      getSnapshot: () => this.peekAll(type),
    };
  }

  peekAll<Type extends TypeName>(type: Type): readonly Known<Type>[] | undefined {
    const table = this.#table(type);
    if (!table.isComplete) return undefined;
    table.all ??= [...table.known.keys()].flatMap((id) => (this.peek(type, id) as AnyKnown | null | undefined) ?? []);
    return table.all as unknown as readonly Known<Type>[];
  }

  /** Whatever happens to be known of a type, in no order. */
  *peekKnown<Type extends TypeName>(type: Type): Generator<Known<Type>> {
    for (const id of this.#table(type).known.keys()) {
      const record = this.peek(type, id);
      if (record) yield record;
    }
  }

  /** Settles when what was missing has been fetched, or found not to exist. Rejects with JmapError. */
  need(type: TypeName, ids: readonly Id[], properties: readonly string[] = TRAITS[type].properties): Promise<void> {
    const table = this.#table(type);
    for (const id of ids) {
      if (table.gone.has(id)) continue;
      const known = table.known.get(id);
      const asked = table.asked.get(id);
      const missing = properties.filter(
        (property) => !(known !== undefined && property in known) && asked?.has(property) !== true,
      );
      if (missing.length === 0) continue;
      const wanted = table.wanted.get(id) ?? new Set();
      for (const property of missing) wanted.add(property);
      table.wanted.set(id, wanted);
    }
    if (table.wanted.size === 0) return table.fetching ?? Promise.resolve();
    const before = table.fetching;
    const fetching = Promise.resolve()
      .then(() => this.#fetchWanted(type))
      .then(() => before)
      .finally(() => {
        if (table.fetching === fetching) table.fetching = undefined;
      });
    table.fetching = fetching;
    return fetching;
  }

  /** These records are kept, whatever else is heard of, until what is answered is called. */
  hold(ids: Iterable<Id>): () => void {
    const held = new Set(ids);
    this.#holds.add(held);
    return () => void this.#holds.delete(held);
  }

  /** Settles when the whole collection is known. Rejects with JmapError. */
  async needAll(type: TypeName): Promise<void> {
    const table = this.#table(type);
    table.isWanted = true;
    if (!table.isComplete) await this.sync([type]);
  }

  /**
   * Catches up with the server, in one request for all types; also with what was missed while offline. Types of which
   * nothing is known are left alone, unless somebody waits for them. Rejects with JmapError.
   */
  async sync(types: readonly TypeName[] = TYPE_NAMES): Promise<void> {
    await Promise.all(types.map((type) => this.#table(type).syncing.run()));
  }

  state(type: TypeName): string | undefined {
    return this.#table(type).state;
  }

  /** Takes in what a /get answered (of this store's account). */
  absorb(type: TypeName, response: GetResponse<{ readonly id: Id }>): void {
    const table = this.#table(type);
    this.#absorb(type, response);
    // Nothing was known before: the first answer says where we are. Otherwise there is something to catch up with.
    if (table.state === undefined) table.state = response.state;
    else if (table.state !== response.state) {
      for (const { id } of response.list) table.heardAt.set(id, response.state);
      if (!table.syncing.isRunning) table.syncing.run().catch(failureOf);
    }
    this.#flush();
  }

  /** Lays a pending change over a record, in place of the one before; `undefined` takes it away. */
  overlay(type: TypeName, overlays: Iterable<readonly [Id, Overlay | undefined]>): void {
    const table = this.#table(type);
    for (const [id, overlay] of overlays) {
      if (overlay === undefined) table.overlays.delete(id);
      else table.overlays.set(id, overlay);
      this.#touch(type, id);
    }
    this.#flush();
  }

  /** The server has made these changes: they are no longer pending. The next `sync` brings what else it changed. */
  confirm(type: TypeName, overlays: Iterable<readonly [Id, Overlay]>): void {
    const table = this.#table(type);
    for (const [id, overlay] of overlays) {
      const known = table.known.get(id);
      if (overlay === 'destroyed') this.#forget(type, id);
      else if (known !== undefined) table.known.set(id, applyPatch(known, overlay));
      this.#touch(type, id);
    }
    this.#flush();
  }

  /** Puts in what a cache has kept; to be called before anything is fetched. */
  restore(type: TypeName, kept: Kept): void {
    const table = this.#table(type);
    if (table.state !== undefined) return;
    table.state = kept.state;
    table.isComplete = kept.isComplete;
    for (const record of kept.records) {
      table.known.set(record.id, record);
      this.#touch(type, record.id);
    }
    this.#flush();
  }

  /** What a cache keeps of these ids, or of all that are held; those that are not are `undefined`. */
  keep(
    type: TypeName,
    ids?: Iterable<Id>,
  ): {
    readonly state: string | undefined;
    readonly isComplete: boolean;
    readonly records: ReadonlyMap<Id, AnyKnown | undefined>;
  } {
    const { state, isComplete, known } = this.#table(type);
    return { state, isComplete, records: new Map([...(ids ?? known.keys())].map((id) => [id, known.get(id)])) };
  }

  /** Where bodies are looked for before the server is asked; what is in them never changes (RFC 8621 §4.1). */
  lookUpBodiesIn(source: (id: Id) => Promise<AnyKnown | undefined>): void {
    this.#bodies = source;
  }

  #table(type: TypeName): Table {
    const table = this.#tables.get(type);
    if (table === undefined) throw new RangeError(`no such type: ${type}`);
    return table;
  }

  async #fetchWanted(type: TypeName): Promise<void> {
    const table = this.#table(type);
    const wanted = table.wanted;
    table.wanted = new Map();
    if (wanted.size === 0) return;
    const asked = [...wanted];
    for (const [id, properties] of asked) table.asked.set(id, properties.union(table.asked.get(id) ?? new Set()));
    try {
      if (type === 'Email') await this.#lookUpBodies(wanted);
      if (wanted.size === 0) return;
      // Records that lack the same go into one call.
      const byProperties = Map.groupBy(wanted, ([, properties]) => [...properties].toSorted().join());
      const { maxObjectsInGet } = await this.#connection.limits();
      await Promise.all(
        [...byProperties].flatMap(([properties, records]) =>
          chunks(
            records.map(([id]) => id),
            maxObjectsInGet,
          ).map(async (ids) => {
            this.absorb(type, await this.#get(type, ids, properties.split(',')));
          }),
        ),
      );
    } finally {
      for (const [id, properties] of asked) {
        const left = table.asked.get(id)?.difference(properties);
        if (left !== undefined && left.size > 0) table.asked.set(id, left);
        else table.asked.delete(id);
      }
    }
  }

  /** Takes in kept bodies, and takes off `wanted` what they hold. */
  async #lookUpBodies(wanted: Map<Id, Set<string>>): Promise<void> {
    const { known } = this.#table('Email');
    const source = this.#bodies;
    if (source === undefined) return;
    const ids = [...wanted].flatMap(([id, properties]) => (properties.has('bodyValues') ? [id] : []));
    await Promise.all(
      ids.map(async (id) => {
        const body = await source(id);
        if (body === undefined) return;
        known.set(id, { ...known.get(id), ...body });
        const left = wanted.get(id)?.difference(new Set(Object.keys(body)));
        if (left === undefined || left.size === 0) wanted.delete(id);
        else wanted.set(id, left);
        this.#touch('Email', id);
      }),
    );
    this.#flush();
  }

  #get(type: TypeName, ids: readonly Id[] | null, properties: readonly string[]): Promise<GetResponse<AnyKnown>> {
    const bodies = properties.includes('bodyValues')
      ? { fetchTextBodyValues: true, fetchHTMLBodyValues: true, maxBodyValueBytes: BODY_VALUE_BYTES }
      : {};
    const args = { accountId: this.accountId, ids, properties: ['id', ...properties], ...bodies };
    return this.#connection.call(`${type}/get`, args);
  }

  async #catchUp(type: TypeName): Promise<void> {
    const table = this.#table(type);
    const { isWhole, hasChanges } = TRAITS[type];
    const isMissing = isWhole && table.isWanted && !table.isComplete;
    if (table.state !== undefined || isMissing) {
      const isDone = !isMissing && hasChanges && (await this.#applyChanges(type, table.state ?? ''));
      if (!isDone) await this.#refetch(type);
    }
    // What could not be fetched when it was first wanted.
    for (const [id, ofId] of table.subscribers) {
      for (const { properties } of ofId) this.need(type, [id], properties).catch(failureOf);
    }
  }

  /** RFC 8620 §5.2. `false`: the server cannot say what has changed, or it is so much that it costs less to ask for what is held. */
  async #applyChanges(type: TypeName, sinceState: string): Promise<boolean> {
    const table = this.#table(type);
    const { accountId } = this;
    const [outcome] = await this.#connection.run([
      [`${type}/changes`, { accountId, sinceState, maxChanges: CHANGES_IDS }] as const,
    ]);
    if (!outcome.ok && outcome.error.type === 'cannotCalculateChanges') return false;
    const changes = valueOf(outcome);
    if (changes.newState === sinceState && changes.hasMoreChanges) return false;
    const { isWhole, mutable, properties } = TRAITS[type];
    if (changes.hasMoreChanges && !isWhole && table.known.size <= CHANGES_IDS) return false;
    const updatedProperties = 'updatedProperties' in changes ? (changes.updatedProperties as string[] | null) : null;
    const created = isWhole ? changes.created.filter((id) => !table.known.has(id)) : [];
    // Also what was created and is held already: it may have changed since it was fetched.
    const findOutdated = () =>
      [...changes.updated, ...changes.created].filter(
        (id) => table.known.has(id) && table.heardAt.get(id) !== changes.newState,
      );
    const updated = findOutdated();
    const { maxObjectsInGet } = await this.#connection.limits();
    const responses = await Promise.all([
      ...chunks(updated, maxObjectsInGet).map((ids) => this.#get(type, ids, updatedProperties ?? mutable)),
      ...chunks(created, maxObjectsInGet).map((ids) => this.#get(type, ids, properties)),
    ]);
    for (const response of responses) this.#absorb(type, response);
    for (const id of changes.destroyed) this.#forget(type, id);
    // What came in meanwhile may be older than `newState` (states have no order): from the old state on it is told again.
    const isMissed = new Set(findOutdated()).difference(new Set([...updated, ...created])).size > 0;
    const isBehind = [...table.heardAt.values(), ...responses.map(({ state }) => state)].some(
      (state) => state !== changes.newState,
    );
    if (!isMissed) {
      table.state = changes.newState;
      table.heardAt.clear();
    }
    this.#flush();
    if (isMissed || isBehind || changes.hasMoreChanges) void table.syncing.run();
    return true;
  }

  /** Everything held is fetched anew: what can have changed of it. */
  async #refetch(type: TypeName): Promise<void> {
    const table = this.#table(type);
    const { isWhole, mutable, properties } = TRAITS[type];
    const { maxObjectsInGet } = await this.#connection.limits();
    const idChunks = isWhole ? [null] : chunks([...table.known.keys()], maxObjectsInGet);
    const responses = await Promise.all(idChunks.map((ids) => this.#get(type, ids, isWhole ? properties : mutable)));
    if (isWhole) {
      const listed = new Set(responses.flatMap(({ list }) => list.map(({ id }) => id)));
      for (const id of table.known.keys()) if (!listed.has(id)) this.#forget(type, id);
      table.isComplete = true;
      table.all = undefined;
      this.#dirty.set(type, this.#dirty.get(type) ?? new Set());
    }
    for (const response of responses) this.#absorb(type, response);
    // The oldest of the states: whatever happened since will be told.
    table.state = responses[0]?.state;
    this.#flush();
    if (responses.some(({ state }) => state !== table.state)) void table.syncing.run();
  }

  #absorb(type: TypeName, response: GetResponse<{ readonly id: Id }>): void {
    const table = this.#table(type);
    for (const item of response.list) {
      const before = table.known.get(item.id);
      table.gone.delete(item.id);
      // Put in anew, so that what is heard of stays longest.
      table.known.delete(item.id);
      if (before !== undefined && isSubset(item, before)) {
        table.known.set(item.id, before);
        continue;
      }
      table.known.set(item.id, { ...before, ...item });
      this.#touch(type, item.id);
    }
    for (const id of response.notFound) this.#forget(type, id);
    if (table.known.size > RECORDS_HELD && !TRAITS[type].isWhole) this.#evict(type);
  }

  #forget(type: TypeName, id: Id): void {
    const table = this.#table(type);
    table.known.delete(id);
    table.gone.add(id);
    this.#touch(type, id);
  }

  /** Lets go of a tenth of what nobody has asked for longest. */
  #evict(type: TypeName): void {
    const { known, subscribers, overlays } = this.#table(type);
    for (const id of known.keys()) {
      if (known.size <= RECORDS_HELD * 0.9) return;
      if (subscribers.has(id) || overlays.has(id) || this.#holds.values().some((held) => held.has(id))) continue;
      known.delete(id);
      this.#touch(type, id);
    }
  }

  #touch(type: TypeName, id: Id): void {
    const table = this.#table(type);
    table.patched.delete(id);
    table.all = undefined;
    let ids = this.#dirty.get(type);
    if (ids === undefined) this.#dirty.set(type, (ids = new Set()));
    ids.add(id);
  }

  #flush(): void {
    const dirty = this.#dirty;
    if (dirty.size === 0) return;
    this.#dirty = new Map();
    for (const [type, ids] of dirty) {
      const { subscribers, allSubscribers } = this.#table(type);
      // Whoever subscribes while being told is told the next time.
      const told = [...ids].flatMap((id) => [...(subscribers.get(id) ?? [])].map(({ listener }) => listener));
      for (const listener of told.concat([...allSubscribers])) listener();
    }
    this.touched.emit(dirty);
  }
}

function newTable(catchUp: () => Promise<void>): Table {
  return {
    state: undefined,
    known: new Map(),
    gone: new Set(),
    overlays: new Map(),
    patched: new Map(),
    subscribers: new Map(),
    allSubscribers: new Set(),
    all: undefined,
    isComplete: false,
    isWanted: false,
    wanted: new Map(),
    asked: new Map(),
    fetching: undefined,
    syncing: new Repeated(catchUp),
    heardAt: new Map(),
  };
}

/** Whether `held` says all that `item` does. */
function isSubset(item: AnyKnown, held: AnyKnown): boolean {
  return Object.entries(item).every(([property, value]) => isSame(value, held[property]));
}

/** Equal as JSON; the order of members does not count. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isSame((a as AnyKnown)[key], (b as AnyKnown)[key]));
}

function chunks<Item>(items: readonly Item[], size: number): readonly Item[][] {
  const parts: Item[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
