/**
 * Browsers on their way through several steps to an account: to claim one, to come back into one. What each step proved is
 * kept here, not in the page; the browser holds a secret by which it goes on, and nothing that is worth anything without.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { equalSecrets, randomId, type Random } from '#base/random.ts';
import type { HttpRequest } from '#http/types.ts';
import { endCookie, formatCookie, readCookie } from './cookie.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import type { SessionOperations } from './operations.ts';
import type { SessionStore, WalkRow } from './ports/session-store.ts';

export interface Walk<Facts> {
  readonly walkId: string;
  /** How many steps are behind it. */
  readonly step: number;
  readonly facts: Facts;
  readonly expiresAt: number;
}

const COOKIE = 'walk';

/** Those of one kind, and what their steps prove: plain data. */
export class Walks<Facts> {
  readonly #parts: { readonly store: SessionStore; readonly clock: Clock; readonly random: Random };
  readonly #kind: string;

  constructor(kind: string, parts: { readonly store: SessionStore; readonly clock: Clock; readonly random: Random }) {
    this.#kind = kind;
    this.#parts = parts;
  }

  /** A browser is on one walk at most. Answers the Set-Cookie that keeps it there. */
  async begin(
    { isSecure }: HttpRequest,
    facts: Facts,
    walkId = this.newId(),
  ): Promise<{ readonly walk: Walk<Facts>; readonly cookie: string }> {
    const { walk, token } = await this.beginBare(facts, SIGNIN_LIMITS.walkMs, walkId);
    const maxAgeS = SIGNIN_LIMITS.walkMs / 1000;
    return { walk, cookie: formatCookie(token, { isSecure, maxAgeS, name: COOKIE }) };
  }

  /** One that no browser is on yet: whoever brings the token is. */
  async beginBare(
    facts: Facts,
    maxAgeMs: number,
    walkId = this.newId(),
  ): Promise<{ readonly walk: Walk<Facts>; readonly token: string }> {
    const { clock, random } = this.#parts;
    const secret = random.bytes(SIGNIN_LIMITS.secretBytes).toString('base64url');
    const beganAt = clock.now();
    const row: WalkRow = {
      walkId,
      secretHash: hashOf(secret),
      kind: this.#kind,
      step: 0,
      facts: JSON.stringify(facts),
      beganAt,
      expiresAt: beganAt + maxAgeMs,
    };
    await this.#run('beginWalk', row);
    return { walk: { walkId, step: 0, facts, expiresAt: row.expiresAt }, token: `${walkId}.${secret}` };
  }

  /** For facts that are bound to the walk they belong to. */
  newId(): string {
    return randomId(this.#parts.random, 16);
  }

  /** The one that the browser is on; undefined: on none of this kind, or its time is over. */
  async find(request: HttpRequest): Promise<Walk<Facts> | undefined> {
    const token = readCookie(request.header('cookie'), request.isSecure, COOKIE);
    return token === undefined ? undefined : this.findBare(token);
  }

  /** The one that a token of `beginBare` is of. */
  async findBare(token: string): Promise<Walk<Facts> | undefined> {
    const [, walkId, secret] = /^([a-z2-7]{16})\.([\w-]{43})$/.exec(token) ?? [];
    if (walkId === undefined || secret === undefined) return undefined;
    const row = await this.#parts.store.reader.walk(walkId);
    if (row === undefined || row.kind !== this.#kind || this.#parts.clock.now() >= row.expiresAt) return undefined;
    if (!equalSecrets(Buffer.from(row.secretHash), Buffer.from(hashOf(secret)))) return undefined;
    const { step, facts, expiresAt } = row;
    return { walkId, step, expiresAt, facts: JSON.parse(facts) as Facts };
  }

  /** False: another request of the same browser was sooner. */
  advance({ walkId, step }: Walk<Facts>, toStep: number, facts: Facts): Promise<boolean> {
    return this.#run('advanceWalk', { walkId, fromStep: step, toStep, facts: JSON.stringify(facts) });
  }

  /** Answers the Set-Cookie that ends it. */
  async end(request: HttpRequest, { walkId }: Walk<Facts>): Promise<string> {
    await this.#run('endWalk', { walkId });
    return endCookie(request.isSecure, COOKIE);
  }

  async #run<Name extends keyof SessionOperations>(
    name: Name,
    args: Parameters<SessionOperations[Name]['run']>[1],
  ): Promise<Awaited<ReturnType<SessionOperations[Name]['run']>>> {
    return (await this.#parts.store.run(name, args)) as Awaited<ReturnType<SessionOperations[Name]['run']>>;
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
