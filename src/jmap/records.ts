/**
 * The door of identities, submissions, push subscriptions and contacts: what there is, what changed, and every change. States go
 * by type, and are read before the rows they are answered with: rows may be newer than their state, never older.
 */
import type { Clock } from '#base/clock.ts';
import type { AccountId } from '#base/ids.ts';
import { type Random, randomId } from '#base/random.ts';
import type { JmapArgs, JmapOperations, JmapResult } from './operations.ts';
import { type Owner, findMissing } from './operations/provide-identities.ts';
import type { JmapStore } from './ports/jmap-store.ts';
import { JMAP_STORE_LIMITS } from './limits.ts';
import { type JmapChange, type JmapRows, JMAP_TYPES, type JmapType } from './types.ts';

/** Rows with a state of their type that is no newer. */
export interface Read<Type extends JmapType> {
  readonly state: number;
  readonly rows: readonly JmapRows[Type][];
}

/** RFC 8620 §5.2, of one type. No id is in two lists. */
export interface TypeChanges {
  readonly newState: number;
  readonly hasMoreChanges: boolean;
  readonly created: readonly number[];
  readonly updated: readonly number[];
  readonly destroyed: readonly number[];
}

export interface JmapRecordsParts {
  readonly store: JmapStore;
  readonly clock: Clock;
  readonly random: Random;
}

export class JmapRecords {
  readonly #parts: JmapRecordsParts;

  constructor(parts: JmapRecordsParts) {
    this.#parts = parts;
  }

  async states(accountId: AccountId): Promise<Readonly<Record<JmapType, number>>> {
    const { reader } = this.#parts.store;
    const states = JMAP_TYPES.map(async (type) => [type, (await reader.tally(accountId, type)).state] as const);
    return Object.fromEntries(await Promise.all(states)) as Record<JmapType, number>;
  }

  /** At most `limit` ids. Undefined when it cannot be told: too long ago, or never a state. */
  async changes(accountId: AccountId, type: JmapType, since: number, limit: number): Promise<TypeChanges | undefined> {
    const { reader } = this.#parts.store;
    const { state } = await reader.tally(accountId, type);
    const changes = since < state ? await reader.changes(accountId, type, since, limit) : [];
    // Each step is one change: of a log that still reaches back, the first follows `since`.
    if (since !== state && changes[0]?.state !== since + 1) return undefined;
    const newState = changes.at(-1)?.state ?? since;
    return { newState, hasMoreChanges: newState < state, ...sumUp(changes) };
  }

  /** Calls back after changes of an account, wherever they were made; null: of any. */
  watch(listener: (accountId: AccountId | null) => void): () => void {
    return this.#parts.store.watch(listener);
  }

  /** All of an account, one for each address of its owner among them. */
  async identities(accountId: AccountId, owner: Owner): Promise<Read<'Identity'>> {
    const read = await this.#read(accountId, 'Identity');
    if (findMissing(read.rows, owner) === undefined) return read;
    await this.#run('provideIdentities', { accountId, owner });
    return this.#read(accountId, 'Identity');
  }

  /** See the operations for what each throws. */
  createIdentity(args: JmapArgs<'createIdentity'>): Promise<JmapRows['Identity']> {
    return this.#run('createIdentity', args);
  }

  updateIdentity(args: JmapArgs<'updateIdentity'>): Promise<JmapRows['Identity']> {
    return this.#run('updateIdentity', args);
  }

  destroyIdentity(args: JmapArgs<'destroyIdentity'>): Promise<void> {
    return this.#run('destroyIdentity', args);
  }

  /** All of an account, or these of them. */
  async submissions(accountId: AccountId, ids?: readonly number[]): Promise<Read<'EmailSubmission'>> {
    const read = await this.#read(accountId, 'EmailSubmission', ids);
    const nowMs = this.#parts.clock.now();
    if (!read.rows.some(({ undoStatus, sendAt }) => undoStatus === 'pending' && sendAt <= nowMs)) return read;
    await this.#run('settleSubmissions', { accountId });
    return this.#read(accountId, 'EmailSubmission', ids);
  }

  createSubmission(args: JmapArgs<'createSubmission'>): Promise<JmapRows['EmailSubmission']> {
    return this.#run('createSubmission', args);
  }

  cancelSubmission(args: JmapArgs<'cancelSubmission'>): Promise<JmapRows['EmailSubmission']> {
    return this.#run('cancelSubmission', args);
  }

  destroySubmission(args: JmapArgs<'destroySubmission'>): Promise<void> {
    return this.#run('destroySubmission', args);
  }

  /** Those that hold; of one owner, or all of the account. */
  async pushSubscriptions(accountId: AccountId, owner?: string): Promise<readonly JmapRows['PushSubscription'][]> {
    const rows = await this.#parts.store.reader.rows(accountId, 'PushSubscription');
    const nowMs = this.#parts.clock.now();
    return rows.filter((row) => row.expires > nowMs && (owner === undefined || row.owner === owner));
  }

