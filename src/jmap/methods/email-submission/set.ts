/** EmailSubmission/set (RFC 8621 §7.5): sending, and taking back what has not left. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { EmailSubmissionCreation, EmailSubmissionSet, type EmailSubmission } from '#contract/jmap/submission.ts';
import type { Id } from '#contract/jmap/values.ts';
import { ObjectError } from '#jmap/core/errors.ts';
import { formatEmailId, formatThreadId, parseEmailId } from '#jmap/core/ids.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';
import type { Patch } from '#jmap/core/patch.ts';
import { checkObject, resolveId, runSet } from '#jmap/core/set.ts';
import { readIdentities } from '#jmap/methods/identity/read-identities.ts';
import type { SubmissionRow } from '#jmap/types.ts';
import { formatUtcDate } from '#jmap/methods/email/header-forms.ts';
import { deriveEnvelope, readEnvelope } from './envelope.ts';
import { toSubmission } from './read-submissions.ts';
import { submit } from './submit.ts';
import { parseRowId } from '#jmap/row-ids.ts';

export const emailSubmissionSet = defineMethod({
  name: 'EmailSubmission/set',
  capability: CAPABILITIES.submission,
  arguments: EmailSubmissionSet,
  async run(context, args) {
    const { services, accountId } = context;
    /** The Emails of submissions that were made, changed or removed here, by submission id and `#creationId`. */
    const emailOf = new Map<string, Id>();
    for (const id of args.destroy ?? []) {
      const row = await findRow(context, resolveId(context, id));
      if (row !== undefined) emailOf.set(id, formatEmailId(accountId, row.emailId));
    }
    const response = await runSet(context, args, {
      state: async () => String((await services.records.states(accountId)).EmailSubmission),
      create: (properties) => create(context, properties),
      update: (id, patch) => update(context, id, patch),
      destroy: async (id) => {
        const row = await findRow(context, id);
        if (row === undefined) throw new ObjectError('notFound');
        await services.records.destroySubmission({ accountId, id: row.id });
      },
    });
    for (const [creationId, { id, emailId }] of Object.entries(response.created ?? {})) {
      emailOf.set(`#${creationId}`, emailId);
      emailOf.set(id, emailId);
    }
    for (const id of Object.keys(response.updated ?? {})) {
      const row = await findRow(context, id);
      if (row !== undefined) emailOf.set(id, formatEmailId(accountId, row.emailId));
    }
    for (const id of args.destroy ?? [])
      if (!(response.destroyed ?? []).includes(resolveId(context, id))) emailOf.delete(id);
    callSetAfter(context, args, emailOf);
    const created = Object.entries(response.created ?? {}).map(([id, { emailId: _, ...told }]) => [id, told] as const);
    return { ...response, created: created.length === 0 ? null : Object.fromEntries(created) };
  },
});

/** RFC 8621 §7.5: what is to be done with the Emails of those that succeeded. */
function callSetAfter(
  { callAfter }: MethodContext,
  args: {
    readonly accountId: Id;
    readonly onSuccessUpdateEmail: Readonly<Record<string, Patch>> | null;
    readonly onSuccessDestroyEmail: readonly string[] | null;
  },
  emailOf: ReadonlyMap<string, Id>,
): void {
  const update = Object.entries(args.onSuccessUpdateEmail ?? {}).flatMap(([id, patch]) => {
    const emailId = emailOf.get(id);
    return emailId === undefined ? [] : [[emailId, patch] as const];
  });
  const destroy = (args.onSuccessDestroyEmail ?? []).flatMap((id) => emailOf.get(id) ?? []);
  if (update.length + destroy.length === 0) return;
  callAfter('Email/set', { accountId: args.accountId, update: Object.fromEntries(update), destroy });
}

type Created = Pick<EmailSubmission, 'id' | 'emailId' | 'threadId' | 'sendAt' | 'undoStatus' | 'envelope'>;

