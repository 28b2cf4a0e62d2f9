/**
 * A university's people: a list of 60,000 brought in with their mailboxes, read and compared again, a sign-in by a password that is known,
 * and addresses looked up. In this process, over a store of its own; CPU is that of all its threads, PostgreSQL's server not among them.
 */
import { DAY_MS } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import { readConfig } from '#app/config.ts';
import { openRoster } from '#app/open-roster.ts';
import { openSystem } from '#app/system.ts';
import { employee } from '#directory/testing/person.ts';
import { createTestDatabase } from '#test/harness/postgres.ts';
import { seededRandom } from '#test/harness/seeded-random.ts';
import { temporaryFolder } from '#test/harness/server-process.ts';
import { roundTo3, timed, type Report } from './target.ts';

const PEOPLE = 60_000;
const STUDENTS = 50_000;
/** Beside those of the people, until there are 200,000. */
const MORE_ADDRESSES = 140_000;
const ENROLLED_AT_ONCE = 500;
const SIGN_INS = 20_000;
const LOOK_UPS = 200_000;
const STAFF = 'bench.example';
const STUDENT = 'stu.bench.example';
const SIGNER = `signer@${STAFF}`;
const PASSWORD = 'Quiet-Heron-Harbour7';

export async function measureCampus(kind: 'sqlite' | 'postgres', report: Report): Promise<void> {
  await using folder = await temporaryFolder();
  const database = kind === 'postgres' ? await createTestDatabase() : undefined;
  const config = readConfig('', '', {
    CAMPUSMAIL_DATA_DIR: folder.path,
    CAMPUSMAIL_HOSTNAME: `mail.${STAFF}`,
    CAMPUSMAIL_ROSTER_DOMAINS: `staff ${STAFF}, student ${STUDENT}`,
    ...(database === undefined ? {} : { CAMPUSMAIL_STORE_URL: database.url }),
  });
  const system = await openSystem(config, silentLog);
  try {
    const { directory } = system;
    for (const domain of [STAFF, STUDENT]) await directory.addDomain(domain);
    const roster = openRoster(system);
    const read = async () => {
      const plan = await roster.plan(await roster.readFile(writeList()), false);
      if (plan.troubles.length > 0) throw new Error(JSON.stringify(plan.troubles[0]));
      return plan;
    };

    const imported = await timed(async () => {
      await roster.apply(await read(), { source: 'bench', sourceHash: '1', actor: 'bench' });
    });
    report(`campus_import ${kind}`, { people: PEOPLE, ...imported });
    const compared = await timed(async () => {
      const { changes, unchanged } = await read();
      if (changes.length > 0 || unchanged !== PEOPLE)
        throw new Error(`${changes.length} changes in the same list, ${unchanged} of ${PEOPLE} unchanged`);
    });
    report(`campus_diff ${kind}`, { people: PEOPLE, ...compared });

    await directory.createAccount(SIGNER, PASSWORD);
    const signIn = async () => {
      const result = await directory.signIn({
        login: SIGNER,
        password: PASSWORD,
        protocol: 'imap',
        remoteAddress: '127.0.0.1',
      });
      if (!result.ok) throw new Error(`refused: ${result.reason}`);
    };
    // The password is checked once; after that it is known.
    await signIn();
    report(`campus_sign_in ${kind}`, await timedEach(SIGN_INS, signIn));

    if (kind === 'sqlite') for (let i = 0; i < MORE_ADDRESSES; i += ENROLLED_AT_ONCE) await enrol(system, i);
    const random = seededRandom(1);
    const lookUp = async () => {
      const n = Math.floor(random() * PEOPLE);
      const resolved = await directory.resolveAddress(addressOf(n));
      if (resolved.kind !== 'account') throw new Error(`${addressOf(n)} is ${resolved.kind}`);
    };
    report(`campus_look_up ${kind}`, {
      addresses: kind === 'sqlite' ? PEOPLE + MORE_ADDRESSES : PEOPLE,
      ...(await timedEach(LOOK_UPS / (kind === 'sqlite' ? 1 : 20), lookUp)),
    });
  } finally {
    await system.close();
    await database?.drop();
  }
}

async function enrol({ directory, clock }: Awaited<ReturnType<typeof openSystem>>, from: number): Promise<void> {
  await directory.enrolPeople(
    Array.from({ length: ENROLLED_AT_ONCE }, (_, i) => {
      const number = String(30_000_000 + from + i);
      const account = { address: `${number}@${STAFF}`, stage: 'active', initialPasswords: ['Kust1231002X'] } as const;
      return { person: employee(number, '张三'), account: { ...account, initialExpiresAt: clock.now() + DAY_MS } };
    }),
  );
}

const numberOf = (n: number): string => String(n < STUDENTS ? 202_300_000 + n : 100_000 + n);
const addressOf = (n: number): string => `${numberOf(n)}@${n < STUDENTS ? STUDENT : STAFF}`;

/** A whole list, as an office sends it. */
function writeList(): Buffer {
  const rows = Array.from({ length: PEOPLE }, (_, n) => {
    const isStudent = n < STUDENTS;
    const unit = `第${(n % 300) + 1}学院`;
    return [
      numberOf(n),
      `张${String.fromCodePoint(0x4e00 + (n % 20_000))}`,
      isStudent ? '学生' : '教工',
      unit,
      documentOf(n),
      isStudent ? '202309' : '',
      isStudent ? '本科' : '',
      isStudent ? '在读' : '在职',
    ].join(',');
  });
  return Buffer.from(`${['工号/学号,姓名,人员类别,院系/单位,证件号,入学年月,培养层次,状态', ...rows].join('\n')}\n`);
}

/** With the check character of GB 11643-1999, and no zeros at the end, as spreadsheets ruin them: others are refused. */
function documentOf(n: number): string {
  const digits = `53010219990101${101 + 2 * (n % 400)}`;
  const sum = Array.from(digits, Number).reduce((total, digit, i) => total + digit * (2 ** (17 - i) % 11), 0);
  return digits + '10X98765432'.charAt(sum % 11);
}

async function timedEach(
  times: number,
  work: () => Promise<void>,
): Promise<{ readonly us: number; readonly cpu_us: number }> {
  const { seconds, cpu_s } = await timed(async () => {
    for (let i = 0; i < times; i++) await work();
  });
  return { us: roundTo3((seconds / times) * 1e6), cpu_us: roundTo3((cpu_s / times) * 1e6) };
}
