/** Days that are over are reported to whoever asked, once. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { DAY_MS, FakeClock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { openMemoryStore } from '#store/open-memory.ts';
import type { DmarcObservation } from '#trust/dmarc-report.ts';
import { readDmarcReport } from '#trust/read-dmarc-report.ts';
import { FakeDns } from '#trust/testing/fake-dns.ts';
import { readTlsReport } from '#trust/tls-report.ts';
import { keepOwnReports } from './keep-own-reports.ts';
import { ThreadMetrics } from './metrics.ts';
import { sendDueReports, sendReports, type ReportingSystem } from './send-reports.ts';

const DAY = Math.floor(Date.UTC(2026, 8, 16) / DAY_MS);
const NOON = DAY * DAY_MS + DAY_MS / 2;

let clock: FakeClock;
let store: Awaited<ReturnType<typeof openMemoryStore>>;
let dns: FakeDns;
let posted: { readonly to: string; readonly octets: Buffer }[];

beforeEach(async () => {
  clock = new FakeClock(NOON);
  store = await openMemoryStore({ clock });
  posted = [];
  dns = new FakeDns({
    '_smtp._tls.bank.example': { txt: ['v=TLSRPTv1; rua=mailto:tls@bank.example'] },
    'bank.example._report._dmarc.reader.example': { txt: ['v=DMARC1'] },
  });
});

afterEach(() => store.close());

const system = (trust: Partial<ReportingSystem['config']['trust']> = {}): ReportingSystem => ({
  trustStore: store.trust,
  resolver: dns,
  clock,
  random: systemRandom,
  log: silentLog,
  metrics: new ThreadMetrics(),
  config: { trust: { sendReports: true, reportFrom: '', ...trust }, auth: { defaultDomain: '' } },
  directory: {
    listDomains: async () => [{ domain: 'kust.example', createdAt: 0 }],
    resolveAddress: async (address) => ({
      kind: address.endsWith('@kust.example') ? 'unknownUser' : 'unknownDomain',
    }),
  },
});

const post = async (octets: Buffer, to: string): Promise<void> => {
  if (to.endsWith('@broken.example')) throw new Error('injected');
  posted.push({ to, octets });
};

async function observe(day: number, domain: string, rua: string): Promise<void> {
  const row: DmarcObservation & { count: number } = {
    policyDomain: domain,
    sourceIp: '192.0.2.1',
    headerFrom: domain,
    disposition: 'none',
    override: '',
    dkim: 'pass',
    spf: 'fail',
    spfDomain: domain,
    spfResult: 'fail',
    dkimDomain: domain,
    dkimSelector: 's',
    dkimResult: 'pass',
    count: 7,
  };
  const policy = {
    domain,
    p: 'none',
    sp: 'none',
    np: undefined,
    pct: 100,
    adkim: 'r',
    aspf: 'r',
    rua,
    isTesting: false,
  };
  const tls = { policyDomain: domain, policyType: 'sts', mxHost: 'mx', result: 'success', receivingIp: '', count: 3 };
  await store.trust.run('countObservations', { day, dmarc: [{ policy, rows: [row] }], tls: [tls] });
}

const recipients = (): string[] => posted.map(({ to }) => to);

test('the owners get what they asked for, and nobody else anything', async () => {
  await observe(DAY - 1, 'bank.example', 'mailto:dmarc@bank.example,mailto:a@reader.example,mailto:a@victim.example');
  await observe(DAY - 1, 'silent.example', '');
  await sendDueReports(system(), post);
  assert.deepEqual(recipients(), ['dmarc@bank.example', 'a@reader.example', 'tls@bank.example']);
  const [dmarc, , tls] = posted;
  assert.ok(dmarc !== undefined && tls !== undefined);
  assert.match(dmarc.octets.toString(), /^From: .*<postmaster@kust\.example>\r$/m);
  const read = readDmarcReport(dmarc.octets);
  assert.ok(read.kind === 'report');
  const { domain, beginS, endS, rows } = read.report;
  assert.deepEqual([domain, beginS, endS], ['bank.example', ((DAY - 1) * DAY_MS) / 1000, (DAY * DAY_MS) / 1000 - 1]);
  assert.deepEqual(
    rows.map(({ count }) => count),
    [7],
  );
  const readTls = readTlsReport(tls.octets);
  assert.ok(readTls.kind === 'report');
  assert.equal(readTls.report.policies[0]?.successful, 3);
  assert.equal(readTls.report.beginMs, (DAY - 1) * DAY_MS);
});

test('what was seen of our own domains is kept like the reports of others on them', async () => {
  await observe(DAY - 1, 'kust.example', 'mailto:dmarc-reports@kust.example,mailto:chief@kust.example');
  const keeping = keepOwnReports(system(), post, { readDmarc: async (octets) => readDmarcReport(octets) });
  await sendDueReports(system(), keeping);
  assert.deepEqual(recipients(), ['chief@kust.example']);
  const reports = await store.trust.reader.dmarcReports('kust.example', 0, 10);
  assert.deepEqual(
    reports.map(({ orgName, rows }) => [orgName, rows.length, rows[0]?.count]),
    [['kust.example', 1, 7]],
  );
});

test('each report is sent once, whoever comes; of one that breaks the others know nothing', async () => {
  for (const name of ['a', 'broken', 'c']) await observe(DAY - 1, `${name}.example`, `mailto:d@${name}.example`);
  await Promise.all([sendDueReports(system(), post), sendDueReports(system(), post)]);
  await sendDueReports(system(), post);
  assert.deepEqual(recipients().toSorted(), ['d@a.example', 'd@c.example']);
});

test('a day is reported when it is over, late rather than never, and not very late', async () => {
  for (const day of [DAY - 4, DAY - 3, DAY])
    await observe(day, `day${DAY - day}.example`, `mailto:d@day${DAY - day}.example`);
  await sendDueReports(system(), post);
  assert.deepEqual(recipients(), ['d@day3.example']);
  clock.advance(DAY_MS / 2 + 60_000);
  await sendDueReports(system(), post);
  assert.equal(posted.length, 1, 'others may still write down what they saw');
  clock.advance(10 * 60_000);
  await sendDueReports(system({ reportFrom: 'dmarc@it.kust.example' }), post);
  assert.deepEqual(recipients(), ['d@day3.example', 'd@day0.example']);
  assert.match(posted[1]?.octets.toString() ?? '', /Submitter: it\.kust\.example/);
});

test('it happens by itself where it is wanted, until the server ends', async () => {
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  await observe(DAY - 1, 'bank.example', 'mailto:dmarc@bank.example');
  sendReports(system({ sendReports: false }), post);
  sendReports(system(), post).stop();
  clock.advance(2 * 3_600_000);
  await settle();
  assert.deepEqual(posted, []);
  const running = sendReports(system(), post);
  for (let hour = 0; hour < 2 * 24; hour++) {
    clock.advance(3_600_000);
    if (hour === 3) await observe(DAY, 'bank.example', 'mailto:dmarc@bank.example');
    await settle();
  }
  running.stop();
  const days = ['dmarc@bank.example', 'tls@bank.example', 'dmarc@bank.example', 'tls@bank.example'];
  assert.deepEqual(recipients(), days);
});
