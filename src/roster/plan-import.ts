/** What a list of people would change: a comparison by number, which changes nothing yet. */
import { isCurrent } from '#directory/person-status.ts';
import type { RosterChange } from '#directory/operations.ts';
import type {
  AccountId,
  AccountStage,
  PersonRow,
  PersonStatus,
  Population,
  RosterChangeKind,
  RosterCounts,
} from '#directory/types.ts';
import type { People, RosterEntry } from './read-people.ts';
import type { Trouble } from './troubles.ts';
import { OWNERS_AT_ONCE } from './limits.ts';
import { USUAL_STATUS } from './values.ts';

export interface PlanSettings {
  /** Where addresses of people are: 工号@…, 学号@…. */
  readonly domains: ReadonlyMap<Population, string>;
  /** Who must activate the account before it is used (domain.md S-14). */
  readonly activates: ReadonlySet<Population>;
  /** How long an initial password is good; null: without end. Milliseconds. */
  readonly initialLifeMs: number | null;
}

export interface PlanSources {
  readonly persons: Iterable<PersonRow>;
  /** Whose address it is: null nobody's; `other` that of an alias or a group, which is not theirs by their number. */
  readonly addressOwner: (localPart: string, domain: string) => Promise<AccountId | 'other' | null>;
  /** A verifier that nothing matches, for whom has no initial password. */
  readonly makeUnmatched: () => string;
  readonly nowMs: number;
}

export interface PlannedChange {
  readonly kind: RosterChangeKind;
  readonly number: string;
  readonly name: string;
  /** `status: enrolled > graduated`, for those who are changed. */
  readonly facts: readonly string[];
}

export interface RosterPlan {
  readonly changes: readonly RosterChange[];
  /** The same for people to read, in the same order. */
  readonly shown: readonly PlannedChange[];
  readonly counts: RosterCounts;
  readonly unchanged: number;
  /** Current people before it: of the kinds that the list names, or all for a list of some. */
  readonly current: number;
  readonly troubles: readonly Trouble[];
  /** New accounts whose initial password is made of the number alone (A3), or that have none. */
  readonly weak: number;
  readonly withoutPassword: number;
}

/** `isPartial`: who is not on the list has not left. */
export async function planImport(
  people: People,
  sources: PlanSources,
  settings: PlanSettings,
  isPartial: boolean,
): Promise<RosterPlan> {
  const known = new Map<string, PersonRow>();
  for (const person of sources.persons) known.set(person.number, person);
  const planned: { readonly change: RosterChange; readonly shown: PlannedChange }[] = [];
  const troubles: Trouble[] = [...people.troubles];
  let unchanged = 0;
  let weak = 0;
  let withoutPassword = 0;
  const owners = await findOwners(people.entries, known, sources, settings);
  for (const entry of people.entries) {
    const person = known.get(entry.number);
    if (person !== undefined) {
      const change = compare(entry, person);
      if (change === undefined) unchanged++;
      else planned.push(change);
      continue;
    }
    const added = planNew(entry, owners.get(entry.number) ?? null, known, sources, settings);
    if ('row' in added) {
      troubles.push(added);
      continue;
    }
    if (added.account !== null && entry.initial?.isWeak === true) weak++;
    if (added.account !== null && entry.initial === undefined) withoutPassword++;
    planned.push({ change: added, shown: { kind: 'added', number: entry.number, name: entry.name, facts: [] } });
  }
  const listed = new Set([...people.entries, ...troubles].map(({ number }) => number));
  const kinds = new Set(people.entries.map(({ population }) => population));
  const current = [...known.values()].filter((one) => isCurrent(one.status) && kinds.has(one.population));
  const gone = isPartial ? [] : current.filter(({ number }) => !listed.has(number));
  for (const person of gone) planned.push(changeOf(person, { status: 'gone' }, null));
  const counts = { added: 0, changed: 0, closed: 0, returned: 0 };
  for (const { shown } of planned) counts[shown.kind]++;
  return {
    changes: planned.map(({ change }) => change),
    shown: planned.map(({ shown }) => shown),
    counts,
    unchanged,
    current: current.length,
    troubles: troubles.toSorted((a, b) => a.row - b.row),
    weak,
    withoutPassword,
  };
}

type Patch = Partial<Omit<PersonRow, 'personId' | 'number' | 'updatedAt'>>;

const FIELDS = ['name', 'englishName', 'population', 'unit', 'level', 'enrolled', 'endsOn', 'tailCheck'] as const;