async function create(context: MethodContext, properties: Patch): Promise<Created> {
  const { services, account, accountId } = context;
  const nowMs = services.clock.now();
  const asked = checkObject(EmailSubmissionCreation, properties);
  const identityRowId = parseRowId('Identity', accountId, resolveId(context, asked.identityId));
  const identity = (await readIdentities(context)).rows.find(({ id }) => id === identityRowId);
  if (identity === undefined)
    throw new ObjectError('invalidProperties', 'there is no such identity', { properties: ['identityId'] });
  const emailId = parseEmailId(accountId, resolveId(context, asked.emailId));
  const [email] = emailId === undefined ? [] : await account.emails([emailId]);
  const [listed] = emailId === undefined ? [] : await account.listRows([emailId]);
  if (email === undefined || listed === undefined)
    throw new ObjectError('invalidProperties', 'there is no such Email', { properties: ['emailId'] });
  const given = asked.envelope ?? deriveEnvelope(listed.summary);
  const envelope =
    asked.sendAt === undefined || Date.parse(asked.sendAt) <= nowMs
      ? given
      : {
          ...given,
          mailFrom: { ...given.mailFrom, parameters: { ...given.mailFrom.parameters, HOLDUNTIL: asked.sendAt } },
        };
  const smtp = readEnvelope(envelope, { nowMs, maxDelayedSend: services.maxDelayedSend });
  // RFC 8621 §7.5: mail of an identity is sent by its address.
  if (smtp.reversePath.address.toLowerCase() !== identity.email.toLowerCase())
    throw new ObjectError('forbiddenMailFrom', 'the envelope is not from the identity’s address');
  const octets = await account.readMessage(email.emailId);
  const queueId = await submit(context, smtp, octets);
  await saveSentThere(context, identity.email, octets);
  const sendAt = Math.max(nowMs, smtp.reversePath.holdUntil ?? nowMs);
  const row = await services.records.createSubmission({
    accountId,
    submission: {
      identityId: identity.id,
      emailId: email.emailId,
      threadId: email.threadId,
      envelope: { mailFrom: envelope.mailFrom, rcptTo: envelope.rcptTo },
      queueIds: [queueId],
      sendAt,
    },
  });
  const told = toSubmission(context, row);
  return {
    id: told.id,
    emailId: told.emailId,
    threadId: formatThreadId(accountId, email.threadId),
    sendAt: formatUtcDate(sendAt),
    undoStatus: row.undoStatus,
    ...(asked.envelope === null ? { envelope: told.envelope } : {}),
  } as Created;
}

/** What is written as another account, from one's own, is in that one's Sent as well. What comes of it changes nothing. */
async function saveSentThere(
  { services, caller, accountId, share }: MethodContext,
  email: string,
  octets: Buffer,
): Promise<void> {
  if (share !== undefined) return;
  const owner = (await services.directory.sharedWith(caller.accountId)).find(({ address }) => address === email);
  if (owner === undefined) return;
  const { log, mail, clock } = services;
  const outcome = await mail.saveSent(mail.prepareMessage(octets), owner.accountId, clock.now());
  if (!outcome.ok) log.warn({ accountId, as: owner.accountId, reason: outcome.error.message }, 'no copy in Sent');
}

/** Only that it is taken back (RFC 8621 §7.5). */
async function update(context: MethodContext, id: Id, patch: Patch): Promise<null> {
  const { services, accountId, caller } = context;
  const row = await findRow(context, id);
  if (row === undefined) throw new ObjectError('notFound');
  const others = Object.keys(patch).filter((name) => name !== 'undoStatus');
  if (others.length > 0 || patch['undoStatus'] !== 'canceled')
    throw new ObjectError('invalidProperties', 'only undoStatus can be set, to canceled', {
      properties: others.length > 0 ? others : ['undoStatus'],
    });
  if (row.undoStatus === 'canceled') return null;
  // The queue is asked whatever the row says: the message may be on its way for a moment already, or still be there.
  let canceled = 0;
  let busy = 0;
  for (const queueId of row.undoStatus === 'pending' ? row.queueIds : []) {
    const outcome = await services.queue.manage(
      'cancel',
      { queueId, accountId: caller.accountId },
      { by: 'its sender', trace: services.trace },
    );
    canceled += outcome.changed;
    busy += outcome.busy;
  }
  if (canceled === 0 || busy > 0) throw new ObjectError('cannotUnsend', 'it has left already');
  await services.records.cancelSubmission({ accountId, id: row.id });
  return null;
}

async function findRow({ services, accountId }: MethodContext, id: Id): Promise<SubmissionRow | undefined> {
  const rowId = parseRowId('EmailSubmission', accountId, id);
  if (rowId === undefined) return undefined;
  return (await services.records.submissions(accountId, [rowId])).rows[0];
}
