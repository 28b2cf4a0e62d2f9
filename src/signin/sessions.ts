/**
 * Web sessions: begun by a sign-in, found by the token in a cookie, renewed now and then, ended by their owner, by time,
 * or with what they were begun by. A thread remembers what it read, so that a request costs no read of the store.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Metrics } from '#base/metrics.ts';
import { equalSecrets, randomId, type Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import type { SessionOperations } from './operations.ts';
import type { SessionRow, SessionStore } from './ports/session-store.ts';

export interface SessionsParts {
  readonly store: SessionStore;
  readonly directory: Pick<Directory, 'provenSince' | 'watchAccounts'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Without use, and in all, until a session ends. */
  readonly idleMs: number;
  readonly absoluteMs: number;
  /** Told of those that somebody ends, one or all of an account's. */
  readonly onEnded?: (accountId: AccountId, which: 'one' | 'all') => void;
}

interface Known {
  row: SessionRow;
  readonly believedUntil: number;
}

interface Watcher {
  readonly sessionId: string;
  readonly onEnded: () => void;
}

/** What a cookie holds: whose, which, and the secret. */
interface Token {
  readonly accountId: AccountId;
  readonly sessionId: string;
  readonly secret: string;
}

export class Sessions {
  readonly #parts: SessionsParts;
  readonly #known = new LruMap<AccountId, Map<string, Known>>(SIGNIN_LIMITS.accountsKept);
  readonly #watchers = new Map<AccountId, Set<Watcher>>();
  readonly #unwatch: readonly (() => void)[];
  /** How many changes this thread has heard of: what was read before one is not remembered after it. */
  #changes = 0;

