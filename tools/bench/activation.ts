/**
 * Freshmen who claim their accounts all at once: number and name, captcha, telephone and code, alias and password, each over
 * HTTP against a server of its own with password hashes as they ship. The captchas are solved here, by the same cores.
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { student } from '#directory/testing/person.ts';
import { readConfig } from '#app/config.ts';
import { openSystem } from '#app/system.ts';
import { silentLog } from '#base/log.ts';
import { startServerProcess, temporaryFolder, testEnvironment } from '#test/harness/server-process.ts';
import { Visitor } from '#test/harness/visitor.ts';
import { median, type Report } from './target.ts';
import { watchUsage } from './usage.ts';

const FRESHMEN = 150;
/** At once; each waits for answers most of the time. */
const VISITORS = 8;
const DOMAIN = 'stu.bench.example';
const INITIAL = 'Kust1231002X';
const PASSWORD = 'Quiet-Heron-Harbour7';

const SETTINGS = {
  CAMPUSMAIL_SMS_VENDORS: 'log',
  CAMPUSMAIL_AUTH_DEFAULT_DOMAIN: DOMAIN,
  CAMPUSMAIL_LOG_LEVEL: 'error',
  CAMPUSMAIL_SERVER_THREADS: '2',
  // All of them come from here.
  CAMPUSMAIL_AUTH_LIMITS_ON_LOOPBACK: 'false',
  // As they ship; the harness's are cheap.
  CAMPUSMAIL_AUTH_ARGON2_MEMORY_KIB: '19456',
  CAMPUSMAIL_AUTH_ARGON2_PASSES: '2',
};

export async function measureActivation(report: Report): Promise<void> {
  await using folder = await temporaryFolder();
  await enrol(folder.path);
  const server = await startServerProcess(folder.path, SETTINGS);
  const usage = watchUsage(Number(readFileSync(join(folder.path, 'lock.pid'), 'utf8')));
  try {
    const base = `http://127.0.0.1:${server.ports['http']}`;
    // What is loaded at the first need is no cost of each.
    await activate(base, 0);
    const cpuBefore = usage.cpuSeconds();
    const beganAt = performance.now();
    const seconds: number[] = [];
    let next = 1;
    await Promise.all(
      Array.from({ length: VISITORS }, async () => {
        while (next < FRESHMEN) seconds.push(await activate(base, next++));
      }),
    );
    const took = (performance.now() - beganAt) / 1000;
    report('activation', {
      perHour: Math.round((seconds.length / took) * 3600),
      serverCpuMs: Math.round(((usage.cpuSeconds() - cpuBefore) / seconds.length) * 1000),
      medianSeconds: median(seconds),
    });
  } finally {
    usage.close();
    await server.kill();
  }
}

async function enrol(dataDir: string): Promise<void> {
  const settings = Object.entries(testEnvironment(dataDir, SETTINGS)).filter(([name]) =>
    name.startsWith('CAMPUSMAIL_'),
  );
  const system = await openSystem(readConfig('', '', Object.fromEntries(settings)), silentLog);
  await system.directory.addDomain(DOMAIN);
  await system.directory.enrolPeople(
    Array.from({ length: FRESHMEN }, (_, i) => ({
      person: student(String(202_300_000 + i), '张三'),
      account: {
        address: `${202_300_000 + i}@${DOMAIN}`,
        stage: 'pending' as const,
        initialPasswords: [INITIAL],
        initialExpiresAt: null,
      },
    })),
  );
  await system.close();
}

/** Seconds that it took, the captcha aside: that is solved while people type. */
async function activate(base: string, i: number): Promise<number> {
  const visitor = new Visitor(base);
  const captcha = await visitor.captcha();
  const beganAt = performance.now();
  const must = async (asked: ReturnType<Visitor['post']>): Promise<void> => {
    const { status, body } = await asked;
    if (status !== 200) throw new Error(`an activation was refused: ${status} ${JSON.stringify(body)}`);
  };
  await must(visitor.begin({ number: String(202_300_000 + i), name: '张三', password: INITIAL, captcha }));
  const phone = `13${randomInt(10 ** 8, 10 ** 9)}`;
  await must(visitor.post('/activation/code', { phone }));
  const { messages } = (await visitor.get('/demo/outbox.json')).body as {
    readonly messages?: readonly { readonly phone: string; readonly text: string }[];
  };
  const text = messages?.find((message) => message.phone === `+86${phone}`)?.text ?? '';
  await must(visitor.post('/activation/phone', { phone, code: /\d{6}/.exec(text)?.[0] ?? '' }));
  await must(visitor.post('/activation/finish', { alias: `freshman.${i}x`, password: PASSWORD }));
  return (performance.now() - beganAt) / 1000;
}
