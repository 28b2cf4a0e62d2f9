/** Mailbox/get (RFC 8621 §2.1). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { MAILBOX_PROPERTIES, MailboxGet } from '#contract/jmap/mailbox.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { formatState } from '#jmap/core/ids.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { readMailboxes } from './read-mailboxes.ts';

export const mailboxGet = defineMethod({
  name: 'Mailbox/get',
  capability: CAPABILITIES.mail,
  arguments: MailboxGet,
  async run(context, args) {
    const { account } = context;
    const properties = chooseProperties(args.properties, MAILBOX_PROPERTIES);
    // Asked first: what changes in between is told again, never missed.
    const state = formatState(await account.modSeq());
    return answerGet(args, state, await readMailboxes(context), properties);
  },
});
