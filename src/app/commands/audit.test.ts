import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommandInSystem } from '#app/command-line.ts';
import { openTestSystem, Person } from './testing/test-system.ts';

test('what commands change is written down, with who ran them and without secrets', async (t) => {
  const house = await openTestSystem(t);
  const operate = async (...words: string[]): Promise<number> => {
    const person = new Person(house.folder);
    return runCommandInSystem(house.system, words, Object.assign(person, { operator: 'wang' }));
  };
  assert.equal(await operate('domain', 'add', 'kust.example'), 0);
  assert.equal(await operate('account', 'create', 'li@kust.example', '--password', 'Nicht-zu-raten-7'), 0);
  assert.equal(await operate('account', 'list'), 0);
  assert.equal(await operate('account', 'disable', '#99'), 1);
  const list = await house.run(['audit', 'list', '--action', 'administration.command', '--json']);
  const entries = list.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { actor: unknown; subject: string; detail: Record<string, string> });
  assert.deepEqual(
    entries.map(({ subject, detail }) => [subject, detail['words'], detail['outcome']]),
    [
      ['account disable', '#99', 'there is no account #99 (campusmail account list shows them)'],
      ['account create', 'li@kust.example --password …', 'ok'],
      ['domain add', 'kust.example', 'ok'],
    ],
  );
  assert.deepEqual(entries[0]?.actor, { kind: 'operator', name: 'wang' });

  // What was done to an account is found by it, wherever the command names it, with the reasons that were given.
  assert.equal(await operate('account', 'hold', 'li@kust.example', '公安机关调证'), 0);
  assert.equal(await operate('alias', 'choose', 'Li.Na', 'li@kust.example'), 0);
  const about = await house.run(['audit', 'list', '--account', 'li.na@kust.example']);
  assert.match(about.out, /alias choose .* words=Li\.Na li@kust\.example outcome=ok\n/);
  assert.match(about.out, /account hold .* words=li@kust\.example 公安机关调证 outcome=ok\n/);
});

test('sign-ins are listed by account, and the whole is exported for people and for programs', async (t) => {
  const house = await openTestSystem(t);
  await house.run(['domain', 'add', 'kust.example']);
  await house.run(['account', 'create', '=li@kust.example', '--password', 'Nicht-zu-raten-7']);
  const { directory } = house.system;
  const source = { protocol: 'imap', remoteAddress: '192.0.2.9' } as const;
  await directory.signIn({ ...source, login: '=li@kust.example', password: 'Nicht-zu-raten-7' });
  await directory.signIn({ ...source, login: '=li@kust.example', password: 'falsch' });
  await directory.signIn({ ...source, login: 'mein-geheimes-wort', password: '' });
  const list = await house.run(['audit', 'list', '--account', '=li@kust.example']);
  assert.match(list.out, /sign-in\.refused .*imap +192\.0\.2\.9 +reason=invalidCredentials\n.*sign-in\.accepted/);
  assert.doesNotMatch((await house.run(['audit', 'list'])).out, /geheimes/);

  assert.equal((await house.run(['audit', 'export', 'all.jsonl'])).exit, 0);
  const lines = readFileSync(join(house.folder, 'all.jsonl'), 'utf8').trim().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { action: string }).action),
    ['administration.domain', 'identity.account-created', 'sign-in.accepted', 'sign-in.refused', 'sign-in.refused'],
  );
  await house.run(['audit', 'export', 'all.csv', '--csv']);
  assert.match(
    readFileSync(join(house.folder, 'all.csv'), 'utf8'),
    /^\uFEFF"seq",.*\r\n"1",.*\r\n"2",.*"'=li@kust\.example"/,
  );
  await assert.rejects(house.run(['audit', 'export', 'all.csv']), /there already/);
});
