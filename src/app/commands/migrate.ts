/** `campusmail migrate add`, `run`, `retry`, `status`, `report`: mail of the system that was here before. */
import { resolve } from 'node:path';
import { CommandFailure, EXIT, type CommandArguments, type CommandIo, type StoreCommand } from '#app/command.ts';
import { openMigration } from '#app/open-migration.ts';
import { readInstant } from '#app/read-domain-plans.ts';
import type { System } from '#app/system.ts';
import type { AccountId } from '#base/ids.ts';
import { formatCsvLine } from '#mime/csv.ts';
import { MIGRATION_LIMITS } from '#migration/limits.ts';
import { sumMailboxes, type RunTally } from '#migration/migration.ts';
import { MOVE_STATES, type AccountMoveRow, type MailboxMoveRow } from '#migration/ports/migration-store.ts';
import { primaryAddress, requireAccount } from './arguments/account.ts';
import { readCsvFile } from './arguments/csv-file.ts';
import { countOption, hasOption, positional, textOption } from './arguments/options.ts';
import { formatCount, formatNumberOf, formatSize } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime } from './arguments/time.ts';

const COLUMNS = ['login', 'address'] as const;
/** Errors told one by one. */
const ERRORS_TOLD = 200;
/** How often the progress line is written, milliseconds. */
const PROGRESS_MS = 500;

export const migrateAdd: StoreCommand = {
  name: 'migrate add',
  usage: 'FILE.csv',
  about: 'Say whose mail is to be brought from the old system, and where to.',
  details: `
Each line has a login of the old system and an address here; comma, semicolon
or tab between them, UTF-8 or GB 18030. A first line of column names (login,
address, in any order) is understood. The accounts here are there already:
campusmail roster import or account import makes them, and takes old hashes of
passwords along.

The same list again changes nothing. Lines with errors are named and the
others go on; the exit code is 1 then. The file is read by the server's user.`,
  options: {},
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const path = resolve(io.cwd, positional(args, 0));
    const { rows, columns } = await readCsvFile(path, COLUMNS, 'login');
    const tally = { added: 0, known: 0, failed: 0 };
    const fail = (line: number, reason: string): void => {
      tally.failed++;
      if (tally.failed <= ERRORS_TOLD) io.err(`line ${line}: ${reason}\n`);
      if (tally.failed === ERRORS_TOLD) io.err('more errors are counted, not listed\n');
    };
    for (const { fields, line } of rows) {
      if (io.signal.aborted) throw new CommandFailure('interrupted. Run the command again to go on');
      const login = (fields[columns.get('login') ?? -1] ?? '').trim();
      const address = (fields[columns.get('address') ?? -1] ?? '').trim();
      if (login === '' || login.length > MIGRATION_LIMITS.loginChars) {
        fail(line, 'there is no login');
        continue;
      }
      const found = await system.directory.findAddress(address);
      if (found === undefined) {
        fail(line, `there is no account ${toPrintable(address)}`);
        continue;
      }
      const { accountId } = found;
      const outcome = await system.migrationStore.run('enlist', { accountId, login });
      if (outcome === 'taken') fail(line, `${toPrintable(address)} gets the mail of another login already`);
      else if (outcome === 'added') tally.added++;
      else tally.known++;
    }
    io.err(`${formatNumberOf(tally.added, 'account')} added, ${tally.known} there already, ${tally.failed} failed.\n`);
    return tally.failed > 0 ? EXIT.failed : EXIT.ok;
  },
};

const RUN_OPTIONS = {
  until: { type: 'string' },
  limit: { type: 'string' },
  workers: { type: 'string' },
  account: { type: 'string', multiple: true },
} as const;

const RUN_DETAILS = `  --limit NUMBER    so many accounts, then stop
  --workers NUMBER  accounts side by side; migration.accounts_at_once otherwise
  --account ADDRESS this one alone; may be given several times

It can be interrupted, killed and run again at any time: what is done is kept
in the store, and is not done twice. Nothing is changed at the old system, and
nothing here is removed by it. The exit code is 1 where accounts failed or are
closed there.`;

