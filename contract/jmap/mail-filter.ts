/**
 * MailFilter, ours: what becomes of mail that comes for an account, by its rules and by whom it is from. One, with the id
 * `singleton`; without /changes. `MailFilter/apply` tries one rule on mail that is there, or does what it says.
 */
import * as v from 'valibot';
import { getArguments, setArguments } from './core.ts';
import { Id, UnsignedInt } from './values.ts';

const TextTest = v.picklist(['contains', 'containsNot', 'is', 'isNot', 'begins', 'ends']);
export type TextTest = v.InferOutput<typeof TextTest>;

export const FilterCondition = v.variant('field', [
  v.strictObject({
    field: v.picklist(['from', 'recipient', 'subject', 'list']),
    test: TextTest,
    value: v.string(),
  }),
  v.strictObject({ field: v.literal('header'), name: v.string(), test: TextTest, value: v.string() }),
  v.strictObject({ field: v.literal('size'), test: v.picklist(['over', 'under']), bytes: UnsignedInt }),
  v.strictObject({ field: v.literal('attachment'), test: v.picklist(['has', 'hasNot']) }),
  /** Whether its author's domain is one of the site's. */
  v.strictObject({ field: v.literal('origin'), test: v.picklist(['inside', 'outside']) }),
]);
export type FilterCondition = v.InferOutput<typeof FilterCondition>;

export const FilterRule = v.strictObject({
  name: v.string(),
  isEnabled: v.optional(v.boolean(), true),
  match: v.optional(v.picklist(['all', 'any']), 'all'),
  conditions: v.array(FilterCondition),
  actions: v.strictObject({
    /** In place of the inbox; one that has been deleted means the inbox. */
    mailboxId: v.optional(v.nullable(Id), null),
    keywords: v.optional(v.array(v.string()), []),
    forwardTo: v.optional(v.array(v.string()), []),
  }),
  /** Whether the rules behind it are passed over once it matches. */
  stops: v.optional(v.boolean(), false),
});
export type FilterRule = v.InferOutput<typeof FilterRule>;

export interface MailFilter {
  readonly id: 'singleton';
  /** In the order they are gone through. */
  readonly rules: readonly FilterRule[];
  /** Addresses and domains, those below them included: whose mail is not wanted, and whose is never junk. */
  readonly blocked: readonly string[];
  readonly allowed: readonly string[];
  readonly blockedInto: 'junk' | 'trash';
  /** Set by the server. */
  readonly maxRules: number;
  /** The same as a Sieve script (RFC 5228), to take along. */
  readonly sieve: string;
}

export const MAIL_FILTER_PROPERTIES = [
  'id',
  'rules',
  'blocked',
  'allowed',
  'blockedInto',
  'maxRules',
  'sieve',
] as const satisfies readonly (keyof MailFilter)[];

export const MailFilterGet = v.strictObject(getArguments);
export const MailFilterSet = v.strictObject(setArguments);

/**
 * What may be changed. Refused as `invalidProperties` with `properties` (`rules/3`: the fourth rule), for an address to forward
 * to as ForwardingRule has it, with `overQuota` too many.
 */
export const MailFilterChange = v.strictObject({
  rules: v.optional(v.array(FilterRule), []),
  blocked: v.optional(v.array(v.string()), []),
  allowed: v.optional(v.array(v.string()), []),
  blockedInto: v.optional(v.picklist(['junk', 'trash']), 'junk'),
});

/** A slice of the Emails of one Mailbox, the latest first. */
export const MailFilterApply = v.strictObject({
  accountId: Id,
  /** It need not be kept, nor be on. */
  rule: FilterRule,
  /** Null, for a trial only: all mail. */
  mailboxId: v.nullable(Id),
  /** Nothing is changed. Otherwise the Emails that match are moved out of that Mailbox and marked; nothing is sent on. */
  isTrial: v.boolean(),
  /** How many are looked at; the server may look at fewer. */
  limit: v.optional(v.pipe(UnsignedInt, v.minValue(1, 'must be greater than 0')), 200),
  /** `next` of the slice before. */
  behind: v.optional(v.nullable(v.string()), null),
});

export interface MailFilterApplyResponse {
  readonly accountId: Id;
  readonly examined: number;
  readonly matched: readonly Id[];
  /** Where to go on; null: that was all. */
  readonly next: string | null;
}
