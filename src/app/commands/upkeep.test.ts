import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { CommandFailure, EXIT } from '#app/command.ts';
import { readConfig } from '#app/config.ts';
import { openSystem } from '#app/system.ts';
import { silentLog } from '#base/log.ts';
import { configCheck, maskPassword } from './config-check.ts';
import { doctor } from './doctor.ts';
import { restore } from './restore.ts';
import { openTestSystem, Person, temporaryFolder, testConfig, type TestSystem } from './testing/test-system.ts';

const LI = 'li@kust.example';
const noStore = (): Promise<number> => Promise.reject(new Error('nothing runs inside'));
const isFailure = (pattern: RegExp) => (error: unknown) =>
  error instanceof CommandFailure && pattern.test(error.message);

async function fill(house: TestSystem): Promise<void> {
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', LI, '--name', '李']);
  const text = Array.from(
    { length: 3 },
    (_, i) => `From x Mon Sep 16 10:00:0${i} 2019\nSubject: letter ${i}\n\n${i}\n\n`,
  );
  writeFileSync(join(house.folder, 'in.mbox'), text.join(''));
  await house.run(['import', 'in.mbox', '--account', LI]);
}

/** One octet of the last message in the newest segment changed. */
function damage(dataDir: string): void {
  const folder = join(dataDir, 'blobs');
  const name = readdirSync(folder)
    .filter((entry) => entry.endsWith('.seg'))
    .toSorted()
    .at(-1);
  const path = join(folder, name as string);
  const octets = readFileSync(path);
  // Within the last record: zeros written ahead may follow it.
  const last = octets.findLastIndex((octet) => octet !== 0);
  octets[last - 8]! ^= 0xff;
  writeFileSync(path, octets);
}

async function restoreTo(dataDir: string, from: string, folder: string): Promise<Person> {
  const person = new Person(folder);
  const args = { positionals: [from], values: {} };
  assert.equal(await restore.run(testConfig(dataDir), args, person, noStore), EXIT.ok);
  return person;
}

test('a backup is restored as it was, and nothing is written over', async (t) => {
  const house = await openTestSystem(t);
  await fill(house);
  mkdirSync(join(house.system.config.dataDir, 'tls'));
  writeFileSync(join(house.system.config.dataDir, 'tls', 'self-signed.key'), 'key');
  assert.match((await house.run(['backup', 'copy'])).out, /^Backed up 1 account with 3 messages to /);
  await assert.rejects(house.run(['backup', 'copy']), isFailure(/is not empty; nothing is ever written over/));
  const copy = join(house.folder, 'copy');
  const manifest = JSON.parse(readFileSync(join(copy, 'manifest.json'), 'utf8'));
  const paths = manifest.files.map(({ path }: { path: string }) => path);
  for (const path of ['mail.db', 'secret.key', 'tls/self-signed.key']) assert.ok(paths.includes(path), path);
  assert.ok(paths.some((path: string) => path.startsWith('imports/')));
  assert.ok(!paths.some((path: string) => path.endsWith('-shm')));

  const dataDir = join(house.folder, 'restored');
  const person = await restoreTo(dataDir, 'copy', house.folder);
  assert.match(person.output, /^Restored 1 account with 3 messages as of /);
  const again = new Person(house.folder);
  const args = { positionals: ['copy'], values: {} };
  await assert.rejects(restore.run(testConfig(dataDir), args, again, noStore), isFailure(/is not empty/));

  const system = await openSystem(testConfig(dataDir), silentLog);
  try {
    await system.mailStore.checkInvariants();
    const accountId = (await system.directory.findAddress(LI))!.accountId;
    const account = system.mail.account(accountId);
    assert.equal((await account.status()).usedMessages, 3);
    // Uids and modSeqs given out after the backup must never meet their namesakes (RFC 9051 §2.3.1.1).
    const before = house.system.mail.account(accountId);
    for (const { path, uidValidity } of await before.mailboxes()) {
      assert.ok((await account.findMailbox(path))!.uidValidity > uidValidity, path);
    }
    assert.ok((await account.modSeq()) > (await before.modSeq()) + 1_000_000);
    assert.equal(await account.changes(await before.modSeq(), 10), undefined);
    assert.deepEqual(
      readFileSync(join(dataDir, 'secret.key')),
      readFileSync(join(house.system.config.dataDir, 'secret.key')),
    );
  } finally {
    await system.close();
  }
});

