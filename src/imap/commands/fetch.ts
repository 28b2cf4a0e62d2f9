/** FETCH and UID FETCH (RFC 9051 §6.4.5, RFC 7162 §3.1.4): messages in runs, items from fetch-items/. */
import { isMailError, MailError } from '#base/errors.ts';
import { bad, defineCommand, no, ok, type Reply } from '#imap/command.ts';
import { NEEDS, UnknownEncoding, type FetchItem } from '#imap/fetch-items/fetch-item.ts';
import { findFetchItem, findFetchMacro } from '#imap/fetch-items/registry.ts';
import { FetchedMessage, type ListRow } from '#imap/fetched-message.ts';
import { FETCH_CHUNK, FETCH_ITEMS, WRITE_BURST_BYTES } from '#imap/limits.ts';
import { parseSequenceSet, type Positions, type SequenceSet } from '#imap/sequence-set.ts';
import type { Session } from '#imap/session.ts';
import { announceKeywords } from '#imap/untagged.ts';
import type { ArgumentReader } from '#imap/wire/argument-reader.ts';
import type { WriterMark } from '#imap/wire/response-writer.ts';
import { FLAG, type EmailId, type ThreadId } from '#mail/types.ts';
import type { UidList } from '#mail/uid-list.ts';

interface FetchArgs {
  readonly set: SequenceSet;
  readonly byUid: boolean;
  readonly items: readonly FetchItem[];
  readonly changedSince: number | undefined;
  /** RFC 7162 §3.1: such a FETCH is a sign of CONDSTORE. */
  readonly asksModSeq: boolean;
  readonly asksOnlyUid: boolean;
}

export const fetch = defineCommand<FetchArgs>({
  name: 'FETCH',
  states: ['selected'],
  takesUid: true,
  updates: 'noExpunge',
  parse(input, { byUid }) {
    input.space();
    const set = parseSequenceSet(input.sequenceSetText());
    input.space();
    const items = new Map<string, FetchItem>();
    // RFC 9051 §6.4.9: UID FETCH always says the UID.
    if (byUid) addItem(items, 'UID', input);
    if (input.peek() === 0x28) {
      input.listOfSome(() => addItem(items, input.itemName(), input));
    } else {
      const name = input.itemName();
      for (const each of findFetchMacro(name) ?? [name]) addItem(items, each, input);
    }
    let changedSince: number | undefined;
    if (input.take(' ')) {
      input.listOfSome(() => {
        if (input.keyword() !== 'CHANGEDSINCE') throw input.error('unknown FETCH modifier');
        input.space();
        changedSince = input.number64();
      });
      // RFC 7162 §3.1.4.1.
      addItem(items, 'MODSEQ', input);
    }
    if (items.size > FETCH_ITEMS) throw input.error('too many data items');
    return {
      set,
      byUid,
      items: [...items.values()],
      changedSince,
      asksModSeq: items.has('MODSEQ'),
      asksOnlyUid: !byUid && items.size === 1 && items.has('UID'),
    };
  },
  async run(session, args): Promise<Reply> {
    const { set, byUid } = args;
    const { selected } = session;
    if (args.asksModSeq) session.enableCondstore();
    const positions = await selected.resolve(set, byUid);
    if (positions === undefined) return bad('No such message');
    const work = new FetchWork(session, args);
    try {
      await work.writeAll(positions, selected.told);
    } finally {
      await work.markSeen();
    }
    return work.reply(byUid);
  },
});

/** Adds an item once however often it is asked for: nothing is said twice. */
function addItem(items: Map<string, FetchItem>, name: string, input: ArgumentReader): void {
  const definition = findFetchItem(name);
  if (definition === undefined) throw input.error('unknown data item');
  const before = input.position;
  const item = definition.parse(input);
  items.set(name + input.textSince(before), item);
}

class FetchWork {
  readonly #session: Session;
  readonly #items: readonly FetchItem[];
  readonly #changedSince: number;
  readonly #needs: number;
  readonly #marksSeen: boolean;
  readonly #reads: boolean;
  readonly #asksOnlyUid: boolean;
  readonly #message: FetchedMessage;
  readonly #seen: number[] = [];
  #gone = 0;
  #unreadable = 0;
  #undecodable = 0;

  constructor(session: Session, { items, changedSince, asksOnlyUid }: FetchArgs) {
    this.#session = session;
    this.#items = items;
    this.#changedSince = changedSince ?? -1;
    this.#needs = items.reduce((needs, item) => needs | item.needs, 0);
    const { isReadOnly, rights } = session.selected;
    this.#marksSeen = !isReadOnly && rights.includes('s') && items.some((item) => item.marksSeen === true);
    this.#reads = items.some((item) => item.reads === true);
    this.#asksOnlyUid = asksOnlyUid;
    this.#message = new FetchedMessage(session);
  }

  /** Writes the messages at `positions` of `told`, which stays as it is while the command runs. */
  async writeAll(positions: Positions, told: UidList): Promise<void> {
    const { connection } = this.#session;
    const turn = this.#session.beginTurn();
    for (let i = 0; i < positions.length; i += 2) {
      const end = positions[i + 1] as number;
      for (let start = positions[i] as number; start < end; start += FETCH_CHUNK) {
        // Nobody listens any more.
        if (connection.isClosed) return;
        await this.#writeChunk(told, start, Math.min(end, start + FETCH_CHUNK));
        if (connection.out.bytes >= WRITE_BURST_BYTES) await connection.send();
        if (turn.isOver) await turn.pass();
      }
    }
  }

