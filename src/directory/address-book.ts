/**
 * 组织通讯录: whom one can write to here, found while somebody types. Tells of each a name, an address and a unit, and nothing
 * else the directory knows. Built in memory when a thread is first asked, and kept in step with the directory.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { formatAddress } from './address.ts';
import { ADDRESS_BOOK_LIMITS as LIMITS } from './limits.ts';
import { foldLetters, matchName, openingOf, openings, readName } from './name-match.ts';
import type { NameForm, StepOf } from './name-match.ts';
import { loadReadings } from './pinyin-readings.ts';
import type { DirectoryReader, DirectoryStore } from './ports/directory-store.ts';
import { takesMail } from './stages.ts';
import type { AddressRow, DirectoryAccountRow, GroupId } from './types.ts';

/** Somebody, or a group, to write to. */
export interface Listing {
  readonly key: AccountId | `group ${GroupId}`;
  readonly kind: 'person' | 'group';
  /** May be empty. */
  readonly name: string;
  /** The alias where there is one, for it tells less than a number. */
  readonly address: string;
  /** 学院 or 部门; empty: none, or not known. */
  readonly unit: string;
}

export interface UnitListing {
  readonly name: string;
  readonly count: number;
}

interface Entry extends Listing {
  readonly forms: readonly NameForm[];
  /** What stands before the `@` of each of its addresses. */
  readonly localParts: readonly string[];
  /** What is taken out stays in the lists until they are made anew. */
  isGone: boolean;
}

interface Index {
  readonly entries: Map<Listing['key'], Entry>;
  /** By what a search for them may begin with. */
  readonly byOpening: Map<string, Entry[]>;
  /** In order: those that begin alike stand together. */
  readonly byLocalPart: LocalPart[];
  readonly byUnit: Map<string, { readonly form: NameForm; readonly entries: Entry[] }>;
  readonly stepOf: StepOf;
  readonly builtAt: number;
  /** Groups tell nobody when they change. */
  groupsReadAt: number;
}

interface LocalPart {
  readonly localPart: string;
  readonly entry: Entry;
}

interface Found {
  readonly entry: Entry;
  readonly distance: number;
}

/** How far from what was typed each way of being meant is; a name's own distance comes on top. */
const BY_ADDRESS = 6;
const BY_UNIT = 12;