  constructor(parts: SessionsParts) {
    this.#parts = parts;
    const heed = (accountId: AccountId): void => {
      this.#changes++;
      this.#known.delete(accountId);
      this.#review(accountId).catch((error: unknown) =>
        parts.log.error({ err: error, accountId }, 'web sessions could not be reviewed'),
      );
    };
    this.#unwatch = [parts.directory.watchAccounts(heed), parts.store.watch(heed)];
  }

  close(): void {
    for (const stop of this.#unwatch) stop();
  }

  /** `provedAt`: from before the password was checked. Answers the token for the cookie. */
  async begin(
    given: Pick<SessionRow, 'accountId' | 'login' | 'address' | 'agent'> & { readonly provedAt: number },
  ): Promise<{ readonly token: string; readonly sessionId: string }> {
    const { random, clock, metrics } = this.#parts;
    const sessionId = randomId(random, 16);
    const secret = newSecret(random);
    const { accountId, login, address, provedAt } = given;
    const row: SessionRow = {
      accountId,
      sessionId,
      login,
      tokenHash: hashOf(secret),
      previousHash: '',
      rotatedAt: clock.now(),
      createdAt: provedAt,
      usedAt: clock.now(),
      address,
      agent: given.agent.slice(0, SIGNIN_LIMITS.agentLength).toWellFormed(),
    };
    await this.#run('begin', row);
    metrics.count('campusmail_web_sessions_total', { event: 'begun' });
    return { token: formatToken({ accountId, sessionId, secret }), sessionId };
  }

  /** The session that a token opens. `renewed`: the token to bring from now on. */
  async find(
    text: string,
    address: string,
    options: { readonly mayRenew: boolean },
  ): Promise<{ readonly session: SessionRow; readonly renewed?: string } | undefined> {
    const token = parseToken(text);
    if (token === undefined) return undefined;
    const hash = hashOf(token.secret);
    const now = this.#parts.clock.now();
    let row = await this.#read(token);
    if (row !== undefined && !opens(hash, row, now)) {
      // Renewed in another thread, perhaps, of which this one has not heard yet.
      this.#forget(token.accountId);
      row = await this.#read(token);
    }
    if (row === undefined || !opens(hash, row, now)) return undefined;
    const isCurrent = isSame(hash, row.tokenHash);
    if (now - row.usedAt >= SIGNIN_LIMITS.usedEveryMs) this.#noteUse(row, address);
    if (!isCurrent || !options.mayRenew || now - row.rotatedAt < SIGNIN_LIMITS.rotateMs) return { session: row };
    const secret = newSecret(this.#parts.random);
    const { accountId, sessionId } = row;
    const isRenewed = await this.#run('rotate', { accountId, sessionId, fromHash: hash, toHash: hashOf(secret) });
    this.#forget(accountId);
    return { session: row, ...(isRenewed ? { renewed: formatToken({ accountId, sessionId, secret }) } : {}) };
  }

  /** Those not ended, the one used last first. */
  async list(accountId: AccountId): Promise<readonly SessionRow[]> {
    const [rows, since] = await Promise.all([
      this.#parts.store.reader.sessions(accountId),
      this.#parts.directory.provenSince(accountId),
    ]);
    return rows.filter((row) => this.#stands(row, since));
  }

  /** False: there was none. In this thread at once, in others as soon as they hear of it. */
  async end(accountId: AccountId, sessionId: string): Promise<boolean> {
    const isEnded = await this.#run('end', { accountId, sessionId });
    this.#forget(accountId);
    if (!isEnded) return false;
    this.#parts.metrics.count('campusmail_web_sessions_total', { event: 'ended' });
    this.#parts.onEnded?.(accountId, 'one');
    return true;
  }

  async endAll(accountId: AccountId): Promise<void> {
    await this.#run('endAll', { accountId });
    this.#forget(accountId);
    this.#parts.metrics.count('campusmail_web_sessions_total', { event: 'all ended' });
    this.#parts.onEnded?.(accountId, 'all');
  }

  /** Calls back once when the session is ended, whoever ends it; for what lasts longer than a request. */
  watch({ accountId, sessionId }: Pick<SessionRow, 'accountId' | 'sessionId'>, onEnded: () => void): () => void {
    const watcher: Watcher = { sessionId, onEnded };
    const watchers = this.#watchers.get(accountId) ?? new Set();
    this.#watchers.set(accountId, watchers.add(watcher));
    // It may have ended since it was found.
    this.#review(accountId).catch((error: unknown) =>
      this.#parts.log.error({ err: error, accountId }, 'web sessions could not be reviewed'),
    );
    return () => this.#release(accountId, watcher);
  }

  /** Forgets those that time has ended, and walks. */
  async tidy(): Promise<void> {
    const { clock, idleMs, absoluteMs } = this.#parts;
    const limits = {
      usedBefore: clock.now() - idleMs,
      createdBefore: clock.now() - absoluteMs,
      limit: SIGNIN_LIMITS.forgottenAtOnce,
    };
    while ((await this.#run('forget', limits)) === limits.limit);
    const walks = { expiredBefore: clock.now(), limit: limits.limit };
    while ((await this.#run('forgetWalks', walks)) === limits.limit);
  }

  async #read({ accountId, sessionId }: Token): Promise<SessionRow | undefined> {
    const { store, directory, clock } = this.#parts;
    const known = this.#known.get(accountId)?.get(sessionId);
    if (known !== undefined && clock.monotonic() < known.believedUntil) {
      return this.#isInTime(known.row) ? known.row : undefined;
    }
    const changes = this.#changes;
    const [row, since] = await Promise.all([
      store.reader.session(accountId, sessionId),
      directory.provenSince(accountId),
    ]);
    if (row === undefined || !this.#stands(row, since)) return undefined;
    if (changes === this.#changes) {
      const ofAccount = this.#known.get(accountId) ?? new Map<string, Known>();
      ofAccount.set(sessionId, { row, believedUntil: clock.monotonic() + SIGNIN_LIMITS.believedMs });
      this.#known.set(accountId, ofAccount);
    }
    return row;
  }

  #stands(row: SessionRow, provenSince: number | undefined): boolean {
    return provenSince !== undefined && provenSince < row.createdAt && this.#isInTime(row);
  }

  #isInTime({ usedAt, createdAt }: SessionRow): boolean {
    const { clock, idleMs, absoluteMs } = this.#parts;
    const now = clock.now();
    return now - usedAt < idleMs && now - createdAt < absoluteMs;
  }

  /** Not waited for: nobody's request should be. */
  #noteUse(row: SessionRow, address: string): void {
    const { log, clock } = this.#parts;
    const { accountId, sessionId } = row;
    const known = this.#known.get(accountId)?.get(sessionId);
    if (known !== undefined) known.row = { ...row, usedAt: clock.now(), address };
    this.#run('use', { accountId, sessionId, address }).catch((error: unknown) =>
      log.warn({ err: error, accountId }, 'the use of a web session was not written down'),
    );
  }

  /** Something about the account or its sessions has changed. */
  async #review(accountId: AccountId): Promise<void> {
    const { store, directory } = this.#parts;
    const since = await directory.provenSince(accountId);
    // Enabled again, it shall not be open where it was open before.
    if (since === undefined && (await store.reader.sessions(accountId)).length > 0) {
      await this.#run('endAll', { accountId });
    }
    for (const watcher of this.#watchers.get(accountId) ?? []) {
      const row = await store.reader.session(accountId, watcher.sessionId);
      if (row !== undefined && this.#stands(row, since)) continue;
      this.#release(accountId, watcher);
      watcher.onEnded();
    }
  }

  #release(accountId: AccountId, watcher: Watcher): void {
    const watchers = this.#watchers.get(accountId);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(accountId);
  }

  #forget(accountId: AccountId): void {
    this.#changes++;
    this.#known.delete(accountId);
  }

  async #run<Name extends keyof SessionOperations>(
    name: Name,
    args: Parameters<SessionOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<SessionOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<SessionOperations[Name]['run']>>;
  }
}

function newSecret(random: Random): string {
  return random.bytes(SIGNIN_LIMITS.secretBytes).toString('base64url');
}

/** No salt and no stretching: nobody guesses 256 bits. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function isSame(a: string, b: string): boolean {
  return equalSecrets(Buffer.from(a), Buffer.from(b));
}

/** By the current secret, or for a minute by the one before. */
function opens(hash: string, row: SessionRow, now: number): boolean {
  if (isSame(hash, row.tokenHash)) return true;
  return isSame(hash, row.previousHash) && now - row.rotatedAt < SIGNIN_LIMITS.previousMs;
}

function formatToken({ accountId, sessionId, secret }: Token): string {
  return `${accountId}.${sessionId}.${secret}`;
}

function parseToken(text: string): Token | undefined {
  const match = /^([1-9]\d{0,14})\.([a-z2-7]{16})\.([\w-]{43})$/.exec(text);
  if (match === null) return undefined;
  const [, accountId, sessionId = '', secret = ''] = match;
  return { accountId: Number(accountId) as AccountId, sessionId, secret };
}