  async #writeChunk(told: UidList, start: number, end: number): Promise<void> {
    const { selected, connection } = this.#session;
    const { account } = selected;
    const { index } = selected;
    let rows: ReadonlyMap<EmailId, ListRow> | undefined;
    let threads: ReadonlyMap<EmailId, ThreadId> | undefined;
    if (this.#needs !== NEEDS.INDEX) {
      const emailIds: EmailId[] = [];
      for (let position = start; position < end; position++) {
        const at = index.list === told ? position : index.list.indexOf(told.at(position));
        if (at >= 0 && index.modSeqAt(at) > this.#changedSince) emailIds.push(index.emailIdAt(at) as EmailId);
      }
      if ((this.#needs & NEEDS.LIST_ROW) !== 0) {
        rows = new Map((await account.envelopes(emailIds)).map((row) => [row.emailId, row]));
      }
      if ((this.#needs & NEEDS.EMAIL_ROW) !== 0) {
        threads = new Map((await account.emails(emailIds)).map((row) => [row.emailId, row.threadId]));
      }
    }
    for (let position = start; position < end; position++) {
      const writing = this.#writeMessage(told, position, rows, threads);
      if (writing === undefined) continue;
      await writing;
      if (connection.isClosed) return;
      if (connection.out.bytes >= WRITE_BURST_BYTES) await connection.send();
    }
  }

  /** `undefined` when all was at hand. */
  #writeMessage(
    told: UidList,
    position: number,
    rows: ReadonlyMap<EmailId, ListRow> | undefined,
    threads: ReadonlyMap<EmailId, ThreadId> | undefined,
  ): Promise<void> | undefined {
    const session = this.#session;
    const { selected } = session;
    const { index } = selected;
    const message = this.#message;
    const uid = told.at(position);
    // The index may have gone on since: flags are those of now, and who is gone is left out.
    const at = index.list === told ? position : index.list.indexOf(uid);
    if (at < 0) {
      this.#gone++;
      if (this.#asksOnlyUid) this.#writeUidOfGone(position, uid);
      return undefined;
    }
    const modSeq = index.modSeqAt(at);
    if (modSeq <= this.#changedSince) return undefined;
    const emailId = index.emailIdAt(at) as EmailId;
    const bits = index.flagsAt(at) | selected.recentBit(uid);
    message.begin(uid, emailId);
    message.bits = bits;
    message.modSeq = modSeq;
    message.keywords = NO_KEYWORDS;
    if ((bits & FLAG.HAS_KEYWORDS) !== 0) {
      message.keywords = index.keywordsAt(at);
      announceKeywords(session, selected, message.keywords);
    }
    if (rows !== undefined) {
      const row = rows.get(emailId);
      if (row === undefined) return void this.#gone++;
      message.row = row;
    }
    if (threads !== undefined) {
      const threadId = threads.get(emailId);
      if (threadId === undefined) return void this.#gone++;
      message.threadId = threadId;
    }
    const { out } = session;
    const items = this.#items;
    const mark = this.#reads ? out.mark() : undefined;
    out.ascii('* ');
    out.number(position + 1);
    out.ascii(' FETCH (');
    for (let i = 0; i < items.length; i++) {
      if (i > 0) out.octet(0x20);
      const writing = (items[i] as FetchItem).write(message, out);
      if (writing !== undefined) return this.#finishMessage(writing, i + 1, mark);
    }
    out.ascii(')\r\n');
    return undefined;
  }

  /** Its number still stands for it in this session, and the uid is known. */
  #writeUidOfGone(position: number, uid: number): void {
    const { out } = this.#session;
    out.ascii('* ');
    out.number(position + 1);
    out.ascii(' FETCH (UID ');
    out.number(uid);
    out.ascii(')\r\n');
  }

  /** Goes on from the first item that had to read. */
  async #finishMessage(writing: Promise<void>, next: number, mark: WriterMark | undefined): Promise<void> {
    const message = this.#message;
    const { out, connection } = this.#session;
    try {
      await writing;
      for (let i = next; i < this.#items.length; i++) {
        out.octet(0x20);
        await (this.#items[i] as FetchItem).write(message, out);
      }
      out.ascii(')\r\n');
    } catch (error) {
      let isBug = false;
      if (error instanceof UnknownEncoding) this.#undecodable++;
      else if (isMailError(error, 'notFound')) this.#gone++;
      else if (error instanceof MailError) this.#messageUnreadable(error);
      else isBug = true;
      // Half a literal is out already: nothing that could follow would be understood.
      if (mark === undefined || !out.rollback(mark)) connection.destroy();
      if (isBug) throw error;
      return;
    }
    if (this.#marksSeen && (message.bits & FLAG.SEEN) === 0) this.#seen.push(message.uid);
  }

  #messageUnreadable(error: MailError): void {
    this.#unreadable++;
    this.#session.log.error({ err: error, emailId: this.#message.emailId }, 'imap message cannot be read');
  }

  /** RFC 9051 §6.4.5: once for all that were read. */
  async markSeen(): Promise<void> {
    if (this.#seen.length === 0) return;
    const { selected } = this.#session;
    const { account } = selected;
    const uids = this.#seen.splice(0);
    await account.setKeywords({
      mailboxId: selected.mailboxId,
      uids,
      change: 'add',
      keywords: ['$seen'],
      deleted: false,
    });
  }

  reply(byUid: boolean): Reply {
    if (this.#unreadable > 0) return no('Some messages cannot be read just now', 'UNAVAILABLE');
    if (this.#undecodable > 0) return no('Some parts have an unknown transfer encoding', 'UNKNOWN-CTE');
    // RFC 2180 §4.1: the others were delivered; behind UID, uids that are gone are no matter (RFC 9051 §6.4.9).
    if (this.#gone > 0 && !byUid) return ok('Some messages are gone', 'EXPUNGEISSUED');
    return ok('Fetched');
  }
}

const NO_KEYWORDS: readonly string[] = [];