test('a backup that is damaged, not whole or of another form is not restored', async (t) => {
  const house = await openTestSystem(t);
  await fill(house);
  await house.run(['backup', 'copy']);
  const copy = join(house.folder, 'copy');
  const dataDir = join(house.folder, 'restored');
  const refuses = (pattern: RegExp) =>
    assert.rejects(
      restore.run(testConfig(dataDir), { positionals: ['copy'], values: {} }, new Person(house.folder), noStore),
      isFailure(pattern),
    );
  damage(join(copy, 'data'));
  await refuses(/the backup is damaged: blobs\/\d+\.seg is not what was saved/);
  damage(join(copy, 'data'));
  // What was left by the attempt before is no hindrance.
  assert.deepEqual(readdirSync(dataDir), ['restoring']);
  const path = join(copy, 'manifest.json');
  const manifest = readFileSync(path, 'utf8');
  writeFileSync(path, manifest.replace('"mail.db"', '"../mail.db"'));
  await refuses(/names a file outside/);
  writeFileSync(path, manifest.replace('"format": 1', '"format": 9'));
  await refuses(/of another form \(9\)/);
  rmSync(path);
  await refuses(/no whole backup/);
  writeFileSync(path, manifest);
  await restoreTo(dataDir, 'copy', house.folder);
  assert.ok(!readdirSync(dataDir).includes('restoring'));
});

test('verify names a damaged message by account, mailbox and subject', async (t) => {
  const house = await openTestSystem(t);
  await fill(house);
  const well = await house.run(['verify']);
  assert.equal(well.exit, EXIT.ok);
  assert.match(well.out, /^All 3 messages .* are whole\.\nCounts and references agree\.\n$/);
  damage(house.system.config.dataDir);
  const ill = await house.run(['verify']);
  assert.equal(ill.exit, EXIT.failed);
  assert.match(ill.out, /^ {2}li@kust\.example, INBOX: "letter 2" of 2019-09-16T10:00:02\.000Z$/m);
  const json = JSON.parse((await house.run(['verify', '--json'])).out.split('\n')[0]!);
  assert.deepEqual([json.emailsHurt, json.emails[0].address], [1, LI]);
  const checked = await house.run(['doctor', 'store']);
  assert.equal(checked.exit, EXIT.failed);
  assert.match(checked.out, /^FAIL {2}messages: 1 of 3 messages cannot be read: .*campusmail verify/m);
  damage(house.system.config.dataDir);
});

test('an export goes on past a damaged message and names it', async (t) => {
  const house = await openTestSystem(t);
  await fill(house);
  damage(house.system.config.dataDir);
  const { exit, out, err } = await house.run(['export', LI, 'out']);
  assert.equal(exit, EXIT.failed);
  assert.match(out, /^Exported 2 messages/);
  assert.match(err, /INBOX: "letter 2" of 2019-09-16/);
  damage(house.system.config.dataDir);
});

test('gc says what it did', async (t) => {
  const house = await openTestSystem(t);
  await fill(house);
  await house.run(['account', 'delete', LI, '--yes']);
  assert.match((await house.run(['gc'])).out, /^Dropped \d+ messages? that nobody had/);
  assert.equal(typeof JSON.parse((await house.run(['gc', '--json'])).out).freedBytes, 'number');
});

test('doctor store finds accounts without mailboxes and mail without an account', async (t) => {
  const house = await openTestSystem(t);
  await fill(house);
  const { directory, mail } = house.system;
  await directory.createAccount('half@kust.example', 'Rosen-und-7-Brücken');
  await mail.account(77 as never).provision();
  const { exit, out } = await house.run(['doctor', 'store', '--deep']);
  assert.equal(exit, EXIT.ok);
  assert.match(
    out,
    /^warn {2}accounts: 1 account without mailboxes: half@kust\.example\. campusmail account create half@/m,
  );
  assert.match(
    out,
    /^warn {2}accounts: mail of 1 account that no longer exist: #77\. campusmail account delete '#77' --yes/m,
  );
  assert.match(out, /^ok {4}messages: all are whole$/m);
  assert.match(out, /^ok {4}counts: /m);
});

async function runDoctor(dataDir: string, folder: string, json = false): Promise<{ exit: number; out: string }> {
  const person = new Person(folder);
  const args = { positionals: [], values: json ? { json } : {} };
  const exit = await doctor.run(testConfig(dataDir), args, person, noStore);
  return { exit, out: person.output };
}

