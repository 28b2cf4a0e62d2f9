/** Writing over the client core (web/jmap): drafts and what is sent, in JMAP's words and in the screens'. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import type { EmailBodyPart } from '#contract/jmap/email.ts';
import type { Client } from '#web/jmap/client.ts';
import { valueOf } from '#web/jmap/connection.ts';
import { failureOf, JmapError } from '#web/jmap/failures.ts';
import {
  RejectedDraft,
  type Attachment,
  type Draft as OutgoingDraft,
  type Outgoing,
  type SendState,
} from '#web/jmap/outbox.ts';
import type { Shelved } from '#web/jmap/shelf.ts';
import { EMAIL_BODY, EMAIL_HEADER, resultOf, type Known } from '#web/jmap/types.ts';
import { htmlOfText } from './draft.ts';
import { addressOf, downloadAddress, personOf, utcDate } from './jmap-words.ts';
import type { PersonView } from './model.ts';
import {
  TROUBLES,
  WritingError,
  type Draft,
  type DraftFile,
  type KeptFiles,
  type Trouble,
  type Writing,
} from './writing.ts';

/** How long a letter waits on the server before it goes, so that it can be called back, seconds. */
const SECOND_THOUGHTS_S = 10;

/** Fields of a letter that say how it is to be sent. */
const IMPORTANCE = 'header:Importance:asText';
const RECEIPT = 'header:Disposition-Notification-To:asAddresses';
/** What only a draft says of itself, so that it can be written on elsewhere; no letter is sent with it. */
const NOTES = 'header:X-Campusmail-Draft:asText';

/** Undoing waits so long for an upload or a request under way, milliseconds. */
const UNDO_PATIENCE_MS = 15_000;

/** The folder of templates: as it is made, and as other programs call theirs. */
const TEMPLATES: readonly string[] = ['模板', 'Templates'];
/** Templates that are listed. */
const MOST_TEMPLATES = 200;

