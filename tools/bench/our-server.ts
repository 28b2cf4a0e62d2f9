/** This server under test: its settings, its accounts, its filled mailboxes, and starting and stopping it. */
import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fillInbox } from './fill.ts';
import { DOMAIN, FILLED, PASSWORD, userNames, type FilledUser, type RunShape } from './names.ts';
import type { Target } from './target.ts';
import { watchUsage } from './usage.ts';

const PROGRAM = fileURLToPath(new URL('../../campusmail', import.meta.url));
const FILL_QUEUE = fileURLToPath(new URL('fill-queue.ts', import.meta.url));

export const OUR_LABEL = 'ours';
export const OUR_PORTS = {
  smtp: 25025,
  submission: 25587,
  imap: 25143,
  imaps: 25993,
  pop3: 25110,
  lmtp: 25024,
  http: 25080,
} as const;

/** Message sizes of mailboxes that our own generator fills. */
const FILL_BYTES: Readonly<Record<FilledUser, number>> = { m1k: 2_000, m50k: 2_000, m500k: 700 };

export interface RunningTarget extends Target {
  stop(): Promise<void>;
}

export class OurServer {
  readonly #dataDir: string;
  readonly #logFile: string;
  readonly #profileDir: string | undefined;
  readonly #settings: NodeJS.ProcessEnv;

  /** `profileDir`: where each thread leaves a CPU profile when the server stops. */
  constructor(dataDir: string, logFile: string, profileDir?: string, settings: NodeJS.ProcessEnv = {}) {
    this.#settings = settings;
    this.#dataDir = dataDir;
    this.#logFile = logFile;
    this.#profileDir = profileDir;
  }

  #environment(): NodeJS.ProcessEnv {
    const listen: NodeJS.ProcessEnv = {};
    for (const [name, port] of Object.entries(OUR_PORTS)) {
      listen[`CAMPUSMAIL_LISTEN_${name.toUpperCase()}`] = `127.0.0.1:${port}`;
    }
    return {
      ...process.env,
      ...listen,
      CAMPUSMAIL_DATA_DIR: this.#dataDir,
      CAMPUSMAIL_HOSTNAME: `mail.${DOMAIN}`,
      CAMPUSMAIL_AUTH_DEFAULT_DOMAIN: DOMAIN,
      CAMPUSMAIL_AUTH_PLAINTEXT_ON_LOOPBACK: 'true',
      CAMPUSMAIL_AUTH_LIMITS_ON_LOOPBACK: 'false',
      // The peers compare plain passwords: here too, hashing must not be what is measured.
      CAMPUSMAIL_AUTH_ARGON2_MEMORY_KIB: '8',
      CAMPUSMAIL_AUTH_ARGON2_PASSES: '1',
      CAMPUSMAIL_LOG_LEVEL: 'warn',
      ...this.#settings,
    };
  }

  /** Resolves when every listener is open. Rejects when the server ends instead; its log tells why. */
  async start(): Promise<RunningTarget> {
    const environment = this.#environment();
    if (this.#profileDir !== undefined) {
      environment['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${this.#profileDir}`;
    }
    const child = spawn(PROGRAM, ['serve'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid === undefined) throw new Error(`cannot start ${PROGRAM}`);
    const usage = watchUsage(child.pid);
    child.stderr.pipe(createWriteStream(this.#logFile, { flags: 'a' }));
    const exited = new Promise<number | null>((resolve) => void child.once('exit', (code) => resolve(code)));
    const ready = new Promise<true>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith('campusmail ready')) resolve(true);
      });
    });
    const code = await Promise.race([ready, exited]);
    if (code !== true) throw new Error(`campusmail ended with ${code}; its log is ${this.#logFile}`);
    return {
      label: OUR_LABEL,
      smtpPort: OUR_PORTS.smtp,
      imapPort: OUR_PORTS.imap,
      dataDir: this.#dataDir,
      usage,
      async stop() {
        child.kill('SIGTERM');
        await exited;
        usage.close();
      },
    };
  }

  /** Makes what a run needs, where it is not there yet. `fill` fills what it can; our own generator does the rest. */
  async prepare(
    shape: RunShape,
    workFolder: string,
    filled: readonly FilledUser[],
    fill: ((user: FilledUser, imapPort: number) => Promise<boolean>) | undefined,
  ): Promise<void> {
    const target = await this.start();
    try {
      await this.command(['domain', 'add', DOMAIN]).catch((error: unknown) => {
        if (!/exist|already/.test(String(error))) throw error;
      });
      const file = join(workFolder, 'accounts.csv');
      const lines = Array.from(userNames(shape), (user) => `${user}@${DOMAIN},${PASSWORD},Student ${user}`);
      await writeFile(file, `address,password,name\n${lines.join('\n')}\n`);
      await this.command(['account', 'import', file]);
      for (const user of filled) {
        if (fill === undefined || !(await fill(user, OUR_PORTS.imap))) {
          await fillInbox(target, user, FILLED[user], FILL_BYTES[user]);
        }
      }
    } finally {
      await target.stop();
    }
  }

  /** A command line, inside the server if it runs. */
  async command(words: readonly string[]): Promise<void> {
    await promisify(execFile)(PROGRAM, words, { env: this.#environment(), maxBuffer: 64 * 1024 * 1024 });
  }

  /** Queues messages, in turns for each destination, while the server does not run. */
  async fillQueue(count: number, destinations: readonly string[], state: 'due' | 'held' = 'due'): Promise<void> {
    const words = ['--disable-warning=ExperimentalWarning', FILL_QUEUE, String(count), destinations.join(','), state];
    await promisify(execFile)(process.execPath, words, { env: this.#environment() });
  }
}
