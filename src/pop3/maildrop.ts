/**
 * A session's maildrop (RFC 1939 §1): the inbox as it was at sign-in, with the session's deletion marks. Message
 * numbers count from 1 and never change while it lives.
 *
 * There is no exclusive lock (§4 asks for one "as necessary"): a snapshot cannot be disturbed, uids are never given
 * twice and removing one twice changes nothing, while a lock would shut a person out for ten minutes whenever a phone
 * loses its network in mid-session. IMAP and JMAP could not be locked out anyway. A message that one of them removes
 * meanwhile is treated as if this session had marked it.
 */
import { MailError } from '#base/errors.ts';
import type { EmailId, MailboxId } from '#base/ids.ts';
import type { MailAccount } from '#mail/account.ts';

import { SIZES_PER_FETCH } from './limits.ts';

/** What a message is to this session. */
const PRESENT = 0;
const MARKED = 1;
/** Somebody else removed it. */
const GONE = 2;

/** Sizes are below 2^32-1: a message is far smaller. */
const UNKNOWN_SIZE = 0xffff_ffff;

export class Maildrop {
  readonly #account: MailAccount;
  readonly #inboxId: MailboxId;
  readonly #uidValidity: number;
  readonly #uids: Uint32Array;
  readonly #emailIds: Uint32Array;
  readonly #sizes: Uint32Array;
  readonly #states: Uint8Array;
  #markedCount = 0;
  #goneCount = 0;
  /** Octets of the messages that are present; undefined until every size is known or the mailbox's total was right. */
  #presentBytes: number | undefined;

  private constructor(account: MailAccount, inbox: Inbox, totalBytes: number | undefined) {
    const { uids, emailIds } = inbox;
    this.#account = account;
    this.#inboxId = inbox.mailboxId;
    this.#uidValidity = inbox.uidValidity;
    this.#uids = uids;
    this.#emailIds = emailIds;
    this.#sizes = new Uint32Array(uids.length).fill(UNKNOWN_SIZE);
    this.#states = new Uint8Array(uids.length);
    this.#presentBytes = totalBytes;
  }

  /** Takes the snapshot. An account without an inbox, which never had mail, has an empty maildrop. */
  static async open(account: MailAccount): Promise<Maildrop> {
    const inbox = (await account.mailboxes()).find(({ role }) => role === 'inbox');
    if (inbox === undefined) {
      const none = new Uint32Array(0);
      return new Maildrop(account, { mailboxId: 0 as MailboxId, uidValidity: 0, uids: none, emailIds: none }, 0);
    }
    const { mailboxId } = inbox;
    const opened = account.openIndex(mailboxId);
    try {
      await opened.index.refresh();
      // Copied at once: the index goes on changing under its other users.
      const { list, modSeq } = opened.index;
      const uids = Uint32Array.from(list);
      const emailIds = Uint32Array.from(uids, (_, position) => opened.index.emailIdAt(position));
      // The mailbox's counters, read after the rows and not changed since, are the rows' own.
      const after = await account.mailbox(mailboxId);
      const isSame = after !== undefined && after.modSeq <= modSeq && after.totalEmails === uids.length;
      const { uidValidity } = after ?? inbox;
      return new Maildrop(account, { mailboxId, uidValidity, uids, emailIds }, isSame ? after.sizeBytes : undefined);
    } finally {
      opened.release();
    }
  }

  /** Messages in all, marked ones too: the highest message number. */
  get length(): number {
    return this.#uids.length;
  }

  /** Messages not marked and not gone. */
  get presentCount(): number {
    return this.length - this.#markedCount - this.#goneCount;
  }

  get markedCount(): number {
    return this.#markedCount;
  }

  /** Whether LIST shows it: `number` is a message number and neither marked nor gone. */
  isPresent(number: number): boolean {
    return this.#states[number - 1] === PRESENT;
  }

  /** Whether this session marked it. */
  isMarked(number: number): boolean {
    return this.#states[number - 1] === MARKED;
  }

  /** RFC 1939 §7: the same for ever, and no other message's. At most 21 characters. */
  uniqueIdOf(number: number): string {
    return `${this.#uidValidity}.${this.#uids[number - 1]}`;
  }