/** `textOf`: an HTML body as plain text, for those who read no HTML. */
export function createWriting(client: Client, textOf: (html: string) => string): Writing {
  const { store, outbox, shelf, actions, connection, accountId } = client;
  const listeners = new Set<(draft: Draft, why: Trouble) => void>();
  /** What was written, by the outbox's id: its own form is nearer to what the person saw than what can be read back. */
  const written = new Map<string, { readonly draft: Draft; readonly group: readonly string[] }>();

  const outgoingOf = (draft: Draft): OutgoingDraft => {
    const identity = store.peekAll('Identity')?.find(({ email }) => email === draft.from);
    const concerned = draft.concerns && store.peek('Email', draft.concerns.messageId);
    const isAnswer = draft.concerns?.how === 'answers';
    const answered = isAnswer ? (concerned?.messageId ?? []) : [];
    const thread =
      draft.thread ??
      (answered.length === 0
        ? undefined
        : { inReplyTo: answered, references: [...(concerned?.references ?? []), ...answered] });
    const from = { name: identity?.name ?? null, email: draft.from };
    const html = draft.body.replaceAll(/<img data-cid="/g, '<img src="cid:');
    return {
      identityId: identity?.id ?? '',
      from,
      to: draft.to.map(addressOf),
      cc: draft.cc.map(addressOf),
      bcc: draft.bcc.map(addressOf),
      replyTo: identity?.replyTo ?? null,
      subject: draft.subject,
      inReplyTo: thread?.inReplyTo ?? null,
      references: thread?.references ?? null,
      text: textOf(draft.body),
      html,
      attachments: draft.files.flatMap((file) => attachmentOf(file, html)),
      headers: {
        ...(draft.isImportant && { [IMPORTANCE]: 'high', 'header:X-Priority:asText': '1' }),
        ...(draft.wantsReceipt && { [RECEIPT]: [from] }),
      },
      replaces: draft.savedId ?? null,
      concerns: draft.concerns
        ? { emailId: draft.concerns.messageId, keyword: isAnswer ? '$answered' : '$forwarded' }
        : null,
      sendAt: null,
      envelope: null,
    };
  };

  const readDraft = async (savedId: string): Promise<Draft | undefined> => {
    const { list } = await connection.call('Email/get', {
      accountId,
      ids: [savedId],
      properties: [...EMAIL_HEADER, ...EMAIL_BODY, IMPORTANCE, RECEIPT, NOTES],
      fetchTextBodyValues: true,
      fetchHTMLBodyValues: true,
    });
    const email: Known<'Email'> | undefined = list[0];
    if (email === undefined) return undefined;
    const { downloadUrl } = await connection.session();
    return draftOf(email, (part) => downloadAddress(downloadUrl, accountId, part));
  };

  const keptFiles = async (files: readonly DraftFile[], parts: readonly EmailBodyPart[]): Promise<KeptFiles> => {
    const { downloadUrl } = await connection.session();
    const partOf = partsOf(files, parts);
    return new Map(
      Array.from(partOf, ([id, part]) => {
        return [id, { blobId: part.blobId ?? undefined, url: downloadAddress(downloadUrl, accountId, part) }] as const;
      }),
    );
  };

  /** With the files of its form on the server, for those it had before went with another form. Never rejects. */
  const renew = async (draft: Draft): Promise<Draft> => {
    if (draft.savedId === undefined || draft.files.length === 0) return draft;
    try {
      const kept = await keptFiles(draft.files, await outbox.attachmentsOf(draft.savedId));
      const files = draft.files.map((file) => ({ ...file, ...kept.get(file.id) }));
      return { ...draft, files };
    } catch (error) {
      failureOf(error);
      return draft;
    }
  };

  /** A folder like others, so that every device has it. */
  const templatesMailbox = async () => {
    await store.needAll('Mailbox');
    return store.peekAll('Mailbox')?.find(({ name, parentId }) => parentId === null && TEMPLATES.includes(name ?? ''));
  };

  const makeTemplatesMailbox = async (): Promise<string> => {
    const create = { new: { name: TEMPLATES[0], parentId: null, isSubscribed: true } };
    const { created } = await connection.call('Mailbox/set', { accountId, create });
    const id = created?.['new']?.id;
    if (id === undefined) throw new JmapError({ kind: 'method', error: { type: 'serverFail' } });
    await store.sync(['Mailbox']);
    return id;
  };

  const given = new Set<string>();

  /** Tells who listens of what has failed, each once; letters of one group together, when none of it is under way. */
  const giveBack = (): void => {
    if (listeners.size === 0) return;
    const all = outbox.getSnapshot();
    for (const outgoing of all) {
      if (outgoing.state.kind !== 'failed' || given.has(outgoing.id)) continue;
      const group = written.get(outgoing.id)?.group ?? [outgoing.id];
      const states = all.filter(({ id }) => group.includes(id));
      if (states.some(({ state }) => state.kind === 'waiting' || state.kind === 'sending')) continue;
      const failed = states.filter(({ state }) => state.kind === 'failed');
      for (const { id } of failed) given.add(id);
      for (const { id } of failed) void outbox.takeBack(id);
      const draft = rejoin(outgoing, failed, written.get(outgoing.id)?.draft);
      const why = troubleOfState(outgoing.state);
      void renew(draft).then((renewed) => {
        for (const listener of listeners) listener(renewed, why);
      });
    }
  };
  outbox.subscribe(giveBack);

  /** The state of a message once it is not under way: `undefined` when it was not heard of in time. */
  const settled = (id: string): Promise<Outgoing | undefined> => {
    const { promise, resolve } = Promise.withResolvers<Outgoing | undefined>();
    const look = () => {
      const outgoing = outbox.getSnapshot().find((one) => one.id === id);
      const isUnderWay = outgoing?.state.kind === 'sending' || (outgoing?.state.kind === 'waiting' && outgoing.isTried);
      if (!isUnderWay) resolve(outgoing);
    };
    const stop = outbox.subscribe(look);
    const timer = setTimeout(() => resolve(undefined), UNDO_PATIENCE_MS);
    look();
    return promise.finally(() => {
      stop();
      clearTimeout(timer);
    });
  };

  /** Takes one message back, from here or from the server: its form among the drafts, or that there is none. */
  const callBack = async (id: string): Promise<{ readonly savedId: string | undefined } | undefined> => {
    const outgoing = await settled(id);
    if (outgoing === undefined) return undefined;
    if (outgoing.state.kind !== 'sent') {
      const draft = await outbox.takeBack(id);
      return draft && { savedId: draft.replaces ?? undefined };
    }
    const { emailId, submissionId } = outgoing.state;
    if (submissionId === null) return undefined;
    return (await outbox.recall(emailId, submissionId)) ? { savedId: emailId } : undefined;
  };

  return {
    limits: () =>
      asWriting(async () => {
        const { accounts } = await connection.session();
        const of = (capability: string) =>
          accounts[accountId]?.accountCapabilities[capability] as Readonly<Record<string, number>> | undefined;
        const { maxSizeUpload } = await connection.limits();
        return {
          fileBytes: maxSizeUpload,
          lettersFilesBytes: of(CAPABILITIES.mail)?.['maxSizeAttachmentsPerEmail'] ?? maxSizeUpload,
          aheadMs: (of(CAPABILITIES.submission)?.['maxDelayedSend'] ?? 0) * 1000,
        };
      }),

    keep: (draft) =>
      asWriting(async () => {
        const outgoing = outgoingOf(draft);
        const attachments = outgoing.attachments.filter(({ blobId }) => blobId !== undefined);
        const headers = { ...outgoing.headers, [NOTES]: formatNotes(draft) };
        const saved = await outbox.saveDraft({ ...outgoing, attachments, headers }, draft.id);
        const { emailId: savedId, isParted } = saved;
        return { savedId, files: await keptFiles(draft.files, saved.attachments), isParted };
      }),

    read: (savedId) => asWriting(() => readDraft(savedId)),

    shelve: (draft) => shelf.put(shelvedOf(draft)),
    unshelve: (id) => shelf.drop(id),
    leftBehind: async () => (await shelf.recover()).map(unshelved),
    take: (id) => shelf.take(id),
    release: (id) => shelf.release(id),

    throwAway: (savedId) => void actions.moveToTrash([savedId]),

    upload: (file, how) => asWriting(async () => (await connection.upload(accountId, file, how)).blobId),

    send(draft, sendAt) {
      const outgoing = outgoingOf(draft);
      const letters = draft.isOneByOne ? oneByOne(outgoing) : [outgoing];
      const held = letters.map((letter) =>
        sendAt === undefined ? hold(letter) : { ...letter, sendAt: utcDate(sendAt) },
      );
      const sent = Promise.all(held.map((letter) => outbox.send(letter))).then((ids) => {
        for (const id of ids) written.set(id, { draft, group: ids });
        giveBack();
        return ids;
      });
      return {
        async undo() {
          const ids = await sent;
          const back = await Promise.all(ids.map((id) => callBack(id).catch(() => undefined)));
          const [first] = back;
          if (!draft.isOneByOne) return first === undefined ? 'tooLate' : renew({ ...draft, savedId: first.savedId });
          // Each was a letter of its own: one of them is written on in place of all.
          const people = everybody(draft).filter((_, at) => back[at] !== undefined);
          const [savedId, ...others] = new Set(back.flatMap((one) => one?.savedId ?? []));
          const renewed = await renew({ ...draft, to: people, cc: [], bcc: [], savedId });
          if (others.length > 0) actions.destroy(others);
          return people.length === 0 ? 'tooLate' : renewed;
        },
      };
    },

    async answer({ from, to, subject, text, calendar, concerns }) {
      const identity = store.peekAll('Identity')?.find(({ email }) => email === from.address);
      const email = store.peek('Email', concerns);
      await outbox.send({
        identityId: identity?.id ?? '',
        from: addressOf(from),
        to: [addressOf(to)],
        cc: [],
        bcc: [],
        replyTo: null,
        subject,
        inReplyTo: email?.messageId ?? null,
        references: email?.messageId ?? null,
        text,
        html: null,
        calendar,
        attachments: [],
        headers: {},
        replaces: null,
        concerns: { emailId: concerns, keyword: '$answered' },
        sendAt: null,
        envelope: null,
      });
    },

    returned(listener) {
      listeners.add(listener);
      giveBack();
      return () => void listeners.delete(listener);
    },

    templates: () =>
      asWriting(async () => {
        const mailbox = await templatesMailbox();
        if (mailbox === undefined) return [];
        const [query, get] = await connection.run([
          ['Email/query', { accountId, filter: { inMailbox: mailbox.id }, limit: MOST_TEMPLATES }],
          ['Email/get', { accountId, '#ids': resultOf(0, 'Email/query', '/ids'), properties: ['subject'] }],
        ] as const);
        valueOf(query);
        return valueOf(get)
          .list.map(({ id, subject }) => ({ savedId: id, subject: subject ?? '' }))
          .toSorted((a, b) => a.subject.localeCompare(b.subject));
      }),

    keepTemplate: (draft) =>
      asWriting(async () => {
        const id = (await templatesMailbox())?.id ?? (await makeTemplatesMailbox());
        const outgoing = outgoingOf({ ...draft, to: [], cc: [], bcc: [], concerns: undefined, thread: undefined });
        const attachments = outgoing.attachments.filter(({ blobId }) => blobId !== undefined);
        const form = { ...outgoing, attachments, replaces: null };
        const { emailId } = await outbox.saveDraft(
          form,
          `${crypto.randomUUID()}${draft.id.slice(draft.id.lastIndexOf('@'))}`,
        );
        await connection.call('Email/set', { accountId, update: { [emailId]: { mailboxIds: { [id]: true } } } });
        await client.refresh();
      }),

    scheduled: () =>
      asWriting(async () => {
        const after = utcDate(new Date(Date.now() + SECOND_THOUGHTS_S * 2000));
        const [, submissions, emails] = await connection.run([
          ['EmailSubmission/query', { accountId, filter: { undoStatus: 'pending', after } }],
          ['EmailSubmission/get', { accountId, '#ids': resultOf(0, 'EmailSubmission/query', '/ids') }],
          [
            'Email/get',
            {
              accountId,
              '#ids': resultOf(1, 'EmailSubmission/get', '/list/*/emailId'),
              properties: ['subject', 'to', 'cc', 'bcc'],
            },
          ],
        ] as const);
        if (!submissions.ok) throw new JmapError({ kind: 'method', error: submissions.error });
        const emailOf = new Map((emails.ok ? emails.value.list : []).map((email) => [email.id, email]));
        return submissions.value.list
          .map(({ id, emailId = '', sendAt = '' }) => {
            const email = emailOf.get(emailId);
            const people = [...(email?.to ?? []), ...(email?.cc ?? []), ...(email?.bcc ?? [])].map(personOf);
            return { emailId, submissionId: id, subject: email?.subject ?? '', people, sendAt: new Date(sendAt) };
          })
          .toSorted((a, b) => a.sendAt.getTime() - b.sendAt.getTime());
      }),

    cancel: ({ emailId, submissionId }) => asWriting(() => outbox.recall(emailId, submissionId)),
  };
}

/** What the client core rejects with, as trouble. */
async function asWriting<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RejectedDraft)
      throw new WritingError(troubleOf(error.error.type, error.error.description), { cause: error });
    const failure = failureOf(error);
    const isOffline = failure.kind === 'offline' || failure.kind === 'server' || failure.kind === 'aborted';
    const detail = failure.kind === 'problem' ? failure.detail : '';
    const reason = isOffline ? 'offline' : failure.kind === 'rateLimited' ? 'rateLimit' : 'refused';
    throw new WritingError({ reason, detail }, { cause: error });
  }
}

