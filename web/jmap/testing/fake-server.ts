/**
 * A JMAP server in memory, as RFC 8620 and RFC 8621 have it: states, changes, references, lists, patches. It can be cut
 * off, lose its answers, refuse, forget its history, and change between two calls of one request.
 */
import type { Email, EmailBodyPart, SearchSnippet } from '#contract/jmap/email.ts';
import type { EmailComparator, EmailFilterCondition } from '#contract/jmap/email.ts';
import type { FilterOf, Invocation, SetError } from '#contract/jmap/core.ts';
import type { Mailbox } from '#contract/jmap/mailbox.ts';
import type { Envelope } from '#contract/jmap/submission.ts';

type Json = Record<string, unknown>;
type Item = Json & { id: string };
type Args = Json & { accountId: string };

export const ACCOUNT = 'A1';

/** What becomes of the next request: it does not arrive, its answer gets lost, or it is answered with a status. */
export type Mishap = 'unreachable' | 'lost' | { readonly status: number; readonly retryAfter?: string };

interface LogEntry {
  readonly type: string;
  readonly id: string;
  readonly what: 'created' | 'updated' | 'destroyed';
}

type Method = (args: Args, created: Map<string, string>) => Json | readonly Json[];

const RIGHTS = {
  mayReadItems: true,
  mayAddItems: true,
  mayRemoveItems: true,
  maySetSeen: true,
  maySetKeywords: true,
  mayCreateChild: true,
  mayRename: true,
  mayDelete: true,
  maySubmit: true,
};

export class FakeServer {
  readonly items = new Map<string, Map<string, Item>>(
    ['Mailbox', 'Thread', 'Email', 'Identity', 'EmailSubmission', 'VacationResponse', 'Quota'].map((type) => [
      type,
      new Map(),
    ]),
  );
  readonly blobs = new Map<string, Blob>();
  /** Taken one for each request; undefined: to that one nothing happens. */
  mishaps: (Mishap | undefined)[] = [];
  isReachable = true;
  /** What is sent is lost on the way, and whoever sent it waits. */
  isSilent = false;
  canCalculateQueryChanges = true;
  limits = { maxSizeUpload: 50_000_000, maxCallsInRequest: 16, maxObjectsInGet: 500, maxObjectsInSet: 500 };
  maxChanges = Number.POSITIVE_INFINITY;
  /** Refuses the change of an Email. */
  refuse: (id: string) => SetError | undefined = () => undefined;
  /** Refuses a submission. */
  refuseSubmission: () => SetError | undefined = () => undefined;
  /** Runs before each method call. */
  meanwhile: () => void = () => undefined;
  /** What a search has found of an Email. */
  snippet: (emailId: string) => SearchSnippet = (emailId) => ({ emailId, subject: null, preview: null });
  sessionState = 's0';
  /** Whose session it is. */
  signedIn = ACCOUNT;
  /** The method calls of each request that arrived. */
  readonly requests: (readonly Invocation[])[] = [];
  readonly heard = new Set<(changed: Json) => void>();
  #log: LogEntry[] = [];
  /** Entries that have been forgotten. */
  #forgotten = 0;
  #lastId = 0;
  readonly #lists = new Map<string, readonly string[]>();

  constructor() {
    for (const role of ['inbox', 'archive', 'drafts', 'sent', 'trash', 'junk']) this.addMailbox(role, role);
    const identity = { name: '李雷', email: 'lilei@example.edu', replyTo: null, bcc: null, mayDelete: false };
    this.#put('Identity', { id: 'I1', ...identity, textSignature: '', htmlSignature: '', isDefault: true });
    this.#put('VacationResponse', { id: 'singleton', isEnabled: false, fromDate: null, toDate: null, subject: null });
  }

  // What happens on the server without the client.

  addMailbox(name: string, role: string | null = null): string {
    const id = role === null ? this.#newId('M') : `M-${role}`;
    this.#put('Mailbox', { id, name, parentId: null, role, sortOrder: 0, myRights: RIGHTS, isSubscribed: true });
    return id;
  }

