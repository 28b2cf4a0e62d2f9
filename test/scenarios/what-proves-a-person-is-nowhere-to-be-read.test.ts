/**
 * domain.md §5.4, S-13: what a roster, an activation and what is set up afterwards bring along that proves who somebody
 * is, is in no file of ours in the clear: neither in a database and its journals nor in the log at its most talkative.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openFakeVendors, type FakeVendors } from '#sms/testing/fake-vendors.ts';
import { identityNumber } from '#roster/testing/lists.ts';
import { Pool } from '#store/postgres/connection.ts';
import { ImapTestClient } from '#test/harness/line-client.ts';
import { makeTemplate, startPostgres, TEMPLATE, type PostgresServer } from '#test/harness/postgres.ts';
import { mustRun, startServerProcess, temporaryFolder } from '#test/harness/server-process.ts';
import { Visitor } from '#test/harness/visitor.ts';

const DOMAIN = 'stu.kust.example';
const ID = identityNumber(417);
const INITIAL = `Kust${ID.slice(-8)}`;
const PHONE = '13800917264';
const PASSWORD = 'Quiet-Heron-Harbour7';
const CHANGED = 'Loud-Cedar-Mountain9';
/** People type it where their name belongs, now and then. */
const TYPED_AS_LOGIN = 'Misplaced-Walnut-Window3';
const GUESSED = 'Wrong-Pebble-Garden5';

describe('what proves a person is nowhere to be read', { concurrency: false }, () => {
  let vendors: FakeVendors;
  before(async () => {
    vendors = await openFakeVendors();
  });
  after(() => vendors.close());

  test('in the embedded store', async () => {
    await using folder = await temporaryFolder();
    const { secrets, log } = await live(folder.path, vendors, {});
    await examine([folder.path], secrets, log);
  });

  test('on PostgreSQL, its journals among that', async () => {
    const postgres: PostgresServer = await startPostgres();
    try {
      await makeTemplate(postgres.url('postgres'), postgres.url(TEMPLATE));
      const admin = new Pool(postgres.url('postgres'), { connections: 1 });
      await admin.sql.unsafe(`CREATE DATABASE campus TEMPLATE ${TEMPLATE}`);
      await admin.end(1);
      await using folder = await temporaryFolder();
      const url = postgres.url('campus');
      const { secrets, log } = await live(folder.path, vendors, { CAMPUSMAIL_STORE_URL: url });
      await postgres.stop();
      const database = new URL(url).searchParams.get('host') ?? '';
      await examine([folder.path, database], secrets, log);
    } finally {
      await postgres.close();
    }
  });
});

