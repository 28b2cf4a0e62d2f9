/** The screens' model over the client core (web/jmap): its records in the screens' words, and the screens' wishes as its actions. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type { EmailBodyPart } from '#contract/jmap/email.ts';
import type { LeftList, ListUnsubscribePostResponse } from '#contract/jmap/list-unsubscribe.ts';
import type { Site } from '#contract/site.ts';
import { MUTED, type MailboxRole } from '#web/jmap/actions.ts';
import type { Client } from '#web/jmap/client.ts';
import type { StepId } from '#web/jmap/changes.ts';
import { failureOf } from '#web/jmap/failures.ts';
import { changeLetters } from '#web/jmap/letters.ts';
import type { EmailList, ListSpec } from '#web/jmap/queries.ts';
import { Snippets, type Found } from '#web/jmap/snippets.ts';
import { EMAIL_BODY, EMAIL_HEADER, type Known } from '#web/jmap/types.ts';
import { findPeople } from './correspondents.ts';
import { derive, type Read } from './derived.ts';
import { endingOf } from './endings.ts';
import { textOfHtml } from './html-text.ts';
import { downloadAddress, personOf, type Downloadable } from './jmap-words.ts';
import { createAddressBook } from './jmap-address-book.ts';
import { createContacts } from './jmap-contacts.ts';
import { createWriting } from './jmap-writing.ts';
import { labelsOf } from './labels.ts';
import { createLive, type Live } from './live.ts';
import { importLetters } from './jmap-import.ts';
import { createJmapSettings } from './jmap-settings.ts';
import { createJmapDeletions } from './jmap-deletions.ts';
import { createJmapReports } from './jmap-reports.ts';
import { createJmapTraces } from './jmap-traces.ts';
import { MAILBOX_ROLES } from './model.ts';
import { judgeSender } from './reading/authentication.ts';
import { addressInName, isOurs, resembledDomain } from './reading/look-alikes.ts';
import { readUnsubscribe } from './reading/unsubscribe.ts';
import { site } from './site.ts';
import { anyOf, parseSearch, type SearchFilter } from './search-query.ts';
import type {
  AccountChoice,
  AccountView,
  AttachmentView,
  Change,
  Changed,
  ConversationView,
  ListModel,
  ListQuery,
  ListView,
  MailboxView,
  MailModel,
  MarksView,
  MessageView,
  Narrowing,
  Order,
  RowView,
} from './model.ts';

export interface Owner {
  readonly name: string;
  readonly login: string;
}

/** People suggested at once. */
const MESSAGE_TYPE = 'message/rfc822';
/** What a letter as a file is made of. */
const FILE = ['blobId', 'subject', 'receivedAt', 'size', 'threadId'];
/** Of a subject in the name of a file: within what file systems take, in Chinese, too. */
const NAME_CHARACTERS = 60;

const MOST_PEOPLE = 6;

/** What our server found out about the sender, the topmost field first (RFC 8621 §4.1.3). */
const RESULTS = 'header:Authentication-Results:asText:all';

/** RFC 8621 §4.1.2.7: in the order of the field. */
const UNSUBSCRIBE = 'header:List-Unsubscribe:asURLs';

/** RFC 8058 §3.1. */
const ONE_CLICK_OFFER = 'header:List-Unsubscribe-Post:asText';

const EMAIL = [...EMAIL_HEADER, ...EMAIL_BODY, RESULTS, UNSUBSCRIBE, ONE_CLICK_OFFER];

/** The mailboxes that what is done takes letters to, by their roles. */
const TARGETS: Partial<Readonly<Record<Change['do'], MailboxRole>>> = {
  archive: 'archive',
  delete: 'trash',
  junk: 'junk',
  notJunk: 'inbox',
};

interface Fetched {
  readonly [RESULTS]?: readonly string[];
  readonly [UNSUBSCRIBE]?: readonly string[] | null;
  readonly [ONE_CLICK_OFFER]?: string | null;
}

