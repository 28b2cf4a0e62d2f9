/**
 * One atomic change to one account under way. Operations say what happens to Emails and Mailboxes; counts, quota,
 * uids, modSeq and the change log follow here, so that no operation can forget them.
 */
import { MailError } from '#base/errors.ts';
import type { AccountId, DeletionId, EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#base/ids.ts';
import { MAIL_LIMITS } from '#mail/limits.ts';
import { mailboxPaths } from '#mail/mailbox-name.ts';
import { countThread, isUnread } from '#mail/thread-counts.ts';
import type { MailTransaction } from '#mail/ports/mail-store.ts';
import {
  FLAG,
  type AccountRow,
  type ChangeRecord,
  type DeletedBy,
  type DeletionRow,
  type EmailRow,
  type EntryChanges,
  type MailboxRole,
  type MailboxRow,
  type Placement,
  type ThreadEmail,
} from '#mail/types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface EntryLists {
  added: number[];
  changed: number[];
  expunged: number[];
}

/** A new Email before ids are given: `placements` name the Mailboxes, uids are allocated. */
export type NewEmail = Omit<EmailRow, 'emailId' | 'modSeq' | 'placements'> & {
  readonly mailboxes: readonly {
    readonly mailboxId: MailboxId;
    readonly deleted: boolean;
    /** What it had in another system, under that uidValidity. */
    readonly foreign?: ForeignUid;
  }[];
};

export interface ForeignUid {
  readonly uidValidity: number;
  readonly uid: number;
}

