/** A backup's list of contents: what was saved, when, by which version, and the hash of every file. Written last: a backup without one is not whole. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailure } from '#app/command.ts';
import { errorText } from '#base/errors.ts';

export const MANIFEST_FILE = 'manifest.json';
/** Where a backup's files are, below its folder. */
export const DATA_FOLDER = 'data';
const FORMAT = 1;

export interface ManifestFile {
  /** Below DATA_FOLDER, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: number;
  /** Version of campusmail that made it. */
  readonly version: string;
  readonly madeAt: string;
  readonly hostname: string;
  readonly accounts: number;
  readonly messages: number;
  readonly files: readonly ManifestFile[];
}

/** Every file below `folder`, by path, with its hash. */
export async function listFiles(folder: string, onFile: (path: string) => void): Promise<ManifestFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files: ManifestFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const relative = path.slice(folder.length + 1).replaceAll('\\', '/');
    onFile(relative);
    files.push({ path: relative, ...(await hashFile(path)) });
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function hashFile(path: string): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    digest.update(chunk as Buffer);
    sizeBytes += (chunk as Buffer).length;
  }
  return { sizeBytes, sha256: digest.digest('hex') };
}

/** Durable when it resolves. */
export async function writeManifest(folder: string, manifest: Omit<Manifest, 'format'>): Promise<void> {
  const path = join(folder, MANIFEST_FILE);
  const file = await open(`${path}.new`, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ format: FORMAT, ...manifest }, null, 1)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(folder);
}

/** Makes names in it survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Throws CommandFailure unless there is a whole backup that this version can read. */
export async function readManifest(folder: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8')) as Manifest;
  } catch (error) {
    throw new CommandFailure(
      `${folder} is no whole backup: its ${MANIFEST_FILE} cannot be read (${errorText(error)}). It is written last, so a backup without one was interrupted`,
    );
  }
  if (manifest.format !== FORMAT || !Array.isArray(manifest.files)) {
    throw new CommandFailure(
      `${folder} is a backup of another form (${manifest.format}) than this version reads (${FORMAT})`,
    );
  }
  for (const { path } of manifest.files) {
    if (path.startsWith('/') || path.split('/').includes('..')) {
      throw new CommandFailure(`${folder}: ${MANIFEST_FILE} names a file outside of the backup: ${path}`);
    }
  }
  return manifest;
}
