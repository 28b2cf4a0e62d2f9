/** Other people's programs, run by tests: whether one is installed, and what it says. */
import { spawn, spawnSync } from 'node:child_process';
import { connect as connectTls } from 'node:tls';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** `skip` of a test that needs all of them: a reason, or false. */
export function skipWithout(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => !isInstalled(program));
  return missing.length === 0 ? false : `not installed: ${missing.join(', ')}`;
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

/** `skip` of a test that needs Python 3 of at least this minor version. */
export function skipWithoutPython(): string | false {
  const { status } = spawnSync('python3', ['-c', 'import imaplib, poplib, smtplib, ssl'], { timeout: 20_000 });
  return status === 0 ? false : 'not installed: python3 with its mail modules';
}

export interface ProgramResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
}

/** Runs a program to its end; kills it, and answers with code null, when it takes too long. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
  const { cwd, env = {}, input = '', timeoutMs = 30_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', TERM: 'dumb', HOME: cwd ?? '/nonexistent', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out, err });
    });
    // A program that reads nothing closes its side early.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** As runProgram, and throws with everything it said unless it ends with 0. */
export async function mustRunProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProgramResult> {
  const result = await runProgram(program, args, options);
  if (result.code === 0) return result;
  throw new Error(`${program} ${args.join(' ')} ended with ${result.code}\n${result.out}\n${result.err}`);
}

/** The certificate that a TLS listener on loopback shows, PEM. */
export function fetchCertificate(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const der = socket.getPeerCertificate().raw;
      socket.destroy();
      const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
      resolve(`-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`);
    });
    socket.once('error', reject);
  });
}
