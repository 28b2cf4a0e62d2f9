/**
 * Mail on its way out of the browser: attachments are uploaded, the message is stored as a draft and submitted
 * (RFC 8621 §7.5), in one request. What cannot be sent now waits in IndexedDB and survives the tab.
 *
 * Each message is sent once: it carries its Message-ID from the beginning, and when an answer got lost, the server is
 * asked for that Message-ID before anything is sent again.
 */
import type { EmailAddress, EmailBodyPart } from '#contract/jmap/email.ts';
import type { Envelope } from '#contract/jmap/submission.ts';
import type { Id, UTCDate } from '#contract/jmap/values.ts';
import type { SetError } from '#contract/jmap/core.ts';
import type { Actions } from './actions.ts';
import type { Changes } from './changes.ts';
import { valueOf, type Connection } from './connection.ts';
import { eraseDatabase, openDatabase, settled, written } from './database.ts';
import { failureOf, isTransient, JmapError, type Failure } from './failures.ts';
import { Listeners } from './listeners.ts';
import type { Platform } from './platform.ts';
import { Repeated } from './repeated.ts';
import { Resend } from './resend.ts';
import type { Store } from './store.ts';
import { resultOf, type External, type Known } from './types.ts';

/** A file of the user's, or one that the server has already. */
export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly disposition: 'attachment' | 'inline';
  /** For pictures in the text, without angle brackets. */
  readonly cid: string | null;
  readonly file?: Blob;
  readonly blobId?: Id;
}

/** What somebody has written. */
export interface Draft {
  readonly identityId: Id;
  readonly from: EmailAddress;
  readonly to: readonly EmailAddress[];
  readonly cc: readonly EmailAddress[];
  readonly bcc: readonly EmailAddress[];
  readonly replyTo: readonly EmailAddress[] | null;
  readonly subject: string;
  readonly inReplyTo: readonly string[] | null;
  readonly references: readonly string[] | null;
  readonly text: string;
  /** `null`: plain text alone. */
  readonly html: string | null;
  /** RFC 6047: an iCalendar object that says the same; null: none, as nearly always. */
  readonly calendar?: string | null;
  readonly attachments: readonly Attachment[];
  /** Further header fields as RFC 8621 §4.1.2 names them: `header:Importance:asText`. */
  readonly headers: Readonly<Record<`header:${string}`, unknown>>;
  /** The draft on the server that this one is a later form of; it goes when this one is there. */
  readonly replaces: Id | null;
  /** The Email that this one answers or forwards. */
  readonly concerns: { readonly emailId: Id; readonly keyword: '$answered' | '$forwarded' } | null;
  /** Not before this time: a scheduled message, or one that may be called back for some seconds. */
  readonly sendAt: UTCDate | null;
  /** To whom it really goes; by default, to all who stand in it. */
  readonly envelope: Envelope | null;
}

/** Why a message will not go out by itself: the server's reason, or a request that it did not take. */
export type SendFailure = SetError['type'] | 'refused';

export type SendState =
  /** For its turn, or for the server to be within reach. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending'; readonly sentBytes: number; readonly totalBytes: number }
  | { readonly kind: 'sent'; readonly emailId: Id; readonly submissionId: Id | null }
  | { readonly kind: 'failed'; readonly reason: SendFailure; readonly error: SetError | Failure };

export interface Outgoing {
  readonly id: string;
  readonly messageId: string;
  readonly draft: Draft;
  readonly createdAt: number;
  /** Whether the server may have it already. */
  readonly isTried: boolean;
  readonly state: SendState;
}

export interface SavedDraft {
  readonly emailId: Id;
  readonly attachments: readonly EmailBodyPart[];
  /** Whether the one it was to replace was there no more: somebody has changed, sent or deleted it elsewhere. */
  readonly isParted: boolean;
}

/** What came of one try. */
type Attempt = Extract<SendState, { kind: 'sent' | 'failed' }>;

export class Outbox implements External<readonly Outgoing[]> {
  readonly #platform: Pick<Platform, 'indexedDB' | 'clock' | 'locks' | 'newUuid'>;
  readonly #store: Store;
  readonly #connection: Connection;
  readonly #changes: Changes;
  readonly #actions: Actions;
  readonly #refresh: () => Promise<void>;
  readonly #name: string;
  readonly #listeners = new Listeners();
  readonly #sending = new Repeated(() => this.#sendAll());
  /** One request may fail while the line to hear by holds: then nothing else would say that there is hope. */
  readonly #resend: Resend;
  #database: IDBDatabase | undefined;
  /** Message-IDs of drafts that the server may have stored without our hearing of it. */
  readonly #unanswered = new Set<string>();
  #outgoing: readonly Outgoing[] = [];

