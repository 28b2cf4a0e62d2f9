/**
 * What changed in an account between two looks, by type: the one reading of it that event sources, WebSockets and push
 * subscriptions share. Knows not how a client is told.
 */
import type { StateChange } from '#contract/jmap/core.ts';
import { isMethodError } from '#jmap/core/errors.ts';
import { formatAccountId, formatState, parseState } from '#jmap/core/ids.ts';
import type { MethodContext } from '#jmap/core/method.ts';
import { readIdentities, type IdentitySource } from '#jmap/methods/identity/read-identities.ts';
import { PUSH_LIMITS } from '#jmap/limits.ts';
import { readVacationState } from '#jmap/methods/vacation-response/vacation-response.ts';
import type { JmapServices } from '#jmap/core/method.ts';
import type { JmapType } from '#jmap/types.ts';
import type { ChangeRecord, ModSeq } from '#mail/types.ts';

/** Whose changes, and where they are read. */
export interface FeedSource extends IdentitySource, Pick<MethodContext, 'account'> {
  readonly services: {
    readonly clock: JmapServices['clock'];
    readonly records: Pick<JmapServices['records'], 'states' | 'identities' | 'watch'>;
    readonly directory: Pick<
      JmapServices['directory'],
      'account' | 'senderStanding' | 'sharedWith' | 'vacations' | 'watchAccounts'
    >;
  };
}

/** Up to where a client knows what happened. */
interface States {
  readonly mail: ModSeq;
  readonly identity: ModSeq;
  readonly submission: ModSeq;
  readonly books: ModSeq;
  readonly cards: ModSeq;
  readonly vacation: string;
}

/** What may have changed, as the stores tell it. */
type Origin = 'mail' | 'records' | 'directory';

/** Records read to learn which types changed; beyond, all did. */
const RECORDS_READ = 256;
/** The types whose rows JMAP keeps, as clients hear of them. */
const RECORD_TYPES = {
  identity: 'Identity',
  submission: 'EmailSubmission',
  books: 'AddressBook',
  cards: 'ContactCard',
} as const satisfies Partial<Record<keyof States, JmapType>>;
type RecordState = keyof typeof RECORD_TYPES;
const RECORD_STATES = Object.entries(RECORD_TYPES) as readonly (readonly [RecordState, JmapType])[];
const MAIL_TYPES: readonly string[] = ['Email', 'EmailDelivery', 'Mailbox', 'Thread', 'Quota'];

export class StateFeed {
  readonly #source: FeedSource;
  readonly #types: ReadonlySet<string>;
  readonly #unwatch: readonly (() => void)[];
  #told: States | undefined;
  #stale = new Set<Origin>();

  /** `types`: names of JMAP types, or `*`. `onNews`: something may have happened, `take` tells. Until closed. */
  constructor(source: FeedSource, types: ReadonlySet<string>, onNews: () => void) {
    this.#source = source;
    this.#types = types;
    const { accountId, account, services } = source;
    const note = (origin: Origin) => (): void => {
      this.#stale.add(origin);
      onNews();
    };
    const ofMine = (origin: Origin) => {
      const noted = note(origin);
      return (changed: typeof accountId | null): void => {
        if (changed === null || changed === accountId) noted();
      };
    };
    const hears = (...names: readonly string[]): boolean => names.some((name) => this.#hears(name));
    this.#unwatch = [
      ...(hears(...MAIL_TYPES) ? [account.watch(note('mail'))] : []),
      ...(hears(...Object.values(RECORD_TYPES)) ? [services.records.watch(ofMine('records'))] : []),
      ...(hears('Identity', 'VacationResponse') ? [services.directory.watchAccounts(ofMine('directory'))] : []),
    ];
  }

