/** Email/copy (RFC 8621 §4.7), between accounts of whoever asks: who has one account has nowhere to copy from. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { EmailCopy } from '#contract/jmap/email.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { defineMethod } from '#jmap/core/method.ts';

export const emailCopy = defineMethod({
  name: 'Email/copy',
  capability: CAPABILITIES.mail,
  arguments: EmailCopy,
  async run(_, { accountId, fromAccountId }): Promise<never> {
    // RFC 8620 §5.4: the accounts MUST be different ones.
    if (fromAccountId === accountId) throw new MethodError('invalidArguments', '/fromAccountId: the same account');
    throw new MethodError('fromAccountNotFound');
  },
});
