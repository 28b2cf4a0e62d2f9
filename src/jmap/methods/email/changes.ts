/** Email/changes (RFC 8621 §4.3). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { EmailChanges } from '#contract/jmap/email.ts';
import { formatEmailId } from '#jmap/core/ids.ts';
import { readChanges } from '#jmap/core/mail-changes.ts';
import { defineMethod } from '#jmap/core/method.ts';
import type { EmailId } from '#mail/types.ts';

export const emailChanges = defineMethod({
  name: 'Email/changes',
  capability: CAPABILITIES.mail,
  arguments: EmailChanges,
  async run(context, args) {
    const format = (emailId: EmailId): string => formatEmailId(context.accountId, emailId);
    return (await readChanges(context, args, ({ emails }) => emails, format)).response;
  },
});
