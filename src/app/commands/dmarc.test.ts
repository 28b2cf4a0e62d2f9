import assert from 'node:assert/strict';
import test from 'node:test';
import type { ReceivedDmarcReport, ReceivedDmarcRow } from '#trust/dmarc-report.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem } from './testing/test-system.ts';
import { formatTime } from './arguments/time.ts';

const DOMAIN = 'kust.example';
const DAY_S = 86_400;

const row = (sourceIp: string, count: number, patch: Partial<ReceivedDmarcRow> = {}): ReceivedDmarcRow => ({
  sourceIp,
  count,
  disposition: 'none',
  dkim: 'pass',
  spf: 'fail',
  headerFrom: DOMAIN,
  ...patch,
});

test('what others saw is summed up, those sources first that fail', async (t) => {
  const { system, run } = await openTestSystem(t);
  await system.directory.addDomain(DOMAIN);
  await system.directory.addDomain('stu.kust.example');
  const now = Math.floor(system.clock.now() / 1000);
  const add = (
    reportId: string,
    orgName: string,
    endS: number,
    rows: readonly ReceivedDmarcRow[],
  ): Promise<unknown> => {
    const report: ReceivedDmarcReport = {
      orgName,
      reportId,
      domain: DOMAIN,
      beginS: endS - DAY_S,
      endS,
      rows,
      isCut: false,
    };
    return system.trustStore.run('addDmarcReport', { report });
  };
  await add('1', 'google\u001b[2J', now - 2 * DAY_S, [
    row('192.0.2.1', 1200),
    row('198.51.100.7', 3, { dkim: 'fail', disposition: 'reject', headerFrom: `it.${DOMAIN}` }),
  ]);
  await add('2', 'google\u001b[2J', now - 3 * DAY_S, [
    row('198.51.100.7', 2, { dkim: 'fail', disposition: 'quarantine' }),
  ]);
  await add('3', 'qq.example', now - DAY_S, [row('192.0.2.1', 1, { dkim: 'fail', spf: 'pass' })]);
  await add('4', 'old.example', now - 40 * DAY_S, [row('192.0.2.9', 9)]);

  const { out } = await run(['dmarc', DOMAIN]);
  assert.equal(
    out,
    `kust.example: 3 reports in the last 30 days
  1,206 messages: 5 failed, 1,201 passed, 3 rejected, 2 quarantined

Sources, those that fail first:
  198.51.100.7  5 failed, 3 rejected, 2 quarantined  it.kust.example, kust.example
  192.0.2.1     1,201 passed                         kust.example

Reporters, the newest first:
  qq.example  1 report   until ${formatTime((now - DAY_S) * 1000)}
  google\ufffd[2J  2 reports  until ${formatTime((now - 2 * DAY_S) * 1000)}
`,
  );
  assert.match(
    (await run(['dmarc', '--days', '400'])).out,
    /: 4 reports[^]*\n\nstu\.kust\.example: no reports in the last 400 days\n$/,
  );
  const [first = '', second = ''] = (await run(['dmarc', '--json'])).out.split('\n');
  const { reports, messages, passed, sources, isCut } = JSON.parse(first) as Record<string, unknown>;
  assert.deepEqual([reports, messages, passed, isCut], [3, 1206, 1201, false]);
  assert.equal((sources as unknown[]).length, 2);
  assert.equal((JSON.parse(second) as { reports: number }).reports, 0);
  await assert.rejects(run(['dmarc', 'other.example']), failsWith(1, /no domain of this server/));
});

test('of a report with very many rows those of most mail are kept, and that is said', async (t) => {
  const { system, run } = await openTestSystem(t);
  await system.directory.addDomain(DOMAIN);
  const endS = Math.floor(system.clock.now() / 1000) - DAY_S;
  const rows = Array.from({ length: 2500 }, (_, i) => row(`10.0.${i >> 8}.${i & 255}`, i + 1));
  const report: ReceivedDmarcReport = {
    orgName: 'o',
    reportId: '1',
    domain: DOMAIN,
    beginS: endS - DAY_S,
    endS,
    rows,
    isCut: false,
  };
  await system.trustStore.run('addDmarcReport', { report });
  const { out } = await run(['dmarc']);
  assert.match(out, /Not all is counted/);
  assert.match(out, /Sources, those that fail first:\n {2}10\.0\.9\.195 +2,500 passed/);
  assert.match(out, /… and 480 more/);
});
