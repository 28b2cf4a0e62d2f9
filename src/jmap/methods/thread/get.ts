/** Thread/get (RFC 8621 §3.1). */
import { CAPABILITIES, type GetResponse } from '#contract/jmap/core.ts';
import { ThreadGet, type Thread } from '#contract/jmap/thread.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { chooseIds, chooseProperties, pick } from '#jmap/core/get.ts';
import { formatEmailId, formatState, parseThreadId } from '#jmap/core/ids.ts';
import { defineMethod } from '#jmap/core/method.ts';

export const threadGet = defineMethod({
  name: 'Thread/get',
  capability: CAPABILITIES.mail,
  arguments: ThreadGet,
  async run({ account, accountId }, args): Promise<GetResponse<Partial<Thread>>> {
    const properties = chooseProperties(args.properties, ['id', 'emailIds'] as const);
    // RFC 8620 §5.1: all of a type only where they are few.
    if (args.ids === null) throw new MethodError('requestTooLarge', 'threads are asked for by their ids');
    const state = formatState(await account.modSeq());
    const ids = chooseIds(args.ids);
    const known = ids.flatMap((id) => parseThreadId(accountId, id) ?? []);
    const threads = await account.threads(known);
    const list: Partial<Thread>[] = [];
    const notFound: string[] = [];
    for (const id of ids) {
      const threadId = parseThreadId(accountId, id);
      const emailIds = threadId === undefined ? undefined : threads.get(threadId);
      if (emailIds === undefined || emailIds.length === 0) notFound.push(id);
      else list.push(pick({ id, emailIds: emailIds.map((emailId) => formatEmailId(accountId, emailId)) }, properties));
    }
    return { accountId: args.accountId, state, list, notFound };
  },
});