const BY_DATE = [{ property: 'receivedAt', isAscending: false }] as const;
const SORTS: Readonly<Record<Order, (isOutgoing: boolean) => ListSpec['sort']>> = {
  newest: () => BY_DATE,
  oldest: () => [{ property: 'receivedAt', isAscending: true }],
  people: (isOutgoing) => [{ property: isOutgoing ? 'to' : 'from', isAscending: true }, ...BY_DATE],
  subject: () => [{ property: 'subject', isAscending: true }, ...BY_DATE],
  largest: () => [{ property: 'size', isAscending: false }, ...BY_DATE],
  relevant: () => [{ property: 'relevance', isAscending: false }, ...BY_DATE],
};

/** For who has one account. */
const NO_OTHERS: Pick<MailModel, 'accounts' | 'showAccount'> = {
  accounts: createLive<readonly AccountChoice[]>([]),
  showAccount: () => undefined,
};

export function createJmapModel(
  client: Client,
  owner: Owner,
  accounts: Pick<MailModel, 'accounts' | 'showAccount'> = NO_OTHERS,
): MailModel {
  const { store, actions, changes } = client;
  const lists = new Map<string, ListModel>();
  const conversations = new Map<string, Live<ConversationView | 'loading' | 'missing'>>();

  const readAll = <Type extends 'Mailbox' | 'Identity' | 'Quota'>(read: Read, type: Type) =>
    read(type, () => store.all(type)) ?? [];

  const account = derive((read): AccountView => {
    const records = readAll(read, 'Identity');
    const { endings } = read('site', () => site);
    const own = records.map(({ email }) => email ?? '');
    const identities = records
      .toSorted((a, b) => Number(b.isDefault ?? false) - Number(a.isDefault ?? false))
      .map(({ name, email = '', htmlSignature }) => ({
        name: name ?? '',
        address: email,
        signature: htmlSignature ?? '',
        ending: endingOf(email, endings, own, Date.now()),
      }));
    const me = identities[0] ?? { name: owner.name, address: owner.login, signature: '' };
    const isDefaultFixed = readAll(read, 'Identity').some(({ isFixed }) => isFixed === true);
    const quota = readAll(read, 'Quota').find(({ resourceType }) => resourceType === 'octets');
    return {
      name: owner.name || me.name,
      address: me.address,
      isDefaultFixed,
      identities: identities.length > 0 ? identities : [me],
      quota: quota && { usedBytes: quota.used ?? 0, limitBytes: quota.hardLimit ?? 0 },
    };
  });

  const addresses = () => account.getSnapshot().identities.map(({ address }) => address);

  const mailboxes = derive((read) =>
    readAll(read, 'Mailbox')
      .toSorted((a, b) => (a.sortOrder ?? 0) - (b.sortOrder ?? 0) || (a.name ?? '').localeCompare(b.name ?? ''))
      .map((mailbox): MailboxView => ({
        id: mailbox.id,
        name: mailbox.name ?? '',
        role: MAILBOX_ROLES.find((role) => role === mailbox.role),
        parentId: mailbox.parentId ?? undefined,
        unread: mailbox.unreadThreads ?? 0,
        total: mailbox.role === 'drafts' ? (mailbox.totalEmails ?? 0) : (mailbox.totalThreads ?? 0),
      })),
  );

  const listOf = (query: ListQuery): ListModel => {
    const key = JSON.stringify(query);
    let list = lists.get(key);
    if (list === undefined) {
      const spec = {
        filter: filterOf(query, mailboxes.getSnapshot(), addresses()),
        sort: SORTS[query.order](isOutgoing(mailboxes.getSnapshot(), query.mailboxId)),
        collapseThreads: true,
      };
      list = openList(client, client.lists.open(spec), query, mailboxes);
      lists.set(key, list);
    }
    return list;
  };

  const conversationOf = (id: string) => {
    let live = conversations.get(id);
    if (live === undefined) conversations.set(id, (live = openConversation(client, id, addresses)));
    return live;
  };

  const perform = (change: Change, emailIds: readonly string[]): StepId | undefined => {
    switch (change.do) {
      case 'archive':
        return actions.archive(emailIds);
      case 'delete':
        return actions.moveToTrash(emailIds);
      case 'junk':
        return actions.markJunk(emailIds);
      case 'notJunk':
        return actions.markNotJunk(emailIds);
      case 'move':
        return actions.move(emailIds, change.mailboxId);
      case 'setUnread':
        return actions.markRead(emailIds, !change.to);
      case 'setFlagged':
        return actions.flag(emailIds, change.to);
      case 'setMuted':
        return change.to ? actions.mute(emailIds) : actions.unmute(emailIds);
      case 'setLabel':
        return actions.setKeyword(emailIds, change.keyword, change.to);
    }
  };

  const isReadOnly = () => accounts.accounts.getSnapshot().find(({ isCurrent }) => isCurrent)?.isReadOnly === true;

  const files = async (ids: readonly string[]): Promise<readonly AttachmentView[]> => {
    const emailIds = store.lettersOf(ids);
    await store.need('Email', emailIds, FILE);
    const template = (await client.connection.session()).downloadUrl;
    return emailIds.flatMap((id) => {
      const email = store.peek('Email', id);
      if (!email?.blobId) return [];
      const name = fileNameOf(email.subject ?? '', new Date(email.receivedAt ?? 0));
      const url = downloadAddress(template, client.accountId, { blobId: email.blobId, name, type: MESSAGE_TYPE });
      return [{ id: email.blobId, name, type: MESSAGE_TYPE, sizeBytes: email.size ?? 0, url }];
    });
  };

  /** Where it takes letters to. */
  const targetOf = (change: Change): string | undefined => {
    if (change.do === 'move') return change.mailboxId;
    const role = TARGETS[change.do];
    return role && actions.mailboxOf(role)?.id;
  };

  const change = (change: Change, ids: readonly string[]): Changed => {
    // The server would refuse it; what is opened is not marked as read there.
    if (isReadOnly()) return { undo: () => undefined, settled: Promise.resolve(true) };
    // What is done to a conversation is done to all its letters; a star, or that it is unread, is of the one in the list.
    const isOfOne = change.do === 'setFlagged' || (change.do === 'setUnread' && change.to);
    const of = isOfOne ? 'letters' : 'conversations';
    const target = targetOf(change);
    return changeLetters(store, changes, {
      of,
      ids,
      act: (emailIds) => perform(change, emailIds),
      leave: target === undefined ? undefined : (left) => client.lists.leave(left, target),
    });
  };

  const connection = createLive<'online' | 'offline' | 'signedOut'>(navigator.onLine ? 'online' : 'offline');
  for (const event of ['online', 'offline'] as const)
    addEventListener(event, () => connection.getSnapshot() !== 'signedOut' && connection.set(event));
  client.connection.signedOut.add(() => connection.set('signedOut'));

  return {
    account,
    mailboxes,
    connection,
    list: listOf,
    conversation: conversationOf,
    files,
    people: (text) => findPeople(store.peekKnown('Email'), text, addresses(), MOST_PEOPLE),
    addressBook: createAddressBook(client),
    contacts: createContacts(client),
    labels() {
      const keywords = new Set(store.peekKnown('Email').flatMap((email) => Object.keys(email.keywords ?? {})));
      return labelsOf(Object.fromEntries(keywords.values().map((keyword) => [keyword, true] as const)));
    },
    importLetters: (files, mailboxId) => importLetters(client, files, mailboxId),
    leaveList: (messageId) => leaveList(client, messageId),
    change,
    writing: createWriting(client, textOfHtml),
    ...accounts,
    setDefaultIdentity(address) {
      const identities = store.peekAll('Identity') ?? [];
      const identity = identities.find(({ email, isDefault }) =>
        address === undefined ? isDefault : email === address,
      );
      if (!identity) return;
      // Another one may be the default then: what the server makes of it is asked for.
      const change = { update: { [identity.id]: { isDefault: address !== undefined } } };
      const { accountId, connection: server } = client;
      server
        .call('Identity/set', { accountId, ...change })
        .then(() => store.sync(['Identity']))
        .catch(failureOf);
    },
    traces: createJmapTraces(client),
    deletions: createJmapDeletions(client),
    reports: createJmapReports(client),
    settings: createJmapSettings(client),
    signInAgain: () => undefined,
    signOut: () => undefined,
  };
}

