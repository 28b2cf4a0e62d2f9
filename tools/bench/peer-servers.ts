/**
 * Postfix with Dovecot beside us, by the scripts in PEERS_DIR: whether they are there, starting and stopping them,
 * and running the scripts' load against any server.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ImapLoad } from './clients.ts';
import {
  announcementPrefix,
  ANNOUNCEMENT_RECIPIENTS,
  FILLED,
  IDLE_CONNECTIONS,
  PASSWORD,
  SMTP_CONNECTIONS,
  smtpBase,
  type FilledUser,
  type RunShape,
} from './names.ts';

export const PEER_LABEL = 'sdbox';

/** Mailboxes that the peers' generator fills, the same in both servers. */
const FILLED_ALIKE: readonly FilledUser[] = ['m1k', 'm50k'];

/** A line of the peers' servers.conf. */
export interface ServerLine {
  readonly label: string;
  readonly smtp: number;
  readonly imap: number;
  readonly imaps: number;
  readonly pop3: number;
  readonly lmtp: number;
  /** Accounting groups, comma separated. */
  readonly groups: string;
  /** Absolute, comma separated. */
  readonly data: string;
}

export class Peers {
  readonly #scripts: string;
  readonly #state: string;
  readonly #logFile: string;
  readonly line: ServerLine;
  readonly #startCommands: readonly (readonly string[])[];
  readonly #stopCommands: readonly (readonly string[])[];

  private constructor(scripts: string, state: string, logFile: string) {
    this.#scripts = scripts;
    this.#state = state;
    this.#logFile = logFile;
    const text = readFileSync(join(scripts, 'servers.conf'), 'utf8');
    const words = text
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find((fields) => fields[0] === PEER_LABEL);
    if (words === undefined) throw new Error(`servers.conf has no line for ${PEER_LABEL}`);
    const [label, smtp, imap, imaps, pop3, lmtp, groups, data, start, stop] = words as [string, ...string[]];
    this.line = {
      label,
      smtp: Number(smtp),
      imap: Number(imap),
      imaps: Number(imaps),
      pop3: Number(pop3),
      lmtp: Number(lmtp),
      groups: groups ?? '',
      data: (data ?? '')
        .split(',')
        .map((folder) => (folder.startsWith('/') ? folder : join(state, 'data', folder)))
        .join(','),
    };
    this.#startCommands = splitCommands(start);
    this.#stopCommands = splitCommands(stop);
  }

  /** A sentence instead when they cannot be had. `state`: the scripts' own folder, `$PEERS`. `logFile`: what they print. */
  static find(scripts: string | undefined, state: string, logFile: string): Peers | string {
    if (scripts === undefined) return 'no folder of peers’ scripts was given (--peers DIR or PEERS_DIR)';
    for (const file of ['servers.conf', 'bench-smtp.py', 'bench-announce.py', 'bench-imap.py', 'bench-idle.py']) {
      if (!existsSync(join(scripts, file))) return `the peers’ folder lacks ${file}`;
    }
    for (const program of ['postfix', 'dovecot', 'smtp-source', 'python3']) {
      if (!isInstalled(program)) return `${program} is not installed (the peers’ install.sh does it)`;
    }
    if (!existsSync(join(state, 'smtpgen'))) return 'the peers’ load generators are not built (install.sh does it)';
    return new Peers(scripts, state, logFile);
  }

