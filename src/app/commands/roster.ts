/** `campusmail roster import`, `runs`, `show`, `undo`: the university's list of people. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type StoreCommand } from '#app/command.ts';
import { openRoster } from '#app/open-roster.ts';
import { errorText, isMailError } from '#base/errors.ts';
import { POPULATIONS } from '#directory/types.ts';
import type { Population, RosterCounts, RosterRunId, RosterRunRow } from '#directory/types.ts';
import { MAX_FILE_OCTETS, MAX_TROUBLES_TOLD } from '#roster/limits.ts';
import type { RosterPlan } from '#roster/plan-import.ts';
import type { People } from '#roster/read-people.ts';
import type { Roster, RosterSource } from '#roster/roster.ts';
import { formatTrouble } from '#roster/troubles.ts';
import { countOption, hasOption, positional, textOption } from './arguments/options.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

/** Changes shown one by one. */
const CHANGES_SHOWN = 200;
const RUNS_SHOWN = 20;

export const IMPORT_OPTIONS = {
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
  partial: { type: 'boolean' },
  'skip-errors': { type: 'boolean' },
  by: { type: 'string' },
} as const;

export const IMPORT_DETAILS = `  --dry-run      only say what would change
  --partial      a list of some: who is not on it has not left
  --skip-errors  leave out rows with errors; as --partial, then
  --force        close more accounts than roster.max_closed_percent allows
  --by NAME      who does it, for the record`;

export const rosterImport: StoreCommand = {
  name: 'roster import',
  usage: 'FILE [--population staff|student] [--dry-run] [--partial] [--skip-errors] [--force] [--by NAME]',
  about: 'Bring the list of people up to date from a table, CSV or XLSX.',
  details: `
The first rows name the columns, in Chinese or by the codes of the national
standard, in any order: 工号/学号 (GH, XH), 姓名 (XM), 人员类别, 院系/单位,
证件类型, 证件号, 入学年月, 培养层次, 状态, 预计毕业, 英文名, 原学号. Numbers of
identity documents make the first password and are not kept.

People who are new get an account; who has left, or is not on the list any
more, keeps theirs for as long as roster.life says. The same list again
changes nothing. campusmail roster undo takes a run back.

  --population KIND  whose list it is, where it does not say
${IMPORT_DETAILS}

With errors nothing is changed, and the exit code is 1. The file is read by
the server's user.`,
  options: { ...IMPORT_OPTIONS, population: { type: 'string' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const population = readPopulation(textOption(args, 'population'));
    const path = resolve(io.cwd, positional(args, 0));
    const octets = await readList(path);
    const roster = openRoster(system);
    const source = { source: basename(path), sourceHash: createHash('sha256').update(octets).digest('hex') };
    const people = await roster.readFile(octets, population).catch((error: unknown) => {
      if (isMailError(error)) throw new CommandFailure(`${path}: ${error.message}`);
      throw error;
    });
    return bringIn(roster, people, source, args, io);
  },
};

/** What the options of IMPORT_OPTIONS ask for; the exit code. */
export async function bringIn(
  roster: Roster,
  people: People,
  source: Omit<RosterSource, 'actor'>,
  args: CommandArguments,
  io: CommandIo,
): Promise<number> {
  const skipsErrors = hasOption(args, 'skip-errors');
  const plan = await roster.plan(people, hasOption(args, 'partial') || (skipsErrors && people.troubles.length > 0));
  for (const trouble of plan.troubles.slice(0, MAX_TROUBLES_TOLD)) io.err(`${formatTrouble(trouble)}\n`);
  if (plan.troubles.length > MAX_TROUBLES_TOLD) io.err(`… and ${plan.troubles.length - MAX_TROUBLES_TOLD} more\n`);
  if (people.ignored.length > 0) io.err(`未使用的列 / columns not used: ${toPrintable(people.ignored.join(', '))}\n`);
  const guarded = roster.guard(plan);
  if (hasOption(args, 'dry-run')) {
    showPlan(plan, io);
    if (guarded !== undefined) io.out(`It would be refused: ${describeGuard(guarded, plan)}.\n`);
    return plan.troubles.length > 0 ? EXIT.failed : EXIT.ok;
  }
  if (plan.troubles.length > 0 && !skipsErrors)
    throw new CommandFailure(
      `nothing was changed: ${plan.troubles.length} rows have errors; mend them, or leave them out by --skip-errors`,
    );
  const isForced = hasOption(args, 'force');
  if (guarded !== undefined && !isForced) {
    throw new CommandFailure(
      `nothing was changed: ${describeGuard(guarded, plan)}. Is the list whole? --dry-run shows whom, --force does it`,
    );
  }
  if (plan.changes.length === 0) {
    io.out(`Nothing has changed: ${plan.unchanged} people are as the list says.\n`);
    return EXIT.ok;
  }
  const done = await roster.apply(
    plan,
    { ...source, actor: textOption(args, 'by') ?? io.operator ?? 'operator' },
    { isForced, signal: io.signal, onProgress: (at, of) => io.progress(`${at} of ${of} people`) },
  );
  io.progress('');
  io.out(`Run ${done.runId}: ${describeCounts(done.counts)}; ${plan.unchanged} unchanged.\n`);
  tellPasswords(plan, io);
  if (done.passedOver.length > 0)
    io.err(`changed by somebody else meanwhile, run it again: ${done.passedOver.slice(0, 20).join(', ')}\n`);
  if (io.signal.aborted) throw new CommandFailure('interrupted. Run the command again to go on');
  return EXIT.ok;
}

export const rosterRuns: StoreCommand = {
  name: 'roster runs',
  usage: '[--limit N] [--json]',
  about: 'List the last times that the list of people was brought in.',
  details: `
  --limit N  so many, the last first; ${RUNS_SHOWN} by default
  --json     answer in JSON`,
  options: { limit: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const runs = await openRoster(system).runs(countOption(args, 'limit', { byDefault: RUNS_SHOWN, most: 1000 }));
    if (hasOption(args, 'json')) io.out(`${JSON.stringify(runs)}\n`);
    else if (runs.length === 0) io.out('The list of people has not been brought in yet.\n');
    else io.out(formatTable([['run', 'when', 'by', 'from', 'changes'], ...runs.map(toCells)]));
    return EXIT.ok;
  },
};

export const rosterShow: StoreCommand = {
  name: 'roster show',
  usage: 'RUN [--json]',
  about: 'Show what one run of the list of people changed.',
  details: `
The last ${CHANGES_SHOWN} changes; they are kept for 30 days.

  --json  answer in JSON`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const roster = openRoster(system);
    const run = await requireRun(roster, positional(args, 0));
    const changes = await roster.changesOf(run.runId, CHANGES_SHOWN);
    if (hasOption(args, 'json')) {
      io.out(`${JSON.stringify({ ...run, changes })}\n`);
      return EXIT.ok;
    }
    io.out(
      formatTable([
        ['run', String(run.runId)],
        ['by', toPrintable(run.actor)],
        ['from', toPrintable(run.source)],
        ['SHA-256', run.sourceHash === '' ? '-' : run.sourceHash],
        ['began', formatTime(run.startedAt)],
        ['ended', run.endedAt === null ? 'not yet, or cut short' : formatTime(run.endedAt)],
        ['undone', run.undoneAt === null ? 'no' : formatTime(run.undoneAt)],
        ['changes', describeCounts(run.counts)],
      ]),
    );
    io.out(
      formatTable(
        changes.map(({ kind, before, after }) => [
          `  ${kind}`,
          after.number,
          toPrintable(after.name),
          before === null || before.status === after.status ? '' : `${before.status} > ${after.status}`,
        ]),
      ),
    );
    return EXIT.ok;
  },
};

