/**
 * Brings one mailbox of another system, group after group: what is not done yet, in the order it came there. What it has
 * done it writes down after each group; killed in between, it finds in the account what the last group had brought.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorText, isMailError, MailError } from '#base/errors.ts';
import type { AccountId, EmailId, MailboxId } from '#base/ids.ts';
import type { FetchedGroup, ImapConnection, ListedMailbox, MessageSummary } from '#imap/client/connection.ts';
import { readForeignFlags } from '#imap/client/flags.ts';
import type { MailAccount } from '#mail/account.ts';
import { findSame, type KnownEmails } from '#mail/known-emails.ts';
import type { PreparedMessage } from '#mail/types.ts';
import { MIGRATION_LIMITS } from './limits.ts';
import { uniteFlags } from './unite-flags.ts';
import type { ProgressArgs } from './operations.ts';
import type { MailboxMoveRow, Pass } from './ports/migration-store.ts';

/** Of a pass over one account. */
export interface AccountPass {
  readonly accountId: AccountId;
  readonly account: MailAccount;
  readonly connection: ImapConnection;
  readonly pass: Pass;
  /** INTERNALDATE of what it brings, up to and with this. */
  readonly until: number;
  /** Octets of a message that is taken. */
  readonly messageBytes: number;
  /** What the pass before brought last, and was killed before it could write so. */
  readonly earlier: KnownEmails;
  /** All that the account had when it was first asked. */
  known(): Promise<KnownEmails>;
  /** SHA-256 of what this pass has brought, where it looks whether things are here already. */
  readonly brought: Set<string>;
  /** Messages of a mailbox that failed before. */
  failedUids(path: string): Iterable<number>;
  readonly signal: AbortSignal;
  save(progress: Omit<ProgressArgs, 'fromEmailId'>): Promise<void>;
  /** Emails with this id or a higher one may have come without being written down. */
  fromEmailId: number;
  onMoved(messages: number, bytes: number): void;
}

/** Thrown in the midst of it when the person gives up. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A failure of the mailbox itself stands at this uid, which no message has. */
const WHOLE_MAILBOX = 0;

/** `before`: how far it is. Throws what ends the pass over the account: `unavailable`, `notFound` (here), `limit`, `stateMismatch`. */
export async function moveMailbox(
  pass: AccountPass,
  listed: ListedMailbox,
  path: string,
  mailboxId: MailboxId,
  before: MailboxMoveRow | undefined,
): Promise<void> {
  const move = new MailboxMove(pass, path, mailboxId, before);
  try {
    const { uidValidity, uidNext } = await pass.connection.examine(listed.name);
    await move.run(uidValidity, uidNext, await pass.connection.summaries());
  } catch (error) {
    // The server does not open it, or does not list it: others may be better.
    if (!isMailError(error, 'notFound') && !isMailError(error, 'invalid')) throw error;
    await move.failWhole(errorText(error));
  }
}

/** What is done below the mark has a mark of its own. */
type Mark = 'doneUid' | 'laterUid';

interface Fetched {
  readonly summary: MessageSummary;
  readonly message: PreparedMessage;
  readonly receivedAt: number;
}

class MailboxMove {
  readonly #pass: AccountPass;
  #row: MailboxMoveRow;
  readonly #isKnown: boolean;
  /** To be asked for once more, each by itself. */
  readonly #alone: MessageSummary[] = [];
  readonly #failedUids: Set<number>;
  #keepsUids = false;
  /** Found here, and their flags not united yet. */
  readonly #present: MessageSummary[] = [];
  /** Since the last progress. */
  #failed: ProgressArgs['failed'][number][] = [];
  #mended: number[] = [];

  constructor(pass: AccountPass, path: string, mailboxId: MailboxId, before: MailboxMoveRow | undefined) {
    this.#pass = pass;
    this.#isKnown = before !== undefined;
    this.#row = { ...(before ?? emptyRow(pass.accountId, path)), mailboxId };
    this.#failedUids = new Set(pass.failedUids(path));
  }