  constructor(
    platform: Pick<Platform, 'indexedDB' | 'clock' | 'random' | 'locks' | 'newUuid'>,
    store: Store,
    connection: Connection,
    changes: Changes,
    actions: Actions,
    refresh: () => Promise<void>,
  ) {
    this.#platform = platform;
    this.#resend = new Resend(platform, () => void this.resume());
    this.#store = store;
    this.#connection = connection;
    this.#changes = changes;
    this.#actions = actions;
    this.#refresh = refresh;
    this.#name = `campusmail outbox ${store.accountId}`;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

  /** Oldest first. What has been sent stays in it until the tab is closed. */
  readonly getSnapshot = (): readonly Outgoing[] => this.#outgoing;

  /** Takes up what waits from earlier. Never rejects: without IndexedDB, mail waits as long as the tab is open. */
  async open(): Promise<void> {
    const { indexedDB } = this.#platform;
    if (indexedDB === undefined) return;
    try {
      this.#database = await openDatabase(indexedDB, this.#name, ['outgoing']);
      const objects = this.#database.transaction('outgoing').objectStore('outgoing');
      const kept = (await settled(objects.getAll())) as Outgoing[];
      const waiting = kept.map((one) => (one.state.kind === 'sending' ? { ...one, state: WAITING } : one));
      this.#outgoing = waiting.toSorted((a, b) => a.createdAt - b.createdAt);
      this.#listeners.emit();
    } catch {
      this.#database = undefined;
    }
  }

  /** Hands a message over. Settles when it is kept; what becomes of it the snapshot tells. Returns its id. */
  async send(draft: Draft): Promise<string> {
    const id = this.#platform.newUuid();
    const domain = draft.from.email.slice(draft.from.email.lastIndexOf('@') + 1);
    const createdAt = this.#platform.clock.now();
    const outgoing = { id, messageId: `${id}@${domain}`, draft, createdAt, isTried: false, state: WAITING };
    await this.#keep(outgoing);
    void this.#sending.run();
    return id;
  }

  /** There is hope that the server can be reached. Settles when what waits has been tried. */
  resume(): Promise<void> {
    this.#resend.cancel();
    return this.#sending.run();
  }

  /** Tries one that failed once more. */
  async retry(id: string): Promise<void> {
    const outgoing = this.#find(id);
    if (outgoing?.state.kind !== 'failed') return;
    await this.#keep({ ...outgoing, state: WAITING });
    await this.resume();
  }

  /** Takes back what waits or has failed: its draft, to be written on; `undefined` when it is too late. */
  async takeBack(id: string): Promise<Draft | undefined> {
    const outgoing = this.#find(id);
    if (outgoing === undefined || outgoing.state.kind === 'sent' || outgoing.state.kind === 'sending') return undefined;
    // Tried without an answer: it may be on its way.
    if (outgoing.state.kind === 'waiting' && outgoing.isTried) return undefined;
    await this.#drop(id);
    return outgoing.draft;
  }

  /**
   * Calls back what the server holds until its `sendAt` (RFC 8621 §7: `undoStatus`), and makes it a draft again.
   * `false`: it has gone. Rejects with JmapError.
   */
  async recall(emailId: Id, submissionId: Id): Promise<boolean> {
    const { drafts, sent } = await this.#mailboxes();
    const response = await this.#connection.call(
      'EmailSubmission/set',
      {
        accountId: this.#store.accountId,
        update: { [submissionId]: { undoStatus: 'canceled' } },
        onSuccessUpdateEmail: {
          [submissionId]: { [`mailboxIds/${sent}`]: null, [`mailboxIds/${drafts}`]: true, 'keywords/$draft': true },
        },
      },
      { isIdempotent: true },
    );
    const error = response.notUpdated?.[submissionId];
    if (error === undefined) {
      this.#outgoing = this.#outgoing.filter(({ state }) => state.kind !== 'sent' || state.emailId !== emailId);
      this.#listeners.emit();
      await this.#refresh();
    }
    return error === undefined;
  }

