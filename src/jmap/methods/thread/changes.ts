/** Thread/changes (RFC 8621 §3.2). */
import { CAPABILITIES } from '#contract/jmap/core.ts';
import { ThreadChanges } from '#contract/jmap/thread.ts';
import { formatThreadId } from '#jmap/core/ids.ts';
import { readChanges } from '#jmap/core/mail-changes.ts';
import { defineMethod } from '#jmap/core/method.ts';
import type { ThreadId } from '#mail/types.ts';

export const threadChanges = defineMethod({
  name: 'Thread/changes',
  capability: CAPABILITIES.mail,
  arguments: ThreadChanges,
  async run(context, args) {
    const format = (threadId: ThreadId): string => formatThreadId(context.accountId, threadId);
    return (await readChanges(context, args, ({ threads }) => threads, format)).response;
  },
});