export class AccountChange {
  readonly tx: MailTransaction;
  /** What every row touched by this change carries. */
  readonly modSeq: ModSeq;
  readonly #account: Mutable<AccountRow>;
  /** As they were, but for those touched: these are copies of our own. */
  readonly #mailboxes = new Map<MailboxId, MailboxRow>();
  /** The Mailboxes to be written, with the role that each had. */
  readonly #touched = new Map<MailboxId, MailboxRole | null>();
  readonly #entries = new Map<MailboxId, EntryLists>();
  readonly #record = {
    emails: { created: [] as EmailId[], updated: [] as EmailId[], destroyed: [] as EmailId[] },
    threads: { created: [] as ThreadId[], updated: [] as ThreadId[], destroyed: [] as ThreadId[] },
    mailboxes: {
      created: [] as MailboxId[],
      updated: [] as MailboxId[],
      counted: [] as MailboxId[],
      destroyed: [] as MailboxId[],
    },
  };
  /** What this change touches so that threads may count differently: as they were, and as they are now. */
  readonly #threads = new Map<
    ThreadId,
    { readonly before: readonly ThreadEmail[]; readonly now: Map<EmailId, ThreadEmail> }
  >();
  /** The threads that new Emails are given to, with how many they then have; a full one's successor stands in its place. */
  readonly #joined = new Map<ThreadId, { readonly threadId: ThreadId; emails: number }>();
  readonly #trashBefore: MailboxId | undefined;
  #changed = false;
  #pathsChanged = false;
  /** Paths whose subscription outlives their mailbox. */
  #keptSubscriptions: readonly string[] = [];

  constructor(tx: MailTransaction, account: AccountRow, mailboxes: readonly MailboxRow[]) {
    this.tx = tx;
    this.#account = { ...account };
    for (const row of mailboxes) this.#mailboxes.set(row.mailboxId, row);
    this.#trashBefore = this.#trash();
    this.modSeq = (account.modSeq + 1) as ModSeq;
  }

  get account(): AccountRow {
    return this.#account;
  }

  get mailboxes(): Iterable<MailboxRow> {
    return this.#mailboxes.values();
  }

  findMailbox(mailboxId: MailboxId): MailboxRow | undefined {
    return this.#mailboxes.get(mailboxId);
  }

  /** Throws `notFound`. */
  mailbox(mailboxId: MailboxId): MailboxRow {
    const row = this.#mailboxes.get(mailboxId);
    if (row === undefined) throw new MailError('notFound', 'no such mailbox');
    return row;
  }

  /** One that can hold Emails. Throws `notFound`. */
  target(mailboxId: MailboxId): MailboxRow {
    const row = this.mailbox(mailboxId);
    if (!row.selectable) throw new MailError('notFound', 'no such mailbox');
    return row;
  }

  /** The mailbox's row to be changed. Throws `notFound`. */
  #touch(mailboxId: MailboxId): Mutable<MailboxRow> {
    const row = this.mailbox(mailboxId);
    if (this.#touched.has(mailboxId)) return row;
    const copy = { ...row };
    this.#mailboxes.set(mailboxId, copy);
    this.#touched.set(mailboxId, row.role);
    return copy;
  }

  /** Throws `overQuota` when `messages` more Emails of `bytes` octets in all would not fit. */
  requireQuota(bytes: number, messages: number): void {
    const { usedBytes, usedMessages, quotaBytes, quotaMessages } = this.#account;
    if (quotaBytes !== null && usedBytes + bytes > quotaBytes) {
      throw new MailError('overQuota', 'the mailbox is full', { data: { usedBytes, quotaBytes } });
    }
    if (quotaMessages !== null && usedMessages + messages > quotaMessages) {
      throw new MailError('overQuota', 'the mailbox holds as many messages as it may', {
        data: { usedMessages, quotaMessages },
      });
    }
  }

  setQuota(quotaBytes: number | null, quotaMessages: number | null): void {
    this.#account.quotaBytes = quotaBytes;
    this.#account.quotaMessages = quotaMessages;
    this.#changed = true;
  }

  async insertMailbox(
    properties: Pick<MailboxRow, 'parentId' | 'name' | 'role' | 'subscribed' | 'sortOrder'> &
      Partial<Pick<MailboxRow, 'selectable'>>,
  ): Promise<MailboxRow> {
    const mailboxId = this.#account.nextMailboxId++ as MailboxId;
    const row: Mutable<MailboxRow> = {
      selectable: true,
      ...properties,
      mailboxId,
      uidValidity: this.#newUidValidity(mailboxId),
      uidNext: 1,
      ownUidsFrom: 0,
      recentFrom: 1,
      recentEmails: 0,
      totalEmails: 0,
      unreadEmails: 0,
      unreadDrafts: 0,
      totalThreads: 0,
      unreadThreads: 0,
      deletedEmails: 0,
      sizeBytes: 0,
      modSeq: this.modSeq,
      propertiesModSeq: this.modSeq,
      uidMarks: null,
    };
    this.#mailboxes.set(mailboxId, row);
    this.#record.mailboxes.created.push(mailboxId);
    this.#changed = true;
    this.#pathsChanged = true;
    await this.tx.insertMailbox(row);
    return row;
  }

  updateMailbox(
    mailboxId: MailboxId,
    patch: Partial<Pick<MailboxRow, 'parentId' | 'name' | 'role' | 'subscribed' | 'sortOrder' | 'selectable'>>,
  ): void {
    const row = this.#touch(mailboxId);
    Object.assign(row, patch);
    row.propertiesModSeq = this.modSeq;
    if (!this.#record.mailboxes.updated.includes(mailboxId)) this.#record.mailboxes.updated.push(mailboxId);
    this.#changed = true;
    if (patch.parentId !== undefined || patch.name !== undefined) this.#pathsChanged = true;
  }

  /** What is subscribed to now stays so by name, whatever this change does to the mailboxes (RFC 3501 §6.3.6). */
  keepSubscriptions(): void {
    const paths = mailboxPaths(this.#mailboxes.values());
    this.#keptSubscriptions = [...this.#mailboxes.values()].flatMap(({ mailboxId, subscribed }) =>
      subscribed ? (paths.get(mailboxId) ?? []) : [],
    );
  }

  /** Whatever a client knows of the mailbox's uids no longer holds. */
  renewUids(mailboxId: MailboxId): void {
    this.updateMailbox(mailboxId, {});
    const row = this.#touch(mailboxId);
    row.uidValidity = Math.max(row.uidValidity + 1, this.#newUidValidity(mailboxId));
    row.ownUidsFrom = 0;
    row.modSeq = this.modSeq;
  }

  /** Nobody knows any uid of the mailbox; from now on those below `ownUidsFrom` are what they were in another system. */
  takeOverUids(mailboxId: MailboxId, uidValidity: number, ownUidsFrom: number): void {
    this.updateMailbox(mailboxId, {});
    Object.assign(this.#touch(mailboxId), { uidValidity, ownUidsFrom, modSeq: this.modSeq });
  }

  // RFC 9051 §2.3.1.1: a mailbox created anew under an old name needs a greater uidValidity. Ids only grow, so two
  // creations in one second differ; the clock keeps the value growing over a restore from backup.
  #newUidValidity(mailboxId: MailboxId): number {
    return Math.floor(this.tx.nowMs / 1000) + mailboxId;
  }

  /** The mailbox must have been emptied before. */
  async deleteMailbox(mailboxId: MailboxId): Promise<void> {
    this.mailbox(mailboxId);
    this.#mailboxes.delete(mailboxId);
    this.#touched.delete(mailboxId);
    this.#entries.delete(mailboxId);
    this.#record.mailboxes.destroyed.push(mailboxId);
    this.#changed = true;
    this.#pathsChanged = true;
    await this.tx.deleteMailbox(mailboxId);
  }

  allocateThread(): ThreadId {
    const threadId = this.#account.nextThreadId++ as ThreadId;
    // New without asking: the common case of a first message.
    this.#threads.set(threadId, { before: [], now: new Map() });
    this.#joined.set(threadId, { threadId, emails: 1 });
    return threadId;
  }

  /** Where one more Email of a thread goes: into it, or into its successor when it is full. */
  async joinThread(threadId: ThreadId): Promise<ThreadId> {
    await this.openThreads([threadId]);
    const joined = this.#joined.get(threadId) ?? { threadId, emails: this.#threads.get(threadId)?.now.size ?? 0 };
    if (joined.emails < MAIL_LIMITS.threadEmails) {
      joined.emails++;
      this.#joined.set(threadId, joined);
      return joined.threadId;
    }
    const successor = this.allocateThread();
    this.#joined.set(threadId, this.#joined.get(successor) ?? joined);
    return successor;
  }

  /** Whether any Email of a thread that was joined has a keyword without a bit of its own. */
  threadHas(threadId: ThreadId, keyword: string): boolean {
    for (const { keywords } of this.#threads.get(threadId)?.now.values() ?? [])
      if (keywords.includes(keyword)) return true;
    return false;
  }

  /** Reads at once what the threads hold: before this change writes anything that makes them count otherwise. */
  async openThreads(threadIds: Iterable<ThreadId>): Promise<void> {
    const missing = [...new Set(threadIds)].filter((threadId) => !this.#threads.has(threadId));
    if (missing.length === 0) return;
    const byThread = Map.groupBy(await this.tx.threadEmails(missing), ({ threadId }) => threadId);
    for (const threadId of missing) {
      const before = byThread.get(threadId) ?? [];
      this.#threads.set(threadId, { before, now: new Map(before.map((email) => [email.emailId, email])) });
    }
  }

  async insertEmails(news: readonly NewEmail[]): Promise<EmailRow[]> {
    await this.openThreads(news.map(({ threadId }) => threadId));
    const rows = news.map(({ mailboxes, ...email }): EmailRow => {
      const row: EmailRow = {
        ...email,
        emailId: this.#account.nextEmailId++ as EmailId,
        modSeq: this.modSeq,
        placements: mailboxes
          .map(({ mailboxId, deleted, foreign }) => ({
            mailboxId,
            uid: this.#allocateUid(mailboxId, foreign),
            deleted,
          }))
          .toSorted((a, b) => a.mailboxId - b.mailboxId),
      };
      for (const placement of row.placements) this.#count(placement, row, 1);
      this.#account.usedBytes += row.sizeBytes;
      this.#account.usedMessages += 1;
      this.#record.emails.created.push(row.emailId);
      this.#threads.get(row.threadId)?.now.set(row.emailId, row);
      return row;
    });
    this.#changed = true;
    await this.tx.insertEmails(rows);
    return rows;
  }

  /**
   * Replaces flags, keywords and placements of Emails. A placement with uid 0 is new and gets a uid, in the order
   * the Emails are given. Returns the rows as written. Every Email keeps at least one placement.
   */
  async updateEmails(
    changes: readonly {
      readonly before: EmailRow;
      readonly after: Pick<EmailRow, 'flags' | 'keywords' | 'placements'>;
    }[],
  ): Promise<EmailRow[]> {
    await this.openThreads(
      changes.filter(({ before, after }) => countsOtherwise(before, after)).map(({ before }) => before.threadId),
    );
    const written = changes.map(({ before, after }) => {
      const row: EmailRow = {
        ...before,
        ...after,
        placements: after.placements
          .map((p) => (p.uid === 0 ? { ...p, uid: this.#allocateUid(p.mailboxId) } : p))
          .toSorted((a, b) => a.mailboxId - b.mailboxId),
        modSeq: this.modSeq,
      };
      this.#recount(before, row);
      this.#threads.get(row.threadId)?.now.set(row.emailId, row);
      this.#record.emails.updated.push(row.emailId);
      return { before, after: row };
    });
    if (written.length > 0) this.#changed = true;
    await this.tx.updateEmails(written);
    return written.map(({ after }) => after);
  }

  /** `by`: whoever deletes them; absent for those that go for another reason, and cannot be had back. */
  async destroyEmails(rows: readonly EmailRow[], by?: DeletedBy): Promise<void> {
    await this.openThreads(rows.map(({ threadId }) => threadId));
    for (const row of rows) {
      for (const placement of row.placements) this.#count(placement, row, -1);
      this.#account.usedBytes -= row.sizeBytes;
      this.#account.usedMessages -= 1;
      this.#record.emails.destroyed.push(row.emailId);
      this.#threads.get(row.threadId)?.now.delete(row.emailId);
    }
    if (rows.length > 0) this.#changed = true;
    await this.tx.deleteEmails(rows);
    if (by !== undefined) await this.#keepDeletions(rows, by);
  }

  /**
   * What leaves can be had back, within limits that the oldest makes room for. Drafts in their own mailbox are not kept:
   * programs replace them with every pause of their author.
   */
  async #keepDeletions(rows: readonly EmailRow[], { way, login, agent }: DeletedBy): Promise<void> {
    const { nowMs } = this.tx;
    const isKept = ({ flags, placements }: EmailRow): boolean =>
      (flags & FLAG.DRAFT) === 0 || placements.every(({ mailboxId }) => this.mailbox(mailboxId).role !== 'drafts');
    const kept = latestWithin(rows.filter(isKept));
    if (kept.length === 0) return;
    const paths = mailboxPaths(this.#mailboxes.values());
    const deletions = kept.map((row): DeletionRow => {
      const { emailId, blobKey, threadId, receivedAt, sizeBytes, flags, keywords, placements } = row;
      const { mailboxId } = placements[0] as Placement;
      const path = paths.get(mailboxId) ?? '';
      const deletionId = this.#account.nextDeletionId++ as DeletionId;
      const email = { emailId, blobKey, threadId, receivedAt, sizeBytes, flags, keywords };
      return { ...email, deletionId, deletedAt: nowMs, mailboxId, path, way, login, agent };
    });
    const bytes = sumOfSizes(deletions);
    await this.#dropOldest(deletions.length, bytes);
    this.#account.deletions += deletions.length;
    this.#account.deletionBytes += bytes;
    await this.tx.insertDeletions(deletions);
  }

  /** Makes room for so many more deletions of so many octets. */
  async #dropOldest(count: number, bytes: number): Promise<void> {
    const isFull = (): boolean =>
      this.#account.deletions + count > MAIL_LIMITS.deletions ||
      this.#account.deletionBytes + bytes > MAIL_LIMITS.deletionBytes;
    // Mostly as many go as come.
    for (let limit = count; isFull(); limit *= 2) {
      const doomed: DeletionRow[] = [];
      for (const row of await this.tx.oldestDeletions(Math.min(limit, MAIL_LIMITS.operationEmails))) {
        if (!isFull()) break;
        this.#account.deletions -= 1;
        this.#account.deletionBytes -= row.sizeBytes;
        doomed.push(row);
      }
      if (doomed.length === 0) return;
      await this.tx.deleteDeletions(doomed);
    }
  }

  /** They are had back, or gone for good. */
  async removeDeletions(rows: readonly DeletionRow[]): Promise<void> {
    this.#account.deletions -= rows.length;
    this.#account.deletionBytes -= sumOfSizes(rows);
    await this.tx.deleteDeletions(rows);
  }

  /** Takes the Emails out of one mailbox; those that were nowhere else are destroyed, as `destroyEmails` does. */
  async removeFromMailbox(mailboxId: MailboxId, emails: readonly EmailRow[], by?: DeletedBy): Promise<void> {
    const staying = emails.filter((email) => email.placements.length > 1);
    const leaving = emails.filter((email) => email.placements.length === 1);
    await this.updateEmails(
      staying.map((before) => ({
        before,
        after: { ...before, placements: before.placements.filter((p) => p.mailboxId !== mailboxId) },
      })),
    );
    await this.destroyEmails(leaving, by);
  }

  /** A foreign one is kept where it means the same here, and is above all that were ever given. */
  #allocateUid(mailboxId: MailboxId, foreign?: ForeignUid): Uid {
    const mailbox = this.#touch(mailboxId);
    const { uidNext, ownUidsFrom, uidValidity } = mailbox;
    const isKept = foreign?.uidValidity === uidValidity && foreign.uid >= uidNext && foreign.uid < ownUidsFrom;
    const uid = isKept ? foreign.uid : Math.max(uidNext, ownUidsFrom);
    if (uid >= 0xffff_ffff) throw new MailError('limit', 'the mailbox has used up its uids');
    mailbox.uidNext = uid + 1;
    return uid as Uid;
  }

  #lists(mailboxId: MailboxId): EntryLists {
    let lists = this.#entries.get(mailboxId);
    if (lists === undefined) {
      lists = { added: [], changed: [], expunged: [] };
      this.#entries.set(mailboxId, lists);
    }
    return lists;
  }

  #count(placement: Placement, email: EmailRow, sign: 1 | -1): void {
    this.#tally(placement, email, sign);
    const lists = this.#lists(placement.mailboxId);
    (sign === 1 ? lists.added : lists.expunged).push(placement.uid);
  }

  #tally(placement: Placement, email: EmailRow, sign: 1 | -1): void {
    const mailbox = this.#touch(placement.mailboxId);
    mailbox.totalEmails += sign;
    mailbox.sizeBytes += sign * email.sizeBytes;
    if ((email.flags & FLAG.SEEN) === 0) {
      mailbox.unreadEmails += sign;
      if (!isUnread(email)) mailbox.unreadDrafts += sign;
    }
    if (placement.deleted) mailbox.deletedEmails += sign;
    if (placement.uid >= mailbox.recentFrom) mailbox.recentEmails += sign;
    mailbox.modSeq = this.modSeq;
  }

  #recount(before: EmailRow, after: EmailRow): void {
    for (const old of before.placements) {
      const kept = after.placements.find((p) => p.mailboxId === old.mailboxId && p.uid === old.uid);
      if (kept === undefined) {
        this.#count(old, before, -1);
      } else {
        this.#tally(old, before, -1);
        this.#tally(kept, after, 1);
        this.#lists(old.mailboxId).changed.push(old.uid);
      }
    }
    for (const placement of after.placements) {
      const isNew = !before.placements.some((p) => p.mailboxId === placement.mailboxId && p.uid === placement.uid);
      if (isNew) this.#count(placement, after, 1);
    }
  }

  /** Writes what the change amounts to; without any change, nothing, and modSeq stays. */
  async finish(): Promise<void> {
    if (!this.#changed) return;
    await this.#settleThreads();
    if (this.#pathsChanged) await this.#settleSubscriptions();
    const { created, updated, destroyed } = this.#record.mailboxes;
    const counted: MailboxId[] = [];
    for (const [mailboxId, roleBefore] of this.#touched) {
      const row = this.#mailboxes.get(mailboxId);
      if (row === undefined) continue;
      // What lies there was not put there to go.
      if (row.role !== roleBefore) this.#touch(mailboxId).uidMarks = null;
      if (!created.includes(mailboxId) && !updated.includes(mailboxId)) counted.push(mailboxId);
      await this.tx.updateMailbox(row);
    }
    this.#account.modSeq = this.modSeq;
    await this.tx.updateAccount(this.#account);
    const record: ChangeRecord = {
      modSeq: this.modSeq,
      emails: { ...this.#record.emails, updated: [...new Set(this.#record.emails.updated)] },
      threads: this.#record.threads,
      mailboxes: { created, updated, counted, destroyed },
      entries: Array.from(this.#entries, ([mailboxId, lists]) => ({ mailboxId, ...sortLists(lists) })),
    };
    await this.tx.appendChange(record);
  }

  /** A subscription belongs to its mailbox while there is one of that name, and is kept apart while there is none. */
  async #settleSubscriptions(): Promise<void> {
    const lost = new Set(await this.tx.lostSubscriptions());
    if (lost.size === 0 && this.#keptSubscriptions.length === 0) return;
    const byPath = new Map(Array.from(mailboxPaths(this.#mailboxes.values()), ([id, path]) => [path, id]));
    const back: string[] = [];
    for (const path of lost) {
      const mailboxId = byPath.get(path);
      if (mailboxId === undefined) continue;
      this.updateMailbox(mailboxId, { subscribed: true });
      back.push(path);
    }
    const newlyLost = this.#keptSubscriptions.filter((path) => !byPath.has(path) && !lost.has(path));
    if (lost.size - back.length + newlyLost.length > MAIL_LIMITS.lostSubscriptions) {
      throw new MailError('limit', 'too many subscriptions of mailboxes that are gone, please unsubscribe some');
    }
    await this.tx.deleteLostSubscriptions(back);
    await this.tx.insertLostSubscriptions(newlyLost);
  }

  async #settleThreads(): Promise<void> {
    const { created, updated, destroyed } = this.#record.threads;
    const trash = this.#trash();
    if (trash !== this.#trashBefore) await this.#openThreadsIn([trash, this.#trashBefore]);
    for (const [threadId, { before, now }] of this.#threads) {
      const isSame = before.length === now.size && before.every(({ emailId }) => now.has(emailId));
      if (!isSame) (before.length === 0 ? created : now.size === 0 ? destroyed : updated).push(threadId);
      const was = countThread(before, this.#trashBefore);
      const is = countThread(now.values(), trash);
      for (const mailboxId of new Set([...was.keys(), ...is.keys()]))
        this.#addThread(mailboxId, was.get(mailboxId), is.get(mailboxId));
    }
  }

  /** A thread is unread in a mailbox, is there otherwise, or is not there at all. */
  #addThread(mailboxId: MailboxId, was: boolean | undefined, is: boolean | undefined): void {
    if (was === is || !this.#mailboxes.has(mailboxId)) return;
    const mailbox = this.#touch(mailboxId);
    mailbox.totalThreads += Number(is !== undefined) - Number(was !== undefined);
    mailbox.unreadThreads += Number(is === true) - Number(was === true);
  }

  /** Another mailbox became the trash: all that is in either counts otherwise. */
  async #openThreadsIn(mailboxIds: readonly (MailboxId | undefined)[]): Promise<void> {
    for (const mailboxId of mailboxIds) {
      if (mailboxId === undefined || (this.#mailboxes.get(mailboxId)?.totalEmails ?? 0) === 0) continue;
      const found = await this.tx.emailsIn(mailboxId);
      await this.openThreads(found.map(({ email }) => email.threadId));
    }
  }

  #trash(): MailboxId | undefined {
    for (const { mailboxId, role } of this.#mailboxes.values()) if (role === 'trash') return mailboxId;
    return undefined;
  }
}

/** Whether an update can make the Email's thread count otherwise: `\Flagged` and the like cost threads nothing. */
function countsOtherwise(
  before: Pick<EmailRow, 'flags' | 'placements'>,
  after: Pick<EmailRow, 'flags' | 'placements'>,
): boolean {
  return (
    isUnread(before) !== isUnread(after) ||
    before.placements.length !== after.placements.length ||
    before.placements.some(({ mailboxId }) => !after.placements.some((other) => other.mailboxId === mailboxId))
  );
}

/** As many of the last as may be kept at all. */
function latestWithin(rows: readonly EmailRow[]): readonly EmailRow[] {
  let at = rows.length;
  let bytes = 0;
  for (; at > 0 && rows.length - at < MAIL_LIMITS.deletions; at--) {
    bytes += rows[at - 1]?.sizeBytes ?? 0;
    if (bytes > MAIL_LIMITS.deletionBytes) break;
  }
  return rows.slice(at);
}

export function sumOfSizes(rows: readonly { readonly sizeBytes: number }[]): number {
  return rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function sortLists(lists: EntryLists): Omit<EntryChanges, 'mailboxId'> {
  const ascending = (a: number, b: number): number => a - b;
  return {
    added: lists.added.toSorted(ascending),
    changed: [...new Set(lists.changed)].toSorted(ascending),
    expunged: lists.expunged.toSorted(ascending),
  };
}

/** Runs `body` as one change of the account. Throws `notFound` when the account has no mailbox store yet. */
export async function changeAccount<T>(tx: MailTransaction, body: (change: AccountChange) => Promise<T>): Promise<T> {
  const account = await tx.account();
  if (account === undefined) throw new MailError('notFound', 'no such account');
  const change = new AccountChange(tx, account, await tx.mailboxes());
  const value = await body(change);
  await change.finish();
  return value;
}

/** The row of an account that has nothing yet. */
export function emptyAccount(accountId: AccountId): AccountRow {
  return {
    accountId,
    modSeq: 0 as ModSeq,
    nextMailboxId: 1,
    nextEmailId: 1,
    nextThreadId: 1,
    usedBytes: 0,
    usedMessages: 0,
    quotaBytes: null,
    quotaMessages: null,
    nextDeletionId: 1,
    deletions: 0,
    deletionBytes: 0,
  };
}
