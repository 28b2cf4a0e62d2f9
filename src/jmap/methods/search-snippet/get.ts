/** SearchSnippet/get (RFC 8621 §5.1). */
import { CAPABILITIES, type FilterOf } from '#contract/jmap/core.ts';
import { SearchSnippetGet, type EmailFilterCondition } from '#contract/jmap/email.ts';
import { chooseIds } from '#jmap/core/get.ts';
import { formatEmailId, parseEmailId } from '#jmap/core/ids.ts';
import { defineMethod } from '#jmap/core/method.ts';
import { toSearchQuery } from '#search/query.ts';
import type { SearchQuery } from '#search/types.ts';

export const searchSnippetGet = defineMethod({
  name: 'SearchSnippet/get',
  capability: CAPABILITIES.mail,
  arguments: SearchSnippetGet,
  async run({ accountId, services }, args) {
    const ids = chooseIds(args.emailIds);
    const emailIds = ids.flatMap((id) => parseEmailId(accountId, id) ?? []);
    const query = args.filter === null ? [] : wordsOf(args.filter);
    const snippets = await services.search.snippets(accountId, emailIds, query);
    const list = snippets.map(({ emailId, ...found }) => ({ emailId: formatEmailId(accountId, emailId), ...found }));
    const known = new Set(list.map(({ emailId }) => emailId));
    const notFound = ids.filter((id) => !known.has(id));
    return { accountId: args.accountId, list, notFound: notFound.length === 0 ? null : notFound };
  },
});

/** All that is asked to be there, wherever in the filter: what must not be there is not shown. */
function wordsOf(filter: FilterOf<EmailFilterCondition>): SearchQuery {
  if (!('operator' in filter)) {
    const { text, from, to, cc, bcc, subject, body } = filter;
    const given = Object.entries({ text, from, to, cc, bcc, subject, body }).filter(([, words]) => words !== undefined);
    return toSearchQuery(Object.fromEntries(given));
  }
  return filter.operator === 'NOT' ? [] : filter.conditions.flatMap(wordsOf);
}
