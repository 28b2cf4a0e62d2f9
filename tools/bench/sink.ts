/** Postfix's smtp-sink as the far end of everything: takes each message, throws it away and counts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { canConnect } from './clients.ts';

const BACKLOG = 1_000;
/** Without a message for so long nothing more will come, milliseconds. */
const PATIENCE_MS = 60_000;

export class Sink {
  readonly port: number;
  /** Messages it answered 250. */
  messages = 0;
  readonly #stop: () => Promise<void>;
  #arrived: (() => void) | undefined;

  private constructor(port: number) {
    this.port = port;
    // Started by root it wants to be told whom to become.
    const user = userInfo().uid === 0 ? ['-u', 'nobody'] : [];
    const child = spawn('smtp-sink', [...user, '-c', `127.0.0.1:${port}`, String(BACKLOG)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let rest = '';
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      const lines = (rest + text).split('\r');
      rest = lines.pop() ?? '';
      const count = /mesg=(\d+)/.exec(lines.at(-1) ?? '')?.[1];
      if (count !== undefined) this.messages = Number(count);
      this.#arrived?.();
    });
    this.#stop = async () => {
      if (child.exitCode !== null || !child.kill()) return;
      await once(child, 'exit');
    };
  }

  static async start(port: number): Promise<Sink> {
    const sink = new Sink(port);
    while (!(await canConnect(port))) await sleep(20);
    return sink;
  }

  /** Resolves when it has had `count` messages in all. Rejects when none comes for a minute. */
  async reaches(count: number): Promise<void> {
    while (this.messages < count) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const timer = setTimeout(() => reject(new Error(`the sink has ${this.messages} of ${count}`)), PATIENCE_MS);
      this.#arrived = resolve;
      await promise.finally(() => clearTimeout(timer));
    }
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}
