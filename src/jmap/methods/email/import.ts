/** Email/import (RFC 8621 §4.8). */
import { CAPABILITIES, type SetError } from '#contract/jmap/core.ts';
import { EmailImport, type EmailImportResponse } from '#contract/jmap/email.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError, ObjectError } from '#jmap/core/errors.ts';
import { formatState } from '#jmap/core/ids.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readBlob } from '#jmap/core/read-blob.ts';
import { SetOutcome, toObject } from '#jmap/core/set.ts';
import { findMailboxes, putEmail, type CreatedEmail } from './put-email.ts';

export const emailImport = defineMethod({
  name: 'Email/import',
  capability: CAPABILITIES.mail,
  arguments: EmailImport,
  async run(context, args): Promise<EmailImportResponse> {
    const { account, services } = context;
    const items = Object.entries(args.emails);
    if (items.length > JMAP_LIMITS.objectsInSet)
      throw new MethodError('requestTooLarge', `more than ${JMAP_LIMITS.objectsInSet} objects`);
    const oldState = formatState(await account.modSeq());
    if (args.ifInState !== null && args.ifInState !== oldState) throw new MethodError('stateMismatch');
    const created = new Map<Id, CreatedEmail>();
    const notCreated = new Map<Id, SetError>();
    const outcome = new SetOutcome<CreatedEmail>();
    for (const [creationId, { blobId, mailboxIds, keywords, receivedAt }] of items) {
      await outcome.attempt(notCreated, creationId, async () => {
        const octets = await readBlob(account, services.uploads, blobId);
        if (octets === undefined) throw new ObjectError('blobNotFound', undefined, { notFound: [blobId] });
        if (!/^[!-9;-~]+[ \t]*:/.test(Buffer.from(octets.subarray(0, 500)).toString('latin1')))
          throw new ObjectError('invalidEmail', 'it does not begin with a header field');
        const email = await putEmail(context, octets, {
          mailboxIds: findMailboxes(context, mailboxIds),
          keywords: Object.keys(keywords),
          receivedAt: receivedAt === null ? undefined : Date.parse(receivedAt),
        });
        created.set(creationId, email);
        context.createdIds.set(creationId, email.id);
      });
      await context.pause();
    }
    return {
      accountId: args.accountId,
      oldState,
      newState: formatState(await account.modSeq()),
      created: toObject(created),
      notCreated: toObject(notCreated),
    };
  },
});