function troubleOf(type: string, detail = ''): Trouble {
  return { reason: TROUBLES.find((reason) => reason === (ALIKE[type] ?? type)) ?? 'refused', detail };
}

/** Refusals that come to the same for who reads them. */
const ALIKE: Readonly<Record<string, string>> = { forbiddenMailFrom: 'forbiddenFrom', forbidden: 'forbiddenToSend' };

function troubleOfState(state: SendState): Trouble {
  if (state.kind !== 'failed') return { reason: 'refused', detail: '' };
  const { error } = state;
  if ('kind' in error) return troubleOf(state.reason);
  return troubleOf(state.reason, error.invalidRecipients?.join(', ') ?? error.description);
}

/** RFC 4865 §5: held for some seconds from when the server has it, so the browser's clock does not count. */
function hold(letter: OutgoingDraft): OutgoingDraft {
  const recipients = distinct([...letter.to, ...letter.cc, ...letter.bcc], ({ email }) => email);
  return {
    ...letter,
    envelope: {
      mailFrom: { email: letter.from.email, parameters: { HOLDFOR: String(SECOND_THOUGHTS_S) } },
      rcptTo: recipients.map(({ email }) => ({ email, parameters: null })),
    },
  };
}

/**
 * 群发单显: for each recipient a letter of its own, an Email with a Message-ID and a submission of its own, in which no other
 * address stands. The draft goes, and what it concerns is marked, with the last of them.
 */