  async run(uidValidity: number, uidNext: number, summaries: readonly MessageSummary[]): Promise<void> {
    const { pass, account } = this.#pass;
    const { mailboxId } = this.#row;
    // Programs know mailboxes by their names: in one of another name they look for nothing they have.
    const isOfThatName = (await account.mailbox(mailboxId))?.path === this.#row.path;
    const above = Math.max(uidNext, (summaries.at(-1)?.uid ?? 0) + 1);
    this.#keepsUids = isOfThatName && (await account.takeOverUids({ mailboxId, uidValidity, uidNext: above }));
    const isSame = this.#isKnown && uidValidity !== 0 && uidValidity === this.#row.uidValidity;
    // Uids that mean something else now: whatever is there may be here.
    if (!isSame) this.#row = { ...emptyRow(this.#row.accountId, this.#row.path), mailboxId: this.#row.mailboxId };
    const { doneUid, until: doneUntil, laterUid, laterUntil } = this.#row;
    const until = Math.max(this.#pass.until, isSame ? doneUntil : 0);
    const due = summaries.filter((summary) => dateOf(summary) <= until);
    const isDone = (summary: MessageSummary): boolean => {
      const { uid } = summary;
      if (!isSame || this.#failedUids.has(uid)) return false;
      const date = dateOf(summary);
      return (uid <= doneUid && date <= doneUntil) || (uid <= laterUid && date <= laterUntil);
    };
    const looks = pass === 'delta' || (this.#isKnown && (!isSame || until !== doneUntil));
    this.#row = {
      ...this.#row,
      uidValidity,
      laterUid: laterUntil === until ? laterUid : 0,
      laterUntil: until,
      sourceMessages: due.length,
      sourceBytes: due.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
    const [before, todo] = [due.filter(isDone), due.filter((summary) => !isDone(summary))];
    // First what was left out below the mark, so that the mark never stands above what is not done.
    await this.#bring(
      todo.filter(({ uid }) => uid <= doneUid),
      looks,
      'laterUid',
    );
    this.#row = { ...this.#row, until, laterUid: 0, laterUntil: 0 };
    await this.#bring(
      todo.filter(({ uid }) => uid > doneUid),
      looks,
      'doneUid',
    );
    const there = new Set(due.map(({ uid }) => uid));
    // Gone there, and the failure of the mailbox itself, which is over.
    this.#mended.push(...[...this.#failedUids].filter((uid) => !there.has(uid)));
    this.#row = { ...this.#row, doneUid: Math.max(doneUid, due.at(-1)?.uid ?? 0) };
    await this.#save();
    const here = [...before, ...this.#present];
    if (here.length > 0) await uniteFlags(this.#pass.account, await this.#pass.known(), this.#pass.connection, here);
  }

  /** None of it came. */
  async failWhole(reason: string): Promise<void> {
    this.#failed.push({ uid: WHOLE_MAILBOX, sizeBytes: 0, reason: cut(reason) });
    await this.#save();
  }

  async #bring(todo: readonly MessageSummary[], looks: boolean, mark: Mark): Promise<void> {
    await this.#bringGroups(groupMessages(todo, this.#pass.messageBytes), looks, mark);
    // What the server would not give with others, once more by itself.
    const alone = this.#alone.splice(0).map((summary) => [summary]);
    await this.#bringGroups(alone, looks);
  }

  async #bringGroups(groups: readonly (readonly MessageSummary[])[], looks: boolean, mark?: Mark): Promise<void> {
    let next = 0;
    for await (const fetched of this.#pass.connection.messages(groups)) {
      const group = groups[next++] as readonly MessageSummary[];
      await this.#bringGroup(group, fetched, looks);
      const last = group.at(-1) as MessageSummary;
      if (mark !== undefined) this.#row = { ...this.#row, [mark]: Math.max(this.#row[mark], last.uid) };
      await this.#save();
      if (this.#pass.signal.aborted) throw new Interrupted('interrupted');
      // One thread also answers others.
      await nextTurn();
    }
  }

  async #bringGroup(group: readonly MessageSummary[], fetched: FetchedGroup, looks: boolean): Promise<void> {
    const { account, messageBytes, earlier, brought } = this.#pass;
    const news: Fetched[] = [];
    for (const summary of group) {
      const octets = fetched.messages.get(summary.uid);
      if (octets === undefined) {
        if (group.length > 1) this.#alone.push(summary);
        // By itself and without a refusal: it went away meanwhile.
        else if (fetched.refusal === undefined) this.#forget(summary);
        if (group.length > 1 || fetched.refusal !== undefined) this.#fail(summary, fetched.refusal ?? 'not given');
      } else if (octets === 'tooLarge') this.#fail(summary, `larger than ${messageBytes} octets`);
      else {
        const message = account.prepareMessage(octets);
        const receivedAt = summary.receivedAt ?? message.digest.summary.sentAtMs ?? 0;
        if ((await earlier.take(octets, receivedAt)) !== undefined) this.#count('copied', summary, octets.length);
        else if (looks && (brought.has(message.blob.hash) || (await this.#isHere(octets, message, receivedAt)))) {
          this.#present.push(summary);
          this.#count('present', summary, octets.length);
        } else {
          if (looks) brought.add(message.blob.hash);
          news.push({ summary, message, receivedAt });
        }
      }
    }
    await this.#append(news);
  }

  /** Anywhere in the account (A12): by date and size, by Message-ID and size, or without one by size; and octet by octet. */
  async #isHere(octets: Buffer, message: PreparedMessage, receivedAt: number): Promise<boolean> {
    const { account } = this.#pass;
    const known = await this.#pass.known();
    if ((await findSame(account, octets, known.find(receivedAt, octets.length))) !== undefined) return true;
    const [messageId] = message.digest.summary.messageId;
    const candidates: readonly EmailId[] =
      messageId === undefined
        ? known.ofSize(octets.length, MIGRATION_LIMITS.sameSize)
        : (await account.findByMessageId(messageId))
            .filter(({ sizeBytes }) => sizeBytes === octets.length)
            .map(({ emailId }) => emailId);
    return (await findSame(account, octets, candidates)) !== undefined;
  }

  /** All in one; if that is refused one by one, so that the others get in. */
  async #append(news: readonly Fetched[]): Promise<void> {
    if (news.length === 0) return;
    try {
      await this.#appendAll(news);
    } catch (error) {
      requireItsOwnFault(error);
      for (const one of news) {
        try {
          await this.#appendAll([one]);
        } catch (reason) {
          requireItsOwnFault(reason);
          this.#fail(one.summary, errorText(reason));
        }
      }
    }
  }

  async #appendAll(news: readonly Fetched[]): Promise<void> {
    const items = news.map(({ summary, message, receivedAt }) => ({
      message,
      mailboxes: [this.#row.mailboxId],
      ...readForeignFlags(summary.flags),
      receivedAt,
      ...(this.#keepsUids && { foreign: { uidValidity: this.#row.uidValidity, uid: summary.uid } }),
    }));
    const { emails } = await this.#pass.account.append({ items, source: 'migration' });
    this.#pass.fromEmailId = Math.max(...emails.map(({ emailId }) => emailId)) + 1;
    for (const { summary, message } of news) this.#count('copied', summary, message.blob.sizeBytes);
  }

  #count(kind: 'copied' | 'present', summary: MessageSummary, bytes: number): void {
    const [messages, octets] = [`${kind}Messages`, `${kind}Bytes`] as const;
    this.#row = { ...this.#row, [messages]: this.#row[messages] + 1, [octets]: this.#row[octets] + bytes };
    this.#forget(summary);
    this.#pass.onMoved(1, bytes);
  }

  #forget({ uid }: MessageSummary): void {
    if (this.#failedUids.delete(uid)) this.#mended.push(uid);
  }

  #fail({ uid, sizeBytes }: MessageSummary, reason: string): void {
    this.#failedUids.add(uid);
    this.#failed.push({ uid, sizeBytes, reason: cut(reason) });
  }