  /** Delivers a mail; by default unread, into the inbox, as a conversation of its own. */
  deliver(properties: Partial<Email> = {}): string {
    const id = this.#newId('E');
    const number = this.#lastId;
    const email = {
      id,
      blobId: `B${id}`,
      threadId: `T${id}`,
      mailboxIds: { 'M-inbox': true as const } as Readonly<Record<string, true>>,
      keywords: {},
      size: 1000 + number,
      receivedAt: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString().replace('.000', ''),
      from: [{ name: '韩梅梅', email: 'hmm@example.edu' }],
      to: [{ name: null, email: 'lilei@example.edu' }],
      subject: `会议 ${number}`,
      hasAttachment: false,
      preview: `第 ${number} 封`,
      messageId: [`${id}@example.edu`],
      textBody: [{ partId: '1', type: 'text/plain' }],
      htmlBody: [{ partId: '1', type: 'text/plain' }],
      attachments: [],
      bodyValues: { 1: { value: `正文 ${number}`, isEncodingProblem: false, isTruncated: false } },
      inReplyTo: null,
      references: null,
      sender: null,
      cc: null,
      bcc: null,
      replyTo: null,
      sentAt: null,
      ...properties,
    };
    this.#put('Email', email);
    this.#join(email.threadId);
    this.#count(email.mailboxIds);
    return id;
  }

  /** Another client changes an Email: keywords and mailboxes given are the new ones. */
  change(id: string, properties: Partial<Pick<Email, 'keywords' | 'mailboxIds'>>): void {
    const email = this.email(id);
    if (email === undefined) return;
    this.#count({ ...email.mailboxIds, ...properties.mailboxIds });
    this.#put('Email', { ...(email as unknown as Item), ...properties });
  }

  destroy(id: string): void {
    const email = this.email(id);
    if (email === undefined) return;
    this.#remove('Email', id);
    this.#join(email.threadId);
    this.#count(email.mailboxIds);
  }

  email(id: string): Email | undefined {
    return this.#of('Email').get(id) as unknown as Email | undefined;
  }

  mailbox(id: string): Mailbox {
    return this.#shown('Mailbox', this.#of('Mailbox').get(id) as Item) as unknown as Mailbox;
  }

  emailIds(): readonly string[] {
    return [...this.#of('Email').keys()];
  }

  state(type: string): string {
    const last = this.#log.findLastIndex((entry) => entry.type === type);
    return `${type[0]}${last + 1}`;
  }

  /** From now on no older state is known. */
  forgetHistory(): void {
    this.#forgotten = this.#log.length;
    this.#lists.clear();
  }

  /** RFC 8620 §5.5: all ids of a list. */
  list(args: Json): readonly string[] {
    const filter: FilterOf<EmailFilterCondition> | null = args['filter'] ?? null;
    const found = [...this.#of('Email').values()].filter((email) => matches(email as unknown as Email, filter));
    const sorted = found.toSorted((a, b) => compare(a, b, (args['sort'] ?? []) as readonly EmailComparator[]));
    const seen = new Set<unknown>();
    return sorted.flatMap(({ id, threadId }) => {
      if (args['collapseThreads'] === true && seen.has(threadId)) return [];
      seen.add(threadId);
      return [id];
    });
  }

  /** Tells those who listen the states of all types. */
  announce(): void {
    const changed = Object.fromEntries([...this.items.keys()].map((type) => [type, this.state(type)]));
    for (const listener of this.heard) listener(changed);
  }

  // The network.

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    await new Promise(setImmediate);
    if (this.isSilent) return givenUp(init.signal ?? undefined);
    const mishap = this.isReachable ? this.mishaps.shift() : 'unreachable';
    if (mishap === 'unreachable') throw new TypeError('fetch failed');
    if (typeof mishap === 'object') {
      const headers: HeadersInit = mishap.retryAfter === undefined ? {} : { 'Retry-After': mishap.retryAfter };
      return new Response('{}', { status: mishap.status, headers });
    }
    const answer = this.#answer(url, init);
    await new Promise(setImmediate);
    if (mishap === 'lost') throw new TypeError('connection lost');
    return answer;
  };

  readonly sendFile = async (
    _url: string,
    file: Blob,
    { onProgress, signal }: { readonly onProgress?: (bytes: number) => void; readonly signal?: AbortSignal },
  ): Promise<Response> => {
    await new Promise(setImmediate);
    if (this.isSilent) return givenUp(signal);
    const mishap = this.isReachable ? this.mishaps.shift() : 'unreachable';
    signal?.throwIfAborted();
    if (mishap !== undefined) throw new TypeError('cut off');
    onProgress?.(file.size);
    const blobId = this.#newId('U');
    this.blobs.set(blobId, file);
    return Response.json({ accountId: ACCOUNT, blobId, type: file.type, size: file.size });
  };

  #answer(url: string, init: RequestInit): Response {
    if (url === '/.well-known/jmap') {
      const capabilities = {
        'urn:ietf:params:jmap:core': this.limits,
        'urn:ietf:params:jmap:mail': {},
        'urn:ietf:params:jmap:blob': {},
        'urn:ietf:params:jmap:submission': {},
      };
      return Response.json({
        capabilities,
        accounts: { [this.signedIn]: { name: 'lilei@example.edu', isPersonal: true, isReadOnly: false } },
        primaryAccounts: { 'urn:ietf:params:jmap:mail': ACCOUNT },
        username: 'lilei',
        apiUrl: '/jmap/api',
        downloadUrl: '/jmap/download/{accountId}/{blobId}/{name}?type={type}',
        uploadUrl: '/jmap/upload/{accountId}',
        eventSourceUrl: '/jmap/events?types={types}&closeafter={closeafter}&ping={ping}',
        state: this.sessionState,
      });
    }
    const request = JSON.parse(init.body as string) as { methodCalls: readonly Invocation[] };
    if (request.methodCalls.length > this.limits.maxCallsInRequest) {
      return Response.json({ type: 'urn:ietf:params:jmap:error:limit', limit: 'maxCallsInRequest' }, { status: 400 });
    }
    this.requests.push(request.methodCalls);
    const responses: Invocation[] = [];
    const created = new Map<string, string>();
    for (const [name, args, callId] of request.methodCalls) {
      this.meanwhile();
      for (const [answerName, value] of this.#run(name, args, responses, created)) {
        responses.push([answerName, structuredClone(value), callId]);
      }
    }
    return Response.json({ methodResponses: responses, sessionState: this.sessionState });
  }

