/** MailStore in memory: accounts as plain Maps, one operation after another. */
import { hash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { MailError, isMailError } from '#base/errors.ts';
import type { AccountId, BlobKey, DeletionId, EmailId, MailboxId, ModSeq, ThreadId } from '#base/ids.ts';
import type { Logger } from '#base/log.ts';
import type {
  DeletionListRow,
  EmailListRow,
  LatestEntries,
  MailReader,
  MailStore,
  OperationOutcome,
  OperationRequest,
  TimeRow,
  TimeStretch,
} from '#mail/ports/mail-store.ts';
import {
  type AccountRow,
  type ChangeRecord,
  type DeletionRow,
  type EmailRow,
  type EntryColumns,
  FLAG,
  type MailboxRole,
  type MailboxRow,
  type PreparedBlob,
  type PreparedMessage,
  type ThreadEmail,
} from '#mail/types.ts';
import type { MessageDigest, MessageSummary, MimePart } from '#mime/structure.ts';
import { type AccountDump, checkInvariants } from '#store/invariants.ts';
import type { Operations } from '#store/operations.ts';
import { failure } from '#store/outcomes.ts';
import { Watchers } from '#store/watchers.ts';
import {
  type AccountData,
  MemoryMailTransaction,
  copyData,
  deletionList,
  emailsOf,
  emptyData,
  mailboxList,
  threadEmailsOf,
  threadKey,
  toColumns,
} from './mail-data.ts';

interface StoredBlob {
  readonly blobKey: BlobKey;
  readonly hash: string;
  readonly octets: Buffer;
  readonly digest: MessageDigest;
}

export class MemoryMailStore implements MailStore {
  readonly reader: MailReader;
  readonly #accounts = new Map<AccountId, AccountData>();
  readonly #blobs = new Map<BlobKey, StoredBlob>();
  readonly #blobKeys = new Map<string, BlobKey>();
  readonly #watchers = new Watchers();
  readonly #operations: Operations;
  readonly #clock: Clock;
  readonly #log: Logger;
  #nextBlobKey = 1;
  /** What the queue and uploads refer to. */
  #heldBlobs: () => readonly BlobKey[] = () => [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(operations: Operations, clock: Clock, log: Logger) {
    this.#operations = operations;
    this.#clock = clock;
    this.#log = log;
    this.reader = new MemoryMailReader(this.#accounts, this.#blobs);
  }

  prepareBlob(octets: Uint8Array): PreparedBlob {
    return { hash: hash('sha256', octets, 'hex'), sizeBytes: octets.length, encoded: Uint8Array.from(octets) };
  }

  run(requests: readonly OperationRequest[]): Promise<readonly OperationOutcome[]> {
    const outcomes = this.#last.then(async () => {
      const list: OperationOutcome[] = [];
      for (const request of requests) list.push(await this.#runOne(request));
      return list;
    });
    this.#last = outcomes;
    return outcomes;
  }

  watch(accountId: AccountId, listener: (modSeq: ModSeq) => void): () => void {
    return this.#watchers.add(accountId, listener);
  }

  async checkInvariants(): Promise<void> {
    const references = new Map<BlobKey, number>();
    const accounts: AccountDump[] = [];
    const heldBlobs = this.#heldBlobs();
    for (const blobKey of heldBlobs) references.set(blobKey, (references.get(blobKey) ?? 0) + 1);
    for (const data of this.#accounts.values()) {
      if (data.account !== undefined) accounts.push(dump(data.account, data));
      for (const { blobKey } of [...data.emails.values(), ...data.deletions.values()])
        references.set(blobKey, (references.get(blobKey) ?? 0) + 1);
    }
    const blobs = [...this.#blobs.values()].map(({ blobKey, octets }) => {
      const refs = references.get(blobKey) ?? 0;
      return {
        blobKey,
        sizeBytes: octets.length,
        refs,
        unreferencedAt: refs > 0 ? null : 0,
        hasMessage: true,
        hasStructure: true,
      };
    });
    await checkInvariants({ accounts: inTurn(accounts), blobs, heldBlobs, orphans: [] });
  }

  async close(): Promise<void> {
    await this.#last;
  }

  /** Drops the blobs that nobody refers to; answers how many. */
  dropUnreferenced(): number {
    const referenced = new Set<BlobKey>(this.#heldBlobs());
    for (const { emails, deletions } of this.#accounts.values())
      for (const { blobKey } of [...emails.values(), ...deletions.values()]) referenced.add(blobKey);
    const before = this.#blobs.size;
    for (const [name, blobKey] of this.#blobKeys) {
      if (referenced.has(blobKey)) continue;
      this.#blobs.delete(blobKey);
      this.#blobKeys.delete(name);
    }
    return before - this.#blobs.size;
  }

  async #runOne({ accountId, name, args }: OperationRequest): Promise<OperationOutcome> {
    const operation = this.#operations.mail[name];
    const before = this.#accounts.get(accountId) ?? emptyData();
    const data = copyData(before);
    const tx = new MemoryMailTransaction(accountId, this.#clock.now(), data, this);
    try {
      if (operation === undefined) throw new Error(`there is no mail operation ${name}`);
      // Values cross threads in the other stores: what cannot, fails here too.
      const value = structuredClone(await operation.run(tx, args as never));
      if (data.account === undefined) this.#accounts.delete(accountId);
      else this.#accounts.set(accountId, data);
      const modSeq = data.changes.at(-1)?.modSeq;
      if (modSeq !== undefined && data.changes.length > before.changes.length)
        queueMicrotask(() => this.#watchers.notify(accountId, modSeq));
      return { ok: true, value };
    } catch (error) {
      if (!isMailError(error)) this.#log.error({ err: error, operation: name, accountId }, 'an operation failed');
      return failure(error);
    }
  }

  /** The queue and JMAP keep octets among the mailboxes'; `heldBlobs` tells which they refer to. */
  shareBlobs(heldBlobs: () => readonly BlobKey[]): void {
    this.#heldBlobs = heldBlobs;
  }

  octets(blobKey: BlobKey): Buffer {
    const blob = this.#blobs.get(blobKey);
    if (blob === undefined) throw new Error(`blob ${blobKey} is missing`);
    return Buffer.from(blob.octets);
  }

  summary(blobKey: BlobKey): MessageSummary | undefined {
    return structuredClone(this.#blobs.get(blobKey)?.digest.summary);
  }

  storeMessage({ blob, digest }: PreparedMessage): BlobKey {
    let blobKey = this.#blobKeys.get(blob.hash);
    if (blobKey === undefined) {
      blobKey = this.#nextBlobKey++ as BlobKey;
      this.#blobKeys.set(blob.hash, blobKey);
      const octets = Buffer.from(blob.encoded);
      this.#blobs.set(blobKey, { blobKey, hash: blob.hash, octets, digest: structuredClone(digest) });
    }
    return blobKey;
  }
}

class MemoryMailReader implements MailReader {
  readonly #accounts: ReadonlyMap<AccountId, AccountData>;
  readonly #blobs: ReadonlyMap<BlobKey, StoredBlob>;

  constructor(accounts: ReadonlyMap<AccountId, AccountData>, blobs: ReadonlyMap<BlobKey, StoredBlob>) {
    this.#accounts = accounts;
    this.#blobs = blobs;
  }

  async account(accountId: AccountId): Promise<AccountRow | undefined> {
    return this.#data(accountId).account;
  }

  async modSeq(accountId: AccountId): Promise<ModSeq> {
    return this.#data(accountId).account?.modSeq ?? (0 as ModSeq);
  }

  async mailboxes(accountId: AccountId): Promise<readonly MailboxRow[]> {
    return mailboxList(this.#data(accountId));
  }

  async lostSubscriptions(accountId: AccountId): Promise<readonly string[]> {
    return [...this.#data(accountId).lostSubscriptions];
  }

  async entries(accountId: AccountId, mailboxId: MailboxId, fromUid = 0, toUid = 0xffff_ffff): Promise<EntryColumns> {
    const rows = emailsOf(this.#data(accountId), mailboxId);
    return toColumns(rows.filter(({ uid }) => uid >= fromUid && uid <= toUid));
  }

  async latestEntries(
    accountId: AccountId,
    mailboxId: MailboxId,
    fromUid: number,
    count: number,
  ): Promise<LatestEntries | undefined> {
    const data = this.#data(accountId);
    const { account } = data;
    if (account === undefined || !data.mailboxes.has(mailboxId)) return undefined;
    const rows = emailsOf(data, mailboxId);
    const latest = rows.filter(({ uid }, at) => uid >= fromUid || at >= rows.length - count);
    return { modSeq: account.modSeq, totalEmails: rows.length, columns: toColumns(latest) };
  }

  async entriesOf(accountId: AccountId, mailboxId: MailboxId, uids: readonly number[]): Promise<EntryColumns> {
    const wanted = new Set(uids);
    return toColumns(emailsOf(this.#data(accountId), mailboxId).filter(({ uid }) => wanted.has(uid)));
  }

  async emails(accountId: AccountId, emailIds: readonly EmailId[]): Promise<readonly EmailRow[]> {
    return this.#emails(accountId, emailIds);
  }

  async listRows(accountId: AccountId, emailIds: readonly EmailId[]): Promise<readonly EmailListRow[]> {
    return this.#emails(accountId, emailIds).map(({ emailId, threadId, receivedAt, sizeBytes, blobKey }) => {
      const { imapEnvelope, summary, preview } = this.#blob(blobKey).digest;
      return { emailId, threadId, receivedAt, sizeBytes, imapEnvelope, summary: structuredClone(summary), preview };
    });
  }

  async envelopes(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; receivedAt: number; sizeBytes: number; imapEnvelope: string }[]> {
    return this.#emails(accountId, emailIds).map(({ emailId, receivedAt, sizeBytes, blobKey }) => {
      return { emailId, receivedAt, sizeBytes, imapEnvelope: this.#blob(blobKey).digest.imapEnvelope };
    });
  }

  async structure(accountId: AccountId, emailId: EmailId): Promise<MimePart | undefined> {
    const email = this.#data(accountId).emails.get(emailId);
    return email === undefined ? undefined : structuredClone(this.#blob(email.blobKey).digest.structure);
  }

  async summaries(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; summary: MessageSummary }[]> {
    return this.#emails(accountId, emailIds).map(({ emailId, blobKey }) => {
      return { emailId, summary: structuredClone(this.#blob(blobKey).digest.summary) };
    });
  }

  async structures(
    accountId: AccountId,
    emailIds: readonly EmailId[],
  ): Promise<readonly { emailId: EmailId; structure: MimePart }[]> {
    return this.#emails(accountId, emailIds).map(({ emailId, blobKey }) => {
      return { emailId, structure: structuredClone(this.#blob(blobKey).digest.structure) };
    });
  }

  async threadsWith(accountId: AccountId, reference: string): Promise<readonly ThreadId[]> {
    const { threads } = this.#data(accountId);
    const found = [...threads].flatMap(([key, threadId]) => (key.startsWith(threadKey(reference, '')) ? threadId : []));
    return [...new Set(found)].toSorted((a, b) => a - b);
  }

  async thread(accountId: AccountId, threadId: ThreadId): Promise<readonly EmailId[]> {
    return [...this.#data(accountId).emails.values()]
      .filter((email) => email.threadId === threadId)
      .toSorted((a, b) => a.receivedAt - b.receivedAt || a.emailId - b.emailId)
      .map(({ emailId }) => emailId);
  }

  async threadEmails(accountId: AccountId, threadIds: readonly ThreadId[]): Promise<readonly ThreadEmail[]> {
    return threadEmailsOf(this.#data(accountId), threadIds);
  }

  async byTime(accountId: AccountId, stretch: TimeStretch): Promise<readonly TimeRow[]> {
    const { mailboxId, only, from = -Infinity, before = Infinity, isAscending, behind, withFlags, limit } = stretch;
    const data = this.#data(accountId);
    const sign = isAscending ? 1 : -1;
    const compare = (
      a: { receivedAt: number; emailId: EmailId },
      b: { receivedAt: number; emailId: EmailId },
    ): number => sign * (a.receivedAt - b.receivedAt || a.emailId - b.emailId);
    const emails =
      mailboxId === undefined ? [...data.emails.values()] : emailsOf(data, mailboxId).map(({ email }) => email);
    return emails
      .filter(({ flags }) => mailboxId === undefined || only !== 'unread' || (flags & FLAG.SEEN) === 0)
      .filter(({ flags }) => mailboxId === undefined || only !== 'flagged' || (flags & FLAG.FLAGGED) !== 0)
      .filter(({ flags }) => mailboxId === undefined || only !== 'attachments' || (flags & FLAG.HAS_ATTACHMENT) !== 0)
      .filter(({ receivedAt }) => receivedAt >= from && receivedAt < before)
      .filter((email) => behind === undefined || compare(email, behind) > 0)
      .toSorted(compare)
      .slice(0, limit)
      .map(({ emailId, threadId, receivedAt, flags }) => {
        return { emailId, threadId, receivedAt, flags: withFlags ? flags : 0 };
      });
  }

  async changes(accountId: AccountId, since: ModSeq, limit: number): Promise<readonly ChangeRecord[] | undefined> {
    const { account, changes } = this.#data(accountId);
    if (since >= (account?.modSeq ?? 0)) return [];
    const first = changes[0]?.modSeq;
    if (first === undefined || first > since + 1) return undefined;
    return structuredClone(changes.filter(({ modSeq }) => modSeq > since).slice(0, limit));
  }

  async readMessage(accountId: AccountId, emailId: EmailId, start?: number, end?: number): Promise<Buffer> {
    const email = this.#data(accountId).emails.get(emailId);
    if (email === undefined) throw new MailError('notFound', 'The message no longer exists', { data: { emailId } });
    const { octets } = this.#blob(email.blobKey);
    const from = Math.max(0, start ?? 0);
    return Buffer.from(octets.subarray(from, Math.max(from, end ?? octets.length)));
  }

  async latestDeletions(
    accountId: AccountId,
    limit: number,
    below: number = Infinity,
  ): Promise<readonly DeletionListRow[]> {
    return this.#latestDeletions(accountId)
      .filter(({ deletionId }) => deletionId < below)
      .slice(0, limit);
  }

  async deletions(accountId: AccountId, deletionIds: readonly DeletionId[]): Promise<readonly DeletionListRow[]> {
    const wanted = new Set(deletionIds);
    return this.#latestDeletions(accountId).filter(({ deletionId }) => wanted.has(deletionId));
  }

  async accountsWithDeletions(deletedBefore: number, after: AccountId, limit: number): Promise<readonly AccountId[]> {
    return (await this.accountIds())
      .filter(
        (accountId) =>
          accountId > after && (deletionList(this.#data(accountId))[0]?.deletedAt ?? Infinity) < deletedBefore,
      )
      .slice(0, limit);
  }

  async accountsWithMailIn(role: MailboxRole, after: AccountId, limit: number): Promise<readonly AccountId[]> {
    const holds = (accountId: AccountId): boolean =>
      mailboxList(this.#data(accountId)).some((row) => row.role === role && row.totalEmails > 0);
    return (await this.accountIds()).filter((accountId) => accountId > after && holds(accountId)).slice(0, limit);
  }

  async accountIds(): Promise<readonly AccountId[]> {
    return [...this.#accounts.keys()].toSorted((a, b) => a - b);
  }

  #latestDeletions(accountId: AccountId): DeletionListRow[] {
    const rows: DeletionRow[] = deletionList(this.#data(accountId)).toReversed();
    return rows.map((row) => ({ ...row, summary: structuredClone(this.#blob(row.blobKey).digest.summary) }));
  }

  /** In the order asked, skipping those that are gone. */
  #emails(accountId: AccountId, emailIds: readonly EmailId[]): EmailRow[] {
    const { emails } = this.#data(accountId);
    return emailIds.flatMap((emailId) => emails.get(emailId) ?? []);
  }

  #data(accountId: AccountId): AccountData {
    return this.#accounts.get(accountId) ?? emptyData();
  }

  #blob(blobKey: BlobKey): StoredBlob {
    const blob = this.#blobs.get(blobKey);
    if (blob === undefined) throw new Error(`blob ${blobKey} is missing`);
    return blob;
  }
}

function dump(account: AccountRow, data: AccountData): AccountDump {
  const entries = [...data.mailboxes.keys()].flatMap((mailboxId) => {
    const rows = emailsOf(data, mailboxId);
    const { flags } = toColumns(rows);
    return rows.map(({ uid, email }, index) => {
      const { emailId, modSeq, receivedAt, threadId } = email;
      return { mailboxId, uid, emailId, flags: flags[index] ?? 0, modSeq, receivedAt, threadId };
    });
  });
  const { changes } = data;
  const lostSubscriptions = [...data.lostSubscriptions];
  return {
    account,
    mailboxes: mailboxList(data),
    lostSubscriptions,
    emails: [...data.emails.values()],
    entries,
    deletions: deletionList(data),
    changes,
  };
}

async function* inTurn<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
