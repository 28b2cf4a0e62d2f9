/**
 * Who signed in to an account, when and from where (设置 → 登录记录), for 90 days; and whether that is a place it was never signed in
 * from. What repeats itself within an hour is one record: programs ask every few minutes, and guessers fill no disk.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import { LruMap } from '#base/lru-map.ts';
import { peerNetwork } from '#base/network-address.ts';
import { randomId, type Random } from '#base/random.ts';
import { SIGNIN_LIMITS } from './limits.ts';
import type { PlaceFinder } from './places.ts';
import type { SessionStore, SignInRecordRow } from './ports/session-store.ts';

export type SignInFact = Pick<SignInRecordRow, 'accountId' | 'protocol' | 'address' | 'agent' | 'outcome'>;

export interface JournalParts {
  readonly store: SessionStore;
  readonly findPlace: PlaceFinder;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export class Journal {
  readonly #parts: JournalParts;
  readonly #noted = new LruMap<string, number>(SIGNIN_LIMITS.factsKept);
  #onNewPlace: (record: SignInRecordRow) => Promise<void> = async () => {};

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** What to do when somebody got in from a place that the account was never signed in from. */
  listen(onNewPlace: (record: SignInRecordRow) => Promise<void>): void {
    this.#onNewPlace = onNewPlace;
  }

  /** Not waited for: nobody's sign-in should be. */
  note(fact: SignInFact): void {
    const { clock, log } = this.#parts;
    const { accountId, protocol, address, agent, outcome } = fact;
    const key = [accountId, protocol, peerNetwork(address), agent, outcome].join('\0');
    const now = clock.monotonic();
    const before = this.#noted.get(key);
    if (before !== undefined && now - before < SIGNIN_LIMITS.factEveryMs) return;
    this.#noted.set(key, now);
    this.write(fact).catch((error: unknown) => log.warn({ err: error, accountId }, 'a sign-in was not recorded'));
  }

  /** The record, and the word if it is a new place. */
  async write(fact: SignInFact): Promise<void> {
    const { store, findPlace, clock, random } = this.#parts;
    const { accountId, outcome } = fact;
    const place = await findPlace(fact.address);
    const before = outcome === 'ok' && place !== '' ? await this.list(accountId) : [];
    const agent = fact.agent.slice(0, SIGNIN_LIMITS.agentLength).toWellFormed();
    const record = { ...fact, agent, place, at: clock.now(), recordId: randomId(random, 8) };
    await store.run('record', record);
    const known = before.filter((one) => one.outcome === 'ok' && one.place !== '').map((one) => one.place);
    // The first place of all is nobody's news.
    if (known.length > 0 && !known.includes(place)) await this.#onNewPlace(record);
  }

  /** Whether nobody got in to the account from there, or from that country, as long as is remembered; not where nothing is known of either. */
  async isNewPlace(accountId: AccountId, address: string, by: 'country' | 'place'): Promise<boolean> {
    const nameOf = (place: string): string => (by === 'country' ? (place.split(' ', 1)[0] ?? '') : place);
    const here = nameOf(await this.#parts.findPlace(address));
    if (here === '') return false;
    const known = (await this.list(accountId)).filter((one) => one.outcome === 'ok' && one.place !== '');
    return known.length > 0 && !known.some((one) => nameOf(one.place) === here);
  }

  /** The latest first. */
  list(accountId: AccountId): Promise<readonly SignInRecordRow[]> {
    return this.#parts.store.reader.records(accountId, SIGNIN_LIMITS.recordsShown);
  }

  /** When somebody got in last, however long ago, up to an hour too early. */
  lastSignIns(accountIds: readonly AccountId[]): Promise<ReadonlyMap<AccountId, number>> {
    return this.#parts.store.reader.lastSignIns(accountIds);
  }

  /** Nothing is known any more of the last sign-in to an account that is gone. */
  async forgetAccount(accountId: AccountId): Promise<void> {
    await this.#parts.store.run('forgetLastSignIn', { accountId });
  }

  /** Forgets what is old; when somebody got in last is kept beside it. */
  async tidy(): Promise<void> {
    const { store, clock } = this.#parts;
    const args = { before: clock.now() - SIGNIN_LIMITS.recordsMs, limit: SIGNIN_LIMITS.forgottenAtOnce };
    while ((await store.run('forgetRecords', args)) === args.limit);
  }
}