function oneByOne(letter: OutgoingDraft): readonly OutgoingDraft[] {
  const everyone = distinct([...letter.to, ...letter.cc, ...letter.bcc], ({ email }) => email);
  return everyone.map((to, at) => {
    const isLast = at === everyone.length - 1;
    const own = { ...letter, to: [to], cc: [], bcc: [] };
    return isLast ? own : { ...own, replaces: null, concerns: null };
  });
}

function everybody({ to, cc, bcc }: Draft): readonly PersonView[] {
  return distinct([...to, ...cc, ...bcc], ({ address }) => address);
}

/** Each address once, as it stands first. */
function distinct<Item>(items: readonly Item[], addressOf: (item: Item) => string): readonly Item[] {
  return [...Map.groupBy(items, (item) => addressOf(item).toLowerCase()).values()].flatMap(([first]) => first ?? []);
}

/** What was written, to those it did not go to. */
function rejoin(first: Outgoing, failed: readonly Outgoing[], written: Draft | undefined): Draft {
  const savedId = failed.map(({ draft }) => draft.replaces).findLast((id) => id !== null) ?? undefined;
  if (written !== undefined && !written.isOneByOne) return { ...written, savedId };
  const to = failed.flatMap(({ draft }) => draft.to).map(personOf);
  if (written !== undefined) return { ...written, to, cc: [], bcc: [], savedId };
  const { draft, messageId } = first;
  return {
    id: messageId,
    from: draft.from.email,
    to,
    cc: draft.cc.map(personOf),
    bcc: draft.bcc.map(personOf),
    subject: draft.subject,
    body: draft.html ?? htmlOfText(draft.text),
    files: draft.attachments.map((one): DraftFile => ({
      id: one.blobId ?? one.name,
      name: one.name,
      type: one.type,
      sizeBytes: one.file?.size ?? 0,
      cid: one.cid ?? undefined,
      url: one.file === undefined ? '' : URL.createObjectURL(one.file),
      blobId: one.blobId,
      file: one.file,
    })),
    offered: [],
    isImportant: draft.headers[IMPORTANCE] === 'high',
    wantsReceipt: draft.headers[RECEIPT] !== undefined,
    isOneByOne: false,
    concerns: draft.concerns
      ? {
          messageId: draft.concerns.emailId,
          how: draft.concerns.keyword === '$answered' ? 'answers' : 'forwards',
        }
      : undefined,
    thread: threadOf(draft),
    savedId,
  };
}