async function leaveList({ accountId, connection }: Client, emailId: string): Promise<LeftList> {
  try {
    const session = await connection.session();
    // In an account of others there is no such thing.
    if (!session.accounts[accountId]?.accountCapabilities[CAPABILITIES.listUnsubscribe]) return 'notOffered';
    const answer = await connection.call('ListUnsubscribe/post', { accountId, emailId });
    return (answer as ListUnsubscribePostResponse).result;
  } catch {
    return 'unreachable';
  }
}

function filterOf(
  { mailboxId, text, narrowing }: ListQuery,
  mailboxes: readonly MailboxView[],
  own: readonly string[],
): SearchFilter {
  const place =
    mailboxId === undefined ? parseSearch(text, { mailboxes, own, now: new Date() }) : { inMailbox: mailboxId };
  const narrowed = narrow(narrowing, own);
  return narrowed === undefined ? place : { operator: 'AND', conditions: [place, narrowed] };
}

function narrow(narrowing: Narrowing, own: readonly string[]): SearchFilter | undefined {
  switch (narrowing) {
    case 'all':
      return undefined;
    case 'unread':
      return { notKeyword: '$seen' };
    case 'flagged':
      return { hasKeyword: '$flagged' };
    case 'attachments':
      return { hasAttachment: true };
    case 'toMe':
      return anyOf(own.map((to) => ({ to })));
  }
}