  /**
   * Stores a draft on the server, in place of the one it replaces; its id and its files, which are parts of it from now on:
   * those of the form before go with that. All forms of a draft carry the same
   * `messageId`, which is not the one it is sent with: by it they stay one conversation, and a form whose answer got lost
   * is found and replaced as well. Rejects with JmapError or RejectedDraft.
   */
  async saveDraft(draft: Draft, messageId: string): Promise<SavedDraft> {
    const { drafts } = await this.#mailboxes();
    const email = { ...createEmail(await this.#uploadAll(draft, () => undefined), drafts), messageId: [messageId] };
    const { accountId } = this.#store;
    const replaced = new Set<Id>();
    if (this.#unanswered.has(messageId)) {
      const filter = { inMailbox: drafts, header: ['Message-ID', messageId] };
      for (const id of (await this.#connection.call('Email/query', { accountId, filter })).ids) replaced.add(id);
    }
    this.#unanswered.add(messageId);
    const earlier = draft.replaces === null ? [] : [draft.replaces];
    const [found, stored] = await this.#connection.run([
      ['Email/get', { accountId, ids: earlier, properties: ['keywords'] }],
      ['Email/set', { accountId, create: { email } }],
    ] as const);
    const { created: emails, notCreated } = valueOf(stored);
    const created = emails?.['email'];
    if (created === undefined) {
      this.#unanswered.delete(messageId);
      throw new RejectedDraft(notCreated?.['email'] ?? { type: 'forbidden' });
    }
    // What is no draft any more has been sent meanwhile.
    const there = valueOf(found).list.filter(({ keywords }) => keywords?.['$draft'] === true);
    for (const { id } of there) replaced.add(id);
    const attachments = draft.attachments.length === 0 ? [] : await this.attachmentsOf(created.id);
    this.#unanswered.delete(messageId);
    // Not in the same call: RFC 8620 §5.3 destroys even when nothing could be made, and the older form would be lost.
    if (replaced.size > 0) this.#changes.destroy('Email', [...replaced]);
    else await this.#refresh();
    return { emailId: created.id, attachments, isParted: there.length < earlier.length };
  }

  /** The files of an Email, as its parts. Rejects with JmapError. */
  async attachmentsOf(emailId: Id): Promise<readonly EmailBodyPart[]> {
    const args = { accountId: this.#store.accountId, ids: [emailId], properties: ['attachments'] };
    return (await this.#connection.call('Email/get', args)).list[0]?.attachments ?? [];
  }

  /** Tries nothing any more by itself; what waits is kept for the next tab. */
  close(): void {
    this.#resend.stop();
  }

  /** Nothing stays in this browser, sent or not: look at the snapshot before. */
  async erase(): Promise<void> {
    this.close();
    this.#database?.close();
    this.#database = undefined;
    this.#outgoing = [];
    this.#listeners.emit();
    const { indexedDB } = this.#platform;
    if (indexedDB !== undefined) await eraseDatabase(indexedDB, this.#name);
  }

  /** One tab at a time, for each knows of the same messages. */
  async #sendAll(): Promise<void> {
    const { locks } = this.#platform;
    const sendWaiting = async () => {
      for (const { id } of this.#outgoing) if (!(await this.#sendOne(id))) return;
    };
    if (locks === undefined) await sendWaiting();
    else await locks.request(this.#name, sendWaiting);
  }

  /** `false`: the server is not within reach, so neither will the next one go. */
  async #sendOne(id: string): Promise<boolean> {
    const waiting = this.#find(id);
    if (waiting?.state.kind !== 'waiting') return true;
    if (this.#database !== undefined) {
      const objects = this.#database.transaction('outgoing').objectStore('outgoing');
      const kept = (await settled(objects.get(id))) as Outgoing | undefined;
      if (kept === undefined) {
        // Another tab has sent it.
        this.#outgoing = this.#outgoing.filter((one) => one.id !== id);
        this.#listeners.emit();
        return true;
      }
    }
    try {
      const attempt = await this.#attempt(waiting);
      this.#resend.succeeded();
      const { draft } = this.#find(id) ?? waiting;
      if (attempt.kind === 'failed') {
        await this.#keep({ ...waiting, draft, isTried: false, state: attempt });
        return true;
      }
      // Never out of the snapshot in between: somebody may be waiting to take it back.
      this.#set({ ...waiting, draft, state: attempt });
      await this.#write((objects) => objects.delete(id));
      if (draft.replaces !== null && draft.replaces !== attempt.emailId) {
        this.#changes.destroy('Email', [draft.replaces]);
      }
      if (draft.concerns !== null) {
        const { emailId, keyword } = draft.concerns;
        this.#changes.follow('Email', new Map([[emailId, { [`keywords/${keyword}`]: true }]]));
      }
      return true;
    } catch (error) {
      const failure = failureOf(error);
      const outgoing = this.#find(id) ?? waiting;
      const isWaiting = isTransient(failure) || failure.kind === 'signedOut';
      await this.#keep({
        ...outgoing,
        state: isWaiting ? WAITING : { kind: 'failed', reason: 'refused', error: failure },
      });
      if (isTransient(failure)) this.#resend.later();
      return !isWaiting;
    }
  }

  /** Rejects with JmapError. */
  async #attempt(outgoing: Outgoing): Promise<Attempt> {
    const { id, messageId } = outgoing;
    const { drafts, sent } = await this.#mailboxes();
    const found = outgoing.isTried ? await this.#findOnServer(messageId) : undefined;
    if (found?.submissionId !== undefined) {
      return { kind: 'sent', emailId: found.emailId, submissionId: found.submissionId };
    }
    const draft = await this.#uploadAll(outgoing.draft, (state) => this.#set({ ...outgoing, state }));
    // From here on the server may have it, whatever is heard.
    await this.#keep({ ...outgoing, draft, isTried: true, state: this.#find(id)?.state ?? WAITING });
    const { identityId, envelope, sendAt } = draft;
    const { accountId } = this.#store;
    const sentAt = new Date(this.#platform.clock.now()).toISOString().replace(/\.\d+/, '');
    const email = { ...createEmail(draft, drafts), messageId: [messageId], sentAt };
    const submission = {
      identityId,
      emailId: found?.emailId ?? '#email',
      ...(envelope === null ? {} : { envelope }),
      ...(sendAt === null ? {} : { sendAt }),
    };
    const running = this.#connection.run([
      ['Email/set', { accountId, create: found === undefined ? { email } : {} }],
      [
        'EmailSubmission/set',
        {
          accountId,
          create: { submission },
          onSuccessUpdateEmail: {
            '#submission': { [`mailboxIds/${drafts}`]: null, [`mailboxIds/${sent}`]: true, 'keywords/$draft': null },
          },
        },
      ],
    ] as const);
    const refresh = this.#refresh().catch(failureOf);
    const [stored, submitted] = await running;
    await refresh;
    const { created: emails, notCreated } = valueOf(stored);
    if (notCreated?.['email'] !== undefined) return failed(notCreated['email']);
    const emailId = found?.emailId ?? emails?.['email']?.id;
    if (emailId === undefined) throw new JmapError({ kind: 'method', error: { type: 'serverFail' } });
    if (!submitted.ok) await this.#leaveAsDraft(id, draft, emailId);
    const { created, notCreated: notSubmitted } = valueOf(submitted);
    const error = notSubmitted?.['submission'];
    if (error !== undefined) {
      await this.#leaveAsDraft(id, draft, emailId);
      return failed(error);
    }
    return { kind: 'sent', emailId, submissionId: created?.['submission']?.id ?? null };
  }

  /** It is stored but was not submitted: a later form takes its place. */
  async #leaveAsDraft(id: string, draft: Draft, emailId: Id): Promise<void> {
    if (draft.replaces !== null && draft.replaces !== emailId) this.#changes.destroy('Email', [draft.replaces]);
    const outgoing = this.#find(id);
    if (outgoing !== undefined) await this.#keep({ ...outgoing, draft: { ...draft, replaces: emailId } });
  }

