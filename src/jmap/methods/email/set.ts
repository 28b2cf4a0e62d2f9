/** Email/set (RFC 8621 §4.6): drafts are made, keywords and mailboxes changed, Emails destroyed. */
import { isDeepStrictEqual } from 'node:util';
import { MailError } from '#base/errors.ts';
import { CAPABILITIES, type SetResponse } from '#contract/jmap/core.ts';
import { EMAIL_PROPERTIES, EmailSet } from '#contract/jmap/email.ts';
import { isObject, type Id } from '#contract/jmap/values.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { formatEmailId, formatState, parseEmailId, parseMailboxId, parseState } from '#jmap/core/ids.ts';
import { defineMethod, deleter, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { requireSettable, resolveId, SetOutcome, type SetArguments } from '#jmap/core/set.ts';
import type { EmailId, MailboxId } from '#mail/types.ts';
import { composeEmail } from './compose-email.ts';
import { readEmails } from './get.ts';
import { explainPlacing, findMailboxes, putEmail, type CreatedEmail } from './put-email.ts';

type EmailUpdate = Parameters<MethodContext['account']['setEmails']>[0]['update'][number];

export const emailSet = defineMethod({
  name: 'Email/set',
  capability: CAPABILITIES.mail,
  arguments: EmailSet,
  async run(context, args): Promise<SetResponse<CreatedEmail>> {
    const { account } = context;
    const oldState = await requireSettable(args, async () => formatState(await account.modSeq()));
    const outcome = new SetOutcome<CreatedEmail>();
    for (const [creationId, properties] of Object.entries(args.create ?? {})) {
      await outcome.attempt(outcome.notCreated, creationId, async () => {
        const created = await createEmail(context, properties);
        outcome.created.set(creationId, created);
        context.createdIds.set(creationId, created.id);
      });
      await context.pause();
    }
    // Where nothing was made before it, the store itself sees to it that the state is the one asked for.
    const ifModSeq = args.ifInState === null || outcome.created.size > 0 ? undefined : parseState(args.ifInState);
    await changeEmails(context, args, outcome, ifModSeq);
    return outcome.answer(args.accountId, oldState, formatState(await account.modSeq()));
  },
});

/** Properties that say where and how, not what. */
const PLACING: ReadonlySet<string> = new Set(['mailboxIds', 'keywords', 'receivedAt']);
/** What the message is made of; header fields beside these. */
const CONTENT: ReadonlySet<string> = new Set(
  'sender from replyTo to cc bcc subject sentAt messageId inReplyTo references headers bodyStructure bodyValues textBody htmlBody attachments'.split(
    ' ',
  ),
);

async function createEmail(context: MethodContext, properties: Patch): Promise<CreatedEmail> {
  const { services, account } = context;
  const unknown = Object.keys(properties).filter(
    (name) => !PLACING.has(name) && !CONTENT.has(name) && !name.startsWith('header:'),
  );
  if (unknown.length > 0) throw new ObjectError('invalidProperties', 'these cannot be set', { properties: unknown });
  const { mailboxIds, keywords = {}, receivedAt } = properties;
  const placing = {
    mailboxIds: findMailboxes(context, readSet('mailboxIds', mailboxIds)),
    keywords: Object.keys(readSet('keywords', keywords)),
    receivedAt: readDate(receivedAt),
  };
  const octets = await composeEmail(properties, {
    readBlob: (blobId) => readBlob(account, services.uploads, blobId),
    random: services.random,
    nowMs: services.clock.now(),
    hostname: services.hostname,
    maxBytes: services.maxMessageBytes,
  });
  return putEmail(context, octets, placing);
}

/** A JMAP set: `{"a": true}`. */
function readSet(property: string, value: unknown): Readonly<Record<string, true>> {
  if (isObject(value) && Object.values(value).every((one) => one === true))
    return value as Readonly<Record<string, true>>;
  throw new ObjectError('invalidProperties', `${property}: is a set`, { properties: [property] });
}

function readDate(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = typeof value === 'string' && value.endsWith('Z') ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms))
    throw new ObjectError('invalidProperties', 'receivedAt: not a UTCDate', { properties: ['receivedAt'] });
  return ms;
}

