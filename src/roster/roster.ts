/**
 * The door of the roster: lists of people come in, are compared with who is known, and are put in; every run is recorded and
 * can be undone. What an account may do in each stage of its life is the directory's to say, when it gets there life.ts'.
 */
import { setImmediate } from 'node:timers/promises';
import { DAY_MS } from '#base/clock.ts';
import type { Clock } from '#base/clock.ts';
import { MailError } from '#base/errors.ts';
import type { AccountId } from '#base/ids.ts';
import { randomId } from '#base/random.ts';
import type { Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { MAX_PEOPLE_AT_ONCE } from '#directory/limits.ts';
import type { DirectoryOperations } from '#directory/operations.ts';
import { isCurrent } from '#directory/person-status.ts';
import type { DirectoryStore } from '#directory/ports/directory-store.ts';
import type {
  PersonRow,
  Population,
  RosterChangeRow,
  RosterCounts,
  RosterRunId,
  RosterRunRow,
} from '#directory/types.ts';
import { findHeader } from './columns.ts';
import type { InitialPasswordSettings } from './initial-passwords.ts';
import { CHANGES_KEPT_DAYS, COUNT_AGAIN_MS, MAX_FILE_OCTETS, PERSONS_AT_ONCE, RUNS_OF_A_DAY } from './limits.ts';
import { mayClose, planImport } from './plan-import.ts';
import type { PlanSettings, RosterPlan } from './plan-import.ts';
import { readPeople } from './read-people.ts';
import type { People } from './read-people.ts';
import { readTable } from './table.ts';
import type { TableRow } from './table.ts';

export interface RosterSettings extends PlanSettings {
  readonly initialPasswords: InitialPasswordSettings;
  /** Of current people, how many in a hundred one run may close. */
  readonly maxClosedPercent: number;
}

export interface RosterParts {
  readonly store: DirectoryStore;
  readonly directory: Pick<Directory, 'hashInitial' | 'digestTail'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: RosterSettings;
  /** Told of what was done, for the record. */
  readonly onDone?: (done: RosterDone) => void;
  /** Gives a new account its mailboxes. */
  readonly openMailbox: (accountId: AccountId) => Promise<void>;
  /** Takes away what came for an account that is gone. */
  readonly dropMailbox: (accountId: AccountId) => Promise<void>;
}

export interface RosterSource {
  readonly source: string;
  /** SHA-256, hexadecimal; '' where it comes in parts. */
  readonly sourceHash: string;
  readonly actor: string;
}

export interface RosterDone extends Pick<RosterSource, 'source' | 'actor'> {
  readonly what: 'applied' | 'undone';
  readonly runId: RosterRunId;
  /** Of this step, where a run goes on all day. */
  readonly counts: RosterCounts;
}

export interface ApplyOptions {
  /** Closes as many as it says. */
  readonly isForced?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface AppliedRun {
  readonly runId: RosterRunId;
  readonly counts: RosterCounts;
  /** Numbers of people whom somebody else changed meanwhile. */
  readonly passedOver: readonly string[];
}

export interface UndoneRun {
  readonly undone: number;
  /** Numbers of people who were changed since, or use their account. */
  readonly kept: readonly string[];
  /** Accounts that it had opened. */
  readonly closed: number;
}

export class Roster {
  readonly #parts: RosterParts;
  #counted: { readonly at: number; readonly current: number } | undefined;

  constructor(parts: RosterParts) {
    this.#parts = parts;
  }

  /** CSV or XLSX. `population`: whose list it is where it does not say. `invalid`, `limit`, `tooLarge`. */
  async readFile(octets: Buffer, population?: Population): Promise<People> {
    if (octets.length > MAX_FILE_OCTETS) throw new MailError('tooLarge', 'larger than a list of people can be');
    return this.readRows(await readTable(octets, (rows) => findHeader(rows) !== undefined), population);
  }

  /** The first row names the columns. `invalid`. */
  readRows(rows: readonly TableRow[], population?: Population): Promise<People> {
    const { directory, settings } = this.#parts;
    return readPeople(rows, { initialPasswords: settings.initialPasswords, secrets: directory, population });
  }

  /** What the people would change. `isPartial`: who is not on the list has not left. */
  async plan(people: People, isPartial: boolean): Promise<RosterPlan> {
    const { store, directory, clock, random, settings } = this.#parts;
    const { reader } = store;
    const plan = await planImport(
      people,
      {
        persons: isPartial ? await this.#findPersons(people) : await this.#readPersons(),
        async addressOwner(localPart, domain) {
          const row = await reader.address(localPart, domain);
          if (row === undefined) return (await reader.group(localPart, domain)) === undefined ? null : 'other';
          return row.kind === 'primary' ? row.accountId : 'other';
        },
        makeUnmatched: () => directory.hashInitial([randomId(random, 52)]),
        nowMs: clock.now(),
      },
      settings,
      isPartial,
    );
    // Of a list of some only those on it were looked at.
    return isPartial && plan.counts.closed > 0 ? { ...plan, current: await this.#countCurrent() } : plan;
  }

  /** Undefined: it may be applied. Else how many of current people it would close, and how many it may. */
  guard(
    plan: Pick<RosterPlan, 'counts' | 'current'>,
  ): { readonly closes: number; readonly atMost: number } | undefined {
    const atMost = mayClose(plan.current, this.#parts.settings.maxClosedPercent);
    return plan.counts.closed > atMost ? { closes: plan.counts.closed, atMost } : undefined;
  }

  /**
   * `forbidden` for a plan that closes too many. When it is cut short, what was done stays and stands in the run; the same list
   * again does the rest.
   */
  async apply(plan: RosterPlan, source: RosterSource, options: ApplyOptions = {}): Promise<AppliedRun> {
    const { isForced = false, signal, onProgress } = options;
    const guarded = this.guard(plan);
    if (guarded !== undefined && !isForced) {
      const { closes, atMost } = guarded;
      throw new MailError('forbidden', `it would close ${closes} of ${plan.current} accounts, more than ${atMost}`);
    }
    const { runId } = await this.#run('beginRosterRun', source);
    let counts: RosterCounts = { added: 0, changed: 0, closed: 0, returned: 0 };
    const passedOver: string[] = [];
    try {
      for (let at = 0; at < plan.changes.length && signal?.aborted !== true; at += MAX_PEOPLE_AT_ONCE) {
        const changes = plan.changes.slice(at, at + MAX_PEOPLE_AT_ONCE);
        const applied = await this.#run('applyRoster', { runId, changes });
        ({ counts } = applied);
        passedOver.push(...applied.passedOver);
        await Promise.all(applied.opened.map((accountId) => this.#parts.openMailbox(accountId)));
        onProgress?.(Math.min(at + MAX_PEOPLE_AT_ONCE, plan.changes.length), plan.changes.length);
      }
    } finally {
      await this.#run('endRosterRun', { runId });
      this.#parts.onDone?.({ ...source, what: 'applied', runId, counts });
    }
    return { runId, counts, passedOver };
  }

  /**
   * Changes that come one by one all day long stand in one run for each source and actor. It may close as many as any other
   * run: `forbidden` beyond that.
   */
  async applyOngoing(plan: RosterPlan, source: Pick<RosterSource, 'source' | 'actor'>): Promise<readonly string[]> {
    const { runId, counts } = await this.#openRunOfToday(source);
    if (plan.counts.closed > 0) {
      const current = await this.#countCurrent();
      const atMost = mayClose(current, this.#parts.settings.maxClosedPercent);
      if (counts.closed + plan.counts.closed > atMost)
        throw new MailError('forbidden', `${source.actor} has closed ${counts.closed} of ${current} accounts today`);
    }
    const { opened, passedOver } = await this.#run('applyRoster', { runId, changes: plan.changes });
    this.#parts.onDone?.({ ...source, what: 'applied', runId, counts: plan.counts });
    await Promise.all(opened.map((accountId) => this.#parts.openMailbox(accountId)));
    return passedOver;
  }

  /** The last first. */
  runs(limit: number): Promise<readonly RosterRunRow[]> {
    return this.#parts.store.reader.rosterRuns(Infinity, limit);
  }

  run(runId: RosterRunId): Promise<RosterRunRow | undefined> {
    return this.#parts.store.reader.rosterRun(runId);
  }

  /** Its last changes first. */
  changesOf(runId: RosterRunId, limit: number): Promise<readonly RosterChangeRow[]> {
    return this.#parts.store.reader.rosterChanges(runId, Infinity, limit);
  }

  /**
   * People are again what they were before the run, but for those whom somebody changed since then or who use their account.
   * `notFound`, `forbidden` for one that was undone or is too old. When it is cut short, again does the rest.
   */
  async undo(runId: RosterRunId): Promise<UndoneRun> {
    const run = await this.run(runId);
    if (run === undefined) throw new MailError('notFound', `there is no run ${runId}`);
    if (run.undoneAt !== null) throw new MailError('forbidden', `run ${runId} was undone already`);
    if (run.startedAt < this.#parts.clock.now() - CHANGES_KEPT_DAYS * DAY_MS)
      throw new MailError('forbidden', `run ${runId} is older than ${CHANGES_KEPT_DAYS} days`);
    const total = { undone: 0, kept: [] as string[], closed: 0 };
    for (let before: number | null = Number.MAX_SAFE_INTEGER; before !== null;) {
      const step: Awaited<ReturnType<DirectoryOperations['undoRoster']['run']>> = await this.#run('undoRoster', {
        runId,
        before,
      });
      total.undone += step.undone;
      total.kept.push(...step.kept);
      total.closed += step.removed.length;
      await Promise.all(step.removed.map((accountId) => this.#parts.dropMailbox(accountId)));
      before = step.next;
    }
    this.#parts.onDone?.({ ...run, what: 'undone' });
    return total;
  }

  /** What can be undone no more is forgotten. */
  async tidy(): Promise<void> {
    const before = this.#parts.clock.now() - CHANGES_KEPT_DAYS * DAY_MS;
    const limit = MAX_PEOPLE_AT_ONCE;
    while ((await this.#run('forgetRosterChanges', { before, limit })) === limit);
  }

  async #readPersons(): Promise<readonly PersonRow[]> {
    const persons: PersonRow[] = [];
    for (;;) {
      const page = await this.#parts.store.reader.persons(persons.at(-1)?.personId ?? 0, PERSONS_AT_ONCE);
      persons.push(...page);
      if (page.length < PERSONS_AT_ONCE) return persons;
      await setImmediate();
    }
  }

  /** Remembered for a while: what it is for is two in a hundred. */
  async #countCurrent(): Promise<number> {
    const nowMs = this.#parts.clock.now();
    if (this.#counted === undefined || nowMs - this.#counted.at > COUNT_AGAIN_MS) {
      const persons = await this.#readPersons();
      this.#counted = { at: nowMs, current: persons.filter(({ status }) => isCurrent(status)).length };
    }
    return this.#counted.current;
  }

  /** Those that a list names, and those of whom it says that they are the same human. */
  async #findPersons({ entries }: People): Promise<readonly PersonRow[]> {
    const { reader } = this.#parts.store;
    if (entries.length > PERSONS_AT_ONCE) return this.#readPersons();
    const numbers = new Set(entries.flatMap(({ number, formerNumber }) => [number, formerNumber]));
    const found = await Promise.all([...numbers].map((number) => reader.personByNumber(number)));
    return found.filter((person) => person !== undefined);
  }

  /** The run of today that changes of this source go to; a new one where there is none, or where it was taken back. */
  async #openRunOfToday({ source, actor }: Pick<RosterSource, 'source' | 'actor'>): Promise<RosterRunRow> {
    const since = Math.floor(this.#parts.clock.now() / DAY_MS) * DAY_MS;
    const runs = await this.runs(RUNS_OF_A_DAY);
    const open = runs.find(
      (run) => run.source === source && run.actor === actor && run.startedAt >= since && run.endedAt === null,
    );
    return open ?? this.#run('beginRosterRun', { source, actor, sourceHash: '' });
  }

  async #run<Name extends keyof DirectoryOperations>(
    name: Name,
    args: Parameters<DirectoryOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<DirectoryOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<DirectoryOperations[Name]['run']>>;
  }
}
