/** A small campus to test with: two domains, cheap hashes that are counted, a clock that does not wait. */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { systemRandom } from '#base/random.ts';
import { defaultDirectorySettings, Directory } from '#directory/directory.ts';
import type { DirectorySettings } from '#directory/directory.ts';
import { createPasswordHasher } from '#directory/password-hasher.ts';
import type { PasswordHasher } from '#directory/password-hasher.ts';
import type { SignInRequest } from '#directory/sign-in.ts';
import { openDirectoryStore } from './memory-store.ts';
import type { MemoryDirectoryStore } from './memory-store.ts';

/** Argon2id at its cheapest, which notes every verifier it was asked to check. */
export class CountingHasher implements PasswordHasher {
  readonly verified: string[] = [];
  hashed = 0;
  /** When set, checks wait for it. */
  gate: Promise<void> | undefined;
  readonly #inner = createPasswordHasher(
    { memoryKib: 8, iterations: 1, parallelism: 1 },
    systemRandom,
    Buffer.alloc(32, 7),
  );
  readonly decoy = this.#inner.decoy;

  hash(password: string): Promise<string> {
    this.hashed++;
    return this.#inner.hash(password);
  }

  hashInitial(passwords: readonly string[]): string {
    return this.#inner.hashInitial(passwords);
  }

  matchInitial(verifier: string, password: string): number {
    return this.#inner.matchInitial(verifier, password);
  }

  isForeign(verifier: string): boolean {
    return this.#inner.isForeign(verifier);
  }

  requireReadable(verifier: string): void {
    this.#inner.requireReadable(verifier);
  }

  async verify(verifier: string, password: string): Promise<boolean> {
    this.verified.push(verifier);
    await this.gate;
    return this.#inner.verify(verifier, password);
  }
}

/** Stands still but for `advance`; calls back at once what should wait, and notes how long that was. */
export class ImpatientClock implements Clock {
  readonly delaysMs: number[] = [];
  #nowMs = Date.UTC(2019, 8, 16, 4);

  now = (): number => this.#nowMs;
  monotonic = (): number => this.#nowMs;

  after(delayMs: number, callback: () => void): () => void {
    this.delaysMs.push(delayMs);
    const soon = setImmediate(callback);
    return () => clearImmediate(soon);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

export class RecordingLog implements Logger {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];

  debug(): void {}

  info(fields: object, message: string): void {
    this.lines.push({ level: 'info', fields, message });
  }

  warn(fields: object, message: string): void {
    this.lines.push({ level: 'warn', fields, message });
  }

  error(fields: object, message: string): void {
    this.lines.push({ level: 'error', fields, message });
  }

  child(): Logger {
    return this;
  }
}

export const PASSWORD = 'Kust-1231002X-密码';

export interface Campus {
  readonly clock: ImpatientClock;
  readonly store: MemoryDirectoryStore;
  readonly hasher: CountingHasher;
  readonly log: RecordingLog;
  readonly directory: Directory;
  /** zhang@kust.edu.cn, alias zhang.san@kust.edu.cn and zhang@kmust.edu.cn; PASSWORD. */
  readonly zhang: AccountId;
  /** An IMAP sign-in from 192.0.2.1 with PASSWORD, but for what is given. */
  signIn(request: Partial<SignInRequest> & { readonly login: string }): ReturnType<Directory['signIn']>;
}

export async function openCampus(settings: Partial<DirectorySettings> = {}): Promise<Campus> {
  const clock = new ImpatientClock();
  const store = await openDirectoryStore(clock);
  const hasher = new CountingHasher();
  const log = new RecordingLog();
  const directory = new Directory({
    store,
    clock,
    random: systemRandom,
    log,
    hasher,
    settings: {
      ...defaultDirectorySettings,
      scramIterations: 4096,
      decoyKey: Buffer.alloc(32, 1),
      ...settings,
    },
  });
  await directory.addDomain('kust.edu.cn');
  await directory.addDomain('kmust.edu.cn');
  const zhang = await directory.createAccount('zhang@kust.edu.cn', PASSWORD, { displayName: '张三' });
  await directory.addAlias(zhang, 'zhang.san@kust.edu.cn');
  await directory.addAlias(zhang, 'zhang@kmust.edu.cn');
  return {
    clock,
    store,
    hasher,
    log,
    directory,
    zhang,
    signIn: (request) =>
      directory.signIn({ password: PASSWORD, protocol: 'imap', remoteAddress: '192.0.2.1', ...request }),
  };
}