export class AddressBook {
  readonly #reader: DirectoryReader;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #unwatch: () => void;
  readonly #changed = new Set<AccountId>();
  #index: Promise<Index> | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(parts: { readonly store: DirectoryStore; readonly clock: Clock; readonly log: Logger }) {
    this.#reader = parts.store.reader;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#unwatch = parts.store.watch((accountId) => {
      if (this.#index === undefined) return;
      this.#changed.add(accountId);
      // So many at once come with a roster: reading all of them again is less work.
      if (this.#changed.size > LIMITS.changes) this.#forget();
    });
  }

  /** Stops listening to the store. */
  close(): void {
    this.#unwatch();
    this.#forget();
  }

  /** Those that `text` means, the nearest first, at most `limit`; those of the unit of `asker` before others as near. */
  async search(text: string, limit: number, asker: AccountId): Promise<readonly Listing[]> {
    const index = await this.#current();
    const typed = foldLetters(text.replace(/@.*$/s, ''));
    if (typed === '') return [];
    const unit = index.entries.get(asker)?.unit ?? '';
    const best = new Nearest(limit, unit);
    for (const entry of index.byOpening.get(openingOf(typed)) ?? []) {
      const distance = distanceOf(entry, typed);
      if (distance !== undefined) best.offer({ entry, distance });
    }
    const { byLocalPart } = index;
    const first = firstFrom(byLocalPart, typed);
    for (const { localPart, entry } of byLocalPart.slice(first, first + limit))
      if (localPart.startsWith(typed)) best.offer({ entry, distance: BY_ADDRESS });
    for (const { form, entries } of index.byUnit.values()) {
      const distance = best.wants(BY_UNIT) ? matchName(form, typed) : undefined;
      if (distance !== undefined) for (const entry of entries) best.offer({ entry, distance: BY_UNIT + distance });
    }
    return best.list().map(listingOf);
  }

  /** All of a unit, by name. */
  async inUnit(unit: string): Promise<readonly Listing[]> {
    const entries = (await this.#current()).byUnit.get(unit)?.entries ?? [];
    return entries
      .filter(({ isGone }) => !isGone)
      .map(listingOf)
      .toSorted(compareNames);
  }

  async units(): Promise<readonly UnitListing[]> {
    const { byUnit } = await this.#current();
    const units = Array.from(byUnit, ([name, { entries }]) => ({
      name,
      count: entries.filter(({ isGone }) => !isGone).length,
    }));
    return units.filter(({ count }) => count > 0).toSorted(compareNames);
  }

  async find(key: Listing['key']): Promise<Listing | undefined> {
    const entry = (await this.#current()).entries.get(key);
    return entry && listingOf(entry);
  }

  async #current(): Promise<Index> {
    const known = await this.#index;
    if (known && this.#clock.now() - known.builtAt > LIMITS.keptForMs) this.#forget();
    this.#index ??= this.#build().catch((error: unknown) => {
      this.#index = undefined;
      throw error;
    });
    const index = await this.#index;
    if (this.#changed.size > 0 || this.#clock.now() - index.groupsReadAt > LIMITS.groupsForMs) {
      this.#refreshing = this.#refreshing
        .then(() => this.#refresh(index))
        .catch((error: unknown) => {
          this.#log.error({ err: error }, 'the address book is not up to date');
        });
      await this.#refreshing;
    }
    return index;
  }

  #forget(): void {
    this.#index = undefined;
    this.#changed.clear();
  }

  async #build(): Promise<Index> {
    this.#changed.clear();
    const stepOf = await loadReadings();
    const index: Index = {
      entries: new Map(),
      byOpening: new Map(),
      byLocalPart: [],
      byUnit: new Map(),
      stepOf,
      builtAt: this.#clock.now(),
      groupsReadAt: 0,
    };
    const personOf = new Map<AccountId, { readonly unit: string; readonly englishName: string }>();
    for (let after = 0; ;) {
      const persons = await this.#reader.persons(after, LIMITS.page);
      for (const { accountId, unit, englishName } of persons)
        if (accountId !== null) personOf.set(accountId, { unit, englishName });
      after = persons.at(-1)?.personId ?? 0;
      if (persons.length < LIMITS.page) break;
    }
    for (let after = 0; index.entries.size < LIMITS.entries;) {
      const accounts = await this.#reader.accounts(after, LIMITS.page);
      const last = accounts.at(-1)?.accountId;
      if (last === undefined) break;
      const addresses = Map.groupBy(await this.#reader.addressesBetween(after, last), ({ accountId }) => accountId);
      for (const account of accounts)
        add(
          index,
          personEntry(account, addresses.get(account.accountId) ?? [], personOf.get(account.accountId), stepOf),
        );
      after = last;
    }
    index.byLocalPart.sort((a, b) => compare(a.localPart, b.localPart));
    await this.#readGroups(index);
    return index;
  }

  /** What changed since it was built, or since the last time. */
  async #refresh(index: Index): Promise<void> {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const accountId of changed) {
      const [account, addresses, persons] = await Promise.all([
        this.#reader.account(accountId),
        this.#reader.addressesOf(accountId),
        this.#reader.personsOf(accountId),
      ]);
      remove(index, accountId);
      if (account) put(index, personEntry(account, addresses, persons.at(-1), index.stepOf));
    }
    if (this.#clock.now() - index.groupsReadAt > LIMITS.groupsForMs) await this.#readGroups(index);
  }

  async #readGroups(index: Index): Promise<void> {
    index.groupsReadAt = this.#clock.now();
    const groups = await this.#reader.groups(0, LIMITS.groups);
    for (const key of index.entries.keys()) if (typeof key === 'string') remove(index, key);
    for (const { groupId, localPart, domain, displayName } of groups) {
      put(index, {
        key: `group ${groupId}`,
        kind: 'group',
        name: displayName,
        address: formatAddress({ localPart, domain }),
        unit: '',
        forms: [readName(displayName, index.stepOf)],
        localParts: [foldLetters(localPart)],
        isGone: false,
      });
    }
  }
}

