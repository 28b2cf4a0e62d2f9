import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import { findCommand, readArguments, runCommandInSystem, runCommandLine } from './command-line.ts';
import { CommandFailure, EXIT } from './command.ts';
import { commands } from './command-registry.ts';
import { Person, testConfig } from './commands/testing/test-system.ts';
import { ControlServer } from './control.ts';
import { openSystem } from './system.ts';

// A command reads the environment of whoever runs it: these are to be the same whoever runs them.
for (const name of Object.keys(process.env)) if (name.startsWith('CAMPUSMAIL_')) delete process.env[name];

async function run(words: readonly string[], cwd = '/', input = ''): Promise<Person & { exit: number }> {
  const person = new Person(cwd, input);
  const exit = await runCommandLine(words, person);
  return Object.assign(person, { exit });
}

test('help lists every command; each has help of its own that names all its options', async () => {
  for (const words of [[], ['help'], ['--help'], ['-h']]) {
    const { exit, output } = await run(words);
    assert.equal(exit, EXIT.ok);
    for (const { name } of commands) assert.match(output, new RegExp(`^ {2}${name} `, 'm'));
  }
  for (const command of commands) {
    const words = command.name.split(' ');
    const { exit, output } = await run([...words, '--help']);
    assert.equal(exit, EXIT.ok, command.name);
    assert.ok(output.startsWith(`usage: campusmail ${command.name}`));
    for (const option of Object.keys(command.options))
      assert.ok(output.includes(`--${option}`), `${command.name} --${option}`);
    for (const line of (command.details ?? '').split('\n')) assert.ok(line.length <= 79, `${command.name}: ${line}`);
    assert.equal((await run(['help', ...words])).output, output);
  }
});

test('names are unique, and a longer one wins over its beginning', () => {
  const names = commands.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(findCommand(['doctor', 'store']).name, 'doctor store');
  assert.equal(findCommand(['doctor', '--json']).name, 'doctor');
  assert.equal(findCommand(['account', 'import', 'x.csv']).name, 'account import');
});

test('a command that does not exist: the nearest is named', async () => {
  const typo = await run(['acount', 'create', 'x']);
  assert.equal(typo.exit, EXIT.usage);
  assert.match(typo.errors, /there is no command "acount"; did you mean "account create"\?/);
  assert.match((await run(['account'])).errors, /"account" wants one of: create, import, list/);
  assert.match((await run(['bakup'])).errors, /did you mean "backup"/);
  assert.match((await run(['acount'])).errors, /did you mean "account"\?/);
  assert.equal((await run(['help', 'nonsense'])).exit, EXIT.usage);
});

test('arguments: too few, too many, unknown options', () => {
  const command = findCommand(['account', 'show']);
  const fails = (words: string[], pattern: RegExp) =>
    assert.throws(
      () => readArguments(command, words),
      (error) => error instanceof CommandFailure && error.exitCode === EXIT.usage && pattern.test(error.message),
    );
  fails([], /something is missing\nusage: campusmail account show ADDRESS/);
  fails(['a', 'b'], /"b" is too much/);
  fails(['a', '--jason'], /'--jason'/);
  assert.deepEqual(readArguments(command, ['a@b.example', '--json']).positionals, ['a@b.example']);
});

test('the version; settings that are missing or wrong', async (t) => {
  assert.match((await run(['--version'])).output, /^campusmail \d+\.\d+\.\d+ \(Node 2\d\./);
  const missing = await run(['config', 'check', '--config', '/nowhere/x.toml']);
  assert.deepEqual(
    [missing.exit, missing.errors],
    [EXIT.config, 'campusmail: there is no settings file /nowhere/x.toml\n'],
  );
  const folder = mkdtempSync(join(tmpdir(), 'campusmail-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'x.toml');
  writeFileSync(path, 'hostnam = "x"\n');
  const wrong = await run(['config', 'check', '--config', path]);
  assert.equal(wrong.exit, EXIT.config);
  assert.match(wrong.errors, /there is no setting "hostnam"; did you mean "hostname"\?/);
});

test('a command opens the store itself, and runs in the server when there is one: the same answers', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'campusmail-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'data');
  const path = join(folder, 'x.toml');
  writeFileSync(path, `data_dir = ${JSON.stringify(dataDir)}\n[auth]\nargon2_memory_kib = 8\nargon2_passes = 1\n`);
  const config = ['--config', path];

  const alone = await run(['domain', 'add', 'kust.example', ...config]);
  assert.deepEqual([alone.exit, alone.output], [EXIT.ok, 'Mail for kust.example is taken from now on.\n']);
  const made = await run(
    ['account', 'create', 'li@kust.example', '--password-stdin', ...config],
    '/',
    '密码-Rosen-7\n',
  );
  assert.deepEqual([made.exit, made.errors], [EXIT.ok, '']);
  const refused = await run(['account', 'create', 'li@kust.example', ...config]);
  assert.deepEqual([refused.exit, refused.errors], [EXIT.failed, 'campusmail: li@kust.example exists already\n']);

  const system = await openSystem(testConfig(dataDir), silentLog);
  try {
    const busy = await run(['domain', 'list', ...config]);
    assert.equal(busy.exit, EXIT.unavailable);
    assert.match(busy.errors, /it does not answer on its control socket/);

    const control = new ControlServer(dataDir, (words, io) => runCommandInSystem(system, words, io), silentLog);
    await control.listen();
    const inside = await run(['account', 'show', 'li@kust.example', ...config]);
    assert.match(inside.output, /^address +li@kust\.example$/m);
    const failed = await run(['account', 'show', 'nobody@kust.example', ...config]);
    assert.equal(failed.exit, EXIT.failed);
    assert.match(failed.errors, /^campusmail: there is no account nobody@kust\.example/);
    const doctored = await run(['doctor', '--json', ...config]);
    const found = doctored.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { level: string; what: string });
    assert.ok(found.some(({ level, what }) => level === 'ok' && what === 'server'));
    assert.ok(found.some(({ level, what }) => level === 'ok' && what === 'store'));
    const kept = await run(['restore', folder, ...config]);
    assert.match(kept.errors, /is no whole backup/);
    await control.close();
  } finally {
    await system.close();
  }
});