  #run(
    name: string,
    args: Json,
    responses: readonly Invocation[],
    created: Map<string, string>,
  ): readonly (readonly [string, Json])[] {
    const resolved: Json = {};
    for (const [key, value] of Object.entries(args)) {
      if (!key.startsWith('#')) {
        resolved[key] = value;
        continue;
      }
      const { resultOf, name: of, path } = value as { resultOf: string; name: string; path: string };
      const source = responses.find(([answered, , callId]) => callId === resultOf && answered === of);
      if (source === undefined) return [['error', { type: 'invalidResultReference' }]];
      resolved[key.slice(1)] = pick(source[1], path.split('/').slice(1));
    }
    const [type = '', verb = ''] = name.split('/');
    const method = this.#method(type, verb);
    if (method === undefined) return [['error', { type: 'unknownMethod' }]];
    const answers = [method(resolved as Args, created)].flat();
    return answers.map((value, index) => {
      if (typeof value['error'] === 'string') return ['error', { type: value['error'] }];
      return [index === 0 ? name : 'Email/set', { accountId: ACCOUNT, ...value }];
    });
  }

  #method(type: string, verb: string): Method | undefined {
    if (type === 'SearchSnippet')
      return ({ emailIds }) => ({ list: (emailIds as readonly string[]).map(this.snippet), notFound: null });
    if (type === 'Blob' && verb === 'upload') return ({ create }) => this.#putTogether(create as Json);
    if (!this.items.has(type)) return undefined;
    if (verb === 'get') return (args) => this.#get(type, args);
    if (verb === 'changes' && type !== 'VacationResponse') return (args) => this.#changes(type, args);
    if (verb === 'set' && type === 'EmailSubmission') return (args, created) => this.#submit(args, created);
    if (verb === 'set' && type !== 'Thread') return (args, created) => this.#set(type, args, created);
    if (type === 'EmailSubmission' && verb === 'query') return (args) => this.#querySubmissions(args);
    if (type === 'Email' && verb === 'query') return (args) => this.#query(args);
    if (type === 'Email' && verb === 'queryChanges') return (args) => this.#queryChanges(args);
    return undefined;
  }

  /** RFC 9404 §4.1, of other blobs alone. */
  #putTogether(create: Json): Json {
    const created = Object.entries(create).map(([id, properties]) => {
      const { data, type } = properties as { data: { blobId: string }[]; type: string };
      const whole = new Blob(
        data.flatMap(({ blobId }) => this.blobs.get(blobId) ?? []),
        { type },
      );
      const blobId = this.#newId('U');
      this.blobs.set(blobId, whole);
      return [id, { id: blobId, type, size: whole.size }];
    });
    return { created: Object.fromEntries(created) as Json, notCreated: null };
  }

  #get(type: string, args: Args): Json {
    const ids = (args['ids'] ?? null) as readonly string[] | null;
    if (ids !== null && ids.length > this.limits.maxObjectsInGet) return { error: 'requestTooLarge' };
    const properties = args['properties'] as readonly string[] | undefined;
    const items = this.#of(type);
    const wanted = [...new Set(ids ?? items.keys())];
    const found = wanted.flatMap((id) => items.get(id) ?? []);
    return {
      state: this.state(type),
      list: found.map((item) => {
        const shown = this.#shown(type, item);
        if (properties === undefined) return shown;
        return Object.fromEntries([...new Set(['id', ...properties])].map((name) => [name, shown[name] ?? null]));
      }),
      notFound: wanted.filter((id) => !items.has(id)),
    };
  }

  #changes(type: string, args: Args): Json {
    const since = Number((args['sinceState'] as string).slice(1));
    if (since < this.#forgotten) return { error: 'cannotCalculateChanges' };
    const limit = Math.min(this.maxChanges, (args['maxChanges'] ?? Number.POSITIVE_INFINITY) as number);
    const what = new Map<string, { isNew: boolean; isGone: boolean }>();
    let end = since;
    let hasMoreChanges = false;
    for (const [index, entry] of this.#log.entries()) {
      if (index < since || entry.type !== type) continue;
      if (!what.has(entry.id) && what.size >= limit) {
        hasMoreChanges = true;
        break;
      }
      const isNew = what.get(entry.id)?.isNew ?? entry.what === 'created';
      what.set(entry.id, { isNew, isGone: entry.what === 'destroyed' });
      end = index + 1;
    }
    const ids = (test: (one: { isNew: boolean; isGone: boolean }) => boolean) =>
      [...what].flatMap(([id, one]) => (test(one) ? [id] : []));
    return {
      oldState: args['sinceState'],
      newState: hasMoreChanges ? `${type[0]}${end}` : this.state(type),
      hasMoreChanges,
      created: ids(({ isNew, isGone }) => isNew && !isGone),
      updated: ids(({ isNew, isGone }) => !isNew && !isGone),
      destroyed: ids(({ isGone }) => isGone),
      ...(type === 'Mailbox' ? { updatedProperties: null } : {}),
    };
  }

  #set(type: string, args: Args, createdIds: Map<string, string>): Json {
    const oldState = this.state(type);
    const created: Json = {};
    const [notCreated, notUpdated, notDestroyed]: [Json, Json, Json] = [{}, {}, {}];
    const updated: Json = {};
    const destroyed: string[] = [];
    for (const [creationId, value] of Object.entries((args['create'] ?? {}) as Record<string, Json>)) {
      if (type !== 'Email') {
        notCreated[creationId] = { type: 'forbidden' };
        continue;
      }
      const refusal = this.refuse(creationId);
      if (refusal !== undefined) {
        notCreated[creationId] = refusal;
        continue;
      }
      const given = (value['attachments'] ?? []) as readonly EmailBodyPart[];
      // A part of an Email is there as long as that is.
      const lost = given.flatMap(({ blobId }) => (/^P(.*)\./.test(blobId ?? '') && !this.#has(blobId) ? [blobId] : []));
      if (lost.length > 0) {
        notCreated[creationId] = { type: 'blobNotFound', notFound: lost };
        continue;
      }
      const id = this.deliver(value);
      const attachments = given.map((part, at) => ({ ...part, blobId: `P${id}.${at}` }));
      this.#put('Email', { ...(this.email(id) as unknown as Item), attachments });
      createdIds.set(creationId, id);
      created[creationId] = { id, blobId: `B${id}`, threadId: `T${id}`, size: 1 };
    }
    for (const [id, patch] of Object.entries((args['update'] ?? {}) as Record<string, Json>)) {
      const item = this.#of(type).get(id);
      const refusal = item === undefined ? { type: 'notFound' } : this.refuse(id);
      if (item === undefined || refusal !== undefined) {
        notUpdated[id] = refusal;
        continue;
      }
      const patched = structuredClone(item);
      for (const [path, value] of Object.entries(patch)) setAt(patched, path.split('/'), value);
      if (type === 'Email') this.change(id, patched as unknown as Email);
      else this.#put(type, patched);
      updated[id] = null;
    }
    for (const id of (args['destroy'] ?? []) as readonly string[]) {
      if (!this.#of(type).has(id)) {
        notDestroyed[id] = { type: 'notFound' };
        continue;
      }
      if (type === 'Email') this.destroy(id);
      else this.#remove(type, id);
      destroyed.push(id);
    }
    const newState = this.state(type);
    return { oldState, newState, created, updated, destroyed, notCreated, notUpdated, notDestroyed };
  }

  /** RFC 8621 §7.5. */
  #submit(args: Args, createdIds: Map<string, string>): readonly Json[] {
    const oldState = this.state('EmailSubmission');
    const created: Record<string, { id: string }> = {};
    const [notCreated, notUpdated, update]: [Json, Json, Json] = [{}, {}, {}];
    const done = new Map<string, string>();
    for (const [creationId, value] of Object.entries((args['create'] ?? {}) as Record<string, Json>)) {
      const named = value['emailId'] as string;
      const emailId = named.startsWith('#') ? createdIds.get(named.slice(1)) : named;
      const refusal = emailId === undefined ? { type: 'notFound' } : this.refuseSubmission();
      if (refusal !== undefined || emailId === undefined) {
        notCreated[creationId] = refusal;
        continue;
      }
      const id = this.#newId('S');
      const envelope = value['envelope'] as Envelope | undefined;
      const isHeld = value['sendAt'] !== undefined || envelope?.mailFrom.parameters?.['HOLDFOR'] !== undefined;
      const undoStatus = isHeld ? 'pending' : 'final';
      this.#put('EmailSubmission', { ...value, id, emailId, undoStatus });
      created[creationId] = { id };
      done.set(`#${creationId}`, emailId);
    }
    for (const [id, patch] of Object.entries((args['update'] ?? {}) as Record<string, Json>)) {
      const submission = this.#of('EmailSubmission').get(id);
      if (submission?.['undoStatus'] !== 'pending') {
        notUpdated[id] = { type: 'cannotUnsend' };
        continue;
      }
      this.#put('EmailSubmission', { ...submission, ...patch });
      done.set(id, submission['emailId'] as string);
    }
    for (const [key, patch] of Object.entries((args['onSuccessUpdateEmail'] ?? {}) as Record<string, Json>)) {
      const emailId = done.get(key);
      if (emailId !== undefined) update[emailId] = patch;
    }
    const newState = this.state('EmailSubmission');
    const own = { oldState, newState, created, notCreated, updated: {}, notUpdated, destroyed: [], notDestroyed: {} };
    const implied = this.#set('Email', { accountId: ACCOUNT, update }, new Map());
    return Object.keys(update).length === 0 ? [own] : [own, implied];
  }

  #querySubmissions(args: Args): Json {
    const { emailIds, undoStatus } = args['filter'] as { emailIds?: readonly string[]; undoStatus?: string };
    const found = [...this.#of('EmailSubmission').values()].filter(
      (one) =>
        emailIds?.includes(one['emailId'] as string) !== false &&
        (undoStatus === undefined || one['undoStatus'] === undoStatus),
    );
    return { queryState: '', canCalculateChanges: false, position: 0, ids: found.map(({ id }) => id) };
  }

  #query(args: Args): Json {
    const ids = this.list(args);
    this.#lists.set(listKey(args, this.state('Email')), ids);
    const position = (args['position'] ?? 0) as number;
    return {
      queryState: this.state('Email'),
      canCalculateChanges: this.canCalculateQueryChanges,
      position,
      ids: ids.slice(position, position + ((args['limit'] ?? ids.length) as number)),
      ...(args['calculateTotal'] === true ? { total: ids.length } : {}),
    };
  }

  /** RFC 8620 §5.6; like many servers it names every Email of the list that has changed, moved or not. */
  #queryChanges(args: Args): Json {
    const since = args['sinceQueryState'] as string;
    const before = this.#lists.get(listKey(args, since));
    if (!this.canCalculateQueryChanges || before === undefined) return { error: 'cannotCalculateChanges' };
    const ids = this.list(args);
    this.#lists.set(listKey(args, this.state('Email')), ids);
    const [old, now] = [new Set(before), new Set(ids)];
    const log = this.#log.slice(Number(since.slice(1)));
    const changed = new Set(log.flatMap(({ type, id }) => (type === 'Email' ? [id] : [])));
    const removed = [...old].filter((id) => !now.has(id) || changed.has(id));
    const added = ids.flatMap((id, index) => (!old.has(id) || changed.has(id) ? [{ id, index }] : []));
    if (removed.length + added.length > ((args['maxChanges'] ?? Number.POSITIVE_INFINITY) as number)) {
      return { error: 'tooManyChanges' };
    }
    return { oldQueryState: since, newQueryState: this.state('Email'), removed, added, total: ids.length };
  }

  /** RFC 8621 §2: counts are of the moment. */
  #shown(type: string, item: Item): Item {
    if (type !== 'Mailbox') return item;
    const emails = ([...this.#of('Email').values()] as unknown as Email[]).filter((one) => one.mailboxIds[item.id]);
    const unread = emails.filter(({ keywords }) => keywords['$seen'] !== true && keywords['$draft'] !== true);
    const threads = (some: readonly Email[]) => new Set(some.map(({ threadId }) => threadId)).size;
    return {
      ...item,
      totalEmails: emails.length,
      unreadEmails: unread.length,
      totalThreads: threads(emails),
      unreadThreads: threads(unread),
    };
  }

  #has(blobId: string | null): boolean {
    return this.#of('Email').has(/^P(.*)\./.exec(blobId ?? '')?.[1] ?? '');
  }

  #of(type: string): Map<string, Item> {
    const items = this.items.get(type);
    if (items === undefined) throw new RangeError(type);
    return items;
  }

  #put(type: string, item: Item): void {
    const what = this.#of(type).has(item.id) ? 'updated' : 'created';
    this.#of(type).set(item.id, item);
    this.#log.push({ type, id: item.id, what });
  }

  #remove(type: string, id: string): void {
    if (this.#of(type).delete(id)) this.#log.push({ type, id, what: 'destroyed' });
  }

  /** The conversation as its Emails are now. */
  #join(threadId: string): void {
    const emails = [...this.#of('Email').values()].filter((email) => email['threadId'] === threadId);
    const oldestFirst = emails.toSorted((a, b) => ((a['receivedAt'] as string) < (b['receivedAt'] as string) ? -1 : 1));
    if (emails.length === 0) this.#remove('Thread', threadId);
    else this.#put('Thread', { id: threadId, emailIds: oldestFirst.map(({ id }) => id) });
  }

  #count(mailboxIds: Readonly<Record<string, true>>): void {
    for (const id of Object.keys(mailboxIds)) this.#log.push({ type: 'Mailbox', id, what: 'updated' });
  }

  #newId(prefix: string): string {
    this.#lastId += 1;
    return `${prefix}${this.#lastId}`;
  }
}

