/** data_dir: there, ours alone, writable, with room; and the clock as it shows in the files. */
import { constants } from 'node:fs';
import { access, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { RESTORING_FOLDER } from '#app/commands/restore.ts';
import { formatSize } from '#app/commands/arguments/size.ts';
import { errorText } from '#base/errors.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Below the first the store may stop any minute, below the second somebody should act. Octets, and share of the disk. */
const FAIL_BELOW = { bytes: 1024 ** 3, share: 0.02 };
const WARN_BELOW = { bytes: 10 * 1024 ** 3, share: 0.1 };
const HOUR_MS = 3_600_000;
const WHAT = 'data_dir';
/** Where the embedded store puts it. */
const DAMAGED_INDEX = 'search.db.damaged';

/** Empty when there is no data_dir yet. */
export async function checkDataDir(dataDir: string, nowMs: number): Promise<Finding[]> {
  const facts = await stat(dataDir).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (facts instanceof Error) {
    if (facts.code === 'ENOENT') return [warn(WHAT, `${dataDir} does not exist yet`, 'campusmail serve makes it')];
    return [fail(WHAT, `${dataDir}: ${errorText(facts)}`, 'Run doctor as the user that the server runs as')];
  }
  const findings: Finding[] = [];
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      fail(WHAT, `${dataDir} cannot be written by this user`, `Run as its owner, or: chown -R campusmail ${dataDir}`),
    ];
  }
  const entries = await readdir(dataDir);
  if (entries.includes(RESTORING_FOLDER)) {
    const mend = `Empty ${dataDir} and run campusmail restore again`;
    findings.push(fail(WHAT, `${dataDir} holds a restore that was interrupted`, mend));
  }
  if (entries.includes(DAMAGED_INDEX)) {
    const mend = `See that the disk is sound, then remove ${join(dataDir, DAMAGED_INDEX)}`;
    findings.push(warn(WHAT, 'a damaged search index was set aside and is made anew; no mail is in it', mend));
  }
  if ((facts.mode & 0o077) !== 0) {
    const mode = (facts.mode & 0o777).toString(8);
    findings.push(warn(WHAT, `${dataDir} is open to others (mode ${mode})`, `chmod 700 ${dataDir}`));
  }
  findings.push(await checkSpace(dataDir), await checkClock(dataDir, entries, nowMs));
  return findings;
}

async function checkSpace(dataDir: string): Promise<Finding> {
  const { bavail, blocks, bsize, ffree, files } = await statfs(dataDir);
  const free = bavail * bsize;
  const text = `${formatSize(free)} free of ${formatSize(blocks * bsize)}`;
  const share = blocks === 0 ? 1 : bavail / blocks;
  const mend = 'Make room: campusmail gc, a larger disk, or smaller quotas';
  if (free < FAIL_BELOW.bytes || share < FAIL_BELOW.share) return fail('disk', text, mend);
  if (free < WARN_BELOW.bytes || share < WARN_BELOW.share) return warn('disk', text, mend);
  if (files > 0 && ffree / files < 0.02) return warn('disk', `${ffree} inodes free`, 'Remove small files on this disk');
  return ok('disk', text);
}

/** Nothing here knows the right time; but files written later than now say that the clock was set back. */
async function checkClock(dataDir: string, entries: readonly string[], nowMs: number): Promise<Finding> {
  const times = await Promise.all(
    entries.map((name) =>
      stat(join(dataDir, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  const text = new Date(nowMs).toISOString();
  const aheadMs = Math.max(0, ...times) - nowMs;
  const mend = 'Keep the time by NTP (timedatectl set-ntp true): mail dates, TLS and sign-in limits depend on it';
  if (aheadMs > HOUR_MS)
    return fail('clock', `${text}, but ${dataDir} was written ${Math.round(aheadMs / HOUR_MS)} h later`, mend);
  if (aheadMs > HOUR_MS / 60)
    return warn('clock', `${text}, but ${dataDir} was written ${Math.round(aheadMs / 1000)} s later`, mend);
  return ok('clock', text);
}