/** Undefined: it says what is known. */
function compare(
  entry: RosterEntry,
  person: PersonRow,
): { readonly change: RosterChange; readonly shown: PlannedChange } | undefined {
  const changed = FIELDS.filter((field) => entry[field] !== undefined && entry[field] !== person[field]);
  const status = statusOf(entry, person);
  if (changed.length === 0 && status === person.status) return undefined;
  const patch: Patch = { ...Object.fromEntries(changed.map((field) => [field, entry[field]])), status };
  // What the initial password is made of.
  const isNewPassword = changed.some((field) => ['tailCheck', 'enrolled', 'population'].includes(field));
  return changeOf(person, patch, isNewPassword ? (entry.initial?.verifier ?? null) : null);
}

/** A list that says nothing of how people stand says that they are here. */
function statusOf({ status, population }: RosterEntry, person: PersonRow): PersonStatus {
  return status ?? (isCurrent(person.status) ? person.status : USUAL_STATUS[population]);
}

function changeOf(
  person: PersonRow,
  patch: Patch,
  initialVerifier: string | null,
): { readonly change: RosterChange; readonly shown: PlannedChange } {
  const { personId, updatedAt, number } = person;
  const [was, is] = [isCurrent(person.status), isCurrent(patch.status ?? person.status)];
  const kind = was === is ? 'changed' : is ? 'returned' : 'closed';
  const facts = Object.entries(patch)
    .filter(([field, value]) => value !== person[field as keyof PersonRow])
    // A digest tells people nothing.
    .map(([field, value]) => (field === 'tailCheck' ? 'document' : describeFact(field as keyof Patch, person, value)));
  return {
    change: { kind, personId, updatedAt, patch, initialVerifier },
    shown: { kind, number, name: patch.name ?? person.name, facts },
  };
}

function describeFact(field: keyof Patch, person: PersonRow, value: Patch[keyof Patch]): string {
  const text = (one: typeof value): string | number => (one === undefined || one === null || one === '' ? '-' : one);
  return `${field}: ${text(person[field])} > ${text(value)}`;
}

type Added = Extract<RosterChange, { kind: 'added' }>;

type Owner = Awaited<ReturnType<PlanSources['addressOwner']>>;

/** Whose the addresses are that new people would get, by their number. */
async function findOwners(
  entries: readonly RosterEntry[],
  known: ReadonlyMap<string, PersonRow>,
  { addressOwner }: PlanSources,
  { domains }: PlanSettings,
): Promise<ReadonlyMap<string, Owner>> {
  const owners = new Map<string, Owner>();
  const added = entries.filter(({ number }) => !known.has(number));
  for (let at = 0; at < added.length; at += OWNERS_AT_ONCE) {
    const some = added.slice(at, at + OWNERS_AT_ONCE);
    const find = async ({ number, population }: RosterEntry): Promise<void> => {
      const domain = domains.get(population);
      if (domain !== undefined) owners.set(number, await addressOwner(number, domain));
    };
    await Promise.all(some.map(find));
  }
  return owners;
}

function planNew(
  entry: RosterEntry,
  owner: Owner,
  known: ReadonlyMap<string, PersonRow>,
  { makeUnmatched, nowMs }: PlanSources,
  { domains, activates, initialLifeMs }: PlanSettings,
): Added | Trouble {
  const { number, name, population, row, initial } = entry;
  const person = {
    number,
    name,
    population,
    englishName: entry.englishName ?? '',
    unit: entry.unit ?? '',
    level: entry.level ?? '',
    enrolled: entry.enrolled ?? null,
    status: entry.status ?? USUAL_STATUS[population],
    endsOn: entry.endsOn ?? null,
    tailCheck: entry.tailCheck ?? '',
  };
  const added = (accountId: AccountId | null, account: Added['account'], address: string | null): Added => ({
    kind: 'added',
    person: { ...person, accountId },
    account,
    address,
  });
  // Who is known only after they left gets no mailbox.
  if (!isCurrent(person.status)) return added(null, null, null);
  const domain = domains.get(population);
  if (domain === undefined) return { row, number, kind: 'noDomain' };
  const address = `${number}@${domain}`;
  if (owner === 'other') return { row, number, kind: 'addressTaken' };
  // An account of before the roster (A4): theirs by its address.
  if (owner !== null) return added(owner, null, null);
  // The same human under another number (A20): students who study on keep their mailbox, who becomes staff gets another.
  const former = entry.formerNumber === '' ? undefined : known.get(entry.formerNumber);
  if (former !== undefined && former.accountId !== null && former.population === population)
    return added(former.accountId, null, address);
  const stage: AccountStage = activates.has(population) || initial?.isWeak === true ? 'pending' : 'active';
  const initialVerifier = initial?.verifier ?? makeUnmatched();
  const initialExpiresAt = initialLifeMs === null ? null : nowMs + initialLifeMs;
  return added(null, { address, stage, initialVerifier, initialExpiresAt }, null);
}

/** How many of so many people one run may close, `percent` of them, or one. */
export function mayClose(current: number, percent: number): number {
  return Math.max(1, Math.floor((current * percent) / 100));
}
