import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { EXIT } from '#app/command.ts';
import { openLdapServer } from '#roster/testing/ldap-server.ts';
import { makeXlsx } from '#roster/testing/lists.ts';
import { failsWith } from './testing/fails-with.ts';
import { openTestSystem } from './testing/test-system.ts';

const SETTINGS = '[roster]\ndomains = ["staff kust.example", "student stu.kust.example"]';
const HEADER = ['学号', '姓名', '院系', '入学年月', '证件号', '状态'];
const ID = '11010519491231002X';

async function openHouse(t: Parameters<typeof openTestSystem>[0]) {
  const house = await openTestSystem(t, SETTINGS);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['domain', 'add', 'stu.kust.example']);
  const write = (name: string, rows: readonly (readonly string[])[]): void =>
    writeFileSync(join(house.folder, name), makeXlsx([HEADER, ...rows]));
  return { ...house, write };
}

test('a list of people is brought in, shown, and taken back', async (t) => {
  const { run, write } = await openHouse(t);
  write('2026.xlsx', [
    ['2026001', '张三', '信息学院', '2026-09', ID, '在读'],
    ['2026002', '尉迟·雪', '信息学院', '2026-09', '', '在读'],
  ]);
  const dry = await run(['roster', 'import', '2026.xlsx', '--dry-run']);
  assert.match(dry.out, /^2 new, 0 changed, 0 left, 0 returned; 0 unchanged\.\n {2}added {2}2026001 {2}张三\n/);
  assert.match(dry.out, /1 without an identity number/);
  assert.match((await run(['roster', 'runs'])).out, /not been brought in yet/);

  assert.match((await run(['roster', 'import', '2026.xlsx', '--by', '李静'])).out, /^Run 1: 2 new, /);
  assert.match((await run(['roster', 'import', '2026.xlsx'])).out, /Nothing has changed: 2 people/);
  const shown = JSON.parse((await run(['account', 'show', '2026001@stu.kust.example', '--json'])).out);
  assert.deepEqual([shown.name, shown.stage, shown.quotaBytes], ['张三', 'pending', 10 * 1024 ** 3]);
  assert.match((await run(['account', 'show', '２０２６００１'])).out, /address +2026001@stu\.kust\.example\n/);
  await assert.rejects(run(['account', 'show', '2026009']), failsWith(EXIT.usage, /no address .* no 学号 or 工号/));
  await run(['account', 'stage', '2026002', 'active']);
  assert.equal((await run(['account', 'list', '--stage', 'pending', '--addresses'])).out, '2026001@stu.kust.example\n');
  assert.match((await run(['account', 'list'])).out, /2026001@\S+ +staff +active, pending +0/);
  await run(['account', 'stage', '2026002', 'pending']);
  await assert.rejects(run(['account', 'list', '--stage', 'new']), failsWith(EXIT.usage, /the stages are pending, /));
  assert.match((await run(['roster', 'runs'])).out, /1 +\S+ +李静 +2026\.xlsx +2 new/);
  const { out } = await run(['roster', 'show', '1']);
  assert.match(out, /SHA-256 +[0-9a-f]{64}\n/);
  assert.match(out, /added +2026002 +尉迟·雪\n/);

  const undone = await run(['roster', 'undo', '1']);
  assert.equal(undone.out, 'Run 1 is undone: 2 people as before, 2 accounts gone.\n');
  await assert.rejects(run(['account', 'show', '2026001@stu.kust.example']), failsWith(EXIT.failed, /no account/));
  await assert.rejects(run(['roster', 'undo', '1']), failsWith(EXIT.failed, /undone already/));
  await assert.rejects(run(['roster', 'show', '7']), failsWith(EXIT.failed, /no run "7"/));
});

test('errors and a list that was cut change nothing, and say what to do', async (t) => {
  const { run, write, folder } = await openHouse(t);
  const student = (i: number): readonly string[] => [`20260${i}`, '张三', '', '2026', '', '在读'];
  const everybody = Array.from({ length: 60 }, (_, i) => student(100 + i));
  write('all.xlsx', everybody);
  await run(['roster', 'import', 'all.xlsx']);
  const { err } = await run(['account', 'password', '20260100']);
  assert.match(err, /opens nothing yet: .* account stage 20260100@\S+ active\n$/);
  write('cut.xlsx', everybody.slice(0, 30));
  await assert.rejects(
    run(['roster', 'import', 'cut.xlsx']),
    failsWith(
      EXIT.failed,
      /nothing was changed: it would close 30 of 60 accounts, and one run may close 1\. Is the list/,
    ),
  );
  write('bad.xlsx', [...everybody.slice(0, 59), ['5.30102E+17', '李四', '', '', '', '']]);
  await assert.rejects(
    run(['roster', 'import', 'bad.xlsx']),
    failsWith(EXIT.failed, /nothing was changed: 1 rows have errors/),
  );
  const skipped = await run(['roster', 'import', 'bad.xlsx', '--skip-errors']);
  assert.match(skipped.err, /第 61 行 \(row 61\): 工号或学号被电子表格改成了数值/);
  assert.match(skipped.out, /Nothing has changed/, 'who is missing is not gone when the list has errors');
  assert.match((await run(['roster', 'import', 'cut.xlsx', '--force'])).out, /30 left/);
  writeFileSync(join(folder, 'other.csv'), 'a,b\n1,2\n');
  await assert.rejects(run(['roster', 'import', 'other.csv']), failsWith(EXIT.failed, /other\.csv: 找不到表头/));
  await assert.rejects(run(['roster', 'import', 'none.csv']), failsWith(EXIT.failed, /cannot read/));
});

