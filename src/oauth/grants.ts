/**
 * Grants: what an account's owner lets programs do, and the tokens they do it by. Given on our page, exchanged for tokens, used in
 * every protocol, ended by their owner, by time, by tokens that come twice, or with what proved the owner. A thread remembers
 * what it read, so that a token costs no read of the store.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import type { Metrics } from '#base/metrics.ts';
import { equalSecrets, randomId, type Random } from '#base/random.ts';
import type { Directory } from '#directory/directory.ts';
import { SCOPE_OF, type SignInSource } from '#directory/sign-in.ts';
import type { BearerResult } from '#sasl/mechanism.ts';
import { protocolsOf, readScopes, type GrantScope, type OAuthClients } from './clients.ts';
import { OAUTH_LIMITS } from './limits.ts';
import type { ExchangeOutcome, GrantOperations } from './operations.ts';
import type { GrantRow, GrantStore } from './ports/grant-store.ts';
import { followingSecret, formatToken, hashSecret, parseToken, type Token } from './tokens.ts';

export interface GrantsParts {
  readonly store: GrantStore;
  readonly directory: Pick<Directory, 'provenSince' | 'watchAccounts' | 'signInByToken'>;
  /** None: no token is taken. */
  readonly clients: OAuthClients;
  /** 32 octets, kept apart from the database, the same in every thread and after a restart. */
  readonly key: Uint8Array;
  /** Where a program at that host finds out how to get a token. */
  readonly metadataUrl: (host: string | undefined) => string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** What a program is given. */
export interface Tokens {
  readonly grant: GrantRow;
  readonly accessToken: string;
  /** Undefined where its owner let it in for an hour alone. */
  readonly refreshToken: string | undefined;
  readonly expiresInMs: number;
}

/** `ended`: what was brought has ended the grant that it names. */
export type Exchanged =
  | { readonly kind: 'given'; readonly tokens: Tokens }
  | { readonly kind: 'ended'; readonly grant: GrantRow }
  | { readonly kind: 'none' };

interface Known {
  row: GrantRow;
  readonly believedUntil: number;
}

interface Watcher {
  readonly grantId: string;
  readonly onEnded: () => void;
}

export class Grants {
  readonly #parts: GrantsParts;
  readonly #known = new LruMap<AccountId, Map<string, Known>>(OAUTH_LIMITS.accountsKept);
  readonly #watchers = new Map<AccountId, Set<Watcher>>();
  readonly #unwatch: readonly (() => void)[];
  /** How many changes this thread has heard of: what was read before one is not remembered after it. */
  #changes = 0;