/** Of what was written here it is shown whom it is to. */
function isOutgoing(mailboxes: readonly MailboxView[], mailboxId: string | undefined): boolean {
  const role = mailboxes.find(({ id }) => id === mailboxId)?.role;
  return role === 'sent' || role === 'drafts';
}

function openList(
  client: Client,
  list: EmailList,
  query: ListQuery,
  mailboxes: Live<readonly MailboxView[]>,
): ListModel {
  const { store } = client;
  const snippets = new Snippets(client.connection, client.accountId, list.spec.filter);
  let shown = { from: 0, to: 0 };
  const rows = new Map<
    string,
    { readonly of: Known<'Email'>; readonly thread: unknown; readonly found: unknown; readonly row: RowView }
  >();
  const view = derive((read): ListView => {
    const { ids, isOpen, status, failure } = read('list', () => list);
    read('snippets', () => snippets);
    if (query.text !== '') void snippets.show(ids.slice(shown.from, shown.to).filter((id) => id !== undefined));
    for (const id of ids.slice(shown.from, shown.to)) {
      if (id === undefined) continue;
      const email = read(`email ${id}`, () => store.record('Email', id, EMAIL_HEADER));
      const threadId = email?.threadId;
      if (threadId !== undefined) read(`thread ${threadId}`, () => store.record('Thread', threadId));
    }
    const state = status === 'ready' ? 'ready' : failure === undefined ? 'loading' : 'failed';
    const known = isOpen ? { atLeast: ids.findLastIndex((id) => id !== undefined) + 1 } : {};
    return { state, total: ids.length, ...known };
  });

  const rowOf = (id: string): RowView | undefined => {
    const email = store.peek('Email', id);
    if (!email || email.receivedAt === undefined) return undefined;
    const thread = email.threadId === undefined ? undefined : store.peek('Thread', email.threadId);
    const kept = rows.get(email.id);
    const found = snippets.getSnapshot().get(email.id);
    if (kept?.of === email && kept.thread === thread && kept.found === found) return kept.row;
    const row = makeRow(
      email,
      thread?.emailIds?.length ?? 1,
      isOutgoing(mailboxes.getSnapshot(), query.mailboxId),
      found,
    );
    rows.set(email.id, { of: email, thread, found, row });
    return row;
  };

  return {
    subscribe: view.subscribe,
    getSnapshot: view.getSnapshot,
    rowAt(index) {
      const id = list.getSnapshot().ids[index];
      return id === undefined ? undefined : rowOf(id);
    },
    idAt: (index) => list.getSnapshot().ids[index],
    marksOf(id) {
      const email = store.peek('Email', id);
      return email?.keywords === undefined ? undefined : marksOf(email);
    },
    indexOf: (id) => list.getSnapshot().ids.indexOf(id),
    show(from, to) {
      if (shown.from === from && shown.to === to) return;
      shown = { from, to };
      list.show(from, Math.max(from, to - 1));
      view.recompute();
    },
    load: (from, to) => list.load(from, to),
  };
}