  close(): void {
    for (const stop of this.#unwatch) stop();
  }

  /** To be called first: the feed goes on from `pushState`, of what that is not known from the beginning; absent: from now. */
  async start(pushState?: string): Promise<void> {
    if (pushState === undefined) await this.#provideIdentities();
    this.#told = pushState === undefined ? await this.#readStates() : parsePushState(pushState);
    if (pushState !== undefined) this.#stale = new Set(['mail', 'records', 'directory']);
  }

  /** Whether something may have happened. */
  get hasNews(): boolean {
    return this.#stale.size > 0;
  }

  /** The mailbox's part of it. */
  get mailState(): ModSeq {
    return (this.#told ?? NOTHING).mail;
  }

  /** Up to where everything was taken: to go on from there some other time. */
  get pushState(): string {
    const { mail, identity, submission, books, cards, vacation } = this.#told ?? NOTHING;
    return `${mail}.${identity}.${submission}.${books}.${cards}.${vacation}`;
  }

  /** The new states of what changed since the last time; undefined for nothing that the client asked about. */
  async take(): Promise<StateChange | undefined> {
    const stale = this.#stale;
    this.#stale = new Set();
    try {
      return await this.#take(stale);
    } catch (error) {
      // It is still to be told.
      for (const origin of stale) this.#stale.add(origin);
      throw error;
    }
  }

  async #take(stale: ReadonlySet<Origin>): Promise<StateChange | undefined> {
    const told = this.#told;
    const changed: Record<string, string> = {};
    let now = told ?? (await this.#readStates());
    if (told === undefined) {
      for (const type of MAIL_TYPES) changed[type] = formatState(now.mail);
    } else if (stale.has('mail')) {
      const { modSeq, types } = await this.#readMail(told.mail);
      for (const type of types) changed[type] = formatState(modSeq);
      now = { ...now, mail: modSeq };
    }
    if (stale.has('directory')) {
      now = { ...now, vacation: await readVacationState(this.#source) };
      if (now.vacation !== told?.vacation) changed['VacationResponse'] = now.vacation;
      await this.#provideIdentities();
    }
    if (stale.has('records') || stale.has('directory')) {
      now = { ...now, ...(await this.#readRecordStates()) };
      for (const [name, type] of RECORD_STATES) if (now[name] !== told?.[name]) changed[type] = formatState(now[name]);
    }
    this.#told = now;
    const states = Object.fromEntries(Object.entries(changed).filter(([type]) => this.#hears(type)));
    if (Object.keys(states).length === 0) return undefined;
    return { '@type': 'StateChange', changed: { [formatAccountId(this.#source.accountId)]: states } };
  }

  #hears(type: string): boolean {
    return this.#types.has('*') || this.#types.has(type);
  }

  async #readMail(since: ModSeq): Promise<{ readonly modSeq: ModSeq; readonly types: readonly string[] }> {
    const { account } = this.#source;
    const records = await account.changes(since, RECORDS_READ);
    const last = records?.at(-1)?.modSeq;
    const isWhole = records !== undefined && records.length < RECORDS_READ;
    if (isWhole && last !== undefined) {
      const types = changedTypes(records);
      const isDelivery = !types.includes('EmailDelivery') || (await this.#hasArrived(records));
      return { modSeq: last, types: isDelivery ? types : types.filter((type) => type !== 'EmailDelivery') };
    }
    const modSeq = await account.modSeq();
    return { modSeq, types: isWhole && modSeq >= since ? [] : MAIL_TYPES };
  }

  /** RFC 8621 §1.5: what a migration or a program brings that came to another place long ago is not delivered now. */
  async #hasArrived(records: readonly ChangeRecord[]): Promise<boolean> {
    const created = records.flatMap(({ emails }) => emails.created).slice(-PUSH_LIMITS.arrivalsRead);
    const rows = await this.#source.account.emails(created);
    const since = this.#source.services.clock.now() - PUSH_LIMITS.newForMs;
    return rows.length < created.length || rows.some(({ receivedAt }) => receivedAt >= since);
  }

  async #readStates(): Promise<States> {
    const [mail, records, vacation] = await Promise.all([
      this.#source.account.modSeq(),
      this.#readRecordStates(),
      readVacationState(this.#source),
    ]);
    return { mail, ...records, vacation };
  }

  async #readRecordStates(): Promise<Pick<States, RecordState>> {
    const { services, accountId } = this.#source;
    const states = await services.records.states(accountId);
    return {
      identity: states.Identity as ModSeq,
      submission: states.EmailSubmission as ModSeq,
      books: states.AddressBook as ModSeq,
      cards: states.ContactCard as ModSeq,
    };
  }

  /** An address that is new has an identity as soon as anybody looks. */
  async #provideIdentities(): Promise<void> {
    if (!this.#hears('Identity')) return;
    await readIdentities(this.#source).catch((error: unknown) => {
      // The account was deleted.
      if (!isMethodError(error, 'accountNotFound')) throw error;
    });
  }
}

const NOTHING: States = {
  mail: 0 as ModSeq,
  identity: 0 as ModSeq,
  submission: 0 as ModSeq,
  books: 0 as ModSeq,
  cards: 0 as ModSeq,
  vacation: '',
};

function parsePushState(text: string): States | undefined {
  const [mail, identity, submission, books, cards] = text.split('.', 5).map(parseState);
  const vacation = /^(?:[^.]*\.){5}([\w-]{0,32})$/.exec(text)?.[1];
  if (mail === undefined || identity === undefined || submission === undefined) return undefined;
  if (books === undefined || cards === undefined || vacation === undefined) return undefined;
  return { mail, identity, submission, books, cards, vacation };
}

function changedTypes(records: readonly ChangeRecord[]): readonly string[] {
  const changed = new Set<string>();
  for (const { emails, threads, mailboxes } of records) {
    if (emails.created.length > 0) changed.add('EmailDelivery');
    if (emails.created.length + emails.updated.length + emails.destroyed.length > 0) changed.add('Email');
    if (emails.created.length + emails.destroyed.length > 0) changed.add('Quota');
    if (threads.created.length + threads.updated.length + threads.destroyed.length > 0) changed.add('Thread');
    const { created, updated, counted, destroyed } = mailboxes;
    if (created.length + updated.length + counted.length + destroyed.length > 0) changed.add('Mailbox');
  }
  return [...changed];
}
