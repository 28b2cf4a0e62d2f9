/**
 * The folder of segment files: names, listing, and durable creation and removal. A segment is append-only and holds
 * records (record.ts) back to back; who owns which octets is known to the database alone.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROBE_BYTES } from '#store/limits.ts';

/** Where a record lies. */
export interface BlobLocation {
  readonly segment: number;
  readonly offset: number;
  /** Header and chunks. */
  readonly storedBytes: number;
}

export function segmentPath(blobDir: string, segment: number): string {
  return join(blobDir, `${String(segment).padStart(6, '0')}.seg`);
}

export function createBlobDir(blobDir: string): void {
  mkdirSync(blobDir, { recursive: true, mode: 0o700 });
}

/** The numbers of the segments there are, ascending. Other files are not ours and are left alone. */
export function listSegments(blobDir: string): number[] {
  const found: number[] = [];
  for (const name of readdirSync(blobDir)) {
    const match = /^(\d{6,15})\.seg$/.exec(name);
    if (match !== null) found.push(Number(match[1]));
  }
  return found.toSorted((a, b) => a - b);
}

/** 0 when there is no such file. */
export function segmentLength(blobDir: string, segment: number): number {
  return statSync(segmentPath(blobDir, segment), { throwIfNoEntry: false })?.size ?? 0;
}

/** Makes names created or removed in the folder survive a power cut. */
/** Makes PROBE_BYTES durable in a file of its own and removes it. Rejects with the file system's error. */
export async function probeBlobDir(blobDir: string): Promise<void> {
  const path = join(blobDir, `probe-${process.pid}`);
  try {
    await writeFile(path, new Uint8Array(PROBE_BYTES), { flush: true, mode: 0o600 });
  } finally {
    await rm(path, { force: true });
  }
}

export function syncDir(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export function removeSegment(blobDir: string, segment: number): void {
  rmSync(segmentPath(blobDir, segment), { force: true });
}
