/**
 * What must hold of stored data whatever happened to it, over plain rows that every backend can list. The first
 * contradiction found is thrown, naming account and row.
 */
import { AssertionError } from 'node:assert';
import type { BlobKey, EmailId, MailboxId } from '#base/ids.ts';
import type { AccountRow, ChangeRecord, DeletionRow, EmailRow, MailboxRow } from '#mail/types.ts';
import { FLAG } from '#mail/types.ts';
import { mailboxPaths } from '#mail/mailbox-name.ts';
import { entryFlags } from './sql/columns.ts';

/** Every row of one account. */
export interface AccountDump {
  readonly account: AccountRow;
  readonly mailboxes: readonly MailboxRow[];
  readonly lostSubscriptions: readonly string[];
  readonly emails: readonly EmailRow[];
  readonly entries: readonly EntryDump[];
  /** By id. */
  readonly deletions: readonly DeletionRow[];
  readonly changes: readonly ChangeRecord[];
}

export interface EntryDump {
  readonly mailboxId: MailboxId;
  readonly uid: number;
  readonly emailId: EmailId;
  readonly flags: number;
  readonly modSeq: number;
  readonly receivedAt: number;
  readonly threadId: number;
}

export interface BlobDump {
  readonly blobKey: BlobKey;
  readonly sizeBytes: number;
  readonly refs: number;
  readonly unreferencedAt: number | null;
  readonly hasMessage: boolean;
  readonly hasStructure: boolean;
}

export interface StoreDump {
  readonly accounts: AsyncIterable<AccountDump>;
  readonly blobs: readonly BlobDump[];
  /** Blobs that queued messages and uploads refer to, each as often as it is. */
  readonly heldBlobs: readonly BlobKey[];
  /** Rows whose account does not exist, as `table account_id`. */
  readonly orphans: readonly string[];
}

export async function checkInvariants(dump: StoreDump): Promise<void> {
  check(dump.orphans.length === 0, `rows without an account: ${dump.orphans.join(', ')}`);
  const blobs = new Map(dump.blobs.map((blob) => [blob.blobKey, blob]));
  const references = new Map<BlobKey, number>();
  for (const blobKey of dump.heldBlobs) {
    check(blobs.has(blobKey), `a queued message or an upload: blob ${blobKey} does not exist`);
    references.set(blobKey, (references.get(blobKey) ?? 0) + 1);
  }
  for await (const account of dump.accounts) checkAccount(account, blobs, references);
  for (const blob of dump.blobs) {
    const name = `blob ${blob.blobKey}`;
    const refs = references.get(blob.blobKey) ?? 0;
    check(
      blob.refs === refs,
      `${name}: refs is ${blob.refs}, but ${refs} Emails, deletions, queued messages and uploads refer to it`,
    );
    check(blob.hasMessage, `${name}: its message row is missing`);
    check(blob.hasStructure, `${name}: its structure row is missing`);
    check(
      (blob.unreferencedAt === null) === refs > 0,
      `${name}: unreferencedAt is ${blob.unreferencedAt} at ${refs} refs`,
    );
  }
}

function checkAccount(
  dump: AccountDump,
  blobs: ReadonlyMap<BlobKey, BlobDump>,
  references: Map<BlobKey, number>,
): void {
  const { account, mailboxes, emails } = dump;
  const name = `account ${account.accountId}`;
  const emailById = new Map(emails.map((email) => [email.emailId, email]));
  check(emailById.size === emails.length, `${name}: an email id occurs twice`);
  const usedBytes = emails.reduce((sum, email) => sum + email.sizeBytes, 0);
  check(account.usedBytes === usedBytes, `${name}: usedBytes is ${account.usedBytes}, its Emails have ${usedBytes}`);
  check(
    account.usedMessages === emails.length,
    `${name}: usedMessages is ${account.usedMessages}, not ${emails.length}`,
  );
  for (const email of emails) {
    const row = `${name} email ${email.emailId}`;
    check(email.emailId < account.nextEmailId, `${row}: nextEmailId is ${account.nextEmailId}`);
    check(
      email.threadId < account.nextThreadId,
      `${row}: thread ${email.threadId}, nextThreadId ${account.nextThreadId}`,
    );
    check(email.modSeq <= account.modSeq, `${row}: modSeq ${email.modSeq} is beyond the account's ${account.modSeq}`);
    check(email.placements.length > 0, `${row}: is in no Mailbox`);
    check(isAscending(email.placements.map(({ mailboxId }) => mailboxId)), `${row}: placements are not in order`);
    check((email.flags & (FLAG.DELETED | FLAG.HAS_KEYWORDS)) === 0, `${row}: has flags that belong to entries`);
    check(isAscending(email.keywords), `${row}: keywords are not sorted and distinct`);
    const blob = blobs.get(email.blobKey);
    check(blob !== undefined, `${row}: blob ${email.blobKey} does not exist`);
    check(blob?.sizeBytes === email.sizeBytes, `${row}: has ${email.sizeBytes} octets, its blob ${blob?.sizeBytes}`);
    references.set(email.blobKey, (references.get(email.blobKey) ?? 0) + 1);
  }
  checkDeletions(dump, emailById, blobs, references);
  checkEntries(dump, emailById);
  checkMailboxes(dump, mailboxes, emailById);
  const paths = new Set(mailboxPaths(mailboxes).values());
  for (const path of dump.lostSubscriptions)
    check(!paths.has(path), `${name}: the subscription of ${path} is kept apart though the Mailbox is there`);
  checkChanges(dump);
}

