/** One 50 kB message to thousands of local recipients: how long until it is everywhere, and what it costs. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeMessage } from './campus-mail.ts';
import { SmtpLoad } from './clients.ts';
import { addressOf, ANNOUNCEMENT_RECIPIENTS, announcementPrefix, announcementUser, type RunShape } from './names.ts';
import { waitUntilThere } from './smtp-load.ts';
import { median, type Report, type Target } from './target.ts';

const PER_TRANSACTION = 1_000;
const SAMPLE = 20;

export async function measureAnnouncement(
  target: Target,
  shape: RunShape,
  round: number,
  report: Report,
  recipients = ANNOUNCEMENT_RECIPIENTS,
): Promise<void> {
  const prefix = announcementPrefix(shape, round);
  const users = Array.from({ length: recipients }, (_, index) => announcementUser(prefix, index));
  await measureSettledDisk(target.dataDir, shape.runs + 1, report, async () => {
    report(`announce_${recipients}_newboxes`, await announce(target, users, 1));
    const runs = [];
    for (let run = 0; run < shape.runs; run++) runs.push(await announce(target, users, run + 2));
    report(`announce_${recipients}`, {
      delivered_s: median(runs.map((figures) => figures.delivered_s)),
      cpu_s: median(runs.map((figures) => figures.cpu_s)),
    });
  });
}

/** What is left on disk of each of so many announcements, the first mail of their recipients included. */
export async function measureSettledDisk(
  folders: string,
  announcements: number,
  report: Report,
  work: () => Promise<void>,
): Promise<void> {
  const before = await settledDiskMb(folders);
  await work();
  report('announce_disk', { disk_mb: ((await settledDiskMb(folders)) - before) / announcements });
}

/** `count`: how many messages each mailbox has afterwards. */
async function announce(target: Target, users: readonly string[], count: number) {
  const octets = makeMessage(count, 50 * 1_024);
  const session = await SmtpLoad.open(target.smtpPort);
  await sleep(300);
  const cpu = target.usage.cpuSeconds();
  const start = performance.now();
  for (let first = 0; first < users.length; first += PER_TRANSACTION) {
    await session.send('registrar@load.test', users.slice(first, first + PER_TRANSACTION).map(addressOf), octets);
  }
  const step = Math.max(1, Math.floor(users.length / SAMPLE));
  await waitUntilThere(target, users, (index) => (index % step === 0 || index === users.length - 1 ? count : 0));
  const deliveredS = (performance.now() - start) / 1_000;
  session.close();
  await sleep(300);
  return { delivered_s: deliveredS, cpu_s: target.usage.cpuSeconds() - cpu };
}

const SETTLE_STEP_MS = 1_000;
const SETTLE_STEPS = 8;

/** Space in use once it changes no more: a write-ahead log comes and goes. MB (10^6), NaN without `du`. */
async function settledDiskMb(folders: string): Promise<number> {
  let last = diskMb(folders);
  for (let step = 0; step < SETTLE_STEPS; step++) {
    await sleep(SETTLE_STEP_MS);
    const now = diskMb(folders);
    if (now === last) break;
    last = now;
  }
  return last;
}

/** `folders`: comma separated. */
function diskMb(folders: string): number {
  try {
    const paths = folders.split(',');
    const lines = execFileSync('du', ['-sk', ...paths], { encoding: 'utf8' })
      .trim()
      .split('\n');
    return (lines.reduce((sum, line) => sum + Number(line.split('\t')[0]), 0) * 1_024) / 1e6;
  } catch {
    return Number.NaN;
  }
}