  constructor(parts: GrantsParts) {
    this.#parts = parts;
    const heed = (accountId: AccountId): void => {
      this.#forget(accountId);
      this.#review(accountId).catch((error: unknown) =>
        parts.log.error({ err: error, accountId }, 'grants could not be reviewed'),
      );
    };
    // Without a client no grant opens anything, and nobody need look after them.
    this.#unwatch = parts.clients.size === 0 ? [] : [parts.directory.watchAccounts(heed), parts.store.watch(heed)];
  }

  close(): void {
    for (const stop of this.#unwatch) stop();
  }

  get clients(): OAuthClients {
    return this.#parts.clients;
  }

  // From the owner's word to tokens

  /** `provedAt`: from before its owner was asked who it is. Answers the code for the program. */
  async give(
    given: Pick<GrantRow, 'accountId' | 'login' | 'clientId' | 'redirectUri' | 'challenge'> & {
      readonly scopes: readonly GrantScope[];
      readonly provedAt: number;
    },
  ): Promise<string> {
    const { random, metrics } = this.#parts;
    const { accountId, login, clientId, redirectUri, challenge, scopes, provedAt } = given;
    const grantId = randomId(random, 16);
    const secret = random.bytes(OAUTH_LIMITS.secretBytes).toString('base64url');
    await this.#run('give', {
      accountId,
      grantId,
      clientId,
      scopes: scopes.join(' '),
      login,
      redirectUri,
      challenge,
      secretHash: hashSecret(secret),
      previousHash: '',
      accessHash: '',
      previousAccessHash: '',
      createdAt: provedAt,
      rotatedAt: null,
      usedAt: null,
      usedFrom: '',
    });
    metrics.count('campusmail_oauth_grants_total', { event: 'given' });
    return formatToken({ accountId, grantId, secret });
  }

  /** The first tokens, for a code and all that it was given for. */
  redeem(code: string, given: Pick<GrantRow, 'clientId' | 'redirectUri' | 'challenge'>): Promise<Exchanged> {
    return this.#exchange(code, (hashes) => this.#run('redeem', { ...hashes, ...given }));
  }

  /** The next tokens. */
  refresh(refreshToken: string, clientId: string): Promise<Exchanged> {
    return this.#exchange(refreshToken, (hashes) => this.#run('refresh', { ...hashes, clientId }));
  }

  async #exchange(
    text: string,
    run: (hashes: {
      readonly accountId: AccountId;
      readonly grantId: string;
      readonly fromHash: string;
      readonly toHash: string;
      readonly accessHash: string;
    }) => Promise<ExchangeOutcome>,
  ): Promise<Exchanged> {
    const { key, clock, metrics } = this.#parts;
    const token = parseToken(text);
    if (token === undefined || (await this.#readStanding(token)) === undefined) return { kind: 'none' };
    const { accountId, grantId, secret } = token;
    const refreshSecret = followingSecret(key, secret, 'refresh');
    const accessSecret = followingSecret(key, secret, 'access');
    const outcome = await run({
      accountId,
      grantId,
      fromHash: hashSecret(secret),
      toHash: hashSecret(refreshSecret),
      accessHash: hashSecret(accessSecret),
    });
    this.#forget(accountId);
    if (outcome === null) return { kind: 'none' };
    const grant = outcome.row;
    if (outcome.kind === 'ended') {
      metrics.count('campusmail_oauth_grants_total', { event: 'ended by a token that came twice' });
      return { kind: 'ended', grant };
    }
    metrics.count('campusmail_oauth_tokens_total', {});
    return {
      kind: 'given',
      tokens: {
        grant,
        accessToken: formatToken({ accountId, grantId, secret: accessSecret }),
        refreshToken: isLasting(grant) ? formatToken({ accountId, grantId, secret: refreshSecret }) : undefined,
        expiresInMs: (grant.rotatedAt ?? 0) + OAUTH_LIMITS.accessMs - clock.now(),
      },
    };
  }

  // Using them

  /** What the SASL exchanges of a connection ask; undefined: no token is taken. */
  bearerFor(source: SignInSource): ((token: string, authzid: string) => Promise<BearerResult>) | undefined {
    if (this.#parts.clients.size === 0) return undefined;
    return (token, authzid) => this.signIn(token, authzid, source);
  }

  /** Whether a token opens its account to that protocol. */
  async signIn(text: string, authzid: string, source: SignInSource): Promise<BearerResult> {
    const { directory, metrics, log } = this.#parts;
    const { protocol, remoteAddress } = source;
    const scope = SCOPE_OF[protocol];
    const discovery = { scope, openIdConfiguration: this.#parts.metadataUrl(source.host) };
    const grant = await this.#find(text);
    if (grant === undefined || !protocolsOf(this.#scopesOf(grant)).includes(scope)) {
      const status = grant === undefined ? 'invalid_token' : 'insufficient_scope';
      metrics.count('campusmail_oauth_refused_total', { protocol, status });
      log.info({ protocol, remoteAddress, accountId: grant?.accountId, status }, 'token refused');
      return { ok: false, reason: 'invalidCredentials', discovery: { ...discovery, status } };
    }
    const { accountId, grantId, login } = grant;
    const result = await directory.signInByToken({ accountId, login }, authzid, source);
    if (!result.ok) return { ...result, discovery };
    this.#noteUse(grant, source);
    return { ...result, grantId };
  }

  /** Calls back once when the grant is ended, whoever ends it; for what lasts longer than a request. */
  watch({ accountId, grantId }: Pick<GrantRow, 'accountId' | 'grantId'>, onEnded: () => void): () => void {
    const watcher: Watcher = { grantId, onEnded };
    const watchers = this.#watchers.get(accountId) ?? new Set();
    this.#watchers.set(accountId, watchers.add(watcher));
    // It may have ended since it was found.
    this.#review(accountId).catch((error: unknown) =>
      this.#parts.log.error({ err: error, accountId }, 'grants could not be reviewed'),
    );
    return () => this.#release(accountId, watcher);
  }

  // Looking after them

  /** Those that have tokens, the latest first. */
  async list(accountId: AccountId): Promise<readonly GrantRow[]> {
    const [rows, since] = await Promise.all([
      this.#parts.store.reader.grants(accountId),
      this.#parts.directory.provenSince(accountId),
    ]);
    return rows.filter((row) => row.rotatedAt !== null && this.#stands(row, since));
  }

  /** The grant that was ended. In this thread at once, in others as soon as they hear of it. */
  async end(accountId: AccountId, grantId: string): Promise<GrantRow | undefined> {
    const row = await this.#run('end', { accountId, grantId });
    this.#forget(accountId);
    if (row !== null) this.#parts.metrics.count('campusmail_oauth_grants_total', { event: 'ended' });
    return row ?? undefined;
  }

  /** RFC 7009 §2.1: ends the grant of a token, of whichever kind, that is this client's. */
  async revoke(text: string, clientId: string): Promise<GrantRow | undefined> {
    const token = parseToken(text);
    if (token === undefined) return undefined;
    const row = await this.#parts.store.reader.grant(token.accountId, token.grantId);
    if (row?.clientId !== clientId) return undefined;
    const hash = hashSecret(token.secret);
    const hashes = [row.secretHash, row.previousHash, row.accessHash, row.previousAccessHash];
    return hashes.some((one) => isSame(one, hash)) ? this.end(row.accountId, row.grantId) : undefined;
  }

  /** Forgets those that time has ended. */
  async tidy(): Promise<void> {
    const now = this.#parts.clock.now();
    const limits = {
      unclaimedBefore: now - OAUTH_LIMITS.codeMs,
      rotatedBefore: now - OAUTH_LIMITS.idleMs,
      limit: OAUTH_LIMITS.forgottenAtOnce,
    };
    while ((await this.#run('forget', limits)) === limits.limit);
  }

  /** The grant that an access token is of. */
  async #find(text: string): Promise<GrantRow | undefined> {
    const token = parseToken(text);
    if (token === undefined) return undefined;
    const hash = hashSecret(token.secret);
    const now = this.#parts.clock.now();
    let row = await this.#readStanding(token);
    if (row !== undefined && !opens(hash, row, now)) {
      // Given out by another thread, perhaps, of which this one has not heard yet.
      this.#forget(token.accountId);
      row = await this.#readStanding(token);
    }
    return row !== undefined && opens(hash, row, now) ? row : undefined;
  }

  async #readStanding({ accountId, grantId }: Token): Promise<GrantRow | undefined> {
    const { store, directory, clock } = this.#parts;
    const known = this.#known.get(accountId)?.get(grantId);
    if (known !== undefined && clock.monotonic() < known.believedUntil)
      return this.#isInTime(known.row) ? known.row : undefined;
    const changes = this.#changes;
    const [row, since] = await Promise.all([store.reader.grant(accountId, grantId), directory.provenSince(accountId)]);
    if (row === undefined || !this.#stands(row, since)) return undefined;
    if (changes === this.#changes) {
      const ofAccount = this.#known.get(accountId) ?? new Map<string, Known>();
      ofAccount.set(grantId, { row, believedUntil: clock.monotonic() + OAUTH_LIMITS.believedMs });
      this.#known.set(accountId, ofAccount);
    }
    return row;
  }

  #stands(row: GrantRow, provenSince: number | undefined): boolean {
    const isProven = provenSince !== undefined && provenSince < row.createdAt;
    return isProven && this.#parts.clients.has(row.clientId) && this.#isInTime(row);
  }

  #isInTime(row: GrantRow): boolean {
    const now = this.#parts.clock.now();
    // That a code came too late is for the exchange to say.
    if (row.rotatedAt === null) return true;
    return now - row.rotatedAt < (isLasting(row) ? OAUTH_LIMITS.idleMs : OAUTH_LIMITS.accessMs);
  }

  /** What the settings still let its program ask for. */
  #scopesOf({ scopes, clientId }: GrantRow): readonly GrantScope[] {
    const client = this.#parts.clients.get(clientId);
    return readScopes(scopes).filter((scope) => client?.scopes.includes(scope) === true);
  }

  /** Now and then, and not waited for. */
  #noteUse(row: GrantRow, { remoteAddress, protocol }: SignInSource): void {
    const { clock, log } = this.#parts;
    const { accountId, grantId, usedAt } = row;
    const now = clock.now();
    if (usedAt !== null && now - usedAt < OAUTH_LIMITS.usedEveryMs) return;
    const usedFrom = `${remoteAddress} ${protocol}`;
    const known = this.#known.get(accountId)?.get(grantId);
    if (known !== undefined) known.row = { ...row, usedAt: now, usedFrom };
    this.#run('use', { accountId, grantId, usedFrom }).catch((error: unknown) =>
      log.warn({ err: error, accountId }, 'the use of a grant was not written down'),
    );
  }

  /** Something about the account or its grants has changed. */
  async #review(accountId: AccountId): Promise<void> {
    const { store, directory } = this.#parts;
    const since = await directory.provenSince(accountId);
    // Enabled again, it shall not be open to whom it was open before.
    if (since === undefined && (await store.reader.grants(accountId)).length > 0)
      await this.#run('endAll', { accountId });
    for (const watcher of this.#watchers.get(accountId) ?? []) {
      const row = await store.reader.grant(accountId, watcher.grantId);
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

  async #run<Name extends keyof GrantOperations>(
    name: Name,
    args: Parameters<GrantOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<GrantOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<GrantOperations[Name]['run']>>;
  }
}

/** Whether it goes on when its first hour is over. */
function isLasting({ scopes }: GrantRow): boolean {
  return readScopes(scopes).includes('offline_access');
}

/** By the current access token, or for a minute by the one before. */
function opens(hash: string, row: GrantRow, now: number): boolean {
  if (row.rotatedAt === null) return false;
  const age = now - row.rotatedAt;
  if (isSame(hash, row.accessHash)) return age < OAUTH_LIMITS.accessMs;
  return isSame(hash, row.previousAccessHash) && age < OAUTH_LIMITS.overlapMs;
}

function isSame(a: string, b: string): boolean {
  return equalSecrets(Buffer.from(a), Buffer.from(b));
}
