/** Mailbox/empty, ours: all that is in a Mailbox now, however much it is. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MailboxEmpty, type MailboxEmptyResponse } from '#contract/jmap/deletion.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { parseMailboxId } from '#jmap/core/ids.ts';
import { defineMethod, deleter, type MethodContext } from '#jmap/core/method.ts';
import { JMAP_LIMITS } from '#jmap/limits.ts';
import type { MailboxRow } from '#mail/types.ts';

export const mailboxEmpty = defineMethod({
  name: 'Mailbox/empty',
  access: 'write',
  capability: CAPABILITIES.deletions,
  arguments: MailboxEmpty,
  async run(context, { accountId, id, into, upTo }): Promise<MailboxEmptyResponse> {
    const mailbox = await findMailbox(context, id, '/id');
    const target = into === null ? undefined : await findMailbox(context, into, '/into');
    if (target?.mailboxId === mailbox.mailboxId) throw new MethodError('invalidArguments', '/into: the same mailbox');
    const below = Math.min(upTo ?? mailbox.uidNext, mailbox.uidNext);
    const { emptied, left } = await context.account.empty({
      mailboxId: mailbox.mailboxId,
      below,
      into: target?.mailboxId,
      atMost: JMAP_LIMITS.emptiedAtOnce,
      by: deleter(context),
    });
    return { accountId, emptied: emptied === 0 ? {} : { [id]: emptied }, upTo: below, left };
  },
});

/** As it is this moment. Throws MethodError. */
async function findMailbox({ account, accountId }: MethodContext, id: Id, at: string): Promise<MailboxRow> {
  const mailboxId = parseMailboxId(accountId, id);
  const row = mailboxId === undefined ? undefined : await account.mailboxNow(mailboxId);
  if (row === undefined) throw new MethodError('invalidArguments', `${at}: there is no such mailbox`);
  return row;
}