export const migrateRun: StoreCommand = {
  name: 'migrate run',
  usage: 'base|delta [--until TIME] [--limit NUMBER] [--workers NUMBER] [--account ADDRESS]…',
  about: 'Bring mail from the old system: first what came up to a day, then the rest.',
  details: `
  base              what came up to migration.base_until, while people still
                    work with the old system
  delta             whatever is there and is not here, after the cut-over

  --until TIME      of the base pass: the last day, 2019-07-11, or an instant
${RUN_DETAILS}`,
  options: RUN_OPTIONS,
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const pass = positional(args, 0);
    if (pass !== 'base' && pass !== 'delta') throw new CommandFailure('which pass? base or delta', EXIT.usage);
    return bring(system, args, io, pass);
  },
};

export const migrateRetry: StoreCommand = {
  name: 'migrate retry',
  usage: '[--until TIME] [--limit NUMBER] [--workers NUMBER] [--account ADDRESS]…',
  about: 'Bring once more what failed, in the pass it failed in.',
  details: `
Accounts that failed or were closed there, and those where messages failed.

  --until TIME      as for migrate run
${RUN_DETAILS}`,
  options: RUN_OPTIONS,
  positionals: [0, 0],
  needs: 'store',
  run: (system, args, io) => bring(system, args, io, 'retry'),
};

/** Systems that a run is under way in. */
const underWay = new WeakSet<System>();

async function bring(
  system: System,
  args: CommandArguments,
  io: CommandIo,
  pass: 'base' | 'delta' | 'retry',
): Promise<number> {
  const { accountsAtOnce, pauseMs } = system.config.migration;
  const until = pass === 'delta' ? Infinity : readUntil(system, textOption(args, 'until'));
  const only: AccountId[] = [];
  for (const address of textOptions(args, 'account')) only.push((await requireAccount(system, address)).accountId);
  const migration = openMigration(system, io.signal);
  if (underWay.has(system)) throw new CommandFailure('mail is being brought already', EXIT.unavailable);
  underWay.add(system);
  const startedAt = system.clock.monotonic();
  let shownAt = startedAt;
  try {
    const tally = await migration.run({
      pass,
      until,
      workers: countOption(args, 'workers', { byDefault: accountsAtOnce, most: 64 }),
      limit: countOption(args, 'limit', { byDefault: Number.MAX_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER }),
      pauseMs,
      ...(only.length === 0 ? {} : { only }),
      signal: io.signal,
      onProgress(so) {
        const now = system.clock.monotonic();
        if (now - shownAt < PROGRESS_MS) return;
        shownAt = now;
        io.progress(`${describeTally(so)}, ${((so.messages / (now - startedAt)) * 1000).toFixed(0)} a second`);
      },
    });
    io.progress('');
    if (tally.stopped !== undefined)
      throw new CommandFailure(`stopped after ${describeTally(tally)}: ${tally.stopped}`);
    if (io.signal.aborted)
      throw new CommandFailure(`interrupted after ${describeTally(tally)}. Run the command again to go on`);
    io.out(`${describeTally(tally)}.\n`);
    const elsewhere = (await migration.reader.countByState()).get('running') ?? 0;
    if (elsewhere > 0) io.out(describeElsewhere(elsewhere));
    return tally.failed + tally.closed > 0 ? EXIT.failed : EXIT.ok;
  } finally {
    io.progress('');
    underWay.delete(system);
  }
}

function describeTally({ accounts, failed, closed, messages, bytes }: RunTally): string {
  const troubles = `${failed > 0 ? `, ${failed} failed` : ''}${closed > 0 ? `, ${closed} closed there` : ''}`;
  return `${formatNumberOf(accounts, 'account')}${troubles}; ${formatNumberOf(messages, 'message')}, ${formatSize(bytes)}`;
}

/** Of a shared store nobody knows whether another process is at work or was killed. */
function describeElsewhere(accounts: number): string {
  const minutes = MIGRATION_LIMITS.silentMs / 60_000;
  return `${formatNumberOf(accounts, 'account')} under way in another process, or in one that was killed: what gives no sign of life for ${minutes} minutes is taken over by the next run.\n`;
}