test('doctor looks at a store that no server has open', async (t) => {
  const folder = temporaryFolder(t);
  const dataDir = join(folder, 'data');
  const before = await runDoctor(dataDir, folder);
  assert.match(before.out, /^warn {2}data_dir: .* does not exist yet\. campusmail serve makes it$/m);
  assert.doesNotMatch(before.out, /^\w+ +store/m);

  const system = await openSystem(testConfig(dataDir), silentLog);
  await system.directory.addDomain('kust.example');
  await system.close();
  chmodSync(dataDir, 0o755);
  const { out } = await runDoctor(dataDir, folder);
  assert.match(out, /^warn {2}data_dir: .* is open to others \(mode 755\)\. chmod 700/m);
  assert.match(out, /^warn {2}server: does not run/m);
  assert.match(out, /^ok {4}store: opens/m);
  assert.match(out, /^warn {2}certificate: it is self-signed/m);
  assert.match(out, /^ok {4}dns: not checked: "mail\.kust\.example" is no name of the public DNS$/m);
  const findings = (await runDoctor(dataDir, folder, true)).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; what: string });
  assert.ok(findings.some(({ level, what }) => level === 'ok' && what === 'store'));
});

test('doctor tells of a store that cannot be opened, and how to go on', async (t) => {
  const folder = temporaryFolder(t);
  const dataDir = join(folder, 'data');
  const system = await openSystem(testConfig(dataDir), silentLog);
  await system.close();
  writeFileSync(join(dataDir, 'mail.db'), Buffer.alloc(8192, 0x41));
  const broken = await runDoctor(dataDir, folder);
  assert.equal(broken.exit, EXIT.failed);
  assert.match(broken.out, /^FAIL {2}store: cannot be opened: .*campusmail restore/m);
});

test('doctor tells of a store that another process has open', async (t) => {
  const house = await openTestSystem(t);
  const busy = await runDoctor(house.system.config.dataDir, house.folder);
  assert.equal(busy.exit, EXIT.failed);
  assert.match(busy.out, /^FAIL {2}store: .*another process/im);
});

test('config check shows what is in effect, without passwords', async () => {
  const toml =
    'hostname = "mail.kust.example"\n[store]\nurl = "postgres://mail:s3cr@t@db/mail"\n[listen]\nimap = [":143"]\n';
  const config = readConfig(toml, 'x.toml', {});
  const person = new Person('/');
  await configCheck.run(config, { positionals: [], values: {} }, person, noStore);
  assert.match(person.output, /^hostname = "mail\.kust\.example" {2}# not the default; CAMPUSMAIL_HOSTNAME$/m);
  assert.match(person.output, /^imap = \["\[::\]:143"\]/m);
  assert.match(person.output, /^url = "postgres:\/\/mail:\*\*\*@db\/mail"/m);
  assert.match(person.output, /^\[limits\]\nmessage_bytes = 104857600$/m);
  assert.doesNotMatch(person.output, /s3cr/);
  const json = new Person('/');
  await configCheck.run(config, { positionals: [], values: { json: true } }, json, noStore);
  assert.equal(JSON.parse(json.output)['store.url'], 'postgres://mail:***@db/mail');
  const more = new Person('/');
  const secrets = readConfig(
    `hostname = "mail.kust.example"
[portal]
secrets = ["desk ${'s3cret'.repeat(6)}"]
[roster]
ldap_password = "s3cret"
[queue]
routes = ["* via relay.example.net:587 user=mail password=s3cret"]`,
    'x.toml',
    {},
  );
  await configCheck.run(secrets, { positionals: [], values: {} }, more, noStore);
  assert.match(more.output, /^ldap_password = "\*\*\*" {2}# not the default/m);
  assert.match(more.output, /^secrets = \[\{"name":"desk","secret":"\*\*\*"\}\]/m);
  assert.doesNotMatch(more.output, /s3cret/);
  assert.equal(maskPassword('postgres://db/mail?user=a&password=b&x=c'), 'postgres://db/mail?user=a&password=***&x=c');
  assert.equal(maskPassword('sqlite:'), 'sqlite:');
});

test('a data_dir of a restore is for its owner alone', async (t) => {
  const house = await openTestSystem(t);
  await fill(house);
  await house.run(['backup', 'copy']);
  const dataDir = join(house.folder, 'restored');
  await restoreTo(dataDir, 'copy', house.folder);
  assert.equal(statSync(join(dataDir, 'mail.db')).mode & 0o077, 0);
  assert.equal(statSync(join(dataDir, 'blobs')).mode & 0o077, 0);
});
