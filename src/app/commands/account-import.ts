/** `campusmail account import`: accounts by the thousand, from a table. */
import { resolve } from 'node:path';
import { CommandFailure, EXIT, type CommandIo, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { errorText, isMailError } from '#base/errors.ts';
import { formatAddress, parseAddress } from '#directory/address.ts';
import { provision, readNewQuota } from './account-create.ts';
import { describeForeignDomain } from './arguments/account.ts';
import type { CsvRow } from '#mime/csv.ts';
import { readCsvFile, type CsvColumns } from './arguments/csv-file.ts';
import { positional } from './arguments/options.ts';
import { makePassword } from './arguments/password.ts';
import { formatNumberOf, parseQuota } from './arguments/size.ts';

/** Hashing is what takes the time, and the directory does two at once; two more keep it supplied. */
const WORKERS = 4;
/** Errors told one by one; more than that is one mistake many times. */
const ERRORS_TOLD = 200;
const COLUMNS = ['address', 'password', 'name', 'quota', 'verifier'] as const;

interface Tally {
  created: number;
  /** Passwords of accounts that were there. */
  renewed: number;
  existing: number;
  failed: number;
}

export const accountImport: StoreCommand = {
  name: 'account import',
  usage: 'FILE.csv [--quota SIZE]',
  about: 'Create many accounts from a table.',
  details: `
Each line has address, password, name; comma, semicolon or tab between them,
UTF-8 or GB 18030. A first line of column names (address, password, name,
quota, verifier, in any order) is understood. Where the password is empty one
is made and printed as ADDRESS,PASSWORD on standard output.

A verifier is what another system has made of the password: {SSHA}…,
{CRYPT}$6$…, {enc8}… and so on; {IMAP}LOGIN asks auth.old_server. It is good
until the first sign-in, and then one of our own takes its place.

  --quota SIZE  of the new accounts: 500M, 10G … or none; limits.quota_bytes
                otherwise

Accounts that exist are left as they are, so the same file can be imported
again; but a newer verifier of the other system takes the place of an older
one that nobody has signed in by yet. Lines with errors are named and the
others go on; the exit code is 1 then. The file is read by the server's user.`,
  options: { quota: { type: 'string' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const quotaBytes = readNewQuota(system, args);
    const path = resolve(io.cwd, positional(args, 0));
    const { rows, columns } = await readCsvFile(path, COLUMNS, 'address');
    const tally: Tally = { created: 0, renewed: 0, existing: 0, failed: 0 };
    const startedAt = system.clock.monotonic();
    const seen = new Set<string>();
    let next = 0;
    let lastShownAt = startedAt;
    let outage: unknown;
    const work = async (): Promise<void> => {
      while (next < rows.length && !io.signal.aborted && outage === undefined) {
        const row = rows[next++] as CsvRow;
        try {
          await importRow(system, row, columns, quotaBytes, seen, tally, io);
        } catch (error) {
          // Something that concerns every line: going on would only list them all.
          if (isMailError(error, 'unavailable') || !isExpected(error)) outage = error;
          else tellError(row, errorText(error), tally, io);
        }
        const now = system.clock.monotonic();
        if (now - lastShownAt < 500) continue;
        lastShownAt = now;
        const rate = (tally.created / (now - startedAt)) * 1000;
        io.progress(`${next} of ${rows.length} lines, ${rate.toFixed(0)} accounts a second`);
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, work));
    io.progress('');
    const summary = `${formatNumberOf(tally.created, 'account')} created, ${tally.existing} there already, ${tally.failed} failed`;
    if (outage !== undefined) {
      throw new CommandFailure(
        `stopped after ${summary}: ${errorText(outage)}. Run the command again to go on`,
        EXIT.unavailable,
      );
    }
    if (io.signal.aborted) throw new CommandFailure(`interrupted after ${summary}. Run the command again to go on`);
    const renewed = tally.renewed === 0 ? '' : `; ${formatNumberOf(tally.renewed, 'password')} renewed`;
    io.err(`${summary}${renewed}.\n`);
    return tally.failed > 0 ? EXIT.failed : EXIT.ok;
  },
};

type Columns = CsvColumns<(typeof COLUMNS)[number]>;

async function importRow(
  system: System,
  row: CsvRow,
  columns: Columns,
  quotaBytes: number | null,
  seen: Set<string>,
  tally: Tally,
  io: CommandIo,
): Promise<void> {
  const field = (name: (typeof COLUMNS)[number]): string => row.fields[columns.get(name) ?? -1] ?? '';
  const address = parseAddress(field('address'));
  if (address === undefined) return tellError(row, `"${field('address')}" is no address`, tally, io);
  const text = formatAddress(address);
  // Lines are worked at side by side: of two for one address the first counts, whichever would be done sooner.
  if (seen.has(text)) {
    tally.existing++;
    return;
  }
  seen.add(text);
  const existing = await system.directory.findAddress(text);
  if (existing !== undefined) {
    // One whose creation was interrupted gets its mailboxes.
    await provision(system, existing.accountId, text, quotaBytes);
    tally.existing++;
    const newer = field('verifier');
    if (newer !== '' && (await system.directory.renewVerifier(existing.accountId, newer))) tally.renewed++;
    return;
  }
  if (!(await system.directory.isLocalDomain(address.domain))) {
    return tellError(row, describeForeignDomain(address.domain), tally, io);
  }
  const verifier = field('verifier');
  if (verifier !== '' && field('password') !== '')
    return tellError(row, 'give a password or a verifier, not both', tally, io);
  const password = field('password') || makePassword(system.random);
  const displayName = field('name');
  const ownQuota = field('quota') === '' ? quotaBytes : parseQuota(field('quota'));
  const accountId =
    verifier === ''
      ? await system.directory.createAccount(text, password, { displayName })
      : await system.directory.createAccountByVerifier(text, verifier, { displayName });
  await provision(system, accountId, text, ownQuota);
  tally.created++;
  if (field('password') === '' && verifier === '') io.out(`${text},${password}\n`);
}

function tellError(row: CsvRow, reason: string, tally: Tally, io: CommandIo): void {
  tally.failed++;
  if (tally.failed <= ERRORS_TOLD) io.err(`line ${row.line}: ${reason}\n`);
  if (tally.failed === ERRORS_TOLD) io.err('more errors are counted, not listed\n');
}

function isExpected(error: unknown): boolean {
  return isMailError(error) || error instanceof CommandFailure;
}