/** The last instant that the base pass brings. */
function readUntil(system: System, text: string | undefined): number {
  const until = text === undefined ? system.config.migration.baseUntil : readInstant(text, 'end');
  if (until === undefined) throw new CommandFailure(`--until: "${text}" is neither a day nor an instant`, EXIT.usage);
  if (until === null) throw new CommandFailure('up to when? Set migration.base_until, or add --until', EXIT.usage);
  return until - 1;
}

function textOptions(args: CommandArguments, name: string): readonly string[] {
  const values = args.values[name];
  return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
}

export const migrateStatus: StoreCommand = {
  name: 'migrate status',
  usage: '[ADDRESS]',
  about: 'Show how far the mail of the old system has come.',
  details: `
  ADDRESS  one account, by mailbox`,
  options: {},
  positionals: [0, 1],
  needs: 'store',
  async run(system, args, io) {
    const { reader } = system.migrationStore;
    const [address] = args.positionals;
    if (address !== undefined) {
      const { accountId } = await requireAccount(system, address);
      const row = await reader.account(accountId);
      if (row === undefined) throw new CommandFailure(`no mail is brought to ${address}`);
      await showAccount(system, row, io);
      return EXIT.ok;
    }
    const counts = await reader.countByState();
    io.out(formatTable(MOVE_STATES.map((state) => [state, formatCount(counts.get(state) ?? 0)])));
    return EXIT.ok;
  },
};

async function showAccount(system: System, row: AccountMoveRow, io: CommandIo): Promise<void> {
  const { reader } = system.migrationStore;
  const mailboxes = await reader.mailboxes(row.accountId);
  const failures = await reader.failures(row.accountId, MIGRATION_LIMITS.failures);
  io.out(`${await primaryAddress(system, row.accountId)} (${toPrintable(row.login)}): ${describeState(row)}\n`);
  const line = (path: string, { sourceMessages, sourceBytes, movedMessages, movedBytes }: Sums): string[] => [
    path,
    formatCount(sourceMessages),
    formatSize(sourceBytes),
    formatCount(movedMessages),
    formatSize(movedBytes),
  ];
  io.out(
    formatTable([
      ['MAILBOX', 'THERE', '', 'HERE', ''],
      ...mailboxes.map((mailbox) => line(toPrintable(mailbox.path), sumMailboxes([mailbox]))),
      line('all', sumMailboxes(mailboxes)),
    ]),
  );
  for (const { path, uid, sizeBytes, reason } of failures)
    io.out(
      uid === 0
        ? `failed: ${toPrintable(path)}: ${toPrintable(reason, 300)}\n`
        : `failed: ${toPrintable(path)}, uid ${uid}, ${formatSize(sizeBytes)}: ${toPrintable(reason, 300)}\n`,
    );
}

type Sums = ReturnType<typeof sumMailboxes>;

function describeState({ state, finishedAt, reason }: AccountMoveRow): string {
  const when = finishedAt === null ? '' : ` ${formatTime(finishedAt)}`;
  return `${state}${when}${reason === '' ? '' : `: ${toPrintable(reason, 300)}`}`;
}