/** A letter for the browser's keeping: addresses of octets in this tab mean nothing to another. */
function shelvedOf(draft: Draft): Shelved {
  const files = draft.files.map((file) => ({ ...file, file: undefined, url: file.file === undefined ? file.url : '' }));
  const octets = draft.files.flatMap(({ id, file }) => (file === undefined ? [] : [[id, file] as const]));
  return { id: draft.id, value: { ...draft, files }, files: new Map(octets) };
}

function unshelved({ value, files: octets }: Shelved): Draft {
  const draft = value as Draft;
  const files = draft.files.flatMap((file): readonly DraftFile[] => {
    if (file.blobId !== undefined) return [file];
    const blob = octets.get(file.id);
    return blob === undefined ? [] : [{ ...file, file: blob, url: URL.createObjectURL(blob) }];
  });
  return { ...draft, files };
}

/** A picture that is not in the text any more stays behind. */
function attachmentOf({ name, type, cid, blobId, file }: DraftFile, html: string): readonly Attachment[] {
  if (cid !== undefined && !html.includes(`cid:${cid}`)) return [];
  return [
    {
      name,
      type,
      disposition: cid === undefined ? 'attachment' : 'inline',
      cid: cid ?? null,
      ...(blobId === undefined ? file && { file } : { blobId }),
    },
  ];
}