/** What can be had back holds its blob, and is summed up. */
function checkDeletions(
  { account, deletions }: AccountDump,
  emailById: ReadonlyMap<EmailId, EmailRow>,
  blobs: ReadonlyMap<BlobKey, BlobDump>,
  references: Map<BlobKey, number>,
): void {
  const name = `account ${account.accountId}`;
  check(isAscending(deletions.map(({ deletionId }) => deletionId)), `${name}: a deletion occurs twice`);
  check(account.deletions === deletions.length, `${name}: deletions is ${account.deletions}, not ${deletions.length}`);
  const bytes = deletions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  check(account.deletionBytes === bytes, `${name}: deletionBytes is ${account.deletionBytes}, not ${bytes}`);
  for (const { deletionId, emailId, blobKey, sizeBytes } of deletions) {
    const row = `${name} deletion ${deletionId}`;
    check(deletionId < account.nextDeletionId, `${row}: nextDeletionId is ${account.nextDeletionId}`);
    check(!emailById.has(emailId), `${row}: email ${emailId} exists`);
    check(blobs.get(blobKey)?.sizeBytes === sizeBytes, `${row}: its blob ${blobKey} is gone or another`);
    references.set(blobKey, (references.get(blobKey) ?? 0) + 1);
  }
}

/** Placements and entries say the same, both ways. */
function checkEntries({ account, emails, entries }: AccountDump, emailById: ReadonlyMap<EmailId, EmailRow>): void {
  const placed = emails.reduce((sum, email) => sum + email.placements.length, 0);
  for (const entry of entries) {
    const row = `account ${account.accountId} mailbox ${entry.mailboxId} uid ${entry.uid}`;
    const email = emailById.get(entry.emailId);
    check(email !== undefined, `${row}: email ${entry.emailId} does not exist`);
    const placement = email?.placements.find(
      ({ mailboxId, uid }) => mailboxId === entry.mailboxId && uid === entry.uid,
    );
    if (email === undefined || placement === undefined)
      throw contradiction(`${row}: email ${entry.emailId} is not placed there`);
    const flags = entryFlags(email, placement);
    check(entry.flags === flags, `${row}: flags are ${entry.flags}, the Email's ${flags}`);
    check(entry.receivedAt === email.receivedAt, `${row}: receivedAt is ${entry.receivedAt}`);
    check(entry.threadId === email.threadId, `${row}: thread is ${entry.threadId}, the Email's ${email.threadId}`);
    check(entry.modSeq === email.modSeq, `${row}: modSeq is ${entry.modSeq}, the Email's ${email.modSeq}`);
  }
  check(placed === entries.length, `account ${account.accountId}: ${placed} placements, ${entries.length} entries`);
}