/** Undefined for one that takes no mail. */
function personEntry(
  account: DirectoryAccountRow,
  addresses: readonly AddressRow[],
  person: { readonly unit: string; readonly englishName: string } | undefined,
  stepOf: StepOf,
): Entry | undefined {
  const shown = addresses.find(({ kind }) => kind === 'alias') ?? addresses[0];
  if (shown === undefined || !takesMail(account)) return undefined;
  const names = [account.displayName, person?.englishName ?? ''].filter((name) => name !== '');
  return {
    key: account.accountId,
    kind: 'person',
    name: account.displayName,
    address: formatAddress(shown),
    unit: person?.unit ?? '',
    forms: names.map((name) => readName(name, stepOf)),
    localParts: addresses.map(({ localPart }) => foldLetters(localPart)),
    isGone: false,
  };
}

/** As `put`, but for the order of local parts. */
function add(index: Index, entry: Entry | undefined): void {
  if (entry === undefined) return;
  index.entries.set(entry.key, entry);
  for (const opening of new Set(entry.forms.flatMap((form) => [...openings(form)]))) {
    const there = index.byOpening.get(opening);
    if (there) there.push(entry);
    else index.byOpening.set(opening, [entry]);
  }
  for (const localPart of entry.localParts) index.byLocalPart.push({ localPart, entry });
  if (entry.unit === '') return;
  const unit = index.byUnit.get(entry.unit);
  if (unit) unit.entries.push(entry);
  else index.byUnit.set(entry.unit, { form: readName(entry.unit, index.stepOf), entries: [entry] });
}

function put(index: Index, entry: Entry | undefined): void {
  const { byLocalPart } = index;
  const { length } = byLocalPart;
  add(index, entry);
  for (const added of byLocalPart.splice(length)) byLocalPart.splice(firstFrom(byLocalPart, added.localPart), 0, added);
}

function remove(index: Index, key: Listing['key']): void {
  const entry = index.entries.get(key);
  if (entry === undefined) return;
  entry.isGone = true;
  index.entries.delete(key);
}

function distanceOf({ forms, isGone }: Entry, typed: string): number | undefined {
  if (isGone) return undefined;
  let best: number | undefined;
  for (const form of forms) {
    const distance = matchName(form, typed);
    if (distance !== undefined && (best === undefined || distance < best)) best = distance;
  }
  return best;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Where the first stands that is not before `localPart`. */
function firstFrom(parts: readonly LocalPart[], localPart: string): number {
  let [from, to] = [0, parts.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((parts[middle] as LocalPart).localPart < localPart) from = middle + 1;
    else to = middle;
  }
  return from;
}

function listingOf({ key, kind, name, address, unit }: Entry): Listing {
  return { key, kind, name, address, unit };
}

const COLLATOR = new Intl.Collator('zh-CN');

function compareNames(a: { readonly name: string }, b: { readonly name: string }): number {
  return COLLATOR.compare(a.name, b.name);
}

/** The nearest so far, in order. */
class Nearest {
  readonly #found = new Set<Listing['key']>();
  readonly #limit: number;
  readonly #unit: string;
  readonly #kept: Found[] = [];

  constructor(limit: number, unit: string) {
    this.#limit = limit;
    this.#unit = unit;
  }

  /** Whether anything so far away would still be taken. */
  wants(distance: number): boolean {
    return this.#kept.length < this.#limit || distance <= (this.#kept.at(-1)?.distance ?? 0);
  }

  offer(found: Found): void {
    const { entry } = found;
    const last = this.#kept.at(-1);
    const isFull = this.#kept.length >= this.#limit;
    if (entry.isGone || (isFull && (last === undefined || this.#compare(found, last) >= 0))) return;
    if (this.#found.has(entry.key)) return;
    const at = this.#kept.findIndex((kept) => this.#compare(found, kept) < 0);
    this.#kept.splice(at === -1 ? this.#kept.length : at, 0, found);
    this.#found.add(entry.key);
    const dropped = this.#kept.length > this.#limit ? this.#kept.pop() : undefined;
    if (dropped) this.#found.delete(dropped.entry.key);
  }

  list(): readonly Entry[] {
    return this.#kept.map(({ entry }) => entry);
  }

  /** Then those of one's own unit, then short names, for the rest of a long one was not typed. */
  #compare(a: Found, b: Found): number {
    const own = (entry: Entry) => Number(this.#unit === '' || entry.unit !== this.#unit);
    return a.distance - b.distance || own(a.entry) - own(b.entry) || a.entry.name.length - b.entry.name.length;
  }
}