export const migrateReport: StoreCommand = {
  name: 'migrate report',
  usage: '[--csv]',
  about: 'Tell of every account what was there and what is here, and what did not come.',
  details: `
  --csv  a line for each mailbox, and one for each message that failed

Counts and octets of the old system are those of the last look, and as it
counts them itself; it may be wrong by some octets. HERE is what was brought
and what was here already: more than THERE where messages were removed there
since, fewer where some failed.`,
  options: { csv: { type: 'boolean' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    const isCsv = hasOption(args, 'csv');
    const report = isCsv ? new CsvReport(io) : new TextReport(io);
    for await (const account of readAccounts(system)) report.take(account);
    report.end();
    return EXIT.ok;
  },
};

interface ReportedAccount {
  readonly row: AccountMoveRow;
  readonly address: string;
  readonly mailboxes: readonly MailboxMoveRow[];
  readonly failures: readonly {
    readonly path: string;
    readonly uid: number;
    readonly sizeBytes: number;
    readonly reason: string;
  }[];
  readonly isOverQuota: boolean;
}

async function* readAccounts(system: System): AsyncGenerator<ReportedAccount> {
  const { reader } = system.migrationStore;
  for (let after = 0; ;) {
    const rows = await reader.accounts(after, MIGRATION_LIMITS.accountsAtOnce);
    for (const row of rows) {
      const { accountId } = row;
      const usage = await system.mailStore.reader.account(accountId);
      const quotaBytes = usage?.quotaBytes ?? Infinity;
      yield {
        row,
        address: await primaryAddress(system, accountId),
        mailboxes: await reader.mailboxes(accountId),
        failures: await reader.failures(accountId, MIGRATION_LIMITS.failures),
        isOverQuota: (usage?.usedBytes ?? 0) > quotaBytes,
      };
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.accountId;
  }
}

/** A line for each account where something is to be said, and sums. */
class TextReport {
  readonly #io: CommandIo;
  readonly #mailboxes: Sums[] = [];
  readonly #states = new Map<string, number>();
  #failures = 0;
  #skipped = 0;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  take({ row, address, mailboxes, failures, isOverQuota }: ReportedAccount): void {
    const sums = sumMailboxes(mailboxes);
    this.#mailboxes.push(sums);
    this.#states.set(row.state, (this.#states.get(row.state) ?? 0) + 1);
    this.#failures += failures.length;
    this.#skipped += row.skippedMailboxes;
    const name = `${address} (${toPrintable(row.login)})`;
    if (row.state !== 'done' && row.state !== 'based') this.#io.out(`${name}: ${describeState(row)}\n`);
    if (failures.length > 0) this.#io.out(`${name}: ${formatNumberOf(failures.length, 'message')} failed\n`);
    if (isOverQuota) this.#io.out(`${name}: over its quota now\n`);
  }

  end(): void {
    const total = (key: keyof Sums): number => this.#mailboxes.reduce((sum, sums) => sum + sums[key], 0);
    const count = this.#mailboxes.length;
    const states = MOVE_STATES.flatMap((state) => {
      const number = this.#states.get(state);
      return number === undefined ? [] : [`${formatCount(number)} ${state}`];
    });
    this.#io.out(`${formatNumberOf(count, 'account')}: ${states.join(', ') || 'none'}\n`);
    this.#io.out(
      formatTable([
        ['', 'MESSAGES', 'OCTETS'],
        ['there', formatCount(total('sourceMessages')), formatCount(total('sourceBytes'))],
        ['here', formatCount(total('movedMessages')), formatCount(total('movedBytes'))],
        ['failed', formatCount(this.#failures), ''],
      ]),
    );
    // A17: what people must be told of.
    this.#io.out(
      `Not brought, for IMAP does not give it: contacts, filters, signatures, forwarding, lists of\nwelcome and unwelcome senders, calendars, net disks. Folders that are only views of others: ${formatCount(this.#skipped)}.\n`,
    );
  }
}

class CsvReport {
  readonly #io: CommandIo;

  constructor(io: CommandIo) {
    this.#io = io;
    this.#line(
      'address login state mailbox there_messages there_octets brought_messages brought_octets present_messages present_octets failed_uid failed_octets reason'.split(
        ' ',
      ),
    );
  }

  take({ row, address, mailboxes, failures }: ReportedAccount): void {
    const account = [address, row.login, row.state];
    if (mailboxes.length === 0) this.#line([...account, '', ...Array<string>(8).fill(''), row.reason]);
    for (const mailbox of mailboxes) {
      const { path, sourceMessages, sourceBytes, copiedMessages, copiedBytes, presentMessages, presentBytes } = mailbox;
      const numbers = [sourceMessages, sourceBytes, copiedMessages, copiedBytes, presentMessages, presentBytes];
      this.#line([...account, path, ...numbers.map(String), '', '', '']);
    }
    for (const { path, uid, sizeBytes, reason } of failures)
      this.#line([...account, path, ...Array<string>(6).fill(''), String(uid), String(sizeBytes), reason]);
  }

  end(): void {
    // Each line is there already.
  }

  #line(fields: readonly string[]): void {
    this.#io.out(formatCsvLine(fields));
  }
}
