/**
 * `npm run bench`: measures this server, and in the same run Postfix + Dovecot where their scripts are at hand, round
 * by round in turns, and prints what came out as ratios. Load goes to 127.0.0.1 only.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, release, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { measureActivation } from './activation.ts';
import { measureCampus } from './campus.ts';
import { measureAnnouncement, measureSettledDisk } from './announcement.ts';
import { measureCompletion } from './completion.ts';
import { formatComparison, formatPages } from './figures.ts';
import { measureIdleLatency, measureIdleMemory } from './idle.ts';
import { measureImap, measurePage } from './imap-timings.ts';
import { measureMigration } from './migration.ts';
import { FILLED, type FilledUser, type RunShape } from './names.ts';
import { OUR_LABEL, OUR_PORTS, OurServer } from './our-server.ts';
import { measureBacklog, measureOurOutbound, measurePostfixOutbound } from './outbound.ts';
import { announcementRuns, isInstalled, PEER_LABEL, Peers, type ServerLine } from './peer-servers.ts';
import { measureSearch } from './search.ts';
import { measureSmtp } from './smtp-load.ts';
import { measurePush } from './push.ts';
import { measureCyrusQueries, measureQueries } from './query.ts';
import { measureTrace } from './trace.ts';
import type { Report, Row, Target } from './target.ts';

/** What a start leaves for later (JMAP's code) is loaded by then: it is not what a message costs. */
const START_OVER_MS = 5_000;

const USAGE = `usage: npm run bench -- [options]
  --rounds N     how often the servers take turns (ROUNDS, 1)
  --runs N       repetitions in each round (RUNS, 3)
  --only LIST    of: smtp, announce, imap, idle, memory, pages, outbound, backlog, query, push, search,
                 search-postgres, trace, activation, completion, campus, campus-postgres,
                 migration, migration-postgres
  --peers DIR    the peers' scripts (PEERS_DIR); without them ours is measured alone
  --data DIR     keeps our data there, so that the next run need not fill mailboxes (else a temporary folder)
  --mailboxes L  of: m1k, m50k, m500k (all)
  --messages N   of each outbound load (5000); backlog has 20 times as many
  --profile DIR  leaves a CPU profile of each of our threads there
  --serve        prepares and starts our server for other load, and waits for Ctrl-C`;

const WORKS = [
  'smtp',
  'announce',
  'imap',
  'idle',
  'memory',
  'pages',
  'outbound',
  'backlog',
  'query',
  'push',
  'search',
  'search-postgres',
  'trace',
  'activation',
  'completion',
  'campus',
  'campus-postgres',
  'migration',
  'migration-postgres',
] as const;
type Work = (typeof WORKS)[number];
/** They need no mailboxes, and start servers of their own where they need one. */
const STANDALONE_WORKS: readonly Work[] = [
  'outbound',
  'backlog',
  'query',
  'search',
  'search-postgres',
  'trace',
  'activation',
  'completion',
  'campus',
  'campus-postgres',
  'migration',
  'migration-postgres',
];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: process.env['ROUNDS'] ?? '1' },
    runs: { type: 'string', default: process.env['RUNS'] ?? '3' },
    only: { type: 'string', default: WORKS.join(',') },
    peers: { type: 'string' },
    data: { type: 'string' },
    mailboxes: { type: 'string', default: Object.keys(FILLED).join(',') },
    messages: { type: 'string', default: '5000' },
    profile: { type: 'string' },
    serve: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false, short: 'h' },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const works = chooseFrom(WORKS, values.only);
const filled = chooseFrom(Object.keys(FILLED) as FilledUser[], values.mailboxes);
const shape: RunShape = {
  stamp: Math.floor(Date.now() / 1_000).toString(36),
  rounds: wholeNumber(values.rounds),
  runs: wholeNumber(values.runs),
};
const folder = await mkdtemp(join(tmpdir(), 'campusmail-bench-'));
const dataDir = values.data === undefined ? join(folder, 'data') : resolve(values.data);
const resultsFile = join(folder, 'results.jsonl');
const logFile = join(folder, 'server.log');
const peersFolder = values.peers ?? process.env['PEERS_DIR'];
const found = Peers.find(
  peersFolder === undefined ? undefined : resolve(peersFolder),
  process.env['PEERS'] ?? join(tmpdir(), 'peers'),
  join(folder, 'peers.log'),
);
const peers = typeof found === 'string' ? undefined : found;
mkdirSync(dataDir, { recursive: true });
writeFileSync(resultsFile, '');
const ours = new OurServer(dataDir, logFile, values.profile === undefined ? undefined : resolve(values.profile));

