/** Quota (RFC 9425). */
import * as v from 'valibot';
import { changesArguments, filterOf, getArguments, queryArguments, queryChangesArguments } from './core.ts';
import type { Id } from './values.ts';

export interface Quota {
  readonly id: Id;
  readonly resourceType: 'count' | 'octets';
  readonly used: number;
  readonly hardLimit: number;
  readonly scope: 'account' | 'domain' | 'global';
  readonly name: string;
  readonly types: readonly string[];
  readonly warnLimit: number | null;
  readonly softLimit: number | null;
  readonly description: string | null;
}

export const QUOTA_PROPERTIES = [
  'id',
  'resourceType',
  'used',
  'hardLimit',
  'scope',
  'name',
  'types',
  'warnLimit',
  'softLimit',
  'description',
] as const satisfies readonly (keyof Quota)[];

export const QuotaGet = v.strictObject(getArguments);
export const QuotaChanges = v.strictObject(changesArguments);

export const QuotaFilterCondition = v.strictObject({
  name: v.optional(v.string()),
  scope: v.optional(v.string()),
  resourceType: v.optional(v.string()),
  type: v.optional(v.string()),
});
export type QuotaFilterCondition = v.InferOutput<typeof QuotaFilterCondition>;

const quotaList = {
  filter: v.optional(v.nullable(filterOf(QuotaFilterCondition)), null),
  sort: v.optional(
    v.nullable(v.array(v.strictObject({ property: v.string(), isAscending: v.optional(v.boolean(), true) }))),
    null,
  ),
};
export const QuotaQuery = v.strictObject({ ...queryArguments, ...quotaList });
export const QuotaQueryChanges = v.strictObject({ ...queryChangesArguments, ...quotaList });
