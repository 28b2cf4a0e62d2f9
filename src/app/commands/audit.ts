/** `campusmail audit …`: who did what, whether the record is whole, and a copy of it. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readEntry, verifyChain, type ChainBreak } from '#audit/chain.ts';
import { ROWS_AT_ONCE } from '#audit/limits.ts';
import type { AuditQuery } from '#audit/ports/audit-store.ts';
import { AUDIT_ACTIONS, type AuditActor, type AuditEntry, type AuditLink, type AuditRow } from '#audit/types.ts';
import { errorText } from '#base/errors.ts';
import { CommandFailure, EXIT, type CommandArguments, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { requireAccount } from './arguments/account.ts';
import { formatCsvLine } from '#mime/csv.ts';
import { countOption, hasOption, positional, textOption } from './arguments/options.ts';
import { formatCount } from './arguments/size.ts';
import { formatTable, toPrintable } from './arguments/table.ts';
import { formatTime, parseTime } from './arguments/time.ts';

export const auditList: StoreCommand = {
  name: 'audit list',
  usage: '[--account ADDRESS] [--action ACTION] [--since TIME] [--until TIME] [--limit N] [--json]',
  about: 'Show who did what, the newest first.',
  details: `
Sign-ins, administration and changes of who is who are written down, and kept
for audit.keep_days. From one place a program's sign-ins are written down once
a day.

  --account ADDRESS  what is about this account
  --action ACTION    of this kind: sign-in.refused, identity.password, …
  --since TIME       from then on, as 2026-09-16 or 2026-09-16T10:00
  --until TIME       before then
  --limit N          how many are listed at most; 20 by default
  --json             one JSON object a line`,
  options: {
    account: { type: 'string' },
    action: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    await system.audit.flush();
    const limit = countOption(args, 'limit', { byDefault: 20, most: 1000 });
    const rows = await system.auditStore.reader.find(await readQuery(system, args), limit + 1);
    const shown = rows.slice(0, limit);
    if (hasOption(args, 'json')) io.out(shown.map((row) => `${toJson(row)}\n`).join(''));
    else io.out(formatTable(shown.map(toCells)));
    if (rows.length > limit) io.err('There are older ones; --limit N or --until TIME shows them.\n');
    return EXIT.ok;
  },
};

export const auditVerify: StoreCommand = {
  name: 'audit verify',
  usage: '[--noted LINK]',
  about: 'Check that nothing in the record was changed, taken out or moved.',
  details: `
Each entry's hash covers the one before it. Who can write to the database can
also make all hashes anew; so the last link is logged every few hours, and
printed by this command. Keep one elsewhere, and hold the record against it:

  --noted LINK  a link as it was printed, number:hash`,
  options: { noted: { type: 'string' } },
  positionals: [0, 0],
  needs: 'store',
  async run(system, args, io) {
    await system.audit.flush();
    const noted = readLink(textOption(args, 'noted'));
    const { rows, firstSeq, last, breaks } = await verifyChain(system.auditStore.reader, {
      ...(noted === undefined ? {} : { noted }),
      onRows: (done) => io.progress(`checked ${formatCount(done)} entries`),
    });
    io.progress('');
    for (const one of breaks) io.err(`${describeBreak(one)}\n`);
    if (breaks.length > 0) throw new CommandFailure('the record is not what was written');
    io.out(`${formatCount(rows)} entries, from number ${firstSeq}: nothing changed, nothing missing.\n`);
    io.out(`The last link is ${last.seq}:${last.hash}\n`);
    return EXIT.ok;
  },
};

export const auditExport: StoreCommand = {
  name: 'audit export',
  usage: 'FILE [--csv] [--since TIME] [--until TIME]',
  about: 'Write the record to a new file, the oldest first.',
  details: `
One JSON object a line, with the number and hash of each entry, so that the
copy can be checked by itself; or, for spreadsheets:

  --csv         comma-separated values, without hashes
  --since TIME  from then on, as 2026-09-16 or 2026-09-16T10:00
  --until TIME  before then`,
  options: { csv: { type: 'boolean' }, since: { type: 'string' }, until: { type: 'string' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    await system.audit.flush();
    const { from = 0, to = Infinity } = readTimes(args);
    const path = resolve(io.cwd, positional(args, 0));
    const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
      const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw new CommandFailure(isThere ? `${path} is there already` : errorText(error));
    });
    let count = 0;
    try {
      const asCsv = hasOption(args, 'csv');
      // With the mark by which spreadsheets know UTF-8.
      if (asCsv) await file.write(`\uFEFF${formatCsvLine(CSV_COLUMNS)}`);
      for (let after = 0; !io.signal.aborted;) {
        const page = await system.auditStore.reader.rows(after, ROWS_AT_ONCE);
        const lines = page
          .filter(({ at }) => at >= from && at < to)
          .map(asCsv ? toCsvLine : (row) => `${toJson(row)}\n`);
        await file.write(lines.join(''));
        count += lines.length;
        io.progress(`wrote ${formatCount(count)} entries`);
        after = page.at(-1)?.seq ?? after;
        if (page.length < ROWS_AT_ONCE) break;
      }
      await file.sync();
    } finally {
      await file.close();
      io.progress('');
    }
    io.out(`${formatCount(count)} entries are in ${path}\n`);
    return EXIT.ok;
  },
};

async function readQuery(system: System, args: CommandArguments): Promise<AuditQuery> {
  const action = textOption(args, 'action');
  if (action !== undefined && !Object.hasOwn(AUDIT_ACTIONS, action)) {
    throw new CommandFailure(`there are these actions: ${Object.keys(AUDIT_ACTIONS).join(', ')}`, EXIT.usage);
  }
  const account = textOption(args, 'account');
  return {
    ...(action === undefined ? {} : { action }),
    ...(account === undefined ? {} : { accountId: (await requireAccount(system, account)).accountId }),
    ...readTimes(args),
  };
}

function readTimes(args: CommandArguments): Pick<AuditQuery, 'from' | 'to'> {
  const since = textOption(args, 'since');
  const until = textOption(args, 'until');
  return {
    ...(since === undefined ? {} : { from: parseTime(since) }),
    ...(until === undefined ? {} : { to: parseTime(until) }),
  };
}

function readLink(text: string | undefined): AuditLink | undefined {
  if (text === undefined) return undefined;
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) {
    throw new CommandFailure('--noted takes a link as this command prints it: number:hash', EXIT.usage);
  }
  return { seq: Number(seq), hash };
}

function describeBreak(one: ChainBreak): string {
  switch (one.kind) {
    case 'changed':
      return `number ${one.seq} was changed, or does not follow the one before it`;
    case 'missing':
      return one.seq === one.until ? `number ${one.seq} is missing` : `numbers ${one.seq} to ${one.until} are missing`;
    case 'rewritten':
      return `number ${one.seq} is not the one that was noted: the record was made anew`;
  }
}

function toJson(row: AuditRow): string {
  const { at, ...rest } = readEntry(row);
  return JSON.stringify({ seq: row.seq, at: new Date(at).toISOString(), ...rest, hash: row.hash });
}

function toCells(row: AuditRow): string[] {
  const { at, action, actor, subject, via = '', remoteAddress = '', detail = {} } = readEntry(row);
  return [formatTime(at), action, nameActor(actor), subject, via, remoteAddress, describeDetail(detail)].map((cell) =>
    toPrintable(cell),
  );
}

const CSV_COLUMNS = ['seq', 'at', 'action', 'actor', 'account', 'subject', 'via', 'address', 'detail'];

function toCsvLine(row: AuditRow): string {
  const { at, action, actor, accountId, subject, via = '', remoteAddress = '', detail = {} } = readEntry(row);
  const cells = [nameActor(actor), accountId ?? '', subject, via, remoteAddress, describeDetail(detail)];
  return formatCsvLine([row.seq, new Date(at).toISOString(), action, ...cells].map(String));
}

function nameActor(actor: AuditActor): string {
  return 'name' in actor ? `${actor.kind} ${actor.name}` : actor.kind;
}

function describeDetail(detail: NonNullable<AuditEntry['detail']>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}