  /** Whether an earlier try has reached the server; without `submissionId` it was stored and no more. */
  async #findOnServer(
    messageId: string,
  ): Promise<{ readonly emailId: Id; readonly submissionId: Id | null | undefined } | undefined> {
    const { accountId } = this.#store;
    const [query, get] = await this.#connection.run([
      ['Email/query', { accountId, filter: { header: ['Message-ID', messageId] } }],
      ['Email/get', { accountId, '#ids': resultOf(0, 'Email/query', '/ids'), properties: ['id', 'keywords'] }],
    ] as const);
    valueOf(query);
    const email: Known<'Email'> | undefined = valueOf(get).list[0];
    if (email === undefined) return undefined;
    const submissions = await this.#connection.call('EmailSubmission/query', {
      accountId,
      filter: { emailIds: [email.id] },
    });
    // One that is no draft any more has been sent, even if the submission is no longer remembered.
    const isSent = email.keywords?.['$draft'] !== true;
    return { emailId: email.id, submissionId: submissions.ids[0] ?? (isSent ? null : undefined) };
  }

  /** The draft with all files on the server. Rejects with JmapError. */
  async #uploadAll(draft: Draft, show: (state: SendState) => void): Promise<Draft> {
    const { accountId } = this.#store;
    const totalBytes = draft.attachments.reduce(
      (sum, { file, blobId }) => sum + (blobId === undefined ? (file?.size ?? 0) : 0),
      0,
    );
    let sentBytes = 0;
    show({ kind: 'sending', sentBytes, totalBytes });
    const attachments: Attachment[] = [];
    for (const attachment of draft.attachments) {
      const { file } = attachment;
      if (attachment.blobId !== undefined || file === undefined) {
        attachments.push(attachment);
        continue;
      }
      const onProgress = (bytes: number) => show({ kind: 'sending', sentBytes: sentBytes + bytes, totalBytes });
      const { blobId } = await this.#connection.upload(accountId, file, { onProgress });
      sentBytes += file.size;
      attachments.push({ ...attachment, blobId });
    }
    return { ...draft, attachments };
  }

  /** The mailboxes that a message passes through; every account has them. Rejects with JmapError. */
  async #mailboxes(): Promise<{ readonly drafts: Id; readonly sent: Id }> {
    await this.#store.needAll('Mailbox');
    const [drafts, sent] = [this.#actions.mailboxOf('drafts'), this.#actions.mailboxOf('sent')];
    if (drafts === undefined || sent === undefined) {
      throw new JmapError({ kind: 'method', error: { type: 'invalidArguments', description: 'no drafts or sent' } });
    }
    return { drafts: drafts.id, sent: sent.id };
  }

  #find(id: string): Outgoing | undefined {
    return this.#outgoing.find((one) => one.id === id);
  }

  #set(outgoing: Outgoing): void {
    const isNew = this.#find(outgoing.id) === undefined;
    this.#outgoing = isNew
      ? [...this.#outgoing, outgoing]
      : this.#outgoing.map((one) => (one.id === outgoing.id ? outgoing : one));
    this.#listeners.emit();
  }

  async #keep(outgoing: Outgoing): Promise<void> {
    this.#set(outgoing);
    await this.#write((objects) => objects.put(outgoing, outgoing.id));
  }

  async #drop(id: string): Promise<void> {
    this.#outgoing = this.#outgoing.filter((one) => one.id !== id);
    this.#listeners.emit();
    await this.#write((objects) => objects.delete(id));
  }

  async #write(change: (objects: IDBObjectStore) => void): Promise<void> {
    try {
      const transaction = this.#database?.transaction('outgoing', 'readwrite');
      if (transaction === undefined) return;
      change(transaction.objectStore('outgoing'));
      await written(transaction);
    } catch {
      // No room: it waits as long as the tab is open.
      this.#database = undefined;
    }
  }
}