export const rosterUndo: StoreCommand = {
  name: 'roster undo',
  usage: 'RUN',
  about: 'Take back one run of the list of people.',
  details: `
People are what they were before the run, and accounts that it opened are
gone, but for those who were changed since then or have begun to use their
account: they are named. Within 30 days.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const roster = openRoster(system);
    const { runId } = await requireRun(roster, positional(args, 0));
    const { undone, kept, closed } = await roster.undo(runId).catch((error: unknown) => {
      if (isMailError(error)) throw new CommandFailure(error.message);
      throw error;
    });
    io.out(`Run ${runId} is undone: ${undone} people as before, ${closed} accounts gone.\n`);
    if (kept.length > 0) io.err(`left as they are: ${kept.slice(0, CHANGES_SHOWN).join(', ')}\n`);
    return EXIT.ok;
  },
};

async function readList(path: string): Promise<Buffer> {
  try {
    if ((await stat(path)).size > MAX_FILE_OCTETS)
      throw new CommandFailure(`${path} is larger than a list of people can be`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`cannot read ${path}: ${errorText(error)}`);
  }
}

function readPopulation(text: string | undefined): Population | undefined {
  const population = POPULATIONS.find((one) => one === text);
  if (text !== undefined && population === undefined)
    throw new CommandFailure(`--population is one of ${POPULATIONS.join(', ')}`, EXIT.usage);
  return population;
}

async function requireRun(roster: Roster, text: string): Promise<RosterRunRow> {
  const run = /^\d{1,9}$/.test(text) ? await roster.run(Number(text) as RosterRunId) : undefined;
  if (run === undefined) throw new CommandFailure(`there is no run "${text}" (campusmail roster runs shows them)`);
  return run;
}

function showPlan(plan: RosterPlan, io: CommandIo): void {
  io.out(`${describeCounts(plan.counts)}; ${plan.unchanged} unchanged.\n`);
  const rows = plan.shown
    .slice(0, CHANGES_SHOWN)
    .map(({ kind, number, name, facts }) => [`  ${kind}`, number, toPrintable(name), toPrintable(facts.join(', '))]);
  io.out(formatTable(rows));
  if (plan.shown.length > CHANGES_SHOWN) io.out(`  … and ${plan.shown.length - CHANGES_SHOWN} more\n`);
  tellPasswords(plan, io);
}

function tellPasswords({ weak, withoutPassword }: RosterPlan, io: CommandIo): void {
  if (weak > 0) io.out(`${weak} without an identity number: their first password is made of their number alone.\n`);
  if (withoutPassword > 0)
    io.out(`${withoutPassword} have no first password, as the list has no documents: set one for them.\n`);
}

function describeGuard({ closes, atMost }: { closes: number; atMost: number }, { current }: RosterPlan): string {
  return `it would close ${closes} of ${current} accounts, and one run may close ${atMost}`;
}

function describeCounts({ added, changed, closed, returned }: RosterCounts): string {
  return `${added} new, ${changed} changed, ${closed} left, ${returned} returned`;
}

function toCells({ runId, startedAt, actor, source, counts, undoneAt }: RosterRunRow): string[] {
  const what = describeCounts(counts);
  return [
    String(runId),
    formatTime(startedAt),
    toPrintable(actor, 30),
    toPrintable(source, 40),
    undoneAt === null ? what : `${what}; undone`,
  ];
}