try {
  const needsMailboxes = values.serve || works.some((work) => !STANDALONE_WORKS.includes(work));
  if (needsMailboxes) {
    tell(typeof found === 'string' ? `ours alone: ${found}` : 'beside Postfix + Dovecot');
    tell('preparing accounts and mailboxes');
    await ours.prepare(shape, folder, filled, peers === undefined ? undefined : (user, port) => peers.fill(user, port));
  }
  if (values.serve) await serveUntilInterrupted();
  else await measureAll(needsMailboxes);
} finally {
  if (values.data === undefined) await rm(dataDir, { recursive: true, force: true });
}

async function measureAll(needsMailboxes: boolean): Promise<void> {
  if (peers !== undefined && needsMailboxes) await withPeers(() => peers.fillOwn());
  for (let round = 0; round < shape.rounds; round++) {
    if (needsMailboxes) {
      await withOurs((target, line) => measureOurs(target, line, round));
      if (round === 0) await measure('push', () => withOurs((target) => measurePush(target, reportAs(OUR_LABEL))));
      if (peers !== undefined) await withPeers(() => measureByScripts(peers, peers.line, round));
    }
    await measureOutbound();
    await measure('search', () => measureSearch('sqlite', reportAs(OUR_LABEL)));
    await measure('search-postgres', () => measureSearch('postgres', reportAs(OUR_LABEL)));
    await measure('activation', () => measureActivation(tellAs(OUR_LABEL)));
    await measure('completion', () => measureCompletion(tellAs(OUR_LABEL)));
    await measure('campus', () => measureCampus('sqlite', tellAs(OUR_LABEL)));
    await measure('campus-postgres', () => measureCampus('postgres', tellAs(OUR_LABEL)));
    await measure('migration', () => measureMigration('sqlite', tellAs(OUR_LABEL)));
    await measure('migration-postgres', () => measureMigration('postgres', tellAs(OUR_LABEL)));
    await measure('trace', async () => {
      for (const { question, milliseconds } of await measureTrace(10_000_000))
        reportAs(OUR_LABEL)(`trace ${question}`, { milliseconds });
    });
  }
  await measure('query', () => measureQueries(folder, filled, tellAs(OUR_LABEL)));
  if (isInstalled('cyrmaster')) {
    // It takes some 55 messages a second: more of them would take longer than all the rest.
    const small = filled.filter((user) => user === 'm1k');
    await measure('query', () => measureCyrusQueries(folder, small, tellAs('cyrus')), 'Cyrus');
  }
  printResults();
}

/** Beside Postfix where it is installed; the peers' scripts are not needed for it. */
async function measureOutbound(): Promise<void> {
  const data = join(folder, 'outbound');
  const profile = values.profile === undefined ? undefined : resolve(values.profile);
  const messages = wholeNumber(values.messages);
  await measure('outbound', () => measureOurOutbound(data, logFile, messages, reportAs(OUR_LABEL), profile));
  if (isInstalled('postfix'))
    await measure('outbound', () => measurePostfixOutbound(data, messages, reportAs(PEER_LABEL)), 'Postfix');
  await measure('backlog', () => measureBacklog(data, logFile, messages * 20, reportAs(OUR_LABEL)));
  await rm(data, { recursive: true, force: true });
}

async function measureOurs(target: Target, line: ServerLine, round: number): Promise<void> {
  const report = reportAs(OUR_LABEL);
  // First, because it asks what a start costs.
  if (works.includes('pages'))
    for (const user of filled) await attempt(`pages ${user}`, () => measurePage(target, user, report));
  if (peers !== undefined) {
    await measureByScripts(peers, line, round);
    return;
  }
  const lists = filled.filter((user) => user !== 'm500k');
  await sleep(START_OVER_MS);
  await measure('smtp', () => measureSmtp(target, shape, round, report));
  await measure('announce', () => measureAnnouncement(target, shape, round, report));
  await measure('imap', () => measureImap(target, lists, shape.runs, report));
  await measure('idle', () => measureIdleLatency(target, report));
  if (round === 0) await measure('memory', () => measureIdleMemory(target, report));
}

