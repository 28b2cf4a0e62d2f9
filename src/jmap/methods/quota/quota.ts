/** Quota (RFC 9425): what an account may hold, and holds. */
import { CAPABILITIES, type FilterOf, type QueryChangesResponse } from '#contract/jmap/core.ts';
import {
  QUOTA_PROPERTIES,
  QuotaChanges,
  QuotaGet,
  QuotaQuery,
  QuotaQueryChanges,
  type Quota,
  type QuotaFilterCondition,
} from '#contract/jmap/quota.ts';
import type { Id } from '#contract/jmap/values.ts';
import { MethodError } from '#jmap/core/errors.ts';
import { answerGet, chooseProperties } from '#jmap/core/get.ts';
import { formatState, parseState } from '#jmap/core/ids.ts';
import { answerQuery, isFound, sortItems } from '#jmap/core/list.ts';
import { defineMethod, type MethodContext } from '#jmap/core/method.ts';

/** Those that are set: what has no limit has no quota. */
async function readQuotas({ account }: MethodContext): Promise<readonly Quota[]> {
  const { usedBytes, usedMessages, quotaBytes, quotaMessages } = await account.status();
  const common = { scope: 'account', types: ['Email'], warnLimit: null, softLimit: null, description: null } as const;
  const quotas: Quota[] = [];
  if (quotaBytes !== null)
    quotas.push({
      ...common,
      id: 'octets',
      resourceType: 'octets',
      used: usedBytes,
      hardLimit: quotaBytes,
      name: 'Mail',
    });
  if (quotaMessages !== null)
    quotas.push({
      ...common,
      id: 'count',
      resourceType: 'count',
      used: usedMessages,
      hardLimit: quotaMessages,
      name: 'Messages',
    });
  return quotas;
}

export const quotaGet = defineMethod({
  name: 'Quota/get',
  capability: CAPABILITIES.quota,
  arguments: QuotaGet,
  async run(context, args) {
    const properties = chooseProperties(args.properties, QUOTA_PROPERTIES);
    const state = formatState(await context.account.modSeq());
    return answerGet(args, state, await readQuotas(context), properties);
  },
});

export const quotaChanges = defineMethod({
  name: 'Quota/changes',
  capability: CAPABILITIES.quota,
  arguments: QuotaChanges,
  async run(context, args) {
    const now = await context.account.modSeq();
    const since = parseState(args.sinceState);
    if (since === undefined || since > now) throw new MethodError('cannotCalculateChanges');
    const updated = since === now ? [] : (await readQuotas(context)).map(({ id }) => id);
    return {
      accountId: args.accountId,
      oldState: args.sinceState,
      newState: formatState(now),
      hasMoreChanges: false,
      created: [],
      updated,
      destroyed: [],
      // RFC 9425 §4.3.
      updatedProperties: ['used'],
    };
  },
});

interface ListArguments {
  readonly filter: FilterOf<QuotaFilterCondition> | null;
  readonly sort: readonly { readonly property: string; readonly isAscending: boolean }[] | null;
}

export const quotaQuery = defineMethod({
  name: 'Quota/query',
  capability: CAPABILITIES.quota,
  arguments: QuotaQuery,
  async run(context, args) {
    const state = formatState(await context.account.modSeq());
    return answerQuery(args, list(await readQuotas(context), args), state, false);
  },
});

export const quotaQueryChanges = defineMethod({
  name: 'Quota/queryChanges',
  capability: CAPABILITIES.quota,
  arguments: QuotaQueryChanges,
  async run(context, args): Promise<QueryChangesResponse> {
    const state = formatState(await context.account.modSeq());
    if (args.sinceQueryState !== state) throw new MethodError('cannotCalculateChanges');
    const { accountId, sinceQueryState } = args;
    return { accountId, oldQueryState: sinceQueryState, newQueryState: state, removed: [], added: [] };
  },
});

function list(quotas: readonly Quota[], { filter, sort }: ListArguments): Id[] {
  return sortItems(quotas, sort, ['name', 'used'], compare)
    .filter((quota) => isFound(quota, filter, meets))
    .map(({ id }) => id);
}

function compare(a: Quota, b: Quota, property: 'name' | 'used'): number {
  if (property === 'name') return a.name < b.name ? -1 : Number(a.name > b.name);
  return a.used - b.used;
}

function meets(quota: Quota, { name, scope, resourceType, type }: QuotaFilterCondition): boolean {
  return (
    (name === undefined || quota.name.includes(name)) &&
    (scope === undefined || quota.scope === scope) &&
    (resourceType === undefined || quota.resourceType === resourceType) &&
    (type === undefined || quota.types.includes(type))
  );
}