export function draftOf(email: Known<'Email'>, download: (part: EmailBodyPart) => string): Draft {
  const headers = email as Readonly<Record<string, unknown>>;
  const notes = parseNotes(headers[NOTES]);
  const html = valuesOf(email, email.htmlBody, 'text/html');
  return {
    id: email.messageId?.[0] ?? email.id,
    from: email.from?.[0]?.email ?? '',
    to: email.to?.map(personOf) ?? [],
    cc: email.cc?.map(personOf) ?? [],
    bcc: email.bcc?.map(personOf) ?? [],
    subject: email.subject ?? '',
    body: html ?? htmlOfText(valuesOf(email, email.textBody, 'text/plain') ?? ''),
    files: (email.attachments ?? []).map((part) => fileOf(part, html !== undefined, download)),
    offered: [],
    isImportant: /^\s*high/i.test(textOfField(headers[IMPORTANCE])),
    wantsReceipt: Array.isArray(headers[RECEIPT]) && headers[RECEIPT].length > 0,
    isOneByOne: notes.isOneByOne,
    concerns: notes.concerns,
    thread: threadOf(email),
    savedId: email.id,
  };
}

/** A field that was asked for as text; '' where there is none. */
function textOfField(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function threadOf({
  inReplyTo,
  references,
}: Partial<Pick<OutgoingDraft, 'inReplyTo' | 'references'>>): Draft['thread'] {
  return inReplyTo || references ? { inReplyTo: inReplyTo ?? [], references: references ?? [] } : undefined;
}

/** A file of a letter, as one of another: the octets stay where they are. */
export function fileOf(part: EmailBodyPart, isInText: boolean, download: (part: EmailBodyPart) => string): DraftFile {
  return {
    id: part.blobId ?? part.partId ?? '',
    name: part.name ?? '',
    type: part.type,
    sizeBytes: part.size,
    cid: isInText && part.disposition !== 'attachment' ? (part.cid ?? undefined) : undefined,
    url: download(part),
    blobId: part.blobId ?? undefined,
    file: undefined,
  };
}

/** The parts of a form by the files they were made of: of the same Content-ID, or of the same name in the same order. */
function partsOf(files: readonly DraftFile[], parts: readonly EmailBodyPart[]): ReadonlyMap<string, EmailBodyPart> {
  const left = [...parts];
  const found = new Map<string, EmailBodyPart>();
  for (const { id, cid, name } of files) {
    const at = left.findIndex((part) => (cid === undefined ? part.name === name : part.cid === cid));
    const [part] = at < 0 ? [] : left.splice(at, 1);
    if (part) found.set(id, part);
  }
  return found;
}

function valuesOf(
  email: Known<'Email'>,
  parts: readonly EmailBodyPart[] | undefined,
  type: string,
): string | undefined {
  const own = parts?.filter((part) => part.type === type && part.partId !== null) ?? [];
  if (own.length === 0) return undefined;
  return own.map((part) => email.bodyValues?.[part.partId ?? '']?.value ?? '').join('\n');
}

/** `one-by-one; answers=E12`. */
function formatNotes({ isOneByOne, concerns }: Draft): string | null {
  const notes = [isOneByOne && 'one-by-one', concerns && `${concerns.how}=${concerns.messageId}`].filter(Boolean);
  return notes.length === 0 ? null : notes.join('; ');
}

function parseNotes(value: unknown): Pick<Draft, 'isOneByOne' | 'concerns'> {
  const notes = textOfField(value)
    .split(';')
    .map((note) => note.trim());
  const concerns = notes
    .map((note) => /^(answers|forwards)=([\w-]{1,255})$/.exec(note))
    .find((match) => match !== null);
  return {
    isOneByOne: notes.includes('one-by-one'),
    concerns: concerns && { how: concerns[1] as 'answers' | 'forwards', messageId: concerns[2] ?? '' },
  };
}