function checkMailboxes(
  { account, entries }: AccountDump,
  mailboxes: readonly MailboxRow[],
  emailById: ReadonlyMap<EmailId, EmailRow>,
): void {
  const byId = new Map(mailboxes.map((mailbox) => [mailbox.mailboxId, mailbox]));
  const counts = new Map(
    mailboxes.map(({ mailboxId }) => [mailboxId, { total: 0, unread: 0, drafts: 0, deleted: 0, recent: 0, size: 0 }]),
  );
  for (const entry of entries) {
    const row = `account ${account.accountId} mailbox ${entry.mailboxId} uid ${entry.uid}`;
    const mailbox = byId.get(entry.mailboxId);
    const count = counts.get(entry.mailboxId);
    if (mailbox === undefined || count === undefined) throw contradiction(`${row}: the Mailbox does not exist`);
    check(entry.uid < mailbox.uidNext, `${row}: uidNext is ${mailbox.uidNext}`);
    check(entry.modSeq <= mailbox.modSeq, `${row}: modSeq ${entry.modSeq} is beyond the Mailbox's ${mailbox.modSeq}`);
    count.total++;
    if ((entry.flags & FLAG.SEEN) === 0) count.unread++;
    if ((entry.flags & (FLAG.SEEN | FLAG.DRAFT)) === FLAG.DRAFT) count.drafts++;
    if ((entry.flags & FLAG.DELETED) !== 0) count.deleted++;
    if (entry.uid >= mailbox.recentFrom) count.recent++;
    count.size += emailById.get(entry.emailId)?.sizeBytes ?? 0;
  }
  const threads = countThreads(mailboxes, [...emailById.values()]);
  const names = new Set<string>();
  for (const mailbox of mailboxes) {
    const row = `account ${account.accountId} mailbox ${mailbox.mailboxId}`;
    const count = counts.get(mailbox.mailboxId);
    check(mailbox.totalEmails === count?.total, `${row}: totalEmails is ${mailbox.totalEmails}, not ${count?.total}`);
    check(
      mailbox.unreadEmails === count?.unread,
      `${row}: unreadEmails is ${mailbox.unreadEmails}, not ${count?.unread}`,
    );
    check(
      mailbox.unreadDrafts === count?.drafts,
      `${row}: unreadDrafts is ${mailbox.unreadDrafts}, not ${count?.drafts}`,
    );
    const { total, unread } = threads(mailbox);
    check(mailbox.totalThreads === total, `${row}: totalThreads is ${mailbox.totalThreads}, not ${total}`);
    check(mailbox.unreadThreads === unread, `${row}: unreadThreads is ${mailbox.unreadThreads}, not ${unread}`);
    check(
      mailbox.deletedEmails === count?.deleted,
      `${row}: deletedEmails is ${mailbox.deletedEmails}, not ${count?.deleted}`,
    );
    check(
      mailbox.recentEmails === count?.recent,
      `${row}: recentEmails is ${mailbox.recentEmails}, not ${count?.recent}`,
    );
    check(mailbox.recentFrom <= mailbox.uidNext, `${row}: recentFrom is ${mailbox.recentFrom} of ${mailbox.uidNext}`);
    check(mailbox.selectable || mailbox.totalEmails === 0, `${row}: has Emails though it cannot be selected`);
    check(mailbox.sizeBytes === count?.size, `${row}: sizeBytes is ${mailbox.sizeBytes}, not ${count?.size}`);
    check(mailbox.mailboxId < account.nextMailboxId, `${row}: nextMailboxId is ${account.nextMailboxId}`);
    check(mailbox.modSeq <= account.modSeq, `${row}: modSeq ${mailbox.modSeq} is beyond the account's`);
    check(mailbox.propertiesModSeq <= account.modSeq, `${row}: propertiesModSeq is beyond the account's modSeq`);
    const path = JSON.stringify([mailbox.parentId, mailbox.name]);
    check(!names.has(path), `${row}: a sibling is called ${mailbox.name} too`);
    names.add(path);
    let ancestor = mailbox.parentId;
    for (let depth = 0; ancestor !== null; depth++) {
      check(depth < mailboxes.length, `${row}: is its own ancestor`);
      const parent = byId.get(ancestor);
      if (parent === undefined) throw contradiction(`${row}: ancestor ${ancestor} does not exist`);
      ancestor = parent.parentId;
    }
  }
}

/** RFC 8621 §2, read word for word: another way to count than the mailboxes' own. */
function countThreads(
  mailboxes: readonly MailboxRow[],
  emails: readonly EmailRow[],
): (mailbox: MailboxRow) => { total: number; unread: number } {
  const trashIds = new Set(mailboxes.filter(({ role }) => role === 'trash').map(({ mailboxId }) => mailboxId));
  const isTrash = ({ mailboxId }: { mailboxId: MailboxId }): boolean => trashIds.has(mailboxId);
  const unread = emails.filter(({ flags }) => (flags & FLAG.SEEN) === 0 && (flags & FLAG.DRAFT) === 0);
  const ofThreads = (list: readonly EmailRow[]): Set<number> => new Set(list.map(({ threadId }) => threadId));
  const unreadInTrash = ofThreads(unread.filter(({ placements }) => placements.some(isTrash)));
  const unreadElsewhere = ofThreads(unread.filter(({ placements }) => !placements.every(isTrash)));
  const byMailbox = new Map<MailboxId, Set<number>>();
  for (const { threadId, placements } of emails) {
    for (const { mailboxId } of placements) {
      const there = byMailbox.get(mailboxId);
      if (there === undefined) byMailbox.set(mailboxId, new Set([threadId]));
      else there.add(threadId);
    }
  }
  return (mailbox) => {
    const there = byMailbox.get(mailbox.mailboxId) ?? new Set();
    return {
      total: there.size,
      unread: there.intersection(isTrash(mailbox) ? unreadInTrash : unreadElsewhere).size,
    };
  };
}

/** The log is a gapless run that ends at the account's modSeq. */
function checkChanges({ account, changes }: AccountDump): void {
  let previous: number | undefined;
  for (const { modSeq } of changes) {
    const row = `account ${account.accountId} change ${modSeq}`;
    check(previous === undefined || modSeq === previous + 1, `${row}: follows change ${previous}`);
    previous = modSeq;
  }
  check(
    previous === undefined || previous === account.modSeq,
    `account ${account.accountId}: the log ends at ${previous}, modSeq is ${account.modSeq}`,
  );
}

function isAscending(values: readonly (number | string)[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? value) < value);
}

function check(holds: boolean, message: string): void {
  if (!holds) throw contradiction(message);
}

function contradiction(message: string): AssertionError {
  return new AssertionError({ message });
}