interface Lived {
  /** By what they are. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly log: string;
}

/** A freshman's first days, and a run of the roster that is taken back. */
async function live(dataDir: string, vendors: FakeVendors, more: Readonly<Record<string, string>>): Promise<Lived> {
  const settings = { ...settingsFor(vendors), ...more };
  const secrets = new Map([
    ['identity number', ID],
    ['first password', INITIAL],
    ['telephone', PHONE],
    ['password', PASSWORD],
    ['password after that', CHANGED],
    ['password typed as a name', TYPED_AS_LOGIN],
    ['guess', GUESSED],
  ]);
  await mustRun(dataDir, ['domain', 'add', DOMAIN], settings);
  // Outside of the data: what is brought in is its owner's to keep.
  await using desk = await temporaryFolder();
  const bringIn = async (name: string, row: string): Promise<string> => {
    const list = join(desk.path, name);
    await writeFile(list, `学号,姓名,入学年份,证件号,手机\n${row}\n`);
    return mustRun(dataDir, ['roster', 'import', list, '--partial'], settings);
  };
  await bringIn('one.csv', `2023001,张三,2023,${ID},${PHONE}`);
  const other = identityNumber(733);
  secrets.set('identity number of who was taken back', other);
  secrets.set('first password of who was taken back', `Kust${other.slice(-8)}`);
  await bringIn('two.csv', `2023002,李四,2023,${other},13900917265`);

  const server = await startServerProcess(dataDir, settings);
  try {
    const codeSentLast = (): string => {
      const code = /\d{6}/.exec(vendors.aliyun.sent.at(-1)?.values ?? '')?.[0] ?? assert.fail('no code was sent');
      secrets.set(`code ${vendors.aliyun.sent.length}`, code);
      return code;
    };
    const base = `http://127.0.0.1:${server.ports['http']}`;
    const student = new Visitor(base);
    const right = { number: '2023001', name: '张三', password: INITIAL };
    await student.begin({ ...right, password: GUESSED, captcha: await student.captcha() });
    assert.equal((await student.begin({ ...right, captcha: await student.captcha() })).status, 200);
    assert.equal((await student.post('/activation/code', { phone: PHONE })).status, 200);
    assert.equal((await student.post('/activation/phone', { phone: PHONE, code: codeSentLast() })).status, 200);
    assert.equal((await student.post('/activation/finish', { alias: 'zhang.san', password: PASSWORD })).status, 200);

    const remember = (name: string, said: unknown): string => {
      assert.ok(typeof said === 'string' && said !== '', name);
      secrets.set(name, said);
      return said;
    };
    const client = await student.post('/auth/security/client-passwords', { name: '手机', scopes: ['imap'] });
    const clientPassword = remember('client password', client.body['password']);
    secrets.set('client password, plain', clientPassword.replaceAll('-', ''));
    (await ImapTestClient.open(server.ports['imap'] as number, `zhang.san@${DOMAIN}`, clientPassword)).close();
    remember('secret of an app', (await student.post('/auth/security/totp/begin')).body['secret']);
    for (const [name, value] of student.cookies) secrets.set(`cookie ${name}`, value.split('.').at(-1) ?? '');

    const stranger = new Visitor(base);
    await stranger.post('/auth/sign-in', { login: TYPED_AS_LOGIN, password: GUESSED });
    await stranger.post('/auth/sign-in', { login: '2023001', password: GUESSED });
    await stranger.post('/recovery/begin', { login: 'zhang.san', captcha: await stranger.captcha() });
    // No second code goes to one number within a minute; the way back has its row all the same.
    await stranger.post('/recovery/code');
    const changed = await student.post('/auth/password', { password: PASSWORD, newPassword: CHANGED });
    assert.equal(changed.status, 200);

    await mustRun(dataDir, ['roster', 'undo', '2'], settings);
    assert.equal(await server.stop(), 0);
  } finally {
    await server.kill();
  }
  return { secrets, log: server.log() };
}

function settingsFor({ aliyunSettings }: FakeVendors): Readonly<Record<string, string>> {
  return {
    CAMPUSMAIL_ROSTER_DOMAINS: `student ${DOMAIN}`,
    CAMPUSMAIL_AUTH_DEFAULT_DOMAIN: DOMAIN,
    CAMPUSMAIL_LOG_LEVEL: 'debug',
    CAMPUSMAIL_SMS_VENDORS: 'aliyun',
    CAMPUSMAIL_SMS_ALIYUN_ENDPOINT: `http://${aliyunSettings.endpoint}`,
    CAMPUSMAIL_SMS_ALIYUN_KEY_ID: aliyunSettings.accessKeyId,
    CAMPUSMAIL_SMS_ALIYUN_KEY_SECRET: aliyunSettings.accessKeySecret,
    CAMPUSMAIL_SMS_ALIYUN_SIGN_NAME: aliyunSettings.signName,
    CAMPUSMAIL_SMS_ALIYUN_TEMPLATE_CODE: aliyunSettings.templates.code ?? '',
  };
}

async function examine(folders: readonly string[], secrets: Lived['secrets'], log: string): Promise<void> {
  const found: string[] = [];
  let hasSeenAlias = false;
  const look = (place: string, text: string): void => {
    hasSeenAlias ||= text.includes('zhang.san');
    for (const [name, secret] of secrets) if (holds(text, secret)) found.push(`${name} in ${place}`);
  };
  look('the log', log);
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      look(path.slice(folder.length), (await readFile(path)).toString('latin1'));
    }
  }
  assert.equal(hasSeenAlias, true, 'what may be read was looked at');
  assert.deepEqual(found, []);
}

/** As it is, in letters of another size, or in hexadecimal. A number of six digits counts where it stands alone. */
function holds(text: string, secret: string): boolean {
  if (/^\d{6}$/.test(secret)) return new RegExp(`(?<!\\d)${secret}(?!\\d)`).test(text);
  const hex = Buffer.from(secret).toString('hex');
  return [secret, secret.toLowerCase(), hex, hex.toUpperCase()].some((form) => text.includes(form));
}
