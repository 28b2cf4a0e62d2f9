/**
 * The door to one account's mail: what IMAP, POP3, JMAP and the rest may do to it. Whoever holds one has been
 * allowed to; nothing reached through it belongs to another account.
 */
import { isMailError, MailError } from '#base/errors.ts';
import type { AccountId, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#base/ids.ts';
import { LruMap } from '#base/lru-map.ts';
import type { ChangesWindow, EmailQuery, MatchText, QueryAnswer, QueryChanges, QueryWindow } from './email-query.ts';
import { findByLevels, mailboxPaths, parseMailboxPath } from './mailbox-name.ts';
import { IndexShelf } from './index-shelf.ts';
import { MAIL_LIMITS } from './limits.ts';
import { MailboxIndex } from './mailbox-index.ts';
import type { MailOperationArgs, MailOperationName, MailOperationResult } from './operations.ts';
import type {
  DeletionListRow,
  EmailListRow,
  MailReader,
  MailStore,
  OperationOutcome,
  TimeRow,
  TimeStretch,
} from './ports/mail-store.ts';
import { prepareMessage, shortHash } from './prepare-message.ts';
import { queryEmailChanges } from './query/query-email-changes.ts';
import { queryEmails, type QueryContext, type QueryResults } from './query/query-emails.ts';
import type { AccountRow, ChangeRecord, DeletedBy, EmailRow, MailboxRow, PreparedMessage } from './types.ts';
import type { MimePart } from '#mime/structure.ts';

/** A mailbox with its place in the tree. */
export interface MailboxListing extends MailboxRow {
  /** Levels joined by `/`. */
  readonly path: string;
}

/** What the sessions share that have one mailbox open. */
interface OpenIndex {
  readonly index: MailboxIndex;
  users: number;
  /** Uids below were claimed as \Recent, by whomever. */
  claimedBelow: number;
  /** The last claim; never rejects. */
  claiming: Promise<unknown>;
}

export interface EmptyArgs {
  readonly mailboxId: MailboxId;
  readonly below: number;
  readonly into?: MailboxId | undefined;
  readonly atMost?: number;
  /** As in ExpungeArgs. */
  readonly by?: DeletedBy;
}

export interface Emptied {
  readonly emptied: number;
  readonly left: number;
}

export class MailAccount {
  readonly accountId: AccountId;
  readonly #store: MailStore;
  readonly #reader: MailReader;
  readonly #shelf: IndexShelf;
  readonly #firstEntries: number;
  readonly #keepsDeletions: boolean;
  readonly #results: QueryResults;
  readonly #indexes = new Map<MailboxId, OpenIndex>();
  #listing: { readonly modSeq: ModSeq; readonly mailboxes: readonly MailboxListing[] } | undefined;

  /** `shelf` keeps indexes over from one session to the next, `results` what queries found; accounts of one thread share them. */
  constructor(
    store: MailStore,
    accountId: AccountId,
    shelf = new IndexShelf(0),
    firstEntries: number = MAIL_LIMITS.firstEntries,
    results: QueryResults = new LruMap(0),
    keepsDeletions = true,
  ) {
    this.#keepsDeletions = keepsDeletions;
    this.#results = results;
    this.#store = store;
    this.#shelf = shelf;
    this.#firstEntries = firstEntries;
    this.#reader = store.reader;
    this.accountId = accountId;
  }

  /** The account's state now; every change makes it greater. 0 before the account has anything. */
  modSeq(): Promise<ModSeq> {
    return this.#reader.modSeq(this.accountId);
  }

  /** Usage and quota. Throws `notFound` when the account has nothing yet. */
  async status(): Promise<AccountRow> {
    const row = await this.#reader.account(this.accountId);
    if (row === undefined) throw new MailError('notFound', 'no such account');
    return row;
  }

  /** Whether a message of so many octets fits the quota now. An account that has nothing yet has room. */
  async hasRoomFor(bytes: number): Promise<boolean> {
    const row = await this.#reader.account(this.accountId);
    if (row === undefined) return true;
    const { usedBytes, quotaBytes, usedMessages, quotaMessages } = row;
    if (quotaMessages !== null && usedMessages >= quotaMessages) return false;
    return quotaBytes === null || usedBytes + bytes <= quotaBytes;
  }

  /** Every mailbox with its path, as of now, ordered by path with the inbox first. */
  async mailboxes(): Promise<readonly MailboxListing[]> {
    const modSeq = await this.modSeq();
    if (this.#listing?.modSeq !== modSeq) {
      const rows = await this.#reader.mailboxes(this.accountId);
      const paths = mailboxPaths(rows);
      const mailboxes = rows
        .map((row) => ({ ...row, path: paths.get(row.mailboxId) as string }))
        .toSorted((a, b) => compareListings(a, b));
      this.#listing = { modSeq, mailboxes };
    }
    return this.#listing.mailboxes;
  }

  async mailbox(mailboxId: MailboxId): Promise<MailboxListing | undefined> {
    return (await this.mailboxes()).find((row) => row.mailboxId === mailboxId);
  }

  /** As it is this moment, claims of \Recent included, which no modSeq tells of. */
  async mailboxNow(mailboxId: MailboxId): Promise<MailboxRow | undefined> {
    return (await this.#reader.mailboxes(this.accountId)).find((row) => row.mailboxId === mailboxId);
  }

  /** Paths subscribed to where there is no mailbox (any more), ordered. */
  async lostSubscriptions(): Promise<readonly string[]> {
    return (await this.#reader.lostSubscriptions(this.accountId)).toSorted();
  }

  /** As findName, and can be selected. */
  async findMailbox(path: string): Promise<MailboxListing | undefined> {
    const found = await this.findName(path);
    return found?.selectable === true ? found : undefined;
  }

  /** By path, `/` between levels, INBOX in any case; `undefined` also for a path that cannot be one. */
  async findName(path: string): Promise<MailboxListing | undefined> {
    const mailboxes = await this.mailboxes();
    const exact = mailboxes.find((row) => row.path === path);
    if (exact !== undefined) return exact;
    try {
      const found = findByLevels(mailboxes, parseMailboxPath(path));
      return mailboxes.find((row) => row.mailboxId === found?.mailboxId);
    } catch (error) {
      if (error instanceof MailError && error.code === 'invalid') return undefined;
      throw error;
    }
  }

  /**
   * The mailbox's rows, shared with every other session of this thread that has it open; not loaded yet unless one
   * of those, or one before, loaded it. Release it when done.
   */
  openIndex(mailboxId: MailboxId): { readonly index: MailboxIndex; release(): void } {
    let shared = this.#indexes.get(mailboxId);
    if (shared === undefined) {
      const index =
        this.#shelf.take(this.accountId, mailboxId) ??
        new MailboxIndex(this.#reader, this.accountId, mailboxId, this.#firstEntries);
      shared = { index, users: 0, claimedBelow: 0, claiming: Promise.resolve() };
      this.#indexes.set(mailboxId, shared);
    }
    const held = shared;
    held.users++;
    let isReleased = false;
    return {
      index: held.index,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        held.users--;
        if (held.users > 0) return;
        this.#indexes.delete(mailboxId);
        this.#shelf.put(held.index);
      },
    };
  }

  /** True while a session has a mailbox of the account open. */
  get isOpen(): boolean {
    return this.#indexes.size > 0;
  }

  /** Calls back after every change to the account from anywhere, until unsubscribed. */
  watch(listener: (modSeq: ModSeq) => void): () => void {
    return this.#store.watch(this.accountId, listener);
  }

  /** See MailReader.changes. */
  changes(since: ModSeq, limit: number): Promise<readonly ChangeRecord[] | undefined> {
    return this.#reader.changes(this.accountId, since, limit);
  }

  emails(emailIds: readonly EmailId[]): Promise<readonly EmailRow[]> {
    return this.#reader.emails(this.accountId, emailIds);
  }

  /** See MailReader.byTime. */
  emailsByTime(stretch: TimeStretch): Promise<readonly TimeRow[]> {
    return this.#reader.byTime(this.accountId, stretch);
  }

  listRows(emailIds: readonly EmailId[]): Promise<readonly EmailListRow[]> {
    return this.#reader.listRows(this.accountId, emailIds);
  }

  envelopes(emailIds: readonly EmailId[]): ReturnType<MailReader['envelopes']> {
    return this.#reader.envelopes(this.accountId, emailIds);
  }

  structure(emailId: EmailId): Promise<MimePart | undefined> {
    return this.#reader.structure(this.accountId, emailId);
  }

  thread(threadId: ThreadId): Promise<readonly EmailId[]> {
    return this.#reader.thread(this.accountId, threadId);
  }

  /** The Emails of several threads, each by receivedAt, then id; those that are gone are absent. */
  async threads(threadIds: readonly ThreadId[]): Promise<ReadonlyMap<ThreadId, readonly EmailId[]>> {
    const emails = await this.#reader.threadEmails(this.accountId, threadIds);
    const byThread = Map.groupBy(emails, ({ threadId }) => threadId);
    return new Map(Array.from(byThread, ([threadId, rows]) => [threadId, rows.map(({ emailId }) => emailId)]));
  }

  /** Those whose own Message-ID it is; at the cost of its conversation. */
  async findByMessageId(messageId: string): Promise<readonly EmailRow[]> {
    const threadIds = await this.#reader.threadsWith(this.accountId, shortHash(messageId));
    const emails = await this.#reader.threadEmails(this.accountId, threadIds);
    const summaries = await this.#reader.summaries(
      this.accountId,
      emails.map(({ emailId }) => emailId),
    );
    const own = summaries.filter(({ summary }) => summary.messageId[0] === messageId);
    return own.length === 0 ? [] : this.emails(own.map(({ emailId }) => emailId));
  }

  structures(emailIds: readonly EmailId[]): ReturnType<MailReader['structures']> {
    return this.#reader.structures(this.accountId, emailIds);
  }

  /**
   * A page of a query's result. Of one mailbox or of all mail, by time, a page costs what it holds and what is before
   * it; anything else reads what it has to judge, once for each state. Throws `invalid` (a keyword), and whatever
   * `matchText` throws, which a query with conditions on text needs.
   */
  queryEmails(query: EmailQuery, window: QueryWindow, matchText?: MatchText): Promise<QueryAnswer | 'anchorNotFound'> {
    return queryEmails(this.#queryContext(matchText), query, window);
  }

  /**
   * What makes the result at `since` the one of now. `cannotCalculate`: the log does not reach back, too much has
   * happened, or keeps happening. Throws as queryEmails does.
   */
  queryEmailChanges(
    query: EmailQuery,
    since: ModSeq,
    window: ChangesWindow = {},
    matchText?: MatchText,
  ): Promise<QueryChanges | 'cannotCalculate' | 'tooMany'> {
    return queryEmailChanges(this.#queryContext(matchText), query, since, window);
  }

  #queryContext(matchText: MatchText = noMatchText): QueryContext {
    return { reader: this.#reader, accountId: this.accountId, results: this.#results, matchText };
  }

  /** Octets [start, end) of the message. Throws `notFound`, `unavailable` (a damaged blob). */
  readMessage(emailId: EmailId, start?: number, end?: number): Promise<Buffer> {
    return this.#reader.readMessage(this.accountId, emailId, start, end);
  }

  /** Digest, hash and encode, on this thread. */
  prepareMessage(octets: Uint8Array): PreparedMessage {
    return prepareMessage(octets, (blob) => this.#store.prepareBlob(blob));
  }

  append(args: MailOperationArgs<'append'>): Promise<MailOperationResult<'append'>> {
    return this.#run('append', args);
  }

  copy(args: MailOperationArgs<'copy'>): Promise<MailOperationResult<'copy'>> {
    return this.#run('copy', args);
  }

  move(args: MailOperationArgs<'move'>): Promise<MailOperationResult<'move'>> {
    return this.#run('move', args);
  }

  /** Moves any number, operation after operation; what each has moved stays moved when a later one fails. */
  moveInSlices(args: MailOperationArgs<'move'>): AsyncGenerator<MailOperationResult<'move'>> {
    return this.#inSlices('move', args);
  }

  /** Any number, operation after operation; answers all that were expunged, ascending. */
  async expunge(given: Omit<MailOperationArgs<'expunge'>, 'atMost'>): Promise<readonly Uid[]> {
    const args = this.#asKept(given);
    const { uids } = args;
    if (uids !== undefined) {
      const results = await Array.fromAsync(this.#inSlices('expunge', { ...args, uids }));
      return results.flatMap(({ expunged }) => expunged);
    }
    const all: Uid[] = [];
    const atMost = MAIL_LIMITS.operationEmails;
    for (;;) {
      const { expunged } = await this.#run('expunge', { ...args, atMost });
      for (const uid of expunged) all.push(uid);
      if (expunged.length < atMost) return all;
    }
  }

  /** Any number, operation after operation; answers what they did together, and the modSeq of each that did anything. */
  async setKeywords(
    args: MailOperationArgs<'setKeywords'>,
  ): Promise<Omit<MailOperationResult<'setKeywords'>, 'modSeq'> & { readonly modSeqs: readonly ModSeq[] }> {
    const results = await Array.fromAsync(this.#inSlices('setKeywords', args));
    return {
      modSeqs: results.filter(({ changed }) => changed.length > 0).map(({ modSeq }) => modSeq),
      changed: results.flatMap(({ changed }) => changed),
      modified: results.flatMap(({ modified }) => modified),
      missing: results.flatMap(({ missing }) => missing),
    };
  }

  /**
   * Changes and destroys Emails by id, each by itself, all in one change (RFC 8621 §4.6). On stable storage when
   * answered, unless only keywords change. Throws `stateMismatch`, `limit`.
   */
  setEmails(args: MailOperationArgs<'setEmails'>): Promise<MailOperationResult<'setEmails'>> {
    const { update, destroy, by: _, ...condition } = args;
    const isOfKeywords = destroy.length === 0 && update.every(({ mailboxes }) => mailboxes === undefined);
    return isOfKeywords
      ? this.#run('setEmailKeywords', { ...condition, update })
      : this.#run('setEmails', this.#asKept(args));
  }

  /**
   * Uids below `below` that nobody claimed become the caller's, to whom alone they are \Recent. For a mailbox that is
   * open: its sessions claim in turn, so that the store is asked once for all of them. Throws `notFound`.
   */
  async claimRecent(args: MailOperationArgs<'claimRecent'>): Promise<MailOperationResult<'claimRecent'>> {
    const shared = this.#indexes.get(args.mailboxId);
    if (shared === undefined) return this.#run('claimRecent', args);
    const claim = shared.claiming.then(async () => {
      if (shared.claimedBelow >= args.below) return { from: args.below, to: args.below };
      const claimed = await this.#run('claimRecent', args);
      shared.claimedBelow = claimed.to;
      return claimed;
    });
    shared.claiming = claim.catch(() => undefined);
    return claim;
  }

  /** Takes an Email away, unless it is to be unread and is not. */
  recall(args: MailOperationArgs<'recall'>): Promise<MailOperationResult<'recall'>> {
    return this.#run('recall', args);
  }

  /** What was deleted and can be had back, the latest first; those below `below`. */
  latestDeletions(limit: number, below?: DeletionId): Promise<readonly DeletionListRow[]> {
    return this.#reader.latestDeletions(this.accountId, limit, below);
  }

  /** Those that exist, the latest first. */
  deletions(deletionIds: readonly DeletionId[]): Promise<readonly DeletionListRow[]> {
    return this.#reader.deletions(this.accountId, deletionIds);
  }

  /** Puts back what was deleted, all or none; durable. Throws `overQuota`, `limit`. */
  recoverDeletions(args: MailOperationArgs<'recoverDeletions'>): Promise<MailOperationResult<'recoverDeletions'>> {
    return this.#run('recoverDeletions', args);
  }

  /** Lets it go for good. Throws `limit`. */
  destroyDeletions(args: MailOperationArgs<'destroyDeletions'>): Promise<MailOperationResult<'destroyDeletions'>> {
    return this.#run('destroyDeletions', args);
  }

  createMailbox(args: MailOperationArgs<'createMailbox'>): Promise<MailOperationResult<'createMailbox'>> {
    return this.#run('createMailbox', args);
  }

  renameMailbox(args: MailOperationArgs<'renameMailbox'>): Promise<void> {
    return this.#run('renameMailbox', args);
  }

  updateMailbox(args: MailOperationArgs<'updateMailbox'>): Promise<void> {
    return this.#run('updateMailbox', args);
  }

  updateMailboxes(args: MailOperationArgs<'updateMailboxes'>): Promise<void> {
    return this.#run('updateMailboxes', args);
  }

  /**
   * Removes a mailbox. One with many Emails is emptied first, operation after operation; what has gone stays gone when a
   * later one fails.
   */
  async deleteMailbox(args: MailOperationArgs<'deleteMailbox'>): Promise<void> {
    const { mailboxId, removeEmails, by } = args;
    const row = await this.mailboxNow(mailboxId);
    if (removeEmails && row !== undefined && row.totalEmails > MAIL_LIMITS.operationEmails) {
      if (!(await this.#isOnlyFull(args))) return;
      await this.empty({ mailboxId, below: row.uidNext, ...(by && { by }) });
    }
    await this.#run('deleteMailbox', this.#asKept(args));
  }

  /** Whether Emails are all that keeps a mailbox from being removed; it is, when there are none any more. Throws as that would. */
  async #isOnlyFull(args: MailOperationArgs<'deleteMailbox'>): Promise<boolean> {
    try {
      await this.#run('deleteMailbox', { ...args, removeEmails: false });
      return false;
    } catch (error) {
      if (isMailError(error, 'inUse') && error.data['reason'] === 'emails') return true;
      throw error;
    }
  }

  /**
   * Takes Emails with uids below `below` out of a mailbox, the lowest first, operation after operation: for good, or `into`
   * another one, where those go that are nowhere else. `emptied` of at most `atMost`; how many are `left` of those. Throws
   * `notFound`.
   */
  async empty({ mailboxId, below, into, atMost = Infinity, by }: EmptyArgs): Promise<Emptied> {
    const { uids, emailIds } = await this.#reader.entries(this.accountId, mailboxId, 1, below - 1);
    const count = Math.min(uids.length, atMost);
    const left = uids.length - count;
    if (into === undefined) {
      const some = { mailboxId, uids: Array.from(uids.subarray(0, count)), onlyDeleted: false };
      return { emptied: (await this.expunge({ ...some, ...(by && { by }) })).length, left };
    }
    let emptied = 0;
    for (let at = 0; at < count; at += MAIL_LIMITS.operationEmails) {
      const ids = Array.from(emailIds.subarray(at, Math.min(count, at + MAIL_LIMITS.operationEmails))) as EmailId[];
      const update = (await this.emails(ids)).map(({ emailId, placements }) => {
        const isElsewhere = placements.some((placement) => placement.mailboxId !== mailboxId);
        return { emailId, mailboxes: { remove: [mailboxId], ...(!isElsewhere && { add: [into] }) } };
      });
      emptied += (await this.setEmails({ update, destroy: [] })).updated.length;
    }
    return { emptied, left };
  }

  setSubscription(args: MailOperationArgs<'setSubscription'>): Promise<void> {
    return this.#run('setSubscription', args);
  }

  /** Answers whether uids of another system's mailbox are kept (AppendItem.foreign). Throws `notFound`. */
  takeOverUids(args: MailOperationArgs<'takeOverUids'>): Promise<boolean> {
    return this.#run('takeOverUids', args);
  }

  setQuota(args: MailOperationArgs<'setQuota'>): Promise<void> {
    return this.#run('setQuota', args);
  }

  /** Makes the first mailboxes unless the account has them. */
  provision(args: MailOperationArgs<'provisionAccount'> = {}): Promise<boolean> {
    return this.#run('provisionAccount', args);
  }

  /** To be done once to an account that came back from a backup. */
  renew(): Promise<void> {
    return this.#run('renewAccount', {});
  }

  /** Removes all mail of the account for good. */
  deleteAll(): Promise<void> {
    return this.#run('deleteAccount', {});
  }

  /** Nobody deletes by name where nothing is kept; what a program says of itself is cut short. */
  #asKept<Args extends { readonly by?: DeletedBy }>(args: Args): Args {
    const { by, ...others } = args;
    if (by === undefined) return args;
    const agent = by.agent.slice(0, MAIL_LIMITS.agentLength).toWellFormed().replaceAll('\0', '');
    return { ...others, ...(this.#keepsDeletions && { by: { ...by, agent } }) } as Args;
  }

  /** One operation for each so many of `uids`; at least one. */
  async *#inSlices<Name extends 'move' | 'expunge' | 'setKeywords'>(
    name: Name,
    args: MailOperationArgs<Name> & { readonly uids: readonly number[] },
  ): AsyncGenerator<MailOperationResult<Name>> {
    const { uids } = args;
    for (let at = 0; at === 0 || at < uids.length; at += MAIL_LIMITS.operationEmails) {
      yield await this.#run(name, { ...args, uids: uids.slice(at, at + MAIL_LIMITS.operationEmails) });
    }
  }

  async #run<Name extends MailOperationName>(
    name: Name,
    args: MailOperationArgs<Name>,
  ): Promise<MailOperationResult<Name>> {
    const [outcome] = await this.#store.run([{ accountId: this.accountId, name, args }]);
    return unwrapOutcome(outcome as OperationOutcome) as MailOperationResult<Name>;
  }
}

/** The value, or its MailError; a fault becomes a plain Error, which no engine mistakes for an answer. */
export function unwrapOutcome(outcome: OperationOutcome): unknown {
  if (outcome.ok) return outcome.value;
  const { error } = outcome;
  if (error.code === 'fault') throw new Error(error.message);
  throw new MailError(error.code, error.message, { data: { ...error.data } });
}

const noMatchText: MatchText = () => {
  throw new MailError('unavailable', 'there is nothing to search texts with');
};

function compareListings(a: MailboxListing, b: MailboxListing): number {
  const aIsInbox = a.path === 'INBOX' ? 0 : 1;
  const bIsInbox = b.path === 'INBOX' ? 0 : 1;
  return aIsInbox - bIsInbox || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}
