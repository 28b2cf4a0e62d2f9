/** `campusmail restore`: puts a backup where the server looks for its data. Never writes over anything. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CommandFailure, EXIT, type FreeCommand } from '#app/command.ts';
import type { Config } from '#app/config.ts';
import { isServerRunning } from '#app/control.ts';
import { openLog } from '#app/log.ts';
import { isShared } from '#app/storage.ts';
import { openSystem } from '#app/system.ts';
import { errorText } from '#base/errors.ts';
import { DATA_FOLDER, readManifest, syncFolder, type ManifestFile } from './archive/manifest.ts';
import { positional } from './arguments/options.ts';
import { formatNumberOf, formatSize } from './arguments/size.ts';

/** Below data_dir, while the copy is not complete. */
export const RESTORING_FOLDER = 'restoring';
/** Its place is taken last: without it there is no store. */
const LAST = 'mail.db';
const COPY_BYTES = 1024 * 1024;

export const restore: FreeCommand = {
  name: 'restore',
  usage: 'DIR',
  about: 'Put a backup back into an empty data_dir.',
  details: `
DIR is what campusmail backup made. Every file is compared with the hash it
had; data_dir must be empty or not exist, and no server may be running on it.
If the restore is interrupted, run it again.

To go back to an older state, move data_dir away first:

  mv /var/lib/campusmail /var/lib/campusmail.old
  campusmail restore /backup/2026-09-01 --config campusmail.toml`,
  options: {},
  positionals: [1, 1],
  needs: 'config',
  async run(config, args, io) {
    const folder = resolve(io.cwd, positional(args, 0));
    if (isShared(config)) {
      throw new CommandFailure('restore is for the embedded store; restore PostgreSQL with its own tools');
    }
    const manifest = await readManifest(folder);
    if (await isServerRunning(config.dataDir)) {
      throw new CommandFailure(`a server runs on ${config.dataDir}; stop it first`, EXIT.unavailable);
    }
    const totalBytes = manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const staging = join(config.dataDir, RESTORING_FOLDER);
    try {
      await requireEmptyDataDir(config);
      await mkdir(staging, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(staging);
      if (bavail * bsize < totalBytes) {
        throw new CommandFailure(
          `${config.dataDir} has ${formatSize(bavail * bsize)} free; the backup needs ${formatSize(totalBytes)}`,
        );
      }
      let doneBytes = 0;
      for (const file of manifest.files) {
        if (io.signal.aborted) throw new CommandFailure('interrupted; run the command again');
        await copyVerified(join(folder, DATA_FOLDER), staging, file);
        doneBytes += file.sizeBytes;
        io.progress(`${formatSize(doneBytes)} of ${formatSize(totalBytes)}`);
      }
      io.progress('renewing uids');
      await renewAccounts({ ...config, dataDir: staging });
      await moveAll(staging, config.dataDir);
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) {
        throw new CommandFailure(`cannot restore into ${config.dataDir}: ${errorText(error)}`);
      }
      throw error;
    } finally {
      io.progress('');
    }
    io.out(
      `Restored ${formatNumberOf(manifest.accounts, 'account')} with ${formatNumberOf(manifest.messages, 'message')} ` +
        `as of ${manifest.madeAt} into ${config.dataDir}.\nCheck it with: campusmail verify\n`,
    );
    return EXIT.ok;
  },
};

/** Before anybody is served from it: clients may have seen uids that will be given out again. */
async function renewAccounts(config: Config): Promise<void> {
  const system = await openSystem(config, openLog('warn', 'restore'));
  try {
    for (const accountId of await system.mailStore.reader.accountIds()) await system.mail.account(accountId).renew();
  } finally {
    await system.close();
  }
}

async function requireEmptyDataDir({ dataDir }: Config): Promise<void> {
  const entries = await readdir(dataDir).catch((error: unknown): string[] => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  // A file system of its own brings lost+found.
  const others = entries.filter((name) => name !== 'lost+found' && name !== RESTORING_FOLDER);
  if (others.length === 0) {
    await rm(join(dataDir, RESTORING_FOLDER), { recursive: true, force: true });
    return;
  }
  if (entries.includes(RESTORING_FOLDER)) {
    throw new CommandFailure(`${dataDir} holds a restore that was interrupted at its end; empty it and restore again`);
  }
  throw new CommandFailure(
    `${dataDir} is not empty (${others.slice(0, 3).join(', ')} …); nothing is ever written over. Move it away first`,
  );
}

async function copyVerified(from: string, to: string, { path, sizeBytes, sha256 }: ManifestFile): Promise<void> {
  const target = join(to, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const source = await open(join(from, path), 'r').catch((error: unknown) => {
    throw new CommandFailure(`the backup is damaged: ${path} cannot be read: ${errorText(error)}`);
  });
  const copy = await open(target, 'wx', 0o600);
  try {
    const digest = createHash('sha256');
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    let length = 0;
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, COPY_BYTES, length);
      if (bytesRead === 0) break;
      const piece = buffer.subarray(0, bytesRead);
      digest.update(piece);
      await copy.writeFile(piece);
      length += bytesRead;
    }
    if (length !== sizeBytes || digest.digest('hex') !== sha256) {
      throw new CommandFailure(`the backup is damaged: ${path} is not what was saved`);
    }
    await copy.sync();
  } finally {
    await source.close();
    await copy.close();
  }
}

async function moveAll(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).toSorted((a, b) => Number(a === LAST) - Number(b === LAST));
  for (const name of names) await rename(join(from, name), join(to, name));
  await rmdir(from);
  await syncFolder(to);
}