function listKey(args: Json, state: string): string {
  return JSON.stringify([args['filter'] ?? null, args['sort'] ?? [], args['collapseThreads'] ?? false, state]);
}

/** RFC 8620 §3.7: a JSON pointer in which `*` goes over an array. */
function pick(value: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (first === '*') return (value as readonly unknown[]).flatMap((one) => pick(one, rest));
  return pick((value as Json)[first], rest);
}

function setAt(item: Json, [first = '', ...rest]: readonly string[], value: unknown): void {
  const key = first.replaceAll('~1', '/').replaceAll('~0', '~');
  if (rest.length > 0) setAt((item[key] ??= {}) as Json, rest, value);
  else if (value === null) delete item[key];
  else item[key] = value;
}

function givenUp(signal: AbortSignal | undefined): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal?.addEventListener('abort', () => reject(new DOMException('given up', 'AbortError')), { once: true });
  return promise;
}

function matches(email: Email, filter: FilterOf<EmailFilterCondition> | null): boolean {
  if (filter === null) return true;
  if ('operator' in filter) {
    const results = filter.conditions.map((condition) => matches(email, condition));
    if (filter.operator === 'AND') return results.every(Boolean);
    return results.some(Boolean) === (filter.operator === 'OR');
  }
  const { inMailbox, inMailboxOtherThan, hasKeyword, notKeyword, subject, header } = filter;
  if (inMailbox !== undefined && email.mailboxIds[inMailbox] !== true) return false;
  if (
    inMailboxOtherThan !== undefined &&
    Object.keys(email.mailboxIds).every((id) => inMailboxOtherThan.includes(id))
  ) {
    return false;
  }
  if (hasKeyword !== undefined && email.keywords[hasKeyword] !== true) return false;
  if (notKeyword !== undefined && email.keywords[notKeyword] === true) return false;
  if (subject !== undefined && email.subject?.includes(subject) !== true) return false;
  return header === undefined || email.messageId?.includes(header[1] ?? '') === true;
}

function compare(a: Item, b: Item, sort: readonly EmailComparator[]): number {
  for (const { property, isAscending = true } of sort) {
    const [x, y] = [a[property], b[property]] as [string, string];
    if (x !== y) return x < y === isAscending ? -1 : 1;
  }
  return Number(a.id.slice(1)) - Number(b.id.slice(1));
}
