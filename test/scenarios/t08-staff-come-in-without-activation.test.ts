/** domain.md T8, as far as the directory decides it: staff come in without activation, and set a password first. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTestSystem } from '#app/commands/testing/test-system.ts';

const SETTINGS = '[roster]\ndomains = ["staff kust.example", "student stu.kust.example"]';
const LIST = '工号,姓名,部门,证件号\n20050012,曾国栋,信息化建设管理中心,11010519491231002X\n';

test('T8: staff come in without activation; the initial password must be changed, and is good for nothing then', async (t) => {
  const { run, system, folder } = await openTestSystem(t, SETTINGS);
  await run(['domain', 'add', 'kust.example']);
  writeFileSync(join(folder, 'staff.csv'), LIST);
  await run(['roster', 'import', 'staff.csv']);
  const { directory } = system;
  const signIn = (password: string, more: { protocol?: 'imap' | 'http'; setsPassword?: boolean } = {}) =>
    directory.signIn({ login: '20050012', password, protocol: 'http', remoteAddress: '127.0.0.1', ...more });

  // Mail that came before the first sign-in is there.
  assert.equal((await directory.resolveAddress('20050012@kust.example')).kind, 'account');
  const initial = 'Kust1231002x';
  assert.deepEqual(await signIn(initial), { ok: false, reason: 'passwordChangeRequired' });
  assert.deepEqual(await signIn(initial, { protocol: 'imap' }), { ok: false, reason: 'passwordChangeRequired' });
  const proof = await signIn(initial, { setsPassword: true });
  assert.ok(proof.ok, 'no activation stands in between');
  await directory.setPassword(proof.accountId, '湖边的七只-Heron');
  assert.equal((await signIn('湖边的七只-Heron', { protocol: 'imap' })).ok, true);
  assert.deepEqual(await signIn(initial, { setsPassword: true }), { ok: false, reason: 'invalidCredentials' });
  assert.equal((await directory.account(proof.accountId))?.stage, 'active');
});
