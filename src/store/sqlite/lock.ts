/**
 * One process at a time may write an embedded store. The lock is SQLite's own on a database of its own, so the kernel
 * releases it with the process however that ends.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MailError } from '#base/errors.ts';

/** Takes the lock until the returned function is called. Throws `inUse`, with the other's pid where known. */
export function lockStore(dataDir: string): () => void {
  const pidPath = join(dataDir, 'lock.pid');
  const db = new DatabaseSync(join(dataDir, 'lock.db'), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    const pid = readPid(pidPath);
    throw new MailError('inUse', `The store is in use by another process${pid === 0 ? '' : ` (${pid})`}`, {
      cause: error,
      data: { pid },
    });
  }
  writeFileSync(pidPath, String(process.pid));
  return () => {
    rmSync(pidPath, { force: true });
    db.close();
  };
}

function readPid(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}
