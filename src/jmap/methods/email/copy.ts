/** Email/copy (RFC 8621 §4.7), between accounts of whoever asks: who has one account has nowhere to copy from. */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { EmailCopy } from '#contract/jmap/email.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { refuseCopy } from '#jmap/core/refuse-copy.ts';

export const emailCopy = defineMethod({
  name: 'Email/copy',
  capability: CAPABILITIES.mail,
  arguments: EmailCopy,
  run: async (_, args) => refuseCopy(args),
});
