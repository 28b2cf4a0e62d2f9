/** A real campusmail process for tests: started as an operator would, on ports of its own choosing, in a folder of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const READY = /^campusmail ready/;

export interface ServerProcess {
  readonly dataDir: string;
  /** What it says once it is ready: `host:port (name)` each. */
  readonly listeners: string;
  /** Port by listener name. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whatever it wrote to standard error so far. */
  log(): string;
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

/** Settings of the test server, as CAMPUSMAIL_… variables. Password hashes are cheap: what is tested is not argon2. */
export function testEnvironment(dataDir: string, settings: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const listen = '127.0.0.1:0';
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    CAMPUSMAIL_DATA_DIR: dataDir,
    CAMPUSMAIL_HOSTNAME: 'mail.kust.example',
    CAMPUSMAIL_LISTEN_SMTP: listen,
    CAMPUSMAIL_LISTEN_LMTP: listen,
    CAMPUSMAIL_LISTEN_IMAP: listen,
    CAMPUSMAIL_LISTEN_IMAPS: listen,
    CAMPUSMAIL_LISTEN_POP3: listen,
    CAMPUSMAIL_LISTEN_POP3S: listen,
    CAMPUSMAIL_LISTEN_HTTP: listen,
    CAMPUSMAIL_AUTH_PLAINTEXT_ON_LOOPBACK: 'true',
    CAMPUSMAIL_AUTH_ARGON2_MEMORY_KIB: '8',
    CAMPUSMAIL_AUTH_ARGON2_PASSES: '1',
    CAMPUSMAIL_LOG_LEVEL: 'warn',
    ...settings,
  };
}

/** Starts `campusmail serve` and waits until it is ready. Rejects with its standard error when it ends instead. */
export async function startServerProcess(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'serve'], {
    env: testEnvironment(dataDir, settings),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = new Promise<number | null>((resolve) => void child.once('exit', (code) => resolve(code)));
  const line = await Promise.race([
    firstLine(child),
    exited.then((code) => {
      throw new Error(`the server ended with ${code} before it was ready:\n${log}`);
    }),
  ]);
  return {
    dataDir,
    listeners: line,
    ports: Object.fromEntries(
      Array.from(line.matchAll(/:(\d+) \((\w+)\)/g), ([, port, name]) => [name as string, Number(port)]),
    ),
    log: () => log,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (child.stdout === null) throw new Error('no standard output');
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      if (READY.test(line)) resolve(line);
    });
  });
}

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `campusmail WORDS…` on a data folder, with or without a server there. */
export async function runCommand(
  dataDir: string,
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', MAIN, ...words],
      { env: testEnvironment(dataDir, settings), maxBuffer: 64 * 1024 * 1024 },
    );
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, out: stdout ?? '', err: stderr ?? '' };
  }
}

/** As runCommand, and throws unless it succeeds. */
export async function mustRun(
  dataDir: string,
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, out, err } = await runCommand(dataDir, words, settings);
  if (code !== 0) throw new Error(`campusmail ${words.join(' ')} ended with ${code}:\n${err}`);
  return out;
}

/** A new folder under the system's temporary one, removed by `using`'s end. */
export async function temporaryFolder(): Promise<{ readonly path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'campusmail-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Octets of memory that the server of this folder has. Linux tells; elsewhere 0. */
export function residentBytes(dataDir: string): number {
  if (!readdirSync('/').includes('proc')) return 0;
  const pid = readFileSync(join(dataDir, 'lock.pid'), 'utf8').trim();
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) * 1024;
}