/** In a folder of such they stand in the order in which they came: `20260301-0930 开题报告.eml`. */
function fileNameOf(subject: string, receivedAt: Date): string {
  const digits = receivedAt.toLocaleString('sv-SE').replaceAll(/[-:]/g, '').slice(0, 13).replace(' ', '-');
  return `${digits} ${withoutSlashes(subject.slice(0, NAME_CHARACTERS)) || 'message'}.eml`;
}

/** What stands before a slash would be taken for a folder. */
function withoutSlashes(name: string): string {
  return name.replaceAll(/[/\\]/g, '_');
}

function marksOf(email: Known<'Email'>): MarksView {
  return {
    isUnread: !hasKeyword(email, '$seen'),
    isFlagged: hasKeyword(email, '$flagged'),
    isMuted: hasKeyword(email, MUTED),
    labels: labelsOf(email.keywords),
  };
}

function makeRow(email: Known<'Email'>, messageCount: number, isOutgoing: boolean, found: Found | undefined): RowView {
  return {
    id: email.id,
    people: (isOutgoing ? email.to : email.from)?.map(personOf) ?? [],
    subject: email.subject ?? '',
    preview: email.preview ?? '',
    receivedAt: new Date(email.receivedAt ?? 0),
    messageCount,
    ...marksOf(email),
    isAnswered: hasKeyword(email, '$answered'),
    hasAttachment: email.hasAttachment ?? false,
    found: found && {
      ...(found.subject && { subject: found.subject }),
      ...(found.preview && { preview: found.preview }),
    },
  };
}

function openConversation(
  client: Client,
  id: string,
  addresses: () => readonly string[],
): Live<ConversationView | 'loading' | 'missing'> {
  const { store, connection, accountId } = client;
  return derive((read) => {
    const opened = read('opened', () => store.record('Email', id, EMAIL));
    if (opened === null) return 'missing';
    const threadId = opened?.threadId;
    if (opened === undefined || threadId === undefined) return 'loading';
    const thread = read(`thread ${threadId}`, () => store.record('Thread', threadId));
    if (!thread?.emailIds) return 'loading';
    const template = read('session', () => liveOf(connection.session()))?.downloadUrl ?? '';
    const emails = thread.emailIds.map((emailId) =>
      read(`email ${emailId}`, () => store.record('Email', emailId, EMAIL)),
    );
    if (emails.some((email) => email === undefined || (email !== null && email.bodyValues === undefined)))
      return 'loading';
    const here = read('site', () => site);
    const own = addresses();
    // Who has thrown a draft away is not shown it again beside the letter that it was to answer.
    const trash = read('mailboxes', () => store.all('Mailbox'))?.find(({ role }) => role === 'trash')?.id;
    const isThrownAway = ({ keywords, mailboxIds }: Known<'Email'>) =>
      keywords?.['$draft'] === true && trash !== undefined && mailboxIds?.[trash] === true;
    const download = (part: Downloadable) => downloadAddress(template, accountId, part);
    return {
      id,
      subject: opened.subject ?? '',
      mailboxId: Object.keys(opened.mailboxIds ?? {})[0] ?? '',
      labels: labelsOf(opened.keywords),
      isFlagged: hasKeyword(opened, '$flagged'),
      isMuted: emails.some((email) => email && hasKeyword(email, MUTED)),
      messages: emails.flatMap((email) =>
        email && (email.id === id || !isThrownAway(email)) ? [messageOf(email, download, here, own)] : [],
      ),
    };
  });
}

