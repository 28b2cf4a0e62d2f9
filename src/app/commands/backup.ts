/** `campusmail backup`: a consistent copy of everything, made while serving. */
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CommandFailure, EXIT, type StoreCommand } from '#app/command.ts';
import type { System } from '#app/system.ts';
import { VERSION } from '#app/version.ts';
import { errorText } from '#base/errors.ts';
import { DATA_FOLDER, listFiles, writeManifest } from './archive/manifest.ts';
import { makeEmptyFolder } from './arguments/folder.ts';
import { hasOption, positional } from './arguments/options.ts';
import { formatCount, formatNumberOf, formatSize } from './arguments/size.ts';
import { IMPORTS_FOLDER } from './transfer/ledger.ts';

const SECRET_FILE = 'secret.key';

export const backup: StoreCommand = {
  name: 'backup',
  usage: 'DIR [--json]',
  about: 'Copy everything to a new folder, while serving.',
  details: `
DIR is made; it must be empty or not exist. The copy is that of one moment:
the database, all messages, the server's secret, the self-signed certificate
if there is one, and what imports have done. manifest.json, written last, has
the hash of every file; campusmail restore checks them.

  --json  answer in JSON

The settings file, and a certificate of your own, are not in it. The copy
belongs to the server's user.`,
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  needs: 'store',
  async run(system, args, io) {
    const folder = resolve(io.cwd, positional(args, 0));
    await makeEmptyFolder(folder);
    const data = join(folder, DATA_FOLDER);
    try {
      // The ledgers of imports before the mail: they may lag behind it, but must not be ahead of it.
      await copySmallFolder(join(system.config.dataDir, IMPORTS_FOLDER), join(folder, IMPORTS_FOLDER));
      io.progress('copying …');
      await system.maintenance.backup(data);
      await dropDatabaseTraces(data);
      await rename(join(folder, IMPORTS_FOLDER), join(data, IMPORTS_FOLDER));
      await copySmallFolder(join(system.config.dataDir, 'tls'), join(data, 'tls'));
      await copyFile(join(system.config.dataDir, SECRET_FILE), join(data, SECRET_FILE)).catch(ignoreMissing);
      let done = 0;
      const files = await listFiles(data, (path) => io.progress(`checking file ${formatCount(++done)}: ${path}`));
      const { accounts, messages } = await countMail(system);
      await writeManifest(folder, {
        version: VERSION,
        madeAt: new Date(system.clock.now()).toISOString(),
        hostname: system.config.hostname,
        accounts,
        messages,
        files,
      });
      io.progress('');
      const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
      if (hasOption(args, 'json')) {
        io.out(`${JSON.stringify({ folder, accounts, messages, files: files.length, sizeBytes })}\n`);
      } else {
        io.out(
          `Backed up ${formatNumberOf(accounts, 'account')} with ${formatNumberOf(messages, 'message')} to ${folder}: ` +
            `${formatNumberOf(files.length, 'file')}, ${formatSize(sizeBytes)}.\n`,
        );
      }
      return EXIT.ok;
    } catch (error) {
      io.progress('');
      // Half a backup is none, and would be in the way of the next. The folder itself may be a mount point.
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
      if (error instanceof Error && ('syscall' in error || 'errcode' in error)) {
        throw new CommandFailure(`cannot make the backup in ${folder}: ${errorText(error)}`);
      }
      throw error;
    }
  },
};

/** Files of a folder without folders in it; nothing where there is none. */
async function copySmallFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  const names = await readdir(from).catch((error: unknown): string[] => {
    ignoreMissing(error);
    return [];
  });
  for (const name of names) await copyFile(join(from, name), join(to, name));
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

async function countMail(system: System): Promise<{ readonly accounts: number; readonly messages: number }> {
  const accountIds = await system.mailStore.reader.accountIds();
  let messages = 0;
  for (const accountId of accountIds) {
    messages += (await system.mailStore.reader.account(accountId))?.usedMessages ?? 0;
  }
  return { accounts: accountIds.length, messages };
}

/** SQLite leaves these beside a database that was only read; they hold nothing and differ every time. */
async function dropDatabaseTraces(data: string): Promise<void> {
  for (const name of await readdir(data)) {
    if (name.endsWith('-shm')) await rm(join(data, name));
    if (name.endsWith('-wal') && (await stat(join(data, name))).size === 0) await rm(join(data, name));
  }
}