/** The server would not store a draft. */
export class RejectedDraft extends Error {
  readonly error: SetError;

  constructor(error: SetError) {
    super(`the draft was refused: ${error.type}`);
    this.name = 'RejectedDraft';
    this.error = error;
  }
}

const WAITING: SendState = { kind: 'waiting' };

function failed(error: SetError): Attempt {
  return { kind: 'failed', reason: error.type, error };
}

/** RFC 8621 §4.6: the argument of Email/set. */
function createEmail(draft: Draft, draftsId: Id): Readonly<Record<string, unknown>> {
  const { from, to, cc, bcc, replyTo, subject, inReplyTo, references, text, calendar = null } = draft;
  return {
    mailboxIds: { [draftsId]: true },
    keywords: { $draft: true, $seen: true },
    from: [from],
    // RFC 5322 §3.6.3 has no empty lists of addresses.
    ...(to.length === 0 ? {} : { to }),
    ...(cc.length === 0 ? {} : { cc }),
    ...(bcc.length === 0 ? {} : { bcc }),
    subject,
    ...(replyTo === null ? {} : { replyTo }),
    ...(inReplyTo === null ? {} : { inReplyTo }),
    ...(references === null ? {} : { references }),
    ...draft.headers,
    ...(calendar === null ? writtenBody(draft) : calendarBody(text, calendar)),
  };
}

/** The text and what tells a calendar the same. */
function calendarBody(text: string, calendar: string): Readonly<Record<string, unknown>> {
  const subParts = [
    { partId: 'text', type: 'text/plain' },
    { partId: 'calendar', type: 'text/calendar' },
  ];
  return {
    bodyStructure: { type: 'multipart/alternative', subParts },
    bodyValues: { text: { value: text }, calendar: { value: calendar } },
  };
}

function writtenBody({ text, html, attachments }: Draft): Readonly<Record<string, unknown>> {
  return {
    textBody: [{ partId: 'text', type: 'text/plain' }],
    ...(html === null ? {} : { htmlBody: [{ partId: 'html', type: 'text/html' }] }),
    bodyValues: { text: { value: text }, ...(html === null ? {} : { html: { value: html } }) },
    attachments: attachments.map(({ blobId, name, type, disposition, cid }) => ({
      blobId,
      name,
      type,
      disposition,
      ...(cid === null ? {} : { cid }),
    })),
  };
}