  async start(): Promise<void> {
    // An interrupted run may have left them running.
    await this.stop();
    for (const command of this.#startCommands) await this.#script(command);
  }

  async stop(): Promise<void> {
    // A script that finds nothing to stop says so with its exit code.
    for (const command of this.#stopCommands) await this.#script(command).catch(() => undefined);
  }

  async #script([program, ...words]: readonly string[]): Promise<void> {
    if (program === undefined) return;
    const file = program.startsWith('/') ? program : join(this.#scripts, program);
    const { code } = await this.#run(file, words);
    if (code !== 0) throw new Error(`${program} ended with ${code}`);
  }

  /** Fills a mailbox with the peers' campus mail unless it is full. False: their generator does not make this one. */
  async fill(user: FilledUser, imapPort: number): Promise<boolean> {
    if (!FILLED_ALIKE.includes(user)) return false;
    const imap = await ImapLoad.open(imapPort, user);
    const there = await imap.count().catch(() => 0);
    imap.close();
    const missing = FILLED[user] - there;
    if (missing > 0) {
      await promisify(execFile)(process.execPath, [
        join(this.#scripts, 'fill-mailbox.mjs'),
        '127.0.0.1',
        String(imapPort),
        user,
        PASSWORD,
        'INBOX',
        String(missing),
        String(there),
      ]);
    }
    return true;
  }

  async fillOwn(): Promise<void> {
    for (const user of FILLED_ALIKE) await this.fill(user, this.line.imap);
  }

  #server(line: ServerLine, runs: number, out: string): string[] {
    const ports = ['smtp', 'imap', 'imaps', 'pop3'] as const;
    return [
      '--label',
      line.label,
      '--cg',
      line.groups,
      '--runs',
      String(runs),
      '--out',
      out,
      ...ports.flatMap((name) => [`--${name}`, String(line[name])]),
    ];
  }

  smtp(line: ServerLine, shape: RunShape, round: number, out: string): Promise<void> {
    return this.#load('bench-smtp.py', [
      ...this.#server(line, shape.runs, out),
      '--conns',
      SMTP_CONNECTIONS.join(','),
      '--base',
      smtpBase(shape, round),
    ]);
  }

  announcement(line: ServerLine, shape: RunShape, round: number, out: string): Promise<void> {
    return this.#load('bench-announce.py', [
      ...this.#server(line, announcementRuns(shape), out),
      '--data',
      line.data,
      '--recipients',
      String(ANNOUNCEMENT_RECIPIENTS),
      '--prefix',
      announcementPrefix(shape, round),
      '--idle-cmd',
      this.#isQueueEmpty(line),
    ]);
  }

  /** Delivered means that Postfix's queue has nothing left for us. */
  #isQueueEmpty(line: ServerLine): string {
    const settings = join(this.#state, 'etc', `postfix-${line.label}`);
    return existsSync(settings) ? `! postqueue -c ${settings} -p 2>/dev/null | grep -q @bench` : '';
  }

  imap(line: ServerLine, shape: RunShape, out: string): Promise<void> {
    const server = this.#server(line, shape.runs, out);
    return this.#load('bench-imap.py', [...server, '--users', FILLED_ALIKE.join(','), '--only', 'login,fetch']);
  }

  idleLatency(line: ServerLine, shape: RunShape, out: string): Promise<void> {
    return this.#load('bench-idle.py', [...this.#server(line, shape.runs, out), '--only', 'latency']);
  }

  idleMemory(line: ServerLine, out: string): Promise<void> {
    const levels = `0,${IDLE_CONNECTIONS}`;
    return this.#load('bench-idle.py', [...this.#server(line, 1, out), '--only', 'memory', '--levels', levels]);
  }

  async #load(script: string, words: readonly string[]): Promise<void> {
    const { code, printed } = await this.#run('python3', [join(this.#scripts, script), ...words]);
    if (code !== 0) throw new Error(`${script} ended with ${code}: ${printed.slice(-1_000)}`);
    // A script goes on after what it could not measure.
    const trouble = printed.split('\n').find((line) => /incomplete [1-9]|"error"|"err": "/.test(line));
    if (trouble !== undefined) throw new Error(`${script}: ${trouble}`);
  }

  /** Writes what it prints to the log: a server that it starts lives on, and must not hold a pipe of ours. */
  async #run(
    file: string,
    words: readonly string[],
  ): Promise<{ readonly code: number | null; readonly printed: string }> {
    const log = openSync(this.#logFile, 'a');
    try {
      const from = fstatSync(log).size;
      const child = spawn(file, words, {
        env: { ...process.env, PEERS: this.#state, PYTHONDONTWRITEBYTECODE: '1' },
        stdio: ['ignore', log, log],
      });
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', resolve);
      });
      return { code, printed: readFileSync(this.#logFile).subarray(from).toString() };
    } finally {
      closeSync(log);
    }
  }
}

/** Announcements after the first, which is one more. With one alone the script takes first contact for the figure itself. */
export function announcementRuns({ runs }: RunShape): number {
  return Math.max(2, runs);
}

function splitCommands(text = ''): string[][] {
  return text.split(';').map((command) => command.split('_'));
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
