/**
 * domain.md T1 and T2 from the list to the form: what the academic office hands in as a table is what a student proves with,
 * and nothing in between keeps the number of the identity card.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTestSystem } from '#app/commands/testing/test-system.ts';
import { makeXlsx } from '#roster/testing/lists.ts';

const SETTINGS = '[roster]\ndomains = ["student stu.kust.example"]';
const ID = '11010519491231002X';

test('the initial password follows from the row, by year of enrolment', async (t) => {
  const { run, system, folder } = await openTestSystem(t, SETTINGS);
  await run(['domain', 'add', 'stu.kust.example']);
  const rows = [
    ['学号', '姓名', '入学年份', '证件号'],
    ['2023001', '张三', '2023级', ID],
    ['2022001', '李四', '2022', ID.toLowerCase()],
    ['2024001', '王五', '202409', ID],
  ];
  writeFileSync(join(folder, 'students.xlsx'), makeXlsx(rows));
  await run(['roster', 'import', 'students.xlsx']);
  const opens = async (number: string, password: string): Promise<number | string> => {
    const login = `${number}@stu.kust.example`;
    const source = { protocol: 'http', remoteAddress: '127.0.0.1', setsPassword: true } as const;
    const result = await system.directory.signIn({ login, password, ...source });
    return result.ok ? system.directory.matchInitial(result.accountId, password) : result.reason;
  };
  // T1: either form (A1), which of them can be told, and X in either size.
  assert.equal(await opens('2023001', 'Kust1231002X'), 0);
  assert.equal(await opens('2023001', 'Kust1231002x'), 0);
  assert.equal(await opens('2023001', 'kust31002X'), 1);
  // T2: before, the form of then alone.
  assert.equal(await opens('2022001', 'kust31002X'), 0);
  assert.equal(await opens('2022001', 'Kust1231002X'), 'invalidCredentials');
  // After the year of the change, the new form alone.
  assert.equal(await opens('2024001', 'Kust1231002X'), 0);
  assert.equal(await opens('2024001', 'kust31002X'), 'invalidCredentials');
  // Before activation it opens nothing else.
  const account = await system.directory.findPerson('2023001');
  assert.equal((await system.directory.account(account?.accountId ?? (0 as never)))?.stage, 'pending');
});