async function measureByScripts(scripts: Peers, line: ServerLine, round: number): Promise<void> {
  await measure('smtp', () => scripts.smtp(line, shape, round, resultsFile), line.label);
  const announce = (): Promise<void> => scripts.announcement(line, shape, round, resultsFile);
  const times = announcementRuns(shape) + 1;
  await measure('announce', () => measureSettledDisk(line.data, times, reportAs(line.label), announce), line.label);
  await measure('imap', () => scripts.imap(line, shape, resultsFile), line.label);
  await measure('idle', () => scripts.idleLatency(line, shape, resultsFile), line.label);
  if (round === 0) await measure('memory', () => scripts.idleMemory(line, resultsFile), line.label);
}

function reportAs(label: string): Report {
  return (test, figures) => appendFileSync(resultsFile, `${JSON.stringify({ label, test, ...figures })}\n`);
}

/** What no table shows is told at once. */
function tellAs(label: string): Report {
  return (test, figures) => {
    console.log(`${label.padEnd(8)} ${test.padEnd(20)} ${JSON.stringify(figures)}`);
    reportAs(label)(test, figures);
  };
}

async function measure(work: Work, action: () => Promise<void>, label = OUR_LABEL): Promise<void> {
  if (works.includes(work)) await attempt(`${work} of ${label}`, action);
}

/** One thing that cannot be measured does not take the others along. */
async function attempt(what: string, action: () => Promise<void>): Promise<void> {
  tell(what);
  try {
    await action();
  } catch (error) {
    tell(`${what} failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

async function withOurs(action: (target: Target, line: ServerLine) => Promise<void>): Promise<void> {
  const target = await ours.start();
  try {
    await action(target, { label: OUR_LABEL, ...OUR_PORTS, groups: target.usage.argument, data: dataDir });
  } finally {
    await target.stop();
  }
}

async function withPeers(action: () => Promise<void>): Promise<void> {
  await peers?.start();
  try {
    await action();
  } finally {
    await peers?.stop();
  }
}

/** For the peers' run-suite.sh and for looking closer by hand. */
async function serveUntilInterrupted(): Promise<void> {
  await withOurs(async (_target, { label, smtp, imap, imaps, pop3, lmtp, groups, data }) => {
    const file = join(folder, 'servers.conf');
    writeFileSync(file, `${[label, smtp, imap, imaps, pop3, lmtp, groups, data, 'true', 'true'].join(' ')}\n`);
    tell(`ready; SERVERS=${file} NOSTART=1 run-suite.sh ${label} …; log: ${logFile}; Ctrl-C ends it`);
    const alive = setInterval(() => undefined, 60_000);
    await new Promise<void>((done) => {
      process.once('SIGINT', () => done());
      process.once('SIGTERM', () => done());
    });
    clearInterval(alive);
  });
}

function printResults(): void {
  const rows = readFileSync(resultsFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
  const memoryGb = Math.round(totalmem() / 1024 ** 3);
  console.log(
    `\n${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, ${memoryGb} GB, Linux ${release()}, ` +
      `Node ${process.versions.node}; ${shape.rounds} round(s) of ${shape.runs} run(s), medians\n`,
  );
  const isCompared = rows.some(({ label }) => label === PEER_LABEL);
  console.log(formatComparison(rows, OUR_LABEL, isCompared ? PEER_LABEL : undefined));
  if (works.includes('pages')) console.log(`\n${formatPages(rows, OUR_LABEL, filled)}`);
  if (typeof found === 'string' && !isCompared) console.log(`\nOurs alone: ${found}.`);
  console.log(`\nEvery result: ${resultsFile}`);
  if (existsSync(logFile) && readFileSync(logFile).length > 0) console.log(`Our server logged: ${logFile}`);
}

function chooseFrom<T extends string>(all: readonly T[], list: string): T[] {
  const wanted = list.split(',').filter((word) => word !== '');
  const unknown = wanted.find((word) => !all.includes(word as T));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of: ${all.join(', ')}\n${USAGE}`);
  return all.filter((word) => wanted.includes(word));
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is no whole number of at least 1\n${USAGE}`);
  return value;
}

function tell(text: string): void {
  console.error(`bench ${new Date().toTimeString().slice(0, 8)} ${text}`);
}