/** undefined until it is there; for ever, if it fails. */
function liveOf<Value>(promise: Promise<Value>): Live<Value | undefined> {
  const live = createLive<Value | undefined>(undefined);
  promise.then((value) => live.set(value), failureOf);
  return live;
}

function messageOf(
  email: Known<'Email'>,
  download: (part: Downloadable) => string,
  here: Site,
  own: readonly string[],
): MessageView {
  const textOf = (parts: readonly EmailBodyPart[] | undefined, type: string) => {
    const own = parts?.filter((part) => part.type === type && part.partId !== null) ?? [];
    if (own.length === 0) return undefined;
    return own.map((part) => email.bodyValues?.[part.partId ?? '']?.value ?? '').join('\n');
  };
  const urlOf = (parts: readonly EmailBodyPart[] | undefined, type: string) => {
    const part = parts?.find((part) => part.type === type && part.blobId !== null);
    return part && download(part);
  };
  const parts = [...(email.attachments ?? []), ...(email.htmlBody ?? [])];
  const letterName = `${withoutSlashes(email.subject || 'message')}.eml`;
  return {
    id: email.id,
    from: personOf(email.from?.[0] ?? { name: null, email: '' }),
    to: email.to?.map(personOf) ?? [],
    cc: email.cc?.map(personOf) ?? [],
    sentAt: new Date(email.sentAt ?? email.receivedAt ?? 0),
    preview: email.preview ?? '',
    isUnread: !hasKeyword(email, '$seen'),
    isFlagged: hasKeyword(email, '$flagged'),
    isDraft: hasKeyword(email, '$draft'),
    isSent: !hasKeyword(email, '$draft') && own.includes(email.from?.[0]?.email ?? ''),
    html: textOf(email.htmlBody, 'text/html'),
    text: textOf(email.textBody, 'text/plain'),
    pictures: new Map(parts.flatMap((part) => (part.cid === null ? [] : [[part.cid, download(part)]]))),
    attachments: (email.attachments ?? []).map((part, at) => ({
      id: part.blobId ?? String(at),
      name: part.name ?? '',
      type: part.type,
      sizeBytes: part.size,
      url: download(part),
    })),
    ...judgementOf(email, here),
    file: {
      id: email.blobId ?? '',
      name: letterName,
      type: MESSAGE_TYPE,
      sizeBytes: email.size ?? 0,
      url: download({ blobId: email.blobId ?? null, name: letterName, type: MESSAGE_TYPE }),
    },
    bodyUrls: { html: urlOf(email.htmlBody, 'text/html'), text: urlOf(email.textBody, 'text/plain') },
  };
}

/** What a reader is told of a sender, and what the sender is trusted in. Of one's own domains, too: that is whom a forger would be. */
function judgementOf(
  email: Known<'Email'> & Fetched,
  { domains, authservId }: Site,
): Pick<MessageView, 'isOutside' | 'isVerified' | 'resembles' | 'claims' | 'unsubscribing'> {
  const from = personOf(email.from?.[0] ?? { name: null, email: '' });
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  const verdict = judgeSender(email[RESULTS] ?? [], authservId, domain);
  return {
    isOutside: domain !== '' && !isOurs(domain, domains),
    isVerified: verdict !== 'unverified',
    resembles: resembledDomain(domain, domains),
    claims: addressInName(from),
    unsubscribing:
      verdict === 'verified' ? readUnsubscribe(email[UNSUBSCRIBE] ?? [], email[ONE_CLICK_OFFER]) : undefined,
  };
}

function hasKeyword(email: Known<'Email'>, keyword: string): boolean {
  return email.keywords?.[keyword] === true;
}