  async #save(): Promise<void> {
    const [failed, mended] = [this.#failed, this.#mended];
    [this.#failed, this.#mended] = [[], []];
    await this.#pass.save({ mailbox: this.#row, failed, mended });
  }
}

function emptyRow(accountId: AccountId, path: string): MailboxMoveRow {
  return {
    accountId,
    path,
    mailboxId: 0 as MailboxId,
    uidValidity: 0,
    doneUid: 0,
    until: 0,
    laterUid: 0,
    laterUntil: 0,
    sourceMessages: 0,
    sourceBytes: 0,
    copiedMessages: 0,
    copiedBytes: 0,
    presentMessages: 0,
    presentBytes: 0,
  };
}

/** What has no date that can be read is as old as can be: the base pass brings it. */
function dateOf({ receivedAt = 0 }: MessageSummary): number {
  return receivedAt;
}

function groupMessages(todo: readonly MessageSummary[], messageBytes: number): MessageSummary[][] {
  const groups: MessageSummary[][] = [];
  let bytes = 0;
  for (const summary of todo) {
    const sizeBytes = Math.min(summary.sizeBytes, messageBytes);
    const group = groups.at(-1);
    const isFull =
      group === undefined ||
      group.length >= MIGRATION_LIMITS.groupMessages ||
      bytes + sizeBytes > MIGRATION_LIMITS.groupBytes;
    if (isFull) {
      groups.push([summary]);
      bytes = sizeBytes;
    } else {
      group.push(summary);
      bytes += sizeBytes;
    }
  }
  return groups;
}

/** Lets a failure pass that may be one message's; throws what every other message would meet too. */
function requireItsOwnFault(error: unknown): void {
  if (isMailError(error, 'unavailable')) throw error;
  if (isMailError(error, 'notFound'))
    throw new MailError('unavailable', `the account or the mailbox here went away: ${error.message}`);
}

function cut(reason: string): string {
  return reason.slice(0, MIGRATION_LIMITS.reasonChars);
}
