/** `campusmail import`: mail from an mbox or a Maildir into an account; again and again without doubles. */
import { realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CommandFailure, EXIT, type CommandIo, type StoreCommand } from '#app/command.ts';
import { errorText, isMailError } from '#base/errors.ts';
import { parseMailboxPath } from '#mail/mailbox-name.ts';
import { requireAccount } from './arguments/account.ts';
import { hasOption, positional, textOption } from './arguments/options.ts';
import { formatCount, formatMail, formatNumberOf } from './arguments/size.ts';
import { runImport, type ImportTally } from './transfer/import-run.ts';
import { ImportLedger } from './transfer/ledger.ts';
import { openMaildir } from './transfer/maildir-source.ts';
import { openMbox } from './transfer/mbox-source.ts';

/** Imports under way in this process, which is the only one that writes the store: one each of account and source. */
const underWay = new Set<string>();

export const importCommand: StoreCommand = {
  name: 'import',
  usage: 'FILE.mbox|MAILDIR --account ADDRESS [--mailbox PATH]',
  about: 'Bring mail from an mbox file or a Maildir into an account.',
  details: `
An mbox's From_ lines, Status, X-Status, X-Keywords and Thunderbird's status
fields become dates and flags. Of a Maildir (Maildir++ folders such as
.Sent.2019, or folders in folders) the names, the flags and the files' times
are taken over. Line ends become CRLF. The quota does not apply.

  --account ADDRESS  whose mail it is
  --mailbox PATH     where to, levels divided by "/"; made if missing. An mbox
                     goes to INBOX otherwise; of a Maildir, the folders go
                     below PATH
  --json             answer in JSON

It can be interrupted and run again at any time: what is done is kept in
data_dir/imports, by account and by path, and is not done twice; messages added
to the source since are brought too. Messages that cannot be imported are
listed at the end and tried again the next time; the exit code is 1 then. The
files are read by the server's user and are not changed.`,
  options: { account: { type: 'string' }, mailbox: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const owner = textOption(args, 'account');
    if (owner === undefined) throw new CommandFailure('whose mail is it? Add --account ADDRESS', EXIT.usage);
    const { accountId, address } = await requireAccount(system, owner);
    const account = system.mail.account(accountId);
    const target = readTarget(textOption(args, 'mailbox'));
    const path = await resolveSource(resolve(io.cwd, positional(args, 0)));
    const key = `${accountId} ${path}`;
    if (underWay.has(key))
      throw new CommandFailure(`${path} is being imported into ${address} already`, EXIT.unavailable);
    underWay.add(key);
    try {
      const limit = system.config.limits.messageBytes;
      const isFolder = (await stat(path)).isDirectory();
      const source = await (isFolder ? openMaildir(path, limit) : openMbox(path, limit));
      await account.provision();
      const { nextEmailId } = await account.status();
      const fresh = { startedAt: system.clock.now(), firstEmailId: nextEmailId };
      const ledger = new ImportLedger(system.config.dataDir, { accountId, source: path }, fresh);
      const { clock } = system;
      const onProgress = (text: string): void => io.progress(text);
      const tally = await runImport({ account, source, ledger, target, clock, signal: io.signal, onProgress });
      io.progress('');
      tell(tally, address, ledger, hasOption(args, 'json'), io);
      return tally.failed > 0 ? EXIT.failed : EXIT.ok;
    } catch (error) {
      if (isFileError(error)) throw new CommandFailure(`cannot read ${path}: ${errorText(error)}`);
      throw error;
    } finally {
      io.progress('');
      underWay.delete(key);
    }
  },
};

/** The mailbox in stored form; empty when none was named. */
function readTarget(text: string | undefined): string {
  if (text === undefined) return '';
  try {
    return parseMailboxPath(text).join('/');
  } catch (error) {
    if (isMailError(error, 'invalid')) throw new CommandFailure(`--mailbox: ${error.message}`, EXIT.usage);
    throw error;
  }
}

/** By its real name, so that the ledger knows it again however it is called. */
async function resolveSource(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw new CommandFailure(`cannot read ${path}: ${errorText(error)}`);
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && !isMailError(error);
}

function tell(tally: ImportTally, address: string, ledger: ImportLedger, isJson: boolean, io: CommandIo): void {
  const { imported, importedBytes, already, skipped, failed, failures } = tally;
  if (isJson) {
    io.out(`${JSON.stringify({ address, imported, importedBytes, already, skipped, failed, failures })}\n`);
    return;
  }
  io.out(`Imported ${formatMail(imported, importedBytes)} into ${address}.\n`);
  if (!ledger.isNew) io.out('Earlier imports of the same source were taken into account.\n');
  if (already > 0) io.out(`${formatCount(already)} were there from an import that was interrupted.\n`);
  if (skipped > 0) io.out(`${formatCount(skipped)} were empty or deleted in the source.\n`);
  if (failed === 0) return;
  io.err(`${formatNumberOf(failed, 'message')} could not be imported:\n`);
  for (const { id, reason } of failures) io.err(`  ${/^\d+$/.test(id) ? `at octet ${id}` : id}: ${reason}\n`);
  if (failed > failures.length) io.err(`  and ${formatCount(failed - failures.length)} more\n`);
}