async function changeEmails(
  context: MethodContext,
  args: Pick<SetArguments, 'accountId' | 'update' | 'destroy'>,
  outcome: SetOutcome<CreatedEmail>,
  ifModSeq: ReturnType<typeof parseState>,
): Promise<void> {
  const { account, accountId } = context;
  const doomed = new Set((args.destroy ?? []).map((id) => resolveId(context, id)));
  /** As the client named it, for its answer. */
  const names = new Map<EmailId, Id>();
  const update: EmailUpdate[] = [];
  for (const [given, patch] of Object.entries(args.update ?? {})) {
    await outcome.attempt(outcome.notUpdated, given, async () => {
      const id = resolveId(context, given);
      if (doomed.has(id)) throw new ObjectError('willDestroy');
      const emailId = parseEmailId(accountId, id);
      if (emailId === undefined || names.has(emailId)) throw new ObjectError('notFound');
      await requireUnchanged(context, args.accountId, id, patch);
      update.push(readUpdate(context, emailId, patch));
      names.set(emailId, given);
    });
  }
  const destroy: EmailId[] = [];
  for (const id of doomed) {
    const emailId = parseEmailId(accountId, id);
    if (emailId === undefined) outcome.notDestroyed.set(id, { type: 'notFound' });
    else destroy.push(emailId);
  }
  if (update.length + destroy.length === 0) return;
  const result = await account.setEmails({
    update,
    destroy,
    by: deleter(context),
    ...(ifModSeq === undefined ? {} : { ifModSeq }),
  });
  for (const emailId of result.updated) outcome.updated.set(formatEmailId(accountId, emailId), null);
  for (const emailId of result.destroyed) outcome.destroyed.push(formatEmailId(accountId, emailId));
  for (const { emailId, error } of result.failed) {
    const name = names.get(emailId);
    const failures = name === undefined ? outcome.notDestroyed : outcome.notUpdated;
    const refusal = new MailError(error.code, error.message, { data: { ...error.data } });
    await outcome.attempt(failures, name ?? formatEmailId(accountId, emailId), () => {
      throw (refusal.code === 'notFound' ? undefined : explainPlacing(refusal)) ?? refusal;
    });
  }
}

/** RFC 8620 §5.3: what cannot change may be said as it is. Throws ObjectError `invalidProperties` for what is said otherwise. */
async function requireUnchanged(context: MethodContext, accountId: Id, id: Id, patch: Patch): Promise<void> {
  const fixed = Object.keys(patch).filter((path) => !CHANGING.test(path));
  if (fixed.length === 0) return;
  const refuse = (properties: readonly string[]): ObjectError =>
    new ObjectError('invalidProperties', 'these cannot be changed', { properties });
  const unknown = fixed.filter((name) => !(EMAIL_PROPERTIES as readonly string[]).includes(name));
  if (unknown.length > 0) throw refuse(unknown);
  const { list } = await readEmails(context, { ...AS_IT_IS, accountId, ids: [id], properties: fixed });
  const email: Readonly<Record<string, unknown>> | undefined = list[0];
  if (email === undefined) throw new ObjectError('notFound');
  const changed = fixed.filter((name) => !isDeepStrictEqual(patch[name], email[name]));
  if (changed.length > 0) throw refuse(changed);
  await context.pause();
}

const CHANGING = /^(?:keywords|mailboxIds)(?:\/|$)/;

/** Email/get without anything that has to be asked for. */
const AS_IT_IS = {
  bodyProperties: null,
  fetchTextBodyValues: false,
  fetchHTMLBodyValues: false,
  fetchAllBodyValues: false,
  maxBodyValueBytes: 0,
} as const;

/** Only keywords and mailboxes of an Email change. Throws ObjectError `invalidProperties`, `invalidPatch`. */
function readUpdate(context: MethodContext, emailId: EmailId, patch: Patch): EmailUpdate {
  const keywords = readSetPatch(patch, 'keywords');
  const mailboxes = readSetPatch(patch, 'mailboxIds');
  return {
    emailId,
    ...(keywords === undefined ? {} : { keywords }),
    ...(mailboxes === undefined ? {} : { mailboxes: mapSet(mailboxes, (id) => findMailbox(context, id)) }),
  };
}

type SetPatch<Item> =
  | { readonly add: readonly Item[]; readonly remove: readonly Item[] }
  | { readonly replace: readonly Item[] };

function readSetPatch(patch: Patch, property: string): SetPatch<string> | undefined {
  const add: string[] = [];
  const remove: string[] = [];
  let replace: readonly string[] | undefined;
  for (const [path, value] of Object.entries(patch)) {
    // RFC 8620 §5.3: null is the default, which no Email has for its mailboxes.
    if (path === property) replace = Object.keys(readSet(property, value ?? {}));
    else if (path.startsWith(`${property}/`)) {
      const key = path.slice(property.length + 1);
      if (key.includes('/')) throw new ObjectError('invalidPatch', `${path}: nothing is below`);
      const item = key.replaceAll('~1', '/').replaceAll('~0', '~');
      if (value === true) add.push(item);
      else if (value === null) remove.push(item);
      else throw new ObjectError('invalidProperties', `${path}: is true or null`, { properties: [property] });
    }
  }
  if (replace === undefined) return add.length + remove.length === 0 ? undefined : { add, remove };
  if (add.length + remove.length > 0) throw new ObjectError('invalidPatch', `${property}: patched twice`);
  return { replace };
}

function mapSet(patch: SetPatch<string>, map: (item: string) => MailboxId): SetPatch<MailboxId> {
  if ('replace' in patch) return { replace: patch.replace.map(map) };
  return { add: patch.add.map(map), remove: patch.remove.map(map) };
}

/** One that is not there is told by the store, where it matters. */
function findMailbox(context: MethodContext, id: Id): MailboxId {
  return parseMailboxId(context.accountId, resolveId(context, id)) ?? (0 as MailboxId);
}
