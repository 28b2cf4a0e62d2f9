import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type TestContext } from 'node:test';
import { silentLog } from '#base/log.ts';
import { EXIT, type CommandIo } from './command.ts';
import { Person } from './commands/testing/test-system.ts';
import { ControlServer, controlPath, isServerRunning, readStream, runByControl } from './control.ts';

type Run = (words: readonly string[], io: CommandIo) => Promise<number>;

async function serve(t: TestContext, run: Run): Promise<{ dataDir: string; server: ControlServer }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'campusmail-'));
  const server = new ControlServer(dataDir, run, silentLog);
  await server.listen();
  t.after(async () => {
    await server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { dataDir, server };
}

test('a command runs in the server: words, folder, output, errors, progress, exit code', async (t) => {
  const { dataDir } = await serve(t, async (words, io) => {
    io.progress('half');
    io.out(`${words.join('|')} in ${io.cwd}\n`);
    io.err('归档 & Résumé\n');
    return 7;
  });
  const person = new Person('/somewhere');
  assert.equal(await runByControl(dataDir, ['account', 'create', '李\n'], person), 7);
  assert.equal(person.output, 'account|create|李\n in /somewhere\n');
  assert.equal(person.errors, '归档 & Résumé\n');
  assert.deepEqual(person.shown, ['half']);
  assert.equal(await isServerRunning(dataDir), true);
  assert.equal(statSync(controlPath(dataDir)).mode & 0o777, 0o600);
});

test('standard input crosses the socket when the command asks for it', async (t) => {
  const { dataDir } = await serve(t, async (_words, io) => {
    io.out(await io.readInput());
    return EXIT.ok;
  });
  const person = new Person('/', `密码\n${'x'.repeat(200_000)}`);
  await runByControl(dataDir, ['x'], person);
  assert.equal(person.output, `密码\n${'x'.repeat(200_000)}`);
});

test('input that cannot be read ends the command, not the program', async (t) => {
  const { dataDir } = await serve(t, async (_words, io) => {
    await io.readInput();
    return EXIT.ok;
  });
  const person = new Person('/');
  person.readInput = () => Promise.reject(new Error('too long'));
  assert.equal(await runByControl(dataDir, ['x'], person), EXIT.unavailable);
  assert.match(person.errors, /cannot read standard input: too long/);
});

test('without a server, or with what a dead one left, there is no answer', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'campusmail-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  assert.equal(await runByControl(dataDir, ['x'], new Person('/')), undefined);
  writeFileSync(controlPath(dataDir), '');
  assert.equal(await runByControl(dataDir, ['x'], new Person('/')), undefined);
  assert.equal(await isServerRunning(dataDir), false);
  // The next server takes its place.
  const server = new ControlServer(dataDir, async () => EXIT.ok, silentLog);
  await server.listen();
  assert.equal(await runByControl(dataDir, ['x'], new Person('/')), EXIT.ok);
  await server.close();
  assert.equal(existsSync(controlPath(dataDir)), false);
});

test('whoever gives up stops the command in the server', async (t) => {
  const person = new Person('/');
  const stopped = Promise.withResolvers<void>();
  const { dataDir } = await serve(t, async (_words, io) => {
    const isAborted = new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve()));
    io.out('begun\n');
    await isAborted;
    stopped.resolve();
    return EXIT.failed;
  });
  person.out = () => person.giveUp();
  assert.equal(await runByControl(dataDir, ['x'], person), EXIT.unavailable);
  await stopped.promise;
});

test('a server that ends tells its commands to stop, and does not wait for idle connections', async (t) => {
  const { dataDir, server } = await serve(t, async (_words, io) => {
    io.out('begun\n');
    await new Promise<void>((resolve) => io.signal.addEventListener('abort', () => resolve()));
    return 5;
  });
  const idle = connect(controlPath(dataDir));
  idle.on('error', () => undefined);
  await new Promise<void>((resolve) => idle.once('connect', resolve));
  const person = new Person('/');
  person.out = () => void server.close();
  assert.equal(await runByControl(dataDir, ['x'], person), 5);
});

test('what is no request is cut off; nonsense beside a running command is ignored', async (t) => {
  const go = Promise.withResolvers<number>();
  const { dataDir } = await serve(t, () => go.promise);
  const send = async (text: string): Promise<string> => {
    const socket = connect(controlPath(dataDir));
    socket.on('error', () => undefined);
    socket.write(text);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  };
  for (const text of ['x\n', '{}\n', '{"words":[1],"cwd":"/"}\n', 'null\n']) assert.equal(await send(text), '');
  const answer = send('{"words":[],"cwd":"/"}\nnull\nx\n{"input":1}\n');
  go.resolve(3);
  assert.equal(await answer, '{"exit":3}\n');
});

test('a command that breaks answers with a failure and leaves the server running', async (t) => {
  const { dataDir } = await serve(t, () => Promise.reject(new Error('bug')));
  assert.equal(await runByControl(dataDir, ['x'], new Person('/')), EXIT.failed);
  assert.equal(await isServerRunning(dataDir), true);
});

test('standard input has a limit', async () => {
  const chunks = [Buffer.from('密').subarray(0, 1), Buffer.from('密').subarray(1)];
  assert.equal(await readStream(Readable.from(chunks)), '密');
  await assert.rejects(readStream(Readable.from([Buffer.alloc(1_100_000)])), /longer than/);
});