  /**
   * Octets as stored, which is as sent when line ends are CRLF: what SMTP brought. Mail with bare LF, which only
   * APPEND and migration bring, is longer on the wire by one octet a line; counting them would mean reading it all.
   * `undefined` when the message has gone.
   */
  async sizeOf(number: number): Promise<number | undefined> {
    if (this.isPresent(number) && this.#sizes[number - 1] === UNKNOWN_SIZE) {
      // A client that asks for one will ask for those behind it.
      await this.loadSizes(number, number + SIZES_PER_FETCH - 1);
    }
    return this.isPresent(number) ? this.#sizes[number - 1] : undefined;
  }

  /** A size that was loaded. */
  knownSizeOf(number: number): number {
    return this.#sizes[number - 1] as number;
  }

  /** Gets the sizes of first … last (clamped) that are not known yet; those that are not there any more are gone. */
  async loadSizes(first: number, last: number): Promise<void> {
    const wanted: number[] = [];
    for (let number = first; number <= Math.min(last, this.length); number++) {
      if (this.isPresent(number) && this.#sizes[number - 1] === UNKNOWN_SIZE) wanted.push(number);
    }
    if (wanted.length === 0) return;
    const emailIds = wanted.map((number) => this.#emailIds[number - 1] as EmailId);
    const found = await this.#account.envelopes(emailIds);
    const sizes = new Map(found.map(({ emailId, sizeBytes }) => [emailId, sizeBytes]));
    for (const number of wanted) {
      const size = sizes.get(this.#emailIds[number - 1] as EmailId);
      if (size === undefined) this.markGone(number);
      else this.#sizes[number - 1] = size;
    }
  }

  /** Octets of all messages present. Costs nothing as long as the mailbox's own total is that of the snapshot. */
  async presentBytes(): Promise<number> {
    if (this.#presentBytes === undefined) {
      for (let first = 1; first <= this.length; first += SIZES_PER_FETCH) {
        await this.loadSizes(first, first + SIZES_PER_FETCH - 1);
      }
      let total = 0;
      for (let number = 1; number <= this.length; number++) {
        if (this.isPresent(number)) total += this.knownSizeOf(number);
      }
      this.#presentBytes = total;
    }
    return this.#presentBytes;
  }

  /** Marks a present message to be removed at the end. */
  async mark(number: number): Promise<boolean> {
    const size = await this.sizeOf(number);
    if (size === undefined) return false;
    this.#states[number - 1] = MARKED;
    this.#markedCount++;
    if (this.#presentBytes !== undefined) this.#presentBytes -= size;
    return true;
  }

  /** Takes all marks back. */
  unmarkAll(): void {
    for (let i = 0; i < this.#states.length && this.#markedCount > 0; i++) {
      if (this.#states[i] !== MARKED) continue;
      this.#states[i] = PRESENT;
      this.#markedCount--;
      if (this.#presentBytes !== undefined) this.#presentBytes += this.#sizes[i] as number;
    }
  }

  /** Somebody else removed it; it is not shown any more. */
  markGone(number: number): void {
    if (!this.isPresent(number)) return;
    const size = this.knownSizeOf(number);
    this.#states[number - 1] = GONE;
    this.#goneCount++;
    // Without its size the total has to be made anew.
    if (size === UNKNOWN_SIZE) this.#presentBytes = undefined;
    else if (this.#presentBytes !== undefined) this.#presentBytes -= size;
  }

  /** Octets [start, end) of a message, clamped. Throws `expunged` when it has gone, `unavailable`. */
  async read(number: number, start: number, end: number): Promise<Buffer> {
    try {
      return await this.#account.readMessage(this.#emailIds[number - 1] as EmailId, start, end);
    } catch (error) {
      if (!(error instanceof MailError && error.code === 'notFound')) throw error;
      this.markGone(number);
      throw new MailError('expunged', 'the message is no longer there', { cause: error });
    }
  }

  /**
   * Removes what is marked, durably; what was removed before a failure stays so. Answers how many were still there.
   * `login`: the address that signed in, whom the account's owner is told of.
   */
  async removeMarked(login: string): Promise<number> {
    if (this.#markedCount === 0) return 0;
    const uids = Array.from(this.#uids.filter((_, i) => this.#states[i] === MARKED));
    const expunged = await this.#account.expunge({
      mailboxId: this.#inboxId,
      uids,
      onlyDeleted: false,
      by: { way: 'pop3', login, agent: '' },
    });
    return expunged.length;
  }
}

interface Inbox {
  readonly mailboxId: MailboxId;
  readonly uidValidity: number;
  readonly uids: Uint32Array;
  readonly emailIds: Uint32Array;
}