  /** All of an account, the default one among them. */
  async addressBooks(accountId: AccountId): Promise<Read<'AddressBook'>> {
    const read = await this.#read(accountId, 'AddressBook');
    if (read.rows.length > 0) return read;
    await this.#run('provideAddressBook', { accountId });
    return this.#read(accountId, 'AddressBook');
  }

  createAddressBook(args: JmapArgs<'createAddressBook'>): Promise<JmapRows['AddressBook']> {
    return this.#run('createAddressBook', args);
  }

  updateAddressBook(args: JmapArgs<'updateAddressBook'>): Promise<void> {
    return this.#run('updateAddressBook', args);
  }

  destroyAddressBook(args: JmapArgs<'destroyAddressBook'>): Promise<void> {
    return this.#run('destroyAddressBook', args);
  }

  /** All of an account, or these of them. */
  cards(accountId: AccountId, ids?: readonly number[]): Promise<Read<'ContactCard'>> {
    return this.#read(accountId, 'ContactCard', ids);
  }

  createCards(args: JmapArgs<'createCards'>): Promise<JmapResult<'createCards'>> {
    return this.#run('createCards', args);
  }

  updateCard(args: JmapArgs<'updateCard'>): Promise<void> {
    return this.#run('updateCard', args);
  }

  destroyCard(args: JmapArgs<'destroyCard'>): Promise<void> {
    return this.#run('destroyCard', args);
  }

  /** Accounts that have any, ascending. */
  pushAccounts(): Promise<readonly AccountId[]> {
    return this.#parts.store.reader.pushAccounts();
  }

  /** With the code that is to be pushed to it. */
  createPushSubscription(
    args: Omit<JmapArgs<'createPushSubscription'>, 'verificationCode'>,
  ): Promise<JmapRows['PushSubscription']> {
    const verificationCode = randomId(this.#parts.random, JMAP_STORE_LIMITS.verificationCodeLength);
    return this.#run('createPushSubscription', { ...args, verificationCode });
  }

  updatePushSubscription(args: JmapArgs<'updatePushSubscription'>): Promise<JmapRows['PushSubscription']> {
    return this.#run('updatePushSubscription', args);
  }

  destroyPushSubscription(args: JmapArgs<'destroyPushSubscription'>): Promise<void> {
    return this.#run('destroyPushSubscription', args);
  }

  /** Whether it is this caller's to send what leads from one push state to the next. */
  claimPush(args: JmapArgs<'claimPush'>): Promise<boolean> {
    return this.#run('claimPush', args);
  }

  destroyPushOf(args: JmapArgs<'destroyPushOf'>): Promise<void> {
    return this.#run('destroyPushOf', args);
  }

  /** The account is deleted: its uploads go, too. */
  forgetAccount(accountId: AccountId): Promise<void> {
    return this.#run('forgetAccount', { accountId });
  }

  /** What falls due by itself, and what is kept no longer; all of it, in slices. */
  async tidy(): Promise<void> {
    const nowMs = this.#parts.clock.now();
    const limit = JMAP_STORE_LIMITS.atOnce;
    while ((await this.#run('attend', { limit })) === limit);
    const usedBefore = nowMs - JMAP_STORE_LIMITS.uploadKeptMs;
    while (await this.#run('expireUploads', { usedBefore }));
    const before = nowMs - JMAP_STORE_LIMITS.changesKeptMs;
    while ((await this.#run('forgetChanges', { before, limit })) > 0);
  }

  async #read<Type extends JmapType>(accountId: AccountId, type: Type, ids?: readonly number[]): Promise<Read<Type>> {
    const { reader } = this.#parts.store;
    const { state } = await reader.tally(accountId, type);
    return { state, rows: await reader.rows(accountId, type, ids === undefined ? {} : { ids }) };
  }

  async #run<Name extends keyof JmapOperations>(name: Name, args: JmapArgs<Name>): Promise<JmapResult<Name>> {
    return (await this.#parts.store.run(name, args)) as JmapResult<Name>;
  }
}

/** What became of each row: one that came and went in between is not told of. */
function sumUp(changes: readonly JmapChange[]): Pick<TypeChanges, 'created' | 'updated' | 'destroyed'> {
  const created = new Set<number>();
  const updated = new Set<number>();
  const destroyed = new Set<number>();
  for (const { kind, id } of changes) {
    if (kind === 'created') created.add(id);
    else if (kind === 'updated') {
      if (!created.has(id)) updated.add(id);
    } else {
      updated.delete(id);
      if (!created.delete(id)) destroyed.add(id);
    }
  }
  return { created: [...created], updated: [...updated], destroyed: [...destroyed] };
}