test('no file of the server ever holds the number of an identity document, nor what is made of it', async (t) => {
  const { run, write, folder } = await openHouse(t);
  write('2026.xlsx', [['2026001', '张三', '', '2026-09', ID, '在读']]);
  const { out, err } = await run(['roster', 'import', '2026.xlsx']);
  const files = readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, 'data', name))
    .filter((path) => statSync(path).isFile());
  assert.ok(files.length > 2);
  const kept = Buffer.concat([...files.map((path) => readFileSync(path)), Buffer.from(out + err)]);
  assert.ok(kept.includes('2026001'), 'what is kept is looked at');
  for (const secret of [ID, ID.slice(0, 17), '31002X', '31002x', 'Kust1231002X'])
    assert.ok(!kept.includes(secret), secret);
});

test('where an account stands is shown and set, and its mail held', async (t) => {
  const { run, system } = await openHouse(t);
  await run(['account', 'create', 'li@kust.example']);
  const set = await run(['account', 'stage', 'li@kust.example', 'receive-only']);
  assert.match(set.out, /stage +receive-only\nleft +no\nheld +no\n/);
  assert.match((await run(['account', 'hold', 'li@kust.example', '审计 2026-17'])).out, /held +审计 2026-17\n/);
  assert.match((await run(['account', 'hold', 'li@kust.example', '--off'])).out, /held +no\n/);
  await assert.rejects(run(['account', 'hold', 'li@kust.example']), failsWith(EXIT.usage, /say why/));
  await assert.rejects(run(['account', 'stage', 'li@kust.example', 'gone']), failsWith(EXIT.usage, /the stages are/));
  assert.equal((await system.directory.account(1 as never))?.stage, 'receive-only');
});

test('people are pulled by LDAP, all of them or what was changed', async (t) => {
  const server = await openLdapServer(
    Array.from({ length: 3 }, (_, i) => ({ uid: `2026${i}`, cn: '张三', employeeType: 'student', ou: '信息学院' })),
    '口令',
  );
  t.after(() => server.close());
  const ldap = `${SETTINGS}\nldap_url = "${server.url}"\nldap_bind_dn = "cn=mail"\nldap_password = "口令"`;
  const { run } = await openTestSystem(t, ldap);
  await assert.rejects((await openHouse(t)).run(['roster', 'pull']), failsWith(EXIT.failed, /set roster\.ldap_url/));
  await run(['domain', 'add', 'stu.kust.example']);
  assert.match((await run(['roster', 'pull'])).out, /^Run 1: 3 new, /);
  assert.match((await run(['roster', 'pull', '--since', '2026-09-16'])).out, /Nothing has changed/);
  assert.match((await run(['roster', 'runs'])).out, /ldap:\/\/127\.0\.0\.1/);
  await server.close();
  await assert.rejects(run(['roster', 'pull']), failsWith(EXIT.failed, /LDAP server did not answer/));
});

test('a mailbox of before the roster becomes that of a person', async (t) => {
  const { run, write } = await openHouse(t);
  await run(['account', 'create', 'zhang@kust.example']);
  write('2026.xlsx', [['2026001', '张三', '信息学院', '2026-09', ID, '毕业']]);
  await run(['roster', 'import', '2026.xlsx']);
  assert.match((await run(['person', 'show', '２０２６００１'])).out, /name +张三\n(?:.*\n)+mailbox +none\n/);
  const linked = await run(['person', 'link', '2026001', 'zhang@kust.example']);
  assert.match(linked.out, /mailbox +zhang@kust\.example\n/);
  const { addresses } = JSON.parse((await run(['account', 'show', 'zhang@kust.example', '--json'])).out);
  assert.deepEqual(addresses, ['zhang@kust.example', '2026001@stu.kust.example']);
  assert.match((await run(['account', 'stage', 'zhang@kust.example'])).out, /left +20/);
  await assert.rejects(run(['person', 'show', '7']), failsWith(EXIT.failed, /nobody of the roster/));
});

test('a token of SCIM is shown once, and good until it is removed', async (t) => {
  const { run } = await openHouse(t);
  const { out } = await run(['scim', 'token', 'create', '门户']);
  assert.match(out, /^[a-z2-7]{52}\n$/);
  await assert.rejects(run(['scim', 'token', 'create', '门户']), failsWith(EXIT.failed, /there is a token/));
  await assert.rejects(run(['scim', 'token', 'create', 'a b']), failsWith(EXIT.usage, /letters/));
  assert.match((await run(['scim', 'token', 'list'])).out, /^门户 +20/);
  assert.match((await run(['scim', 'token', 'remove', '门户'])).out, /good for nothing/);
  await assert.rejects(run(['scim', 'token', 'remove', '门户']), failsWith(EXIT.failed, /no token/));
  assert.match((await run(['scim', 'token', 'list'])).out, /no tokens/);
});
