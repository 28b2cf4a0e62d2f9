/** One account's inbox in memory, as much of a MailStore as POP3 needs, with calls counted and failures on demand. */
import { MailError } from '#base/errors.ts';
import type { AccountId, EmailId, MailboxId, ModSeq, Uid } from '#base/ids.ts';
import { MailAccount } from '#mail/account.ts';
import type { ChangeRecord, EntryColumns, MailboxRow } from '#mail/types.ts';

type MailStore = ConstructorParameters<typeof MailAccount>[0];
type MailReader = MailStore['reader'];
type OperationRequest = Parameters<MailStore['run']>[0][number];
type OperationOutcome = Awaited<ReturnType<MailStore['run']>>[number];

interface StoredMessage {
  readonly uid: number;
  readonly octets: Buffer;
}

const INBOX = 5 as MailboxId;
const UID_VALIDITY = 1_568_606_400;

export class FakeMail {
  readonly account: MailAccount;
  readonly expungeCalls: unknown[] = [];
  /** Names of reader calls, in order. */
  readonly calls: string[] = [];
  /** Throws from the named call. */
  failing: { readonly call: string; readonly error: Error } | undefined;
  hasInbox = true;
  /** What the mailbox's counter claims beyond the truth of its rows: as if they had been read at different moments. */
  countersAhead = 0;
  #messages: StoredMessage[];
  #modSeq = 10;
  readonly #changes: ChangeRecord[] = [];

  constructor(messages: readonly (readonly [uid: number, octets: Buffer])[]) {
    this.#messages = messages.map(([uid, octets]) => ({ uid, octets }));
    this.account = new MailAccount(this.#makeStore(), 1 as AccountId);
  }

  get uids(): number[] {
    return this.#messages.map(({ uid }) => uid);
  }

  /** As another session would. */
  expunge(uids: readonly number[]): number[] {
    const expunged = this.uids.filter((uid) => uids.includes(uid));
    this.#messages = this.#messages.filter(({ uid }) => !uids.includes(uid));
    if (expunged.length > 0) this.#change({ expunged });
    return expunged;
  }

  deliver(uid: number, octets: Buffer): void {
    this.#messages.push({ uid, octets });
    this.#change({ added: [uid] });
  }

  #change(entry: { readonly added?: number[]; readonly expunged?: number[] }): void {
    this.#modSeq++;
    const nothing = { created: [], updated: [], destroyed: [] };
    this.#changes.push({
      modSeq: this.#modSeq as ModSeq,
      emails: nothing,
      threads: nothing,
      mailboxes: { ...nothing, counted: [INBOX] },
      entries: [{ mailboxId: INBOX, added: [], changed: [], expunged: [], ...entry }],
    });
  }

  #called(call: string): void {
    this.calls.push(call);
    if (this.failing?.call === call) throw this.failing.error;
  }

  #row(): MailboxRow {
    return {
      mailboxId: INBOX,
      parentId: null,
      name: 'INBOX',
      role: 'inbox',
      subscribed: true,
      selectable: true,
      sortOrder: 0,
      uidValidity: UID_VALIDITY,
      ownUidsFrom: 0,
      uidNext: (this.uids.at(-1) ?? 0) + 1,
      recentFrom: (this.uids.at(-1) ?? 0) + 1,
      recentEmails: 0,
      totalEmails: this.#messages.length,
      unreadEmails: 0,
      unreadDrafts: 0,
      totalThreads: this.#messages.length,
      unreadThreads: 0,
      deletedEmails: 0,
      sizeBytes: this.#messages.reduce((sum, { octets }) => sum + octets.length, 0),
      modSeq: (this.#modSeq + this.countersAhead) as ModSeq,
      propertiesModSeq: 1 as ModSeq,
      uidMarks: null,
    };
  }

  #columns(wanted?: readonly number[]): EntryColumns {
    const uids = wanted === undefined ? this.uids : this.uids.filter((uid) => wanted.includes(uid));
    return {
      uids: Uint32Array.from(uids),
      // Ids that are not the uids, so that one taken for the other shows.
      emailIds: Uint32Array.from(uids, (uid) => uid + 1000),
      flags: new Uint32Array(uids.length),
      modSeqs: new Float64Array(uids.length),
      keywords: new Map(),
    };
  }

  #makeStore(): MailStore {
    const byEmailId = (emailId: EmailId): StoredMessage | undefined =>
      this.#messages.find(({ uid }) => uid + 1000 === emailId);
    const reader: Partial<MailReader> = {
      modSeq: async () => {
        this.#called('modSeq');
        return this.#modSeq as ModSeq;
      },
      mailboxes: async () => (this.hasInbox ? [this.#row()] : []),
      latestEntries: async () => {
        this.#called('latestEntries');
        const { totalEmails } = this.#row();
        return { modSeq: this.#modSeq as ModSeq, totalEmails, columns: this.#columns() };
      },
      entriesOf: async (_account, _mailbox, uids) => this.#columns(uids),
      changes: async (_account, since) => this.#changes.filter(({ modSeq }) => modSeq > since),
      envelopes: async (_account, emailIds) => {
        this.#called('envelopes');
        const positions = new Map(this.#messages.map((message) => [message.uid + 1000, message]));
        return emailIds.flatMap((emailId) => {
          const message = positions.get(emailId);
          if (message === undefined) return [];
          return [{ emailId, receivedAt: 0, sizeBytes: message.octets.length, imapEnvelope: '' }];
        });
      },
      readMessage: async (_account, emailId, start = 0, end = Infinity) => {
        this.#called(start === 0 ? 'readMessage' : 'readFurther');
        const message = byEmailId(emailId);
        if (message === undefined) throw new MailError('notFound', 'no such email');
        return message.octets.subarray(start, Math.min(end, message.octets.length));
      },
    };
    const store: Partial<MailStore> = {
      reader: reader as MailReader,
      run: async (requests) => requests.map((request) => this.#run(request)),
    };
    return store as MailStore;
  }

  #run({ name, args }: OperationRequest): OperationOutcome {
    if (this.failing?.call === name)
      return { ok: false, error: { code: 'fault', message: this.failing.error.message } };
    if (name !== 'expunge') throw new Error(`POP3 never runs ${name}`);
    this.expungeCalls.push(args);
    const expunged = this.expunge((args as { uids: number[] }).uids) as Uid[];
    return { ok: true, value: { modSeq: this.#modSeq, expunged } };
  }
}

/** GB18030 subject, lines that begin with dots, CRLF. */
const DOTS = Buffer.concat([
  Buffer.from('Subject: '),
  Buffer.from('b9e9b5b5', 'hex'),
  Buffer.from('\r\nFrom: li@example.edu\r\n\r\n.\r\n..two\r\nline 3\r\n'),
]);
/** As a migration brings it: bare LF, no end of the last line, a name from right to left. */
const BARE = Buffer.from('From: =?utf-8?B?157XqdeU?= <m@example.org>\nSubject: 归档 & Résumé\n\nfirst\n.dot\nlast');
const NO_BODY = Buffer.from('Subject: nothing\r\n');

export const MESSAGES: readonly (readonly [uid: number, octets: Buffer])[] = [
  [3, DOTS],
  [7, BARE],
  [900_000, NO_BODY],
];
