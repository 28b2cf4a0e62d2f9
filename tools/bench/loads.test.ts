/** The loads of our own run against a real server: small, so that a change that breaks the benchmark is noticed at once. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRun, startServerProcess, temporaryFolder } from '#test/harness/server-process.ts';
import { measureAnnouncement } from './announcement.ts';
import { fillInbox } from './fill.ts';
import { measureIdleLatency, measureIdleMemory } from './idle.ts';
import { measureImap, measurePage } from './imap-timings.ts';
import {
  announcementPrefix,
  announcementUser,
  DOMAIN,
  IDLER,
  idleUser,
  PASSWORD,
  SMTP_CONNECTIONS,
  smtpBase,
  spreadUser,
} from './names.ts';
import { measureSmtp } from './smtp-load.ts';
import type { Target } from './target.ts';

const SHAPE = { stamp: 'test', rounds: 1, runs: 1 };
const FEW = 3;
const IDLE = { connections: FEW, pings: 2, settleMs: 0, watchMs: 0 };

test('every load finds what it needs and measures something', { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder();
  const dataDir = join(folder.path, 'data');
  const server = await startServerProcess(dataDir, { CAMPUSMAIL_AUTH_DEFAULT_DOMAIN: DOMAIN });
  try {
    await mustRun(dataDir, ['domain', 'add', DOMAIN]);
    const table = join(folder.path, 'accounts.csv');
    await writeFile(
      table,
      users()
        .map((user) => `${user}@${DOMAIN},${PASSWORD},${user}\n`)
        .join(''),
    );
    await mustRun(dataDir, ['account', 'import', table]);
    const target: Target = {
      label: 'ours',
      smtpPort: server.ports['smtp'] as number,
      imapPort: server.ports['imap'] as number,
      dataDir,
      usage: { argument: '', cpuSeconds: () => 0, memoryMb: () => 0, close: () => undefined },
    };
    const found = new Map<string, Readonly<Record<string, unknown>>>();
    const report = (name: string, figures: Readonly<Record<string, unknown>>): void => void found.set(name, figures);

    await fillInbox(target, 'm1k', 60, 1_000);
    await measurePage(target, 'm1k', report);
    await measureImap(target, ['m1k'], 1, report);
    await measureSmtp(target, SHAPE, 0, report, { messages: 60, sizeBytes: 2_000, users: FEW });
    await measureAnnouncement(target, SHAPE, 0, report, FEW);
    await measureIdleLatency(target, report, IDLE);
    await measureIdleMemory(target, report, IDLE);

    assert.equal(found.get('page_m1k')?.['exists'], 60);
    assert.equal(found.get(`idle_memory_${FEW}`)?.['open'], FEW);
    const wall = ['login_select_m1k.login_ms', 'fetch_flags_uid_m1k.wall_ms', 'fetch_envelope_m1k.wall_ms'];
    const smtp = SMTP_CONNECTIONS.map((connections) => `smtp_spread${FEW}_c${connections}.delivered_per_s`);
    for (const name of [...wall, ...smtp, `announce_${FEW}.delivered_s`, 'page_m1k.page_ms']) {
      const [row = '', field = ''] = name.split('.');
      assert.ok((found.get(row)?.[field] as number) > 0, `${name} was not measured`);
    }
  } finally {
    await server.stop();
  }
});

function users(): string[] {
  const few = Array.from({ length: FEW }, (_, index) => index);
  const base = smtpBase(SHAPE, 0);
  return [
    IDLER,
    'm1k',
    ...few.map(idleUser),
    ...few.map((index) => announcementUser(announcementPrefix(SHAPE, 0), index)),
    ...SMTP_CONNECTIONS.flatMap((connections) => few.map((index) => spreadUser(base, connections, 0, index))),
  ];
}
